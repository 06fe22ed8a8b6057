package analysis

import (
	"math"
	"strings"
	"testing"

	"workbench/experiments"
)

// A run that shared its pretraining and one that made it itself cost the same: what was shared counts for each, which
// is said. Of a pretraining that is gone the time is not known.
func TestSharedTimeCountsForEachRun(t *testing.T) {
	s := ablated()
	runs := trained(t, s, map[string][]float64{onLow: {0.5, 0.5, 0.5}, onHigh: {0.6, 0.6, 0.6}, offLow: {0.7, 0.7, 0.7}})
	phase := func(name string, index int, seconds float64) experiments.PhaseInfo {
		return experiments.PhaseInfo{Phase: experiments.Phase{Name: name, Index: index, Count: 2}, Seconds: seconds}
	}
	for i := range runs {
		r := &runs[i]
		switch r.Cell {
		case onLow: // it was trained before anything was shared
			r.Needs, r.Seconds = []string{"pretraining"}, 100
			r.Phases = []experiments.PhaseInfo{phase("pretrain", 0, 90), phase("probe", 1, 10)}
		case onHigh:
			r.Needs, r.Seconds, r.Phases = []string{"pretraining"}, 10, []experiments.PhaseInfo{phase("probe", 1, 10)}
		case offLow:
			r.Needs, r.Seconds, r.Phases = []string{"lost"}, 10, []experiments.PhaseInfo{phase("probe", 1, 10)}
		}
	}
	pretraining := runs[0]
	pretraining.ID, pretraining.Cell, pretraining.Needs, pretraining.Seconds = "pretraining", "until=pretrain", nil, 90
	a := mustAblate(t, s, append(runs, pretraining))
	for cell, want := range map[string]float64{onLow: 100, onHigh: 100, offLow: math.NaN()} {
		if got := rowOf(t, a, cell).Seconds; got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%s: %v s a run, want %v", cell, got, want)
		}
	}
	warns(t, a.Warnings, "the time a run has what runs share: 3 runs share one beginning, which counts for each of them")
	warns(t, a.Warnings, offLow+" seed 1, "+offLow+" seed 2, "+offLow+" seed 3: its time is not known")
	for i := range runs {
		runs[i].Needs, runs[i].Phases = nil, nil
	}
	if all := strings.Join(mustAblate(t, s, runs).Warnings, "\n"); strings.Contains(all, "share") {
		t.Errorf("runs that share nothing: %s", all)
	}
}
