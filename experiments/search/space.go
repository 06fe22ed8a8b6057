// Package search chooses what a study leaves open, such as learning rates: for each of its cells (arms) it trains the
// same sampled configurations (trials) with seeds that the study does not report, and takes the best by the validation
// part. It knows numbers and paths; who trains and who measures is told.
package search

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
	"workbench/nn/option"
	"workbench/nn/rng"
)

// Trial is one configuration of a space: a value for each of its paths.
type Trial struct {
	Set []experiments.Assignment
}

// Label names the trial by its values: "lr:0.03;weight_decay:0.0005". Of paths that end alike all is said.
func (t Trial) Label() string {
	last := func(path string) string { return path[strings.LastIndex(path, ".")+1:] }
	ends := map[string]int{}
	for _, a := range t.Set {
		ends[last(a.Path)]++
	}
	parts := make([]string, len(t.Set))
	for i, a := range t.Set {
		name := last(a.Path)
		if ends[name] > 1 {
			name = a.Path
		}
		parts[i] = name + ":" + option.Label(a.Value)
	}
	return strings.Join(parts, ";")
}

// Axis is one path with all that it may be.
type Axis struct {
	Path   string
	Values []any // to choose from; nil: the numbers of Range
	Range  experiments.Range
	Whole  bool // those are whole
}

// Axes are the dimensions of a study's search.
func Axes(s experiments.Study) []Axis {
	var all []Axis
	for _, d := range s.Search {
		a := Axis{Path: d.Path}
		for _, l := range d.Levels {
			for _, set := range l.Set {
				a.Values = append(a.Values, set.Value)
			}
		}
		if d.Range != nil {
			a.Range = *d.Range
			_, a.Whole = s.Numeric(d.Path)
		}
		all = append(all, a)
	}
	return all
}

// mostGrid is how many configurations of a grid are listed.
const mostGrid = 100_000

// list is every value of the axis, nil if they cannot be listed.
func (a Axis) list() []any {
	if a.Values != nil {
		return a.Values
	}
	if !a.Whole || a.Range.Max-a.Range.Min >= experiments.MaxLevels {
		return nil
	}
	var all []any
	for x := a.Range.Min; x <= a.Range.Max; x++ {
		all = append(all, int(x))
	}
	return all
}

// At is the value at a place u in [0, 1) of the axis: of levels each has an equal part, of numbers those are equally
// likely whose differences (linear) or ratios (log) are equal. Numbers that are not whole have three digits.
func (a Axis) At(u float64) any {
	if a.Values != nil {
		return a.Values[min(int(u*float64(len(a.Values))), len(a.Values)-1)]
	}
	low, high := a.Range.Min, a.Range.Max
	if a.Whole {
		high++ // each number n stands for [n, n+1)
	}
	x := low + u*(high-low)
	if a.Range.Scale == experiments.Log {
		x = low * math.Pow(high/low, u)
	}
	if a.Whole {
		return int(min(max(math.Floor(x), low), a.Range.Max))
	}
	return min(max(rounded(x), low), high)
}

// digits of numbers that are drawn or counted.
const digits = 3

func rounded(x float64) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64) // a number that was just written
	return r
}

// Grid is every configuration of the axes, of which the first varies slowest; nil if there are too many to list, or
// infinitely many.
func Grid(axes []Axis) []Trial {
	all := []Trial{{}}
	for _, a := range axes {
		values := a.list()
		if values == nil || len(all)*len(values) > mostGrid {
			return nil
		}
		var next []Trial
		for _, t := range all {
			for _, v := range values {
				next = append(next, Trial{append(slices.Clone(t.Set), experiments.Assignment{Path: a.Path, Value: v})})
			}
		}
		all = next
	}
	return all
}

// stream is what the chances of a search are for.
const stream = "search"

// Random draws n different configurations. The draw is decided by the seed: more trials have the fewer among them, in
// the same order. Of a space that can be listed none is drawn twice; of one with fewer all are there. Of others every
// place is equally likely, and together the places are spread evenly (see places): eight independent ones often leave
// half of a range untried, and are no better otherwise (Bousquet et al. 2017, Critical hyper-parameters: no random, no
// cry).
func Random(axes []Axis, n int, seed uint64) []Trial {
	if grid := Grid(axes); grid != nil {
		order := make([]int32, len(grid))
		rng.Shuffle(rng.Key(seed, stream), order)
		all := make([]Trial, min(n, len(grid)))
		for i := range all {
			all[i] = grid[order[i]]
		}
		return all
	}
	var all []Trial
	known := map[string]bool{}
	for draw := 0; len(all) < n && draw < 100*n; draw++ {
		var t Trial
		for k, u := range places(axes, draw, seed) {
			t.Set = append(t.Set, experiments.Assignment{Path: axes[k].Path, Value: axes[k].At(u)})
		}
		if key := fmt.Sprint(t.Set); !known[key] {
			known[key] = true
			all = append(all, t)
		}
	}
	return all
}

// places are a point of the unit cube, one coordinate an axis: of the sequence of Halton (1960), which has the inverse
// of the draw's digits in the bases 2, 3, 5, …, moved around the cube by chance (Cranley and Patterson 1976).
func places(axes []Axis, draw int, seed uint64) []float64 {
	all := make([]float64, len(axes))
	base := 1
	for k, a := range axes {
		base = primeAbove(base)
		u, digit := rng.New(seed, stream+"/"+a.Path).Float64(), 1.0
		for n := draw; n > 0; n /= base {
			digit /= float64(base)
			u += digit * float64(n%base)
		}
		_, all[k] = math.Modf(u)
	}
	return all
}

func primeAbove(n int) int {
	for n++; ; n++ {
		divisor := 2
		for divisor < n && n%divisor != 0 {
			divisor++
		}
		if divisor == n {
			return n
		}
	}
}

// edge is which share of a range at its ends counts as an end.
const edge = 0.1

// Edge says at which end of the axis a value lies, beyond which nothing was tried; "" if at none.
func (a Axis) Edge(value any) string {
	x, is := number(value)
	if !is {
		return ""
	}
	if a.Values == nil {
		low, high := a.Range.Min, a.Range.Max
		u := (x - low) / (high - low)
		if a.Range.Scale == experiments.Log {
			u = math.Log(x/low) / math.Log(high/low)
		}
		switch {
		case u <= edge:
			return "lower"
		case u >= 1-edge:
			return "upper"
		}
		return ""
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range a.Values {
		y, is := number(v)
		if !is {
			return ""
		}
		low, high = min(low, y), max(high, y)
	}
	switch {
	case len(a.Values) < 3: // every value is an end
	case x == low:
		return "lower"
	case x == high:
		return "upper"
	}
	return ""
}

func number(value any) (float64, bool) {
	switch v := value.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}
