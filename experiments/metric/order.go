package metric

import (
	"fmt"
	"slices"
	"strings"

	"workbench/nn/nearest"
)

// recorded are the splits of judged that runs record values of.
var recorded = []string{Test, Train}

// Comparable are the names of the metrics by which any study may compare its runs: on test and train, on each the
// comparable quantities that every run records, in order of rank. Without a phase they are those of the main one.
func Comparable(phases ...string) []string {
	if len(phases) == 0 {
		phases = []string{""}
	}
	all := Quantities()
	var names []string
	for _, phase := range phases {
		for _, split := range recorded {
			for _, q := range all {
				if q.Comparable && !q.Asked && slices.Contains(q.Splits, split) {
					names = append(names, Name{phase, split, q.Name}.String())
				}
			}
		}
	}
	return names
}

// BetterSide is the direction of a metric, in any phase. Metrics by which no study compares have none: those of single
// steps, a learning rate, those that nobody has declared.
func BetterSide(name string) Side {
	n := Parse(name)
	q := table[n.Quantity]
	if !q.Comparable || !slices.Contains(judged, n.Split) || !slices.Contains(q.Splits, n.Split) {
		return Neither
	}
	return q.Better
}

// HigherIsBetter is the direction of a metric by which runs are compared. It is an error for a metric without a better
// side (a learning rate) and for an unknown one.
func HigherIsBetter(name string) (bool, error) {
	switch BetterSide(name) {
	case Higher:
		return true, nil
	case Lower:
		return false, nil
	}
	return false, fmt.Errorf("metric %q has no better side%s", name, nearest.Hint(name, Comparable()))
}

// Ordered sorts names as people look at their curves: first, its counterpart on the training split, then the quantities
// with a place among charts, evaluations before training, then the others by name. It returns a new slice.
func Ordered(names []string, first string) []string {
	counterpart, phase := Counterpart(first, Train), Parse(first).Phase
	place := func(name string) (group, chart, split int) {
		switch name {
		case first:
			return 0, 0, 0
		case counterpart:
			return 1, 0, 0
		}
		n := Parse(name)
		chart, split = Of(name).Chart, slices.Index(judged, n.Split)
		if n.Phase != phase || chart == 0 || split < 0 {
			return 3, 0, 0
		}
		return 2, chart, split
	}
	list := slices.Clone(names)
	slices.SortStableFunc(list, func(a, b string) int {
		g, c, s := place(a)
		h, d, t := place(b)
		for _, difference := range []int{g - h, c - d, s - t} {
			if difference != 0 {
				return difference
			}
		}
		return strings.Compare(a, b)
	})
	return list
}

// Kin is what stands among recorded metrics of a phase where others have one of the main phase: the same quantity on
// the same split, or else that of its kind ("knn_top1" for "top1") with the first rank; "" if there is none.
func Kin(name, phase string, recorded []string) string {
	want := Parse(name)
	kin := ""
	for _, other := range recorded {
		n := Parse(other)
		if n.Phase != phase || n.Split != want.Split {
			continue
		}
		if n.Quantity == want.Quantity {
			return other
		}
		if !strings.HasSuffix(n.Quantity, "_"+want.Quantity) {
			continue
		}
		if c := ranked(Of(other).Rank, Of(kin).Rank); kin == "" || c < 0 || c == 0 && other < kin {
			kin = other
		}
	}
	return kin
}
