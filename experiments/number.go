package experiments

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// readExact decodes a JSON value as encoding/json does into an any, but for whole numbers: they become ints with all of
// their digits, because a float64 takes 2^53+1 for 2^53. Numbers that no int holds become float64s.
func readExact(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return exact(v)
}

func exact(v any) (_ any, err error) {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n, nil
		}
		return v.Float64()
	case []any:
		for i := range v {
			if v[i], err = exact(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range v {
			if v[k], err = exact(v[k]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// UnmarshalJSON reads what a study's definition was recorded as.
func (a *Assignment) UnmarshalJSON(text []byte) error {
	var recorded struct {
		Path  string          `json:"path"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(text, &recorded); err != nil {
		return err
	}
	a.Path, a.Value = recorded.Path, nil
	if recorded.Value == nil {
		return nil
	}
	var err error
	a.Value, err = readExact(recorded.Value)
	return err
}

// Number is a float64 that JSON can carry whatever its value: NaN and infinities are the strings "NaN", "Infinity" and
// "-Infinity", every other value a JSON number that reads back to the same bits.
type Number float64

// MarshalJSON never fails.
func (n Number) MarshalJSON() ([]byte, error) {
	switch f := float64(n); {
	case math.IsNaN(f):
		return []byte(`"NaN"`), nil
	case math.IsInf(f, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return json.Marshal(f)
	}
}

// UnmarshalJSON accepts what MarshalJSON writes and nothing else.
func (n *Number) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `"NaN"`:
		*n = Number(math.NaN())
	case `"Infinity"`:
		*n = Number(math.Inf(1))
	case `"-Infinity"`:
		*n = Number(math.Inf(-1))
	default:
		var f *float64
		if err := json.Unmarshal(text, &f); err != nil || f == nil {
			return fmt.Errorf("want a number, \"NaN\", \"Infinity\" or \"-Infinity\", got %s", text)
		}
		*n = Number(*f)
	}
	return nil
}
