package strategy_test

import (
	"maps"
	"math"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/strategy"
)

// The scalars that change over a phase are those of the papers, or of the authors' code, at each place. What recordings
// of a few steps put in their place is not looked at there.
func TestScalarsOverAPhase(t *testing.T) {
	epoch := func(done float64) strategy.At {
		return strategy.At{Step: int(done * 10), Steps: 400, Epoch: done, Epochs: 40}
	}
	warm := map[string]any{"teacher_temperature": 0.07, "teacher_warm_up": 4} // from 0.04
	ramp := map[string]any{"forget_rate": 0.3, "ramp": 4, "exponent": 2.0}
	for _, c := range []struct {
		strategy, scalar string
		settings         map[string]any
		at               strategy.At
		want             float64
	}{
		{"byol", "tau", nil, epoch(0), 0.99}, {"byol", "tau", nil, epoch(20), 0.995},
		{"byol", "tau", nil, epoch(10), 1 - 0.01*(1+math.Sqrt2/2)/2},
		{"byol", "tau", map[string]any{"tau": 0.5, "tau_end": 0.75}, epoch(40), 0.75},
		{"moco_v2", "tau", nil, epoch(0), 0.999}, {"moco_v2", "tau", nil, epoch(30), 0.999},
		{"dino", "tau", nil, epoch(0), 0.996}, {"dino", "tau", nil, epoch(20), 0.998},
		{"dino", "moves", nil, epoch(0.9), 0}, {"dino", "moves", nil, epoch(1), 1},
		{"dino", "moves", map[string]any{"frozen_epochs": 0.0}, epoch(0), 1},
		{"dino", "teacher_temperature", nil, epoch(0), 0.04}, {"dino", "teacher_temperature", warm, epoch(0), 0.04},
		{"dino", "teacher_temperature", warm, epoch(1.9), 0.05}, {"dino", "teacher_temperature", warm, epoch(3), 0.07},
		{"dino", "teacher_temperature", warm, epoch(39), 0.07},
		{"dino", "teacher_temperature", map[string]any{"teacher_temperature_start": 0.01, "teacher_warm_up": 1}, epoch(0), 0.01},
		{"dino", "teacher_temperature", map[string]any{"teacher_temperature_start": 0.01, "teacher_warm_up": 1}, epoch(1), 0.04},
		{"swav", "moves", nil, strategy.At{Step: 312}, 0}, {"swav", "moves", nil, strategy.At{Step: 313}, 1},
		// Of 0.3² a third, two thirds and all; then, as the authors' code has it, 0.3.
		{"co_teaching", "kept", ramp, epoch(0), 1 - 0.03}, {"co_teaching", "kept", ramp, epoch(0.9), 1 - 0.03},
		{"co_teaching", "kept", ramp, epoch(1), 1 - 0.06}, {"co_teaching", "kept", ramp, epoch(2), 1 - 0.09},
		{"co_teaching", "kept", ramp, epoch(3), 1 - 0.3}, {"co_teaching", "kept", ramp, epoch(39), 1 - 0.3},
		{"co_teaching", "kept", map[string]any{"ramp": 1}, epoch(0), 1 - 0.2},
		{"jocor", "kept", ramp, epoch(1), 1 - 0.06}, {"jocor", "kept", ramp, epoch(3), 1 - 0.3},
		{"mean_teacher", "decay", nil, epoch(0), 0.5}, {"mean_teacher", "decay", nil, epoch(20), 1 - 1.0/202},
		{"mean_teacher", "decay", map[string]any{"decay": 0.9}, epoch(20), 0.9},
		{"mean_teacher", "decay", map[string]any{"decay_ramp": false}, epoch(0), 0.999},
		{"mean_teacher", "weight", map[string]any{"warm_up": 0.4}, epoch(0), 0},
		{"mean_teacher", "weight", map[string]any{"warm_up": 0.4}, epoch(8), 25},
		{"mean_teacher", "weight", map[string]any{"warm_up": 0.4, "lambda_u": 3.0}, epoch(30), 3},
		{"mean_teacher", "weight", map[string]any{"warm_up": 0.0}, epoch(0), 50},
		{"pseudo_label", "weight", nil, epoch(0), 0}, {"pseudo_label", "weight", nil, epoch(8), 0.5},
		{"pseudo_label", "weight", nil, epoch(39), 1},
		{"pi_model", "weight", nil, epoch(4), 2.5}, {"pi_model", "weight", map[string]any{"lambda_u": 3.0}, epoch(16), 3},
		// The authors set phi at the end of an epoch, by its number.
		{"pico", "refines", nil, epoch(0.9), 0}, {"pico", "refines", nil, epoch(1), 1}, {"pico", "keeps", nil, epoch(0.9), 1},
		{"pico", "keeps", nil, epoch(1.5), 0.95}, {"pico", "keeps", nil, epoch(21), 0.875}, {"pico", "tau", nil, epoch(20), 0.999},
		{"pico", "keeps", map[string]any{"prototype_start": 0, "phi": 0.9, "phi_end": 0.5}, epoch(11.5), 0.8},
		{"dividemix", "weight", nil, epoch(0), 0}, {"dividemix", "weight", nil, epoch(4), 6.25}, {"dividemix", "weight", nil, epoch(30), 25},
		{"mixmatch", "weight", nil, epoch(12), 75}, {"mixmatch", "weight", map[string]any{"warm_up": 0.0}, epoch(0), 100},
	} {
		if got := scalars(t, c.strategy, c.settings)[c.scalar](c.at); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s %v: %s is %v after %v epochs, want %v", c.strategy, c.settings, c.scalar, got, c.at.Epoch, c.want)
		}
	}
	known := map[string]bool{"byol tau": true, "moco_v2 tau": true, "co_teaching kept": true, "mean_teacher decay": true,
		"pseudo_label weight": true, "pi_model weight": true, "mixmatch weight": true, "jocor kept": true, "mean_teacher weight": true,
		"dino tau": true, "dino moves": true, "dino teacher_temperature": true, "swav moves": true,
		"pico tau": true, "dividemix weight": true, "pico refines": true, "pico keeps": true}
	for _, name := range strategy.Names() {
		for scalar := range scalars(t, name, nil) {
			if !known[name+" "+scalar] {
				t.Errorf("nothing says here what %s of %s is", scalar, name)
			}
		}
	}
}

// scalars are those of all phases of a strategy.
func scalars(t *testing.T, name string, given map[string]any) map[string]func(strategy.At) float64 {
	t.Helper()
	s, err := strategy.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	info := data.Info{Name: "two", Channels: 3, Height: 8, Width: 8, Classes: []string{"a", "b"}}
	given = maps.Clone(given)
	if given == nil {
		given = map[string]any{}
	}
	given["groups"] = "classes" // of a set that has none of its own
	phases, err := s.Phases(s.Resolve(given), strategy.About{Info: info, Batch: 64, Epochs: 40, Count: map[string]int{"train": 640}})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]func(strategy.At) float64{}
	for _, p := range phases {
		for scalar, f := range p.Scalars {
			if _, twice := all[scalar]; twice {
				t.Fatalf("%s has two scalars %s", name, scalar)
			}
			all[scalar] = f
		}
	}
	return all
}
