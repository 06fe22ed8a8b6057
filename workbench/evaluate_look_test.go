package main

import (
	"testing"

	"workbench/experiments"
)

// What did not look at the images is not told of as if it had.
func TestLooked(t *testing.T) {
	for want, l := range map[string]experiments.Looks{
		"once in this database: once by evaluate":                                           {Outside: 1},
		"4 times in this database: once by evaluate, 3 times while 1 run trained":           {Outside: 1, Training: 3, Runs: 1},
		"1,200 times in this database: never by evaluate, 1,200 times while 2 runs trained": {Training: 1200, Runs: 2},
	} {
		if got := looked(l); got != want {
			t.Errorf("%+v: %q, want %q", l, got, want)
		}
	}
}
