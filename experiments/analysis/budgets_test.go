package analysis

import (
	"fmt"
	"math"
	"testing"

	"workbench/experiments"
)

// told writes budgets, a phase each.
func told(all []Budget) string {
	text := ""
	for _, b := range all {
		text += fmt.Sprintf("%s %d (%d) %g %g %g; ", b.Title(), b.Runs, b.Shared, b.Images, b.MultiplyAdds, b.Seconds)
	}
	return text
}

// Each cell has what its network cost, phase by phase, and the study what was spent: what is shared counts once there.
// Runs without named phases are beside them.
func TestBudgetsOfPhasesApart(t *testing.T) {
	s := ablated()
	runs := trained(t, s, map[string][]float64{onLow: {0.5, 0.5, 0.5}, onHigh: {0.6, 0.6, 0.6}, offLow: {0.7, 0.7, 0.7}})
	phase := func(name string, index int, images int64, seconds float64) experiments.PhaseInfo {
		return experiments.PhaseInfo{Phase: experiments.Phase{Name: name, Index: index, Count: 2, Steps: 10, Images: images,
			MultiplyAdds: 7 * float64(images)}, Seconds: seconds}
	}
	for i := range runs {
		r := &runs[i]
		switch r.Cell {
		case onLow:
			r.Needs, r.Phases = []string{"pretraining"}, []experiments.PhaseInfo{phase("probe", 1, 100*int64(r.Seed), 10)}
		case onHigh:
			whole := phase("", 0, 30, 4)
			r.Whole = &whole
		case offLow:
			r.Phases = []experiments.PhaseInfo{phase("pretrain", 0, 0, 3)} // by an earlier program
		}
	}
	pretraining := runs[0]
	pretraining.ID, pretraining.Cell, pretraining.Needs, pretraining.Status = "pretraining", "until=pretrain", nil, experiments.Done
	pretraining.Phases, pretraining.Whole = []experiments.PhaseInfo{phase("pretrain", 0, 500, 90)}, nil
	a := mustAblate(t, s, append(runs, pretraining))
	first, last := s.Seeds[0], s.Seeds[len(s.Seeds)-1]
	probed := 100 * float64(first+last) / 2
	for cell, want := range map[string]string{
		onLow:   fmt.Sprintf("pretrain 3 (3) 500 3500 90; probe 3 (0) %g %g 10; ", probed, 7*probed),
		onHigh:  "training 3 (0) 30 210 4; ",
		offLow:  "pretrain 3 (0) NaN NaN 3; ",
		offHigh: "",
	} {
		if got := told(rowOf(t, a, cell).Budgets); got != want {
			t.Errorf("%s: %s, want %s", cell, got, want)
		}
	}
	if got, want := told(a.Budgets), fmt.Sprintf("pretrain 4 (0) NaN NaN 99; probe 3 (0) %g %g 30; training 3 (0) 90 630 12; ", 3*probed,
		21*probed); got != want {
		t.Errorf("in all %s, want %s", got, want)
	}
	for i := range runs {
		runs[i].Needs = []string{"gone"}
	}
	if got := told(rowOf(t, mustAblate(t, s, runs), onLow).Budgets); got != "" {
		t.Errorf("of runs whose beginning is gone: %s, want nothing", got)
	}
}

// A phase counts as far as it was trained: whole in a run that is done, unless that stopped early.
func TestTrainedShareOfAPhase(t *testing.T) {
	p := experiments.Phase{First: 100, Steps: 50}
	final := &experiments.CheckpointInfo{Step: 110, Final: true}
	for _, c := range []struct {
		run  experiments.RunInfo
		want float64
	}{
		{experiments.RunInfo{Status: experiments.Done}, 1},
		{experiments.RunInfo{Status: experiments.Done, Checkpoint: &experiments.CheckpointInfo{Step: 110}}, 1},
		{experiments.RunInfo{Status: experiments.Done, Checkpoint: final}, 0.2},
		{experiments.RunInfo{Status: experiments.Running}, 0},
		{experiments.RunInfo{Status: experiments.Running, Progress: &experiments.Progress{Step: 90}}, 0},
		{experiments.RunInfo{Status: experiments.Failed, Checkpoint: final, Progress: &experiments.Progress{Step: 125}}, 0.5},
		{experiments.RunInfo{Status: experiments.Interrupted, Checkpoint: final, Progress: &experiments.Progress{Step: 105}}, 0.2},
		{experiments.RunInfo{Status: experiments.Diverged, Progress: &experiments.Progress{Step: 900}}, 1},
	} {
		if got := Trained(c.run, p); math.Abs(got-c.want) > 1e-12 || math.IsNaN(got) {
			t.Errorf("%s, %+v, %+v: %v, want %v", c.run.Status, c.run.Checkpoint, c.run.Progress, got, c.want)
		}
	}
	if got := Trained(experiments.RunInfo{}, experiments.Phase{}); got != 1 {
		t.Errorf("of no steps: %v, want all", got)
	}
}
