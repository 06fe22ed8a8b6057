package main

import (
	"workbench/experiments"
	"workbench/nn/option"
)

// flatten gives every value of a configuration the path by which studies set it.
func flatten(c experiments.Config) map[string]string {
	flat := map[string]string{}
	for _, s := range c.Shown() {
		flat[s.Path] = option.Label(s.Value)
	}
	return flat
}
