package main

import (
	"fmt"

	"workbench/experiments"
)

// flatten gives every value of a configuration the path by which studies set it.
func flatten(c experiments.Config) map[string]string {
	flat := map[string]string{}
	for _, s := range c.Settings() {
		flat[s.Path] = fmt.Sprint(s.Value)
	}
	return flat
}
