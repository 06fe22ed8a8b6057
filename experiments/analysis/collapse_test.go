package analysis

import (
	"testing"

	"workbench/experiments"
)

// pretrained is a run of the phase pretrain with what was measured last.
func pretrained(last map[string]float64) experiments.RunInfo {
	return experiments.RunInfo{Last: last, Phases: []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "pretrain"}}}}
}

// A run is called collapsed with its numbers and the bounds, by the test images where it has them.
func TestCollapseInWords(t *testing.T) {
	healthy := map[string]float64{"pretrain/test/collapsed": 0, "pretrain/test/feature_spread": 0.19, "pretrain/test/effective_rank": 23.04,
		"pretrain/test/least_feature_spread": 0.0125, "pretrain/test/least_effective_rank": 3.2, "pretrain/val/collapsed": 1}
	const fine = "features did not collapse: they spread by 0.19 (collapsed below 0.0125), effective rank 23 (collapsed below 3.2)"
	all := Collapses(pretrained(healthy))
	if len(all) != 1 || all[0].String() != fine || all[0].Where() != "pretrain/test" {
		t.Errorf("%v, want %s", all, fine)
	}
	if c, yes := Collapsed(pretrained(healthy)); yes {
		t.Errorf("called collapsed: %v", c)
	}
	healthy["pretrain/val/embeddings_collapsed"], healthy["pretrain/val/embedding_spread"] = 1, 0.001
	healthy["pretrain/val/embedding_rank"] = 1.04
	c, yes := Collapsed(pretrained(healthy))
	if want := "embeddings collapsed: they spread by 0.001, effective rank 1.04"; !yes || c.String() != want || c.Where() != "pretrain/val" {
		t.Errorf("%v of %s: %v, want %s", yes, c.Where(), c, want)
	}
	if all := Collapses(experiments.RunInfo{Last: map[string]float64{"test/top1": 0.5}}); len(all) != 0 {
		t.Errorf("of a run that measured nothing of it: %v", all)
	}
}

// The table names a cell whose runs collapsed, and one whose runs begin with one that did.
func TestAblationNamesCollapsedCells(t *testing.T) {
	s := ablated()
	runs := trained(t, s, map[string][]float64{onLow: {0.5, 0.5, 0.5}, onHigh: {0.6, 0.6, 0.6}, offLow: {0.7, 0.7, 0.7}})
	flat := pretrained(map[string]float64{"pretrain/test/collapsed": 1, "pretrain/test/feature_spread": 0.001,
		"pretrain/test/effective_rank": 1})
	for i := range runs {
		switch r := &runs[i]; {
		case r.Cell == onHigh && r.Seed != s.Seeds[0]:
			r.Last["pretrain/test/collapsed"], r.Phases = 1, flat.Phases
		case r.Cell == offLow:
			r.Needs = []string{"flat"}
			r.Phases = []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "probe", Index: 1}}}
		}
	}
	flat.Run = runs[0].Run
	flat.ID, flat.Cell, flat.Needs = "flat", "until=pretrain", nil
	a := mustAblate(t, s, append(runs, flat))
	for cell, want := range map[string]int{onLow: 0, onHigh: 2, offLow: 3} {
		if got := rowOf(t, a, cell).Collapsed; got != want {
			t.Errorf("%s: %d collapsed, want %d", cell, got, want)
		}
	}
	warns(t, a.Warnings, offLow+": collapsed in 3 of 3 seeds; in the first, by pretrain/test, "+
		"features collapsed: they spread by 0.001, effective rank 1")
	warns(t, a.Warnings, onHigh+": collapsed in 2 of 3 seeds")
}
