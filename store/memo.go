package store

import (
	"encoding/json"

	"workbench/experiments"
)

// memo decodes JSON texts, equal ones once: of ten thousand runs many share a configuration, most a machine.
type memo[T any] map[string]T

// decode gives the zero value for an empty text.
func (m memo[T]) decode(text string) (T, error) {
	if v, ok := m[text]; ok {
		return v, nil
	}
	var v T
	if text != "" {
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return v, err
		}
	}
	m[text] = v
	return v, nil
}

// decoded is what one list of runs has decoded.
type decoded struct {
	configs memo[experiments.Config]
	labels  memo[map[string]string] // levels and environments
}
