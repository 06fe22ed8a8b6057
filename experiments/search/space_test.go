package search

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"workbench/experiments"
)

func floats(low, high float64, scale string) Axis {
	return Axis{Path: "optim.lr", Range: experiments.Range{Min: low, Max: high, Scale: scale}}
}

// A place is a number whose share of the range is that place: of its length, or of the logarithm of its ends' ratio.
func TestPlacesOnScales(t *testing.T) {
	for _, c := range []struct {
		axis Axis
		u    float64
		want any
	}{
		{floats(0.001, 10, experiments.Log), 0, 0.001},
		{floats(0.001, 10, experiments.Log), 0.25, 0.01},
		{floats(0.001, 10, experiments.Log), 0.5, 0.1},
		{floats(0.001, 10, experiments.Log), 0.75, 1.0},
		{floats(0.001, 10, experiments.Log), 1 - 1e-16, 10.0},
		{floats(1, 4, experiments.Log), 0.3, 1.52}, // 4^0.3 = 1.5157
		{floats(-1, 1, experiments.Linear), 0.75, 0.5},
		{floats(0.12345, 0.5, experiments.Linear), 0, 0.12345}, // three digits would be below the range
		{Axis{Range: experiments.Range{Min: 1, Max: 4, Scale: experiments.Linear}, Whole: true}, 0.24, 1},
		{Axis{Range: experiments.Range{Min: 1, Max: 4, Scale: experiments.Linear}, Whole: true}, 0.26, 2},
		{Axis{Range: experiments.Range{Min: 1, Max: 4, Scale: experiments.Linear}, Whole: true}, 0.99, 4},
		{Axis{Range: experiments.Range{Min: 16, Max: 127, Scale: experiments.Log}, Whole: true}, 0.34, 32},
		{Axis{Range: experiments.Range{Min: 16, Max: 127, Scale: experiments.Log}, Whole: true}, 1 - 1e-16, 127},
		{Axis{Values: []any{"a", 2, 0.5}}, 0.34, 2},
		{Axis{Values: []any{"a", 2, 0.5}}, 0.99, 0.5},
	} {
		if got := c.axis.At(c.u); got != c.want {
			t.Errorf("%+v at %v: %v, want %v", c.axis, c.u, got, c.want)
		}
	}
}

// The places of draws on a log scale are even over its decades, whatever the seed: of 2^n each of 2^n equal parts has
// one, of which the definition is the logarithm of the value.
func TestDrawsCoverALogScaleEvenly(t *testing.T) {
	for seed := range uint64(20) {
		axis := floats(1e-5, 1e-1, experiments.Log)
		parts := map[int]int{}
		for _, trial := range Random([]Axis{axis}, 8, seed) {
			x := trial.Set[0].Value.(float64)
			u := (math.Log10(x) + 5) / 4
			if x < 1e-5 || x > 1e-1 || u < 0 || u > 1 {
				t.Fatalf("seed %d: %v is outside of the range", seed, x)
			}
			parts[int(math.Floor(u*8+0.5))%8]++ // places between two parts, for values are rounded
		}
		for part, n := range parts {
			if n > 2 {
				t.Errorf("seed %d: %d of 8 values around part %d of the logarithm", seed, n, part)
			}
		}
	}
}

// One place after another is the sequence of Halton in the bases 2 and 3, moved by chance.
func TestPlacesAreHaltons(t *testing.T) {
	axes := []Axis{floats(1, 2, experiments.Linear), {Path: "b", Values: []any{1, 2}}, {Path: "c", Values: []any{1, 2}}}
	first := places(axes, 0, 7)
	for draw, want := range [][]float64{{0, 0, 0}, {1. / 2, 1. / 3, 1. / 5}, {1. / 4, 2. / 3, 2. / 5}, {3. / 4, 1. / 9, 3. / 5},
		{1. / 8, 4. / 9, 4. / 5},
		{5. / 8, 7. / 9, 1. / 25}} {
		for k, u := range places(axes, draw, 7) {
			if moved := math.Mod(u-first[k]+1, 1); math.Abs(moved-want[k]) > 1e-12 {
				t.Errorf("draw %d, axis %d: %v beyond the first, want %v", draw, k, moved, want[k])
			}
		}
	}
	if other := places(axes, 0, 8); other[0] == first[0] || first[0] == first[1] {
		t.Errorf("seeds and axes move alike: %v, %v", first, other)
	}
}

