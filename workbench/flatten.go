package main

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
	"workbench/experiments/studyfile"
)

// flatten gives every value of a configuration the path by which studies set it.
func flatten(c experiments.Config) (map[string]string, error) {
	out, err := studyfile.MarshalConfigYAML(c)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := yaml.Load(out, &tree); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	flat := map[string]string{}
	leaves(flat, "", tree)
	return flat, nil
}

func leaves(flat map[string]string, prefix string, tree map[string]any) {
	for key, v := range tree {
		if below, ok := v.(map[string]any); ok {
			leaves(flat, prefix+key+".", below)
			continue
		}
		flat[prefix+key] = fmt.Sprint(v)
	}
}