// The seed decides what is drawn; more trials have the fewer among them; no configuration is drawn twice.
func TestDrawsAreDecidedByTheSeed(t *testing.T) {
	levels := Axis{Path: "optim.weight_decay", Values: []any{0, 1e-4, 1e-3}}
	whole := Axis{Path: "batch", Range: experiments.Range{Min: 1, Max: 5, Scale: experiments.Linear}, Whole: true}
	for name, axes := range map[string][]Axis{"ranges": {floats(1e-4, 1, experiments.Log), levels}, "a grid": {levels, whole}} {
		few, many := Random(axes, 5, 3), Random(axes, 12, 3)
		if fmt.Sprint(few) != fmt.Sprint(many[:5]) || fmt.Sprint(many) != fmt.Sprint(Random(axes, 12, 3)) {
			t.Errorf("%s: 5 trials are %v, 12 are %v", name, few, many)
		}
		if fmt.Sprint(many) == fmt.Sprint(Random(axes, 12, 4)) {
			t.Errorf("%s: another seed draws the same", name)
		}
		var labels []string
		for _, trial := range many {
			labels = append(labels, trial.Label())
		}
		slices.Sort(labels)
		if len(slices.Compact(labels)) != 12 {
			t.Errorf("%s: configurations are drawn twice: %v", name, many)
		}
	}
	if all := Random([]Axis{levels, whole}, 99, 1); len(all) != 15 {
		t.Errorf("%d configurations of a grid of 15", len(all))
	}
	narrow := floats(0.1, 0.102, experiments.Linear) // three values of three digits
	if all := Random([]Axis{narrow}, 9, 1); len(all) != 3 {
		t.Errorf("of three values were drawn %v", all)
	}
}

func TestTrialsAreNamedByTheirValues(t *testing.T) {
	trial := Trial{[]experiments.Assignment{{Path: "optim.lr", Value: 0.1}, {Path: "batch", Value: 16},
		{Path: "phases.probe.optim.lr", Value: 0.5}}}
	if got := trial.Label(); got != "optim.lr:0.1;batch:16;phases.probe.optim.lr:0.5" {
		t.Errorf("got %s", got)
	}
	trial.Set = trial.Set[:2]
	if got := trial.Label(); got != "lr:0.1;batch:16" {
		t.Errorf("got %s", got)
	}
}

func TestGrids(t *testing.T) {
	a := Axis{Path: "a", Values: []any{0.1, 0.2}}
	b := Axis{Path: "b", Range: experiments.Range{Min: 2, Max: 4, Scale: experiments.Log}, Whole: true}
	got := fmt.Sprint(Grid([]Axis{a, b}))
	if want := "[{[{a 0.1} {b 2}]} {[{a 0.1} {b 3}]} {[{a 0.1} {b 4}]} {[{a 0.2} {b 2}]} {[{a 0.2} {b 3}]} {[{a 0.2} {b 4}]}]"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if Grid([]Axis{a, floats(0, 1, experiments.Linear)}) != nil {
		t.Error("a range has a grid")
	}
	b.Range.Max = 1e6
	if Grid([]Axis{b}) != nil {
		t.Error("a million numbers are listed")
	}
}

// What lies at an end was not tried beyond; a tenth of a range is its end.
func TestEdges(t *testing.T) {
	list := Axis{Values: []any{0.1, 1, 0.01}}
	log, linear := floats(0.001, 1, experiments.Log), floats(0, 1, experiments.Linear)
	for _, c := range []struct {
		axis  Axis
		value any
		want  string
	}{
		{list, 0.01, "lower"}, {list, 1, "upper"}, {list, 0.1, ""},
		{Axis{Values: []any{1, 2}}, 2, ""}, {Axis{Values: []any{"a", 1, 2}}, 2, ""}, {Axis{Values: []any{"a", "b", "c"}}, "a", ""},
		{log, 0.0019, "lower"}, {log, 0.0021, ""}, {log, 0.49, ""}, {log, 0.51, "upper"},
		{linear, 0.09, "lower"}, {linear, 0.11, ""}, {linear, 0.89, ""}, {linear, 0.91, "upper"},
	} {
		if got := c.axis.Edge(c.value); got != c.want {
			t.Errorf("%v of %+v: %q, want %q", c.value, c.axis, got, c.want)
		}
	}
}
