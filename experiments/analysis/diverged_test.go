package analysis

import (
	"math"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// unstable is a study with five seeds in which onHigh is far above, offLow far below the baseline.
func unstable(t *testing.T) (experiments.Study, []experiments.RunInfo) {
	s := ablated()
	s.Seeds = []uint64{1, 2, 3, 4, 5}
	return s, trained(t, s, map[string][]float64{
		onLow: {0.50, 0.51, 0.49, 0.52, 0.50}, onHigh: {0.90, 0.92, 0.91, 0.93, 0.92},
		offLow: {0.20, 0.22, 0.21, 0.20, 0.21}, offHigh: {0.60, 0.63, 0.62, 0.62, 0.63}})
}

func diverge(t *testing.T, runs []experiments.RunInfo, cell string, seed uint64) {
	r := runOf(t, runs, cell, seed)
	r.Status, r.Reason = experiments.Diverged, "train/loss is NaN at step 7 (epoch 1)"
}

func TestCellsWithDivergedSeedsAreNeverBetter(t *testing.T) {
	s, runs := unstable(t)
	if a := mustAblate(t, s, runs); rowOf(t, a, onHigh).Diff.Verdict != Better || rowOf(t, a, offLow).Diff.Verdict != Worse {
		t.Fatalf("before anything diverged: %+v, %+v", rowOf(t, a, onHigh).Diff, rowOf(t, a, offLow).Diff)
	}
	diverge(t, runs, onHigh, 2)
	diverge(t, runs, onHigh, 4)
	diverge(t, runs, offLow, 1)
	a := mustAblate(t, s, runs)
	up, down := rowOf(t, a, onHigh), rowOf(t, a, offLow)
	if up.Diff.Verdict != Undecided || up.Diverged != 2 || up.N != 3 || up.Planned != 5 {
		t.Errorf("survivors far above: %+v, %+v, want undecided with 2 of 5 diverged", up, up.Diff)
	}
	if down.Diff.Verdict != Worse || down.Diverged != 1 {
		t.Errorf("survivors far below: %+v, %+v, want worse", down, down.Diff)
	}
	warns(t, a.Warnings, onHigh+": 2 of 5 seeds diverged")
	warns(t, a.Warnings, offLow+": 1 of 5 seeds diverged")
	warns(t, a.Warnings, onHigh+": undecided, because it is better only without its runs that diverged, 2")
}

// What is compared with an unstable baseline is not worse than what survived of it.
func TestABaselineWithDivergedSeedsIsNeverBetter(t *testing.T) {
	s, runs := unstable(t)
	diverge(t, runs, onLow, 5)
	a := mustAblate(t, s, runs)
	if up, down := rowOf(t, a, onHigh).Diff, rowOf(t, a, offLow).Diff; up.Verdict != Better || down.Verdict != Undecided {
		t.Errorf("verdicts %s and %s, want better and undecided", up.Verdict, down.Verdict)
	}
	warns(t, a.Warnings, offLow+": undecided, because it is worse only than a baseline without its runs that diverged, 1")
}

func TestEffectsOfDivergedSeedsAreNeverBetter(t *testing.T) {
	s, runs := unstable(t)
	if e := effectOf(t, mustAblate(t, s, runs), "lr"); e.Verdict != Better {
		t.Fatalf("before anything diverged: %+v", e)
	}
	if e := effectOf(t, mustAblate(t, s, runs), "decay"); e.Verdict != Worse {
		t.Fatalf("before anything diverged: %+v", e)
	}
	diverge(t, runs, offHigh, 3)
	a := mustAblate(t, s, runs)
	e := effectOf(t, a, "lr")
	if e.Verdict != Undecided || !(e.Holm < 0.05) {
		t.Errorf("%+v, want undecided whatever the test says", e)
	}
	warns(t, e.Warnings, "undecided, because it is better only without its runs that diverged, 1")
	if e := effectOf(t, a, "decay"); e.Verdict != Worse {
		t.Errorf("the effect of decay=off is %s, want worse", e.Verdict)
	}
	for seed := range uint64(5) { // a whole cell, which then is no stratum of the average
		diverge(t, runs, offHigh, seed+1)
	}
	if e := effectOf(t, mustAblate(t, s, runs), "lr"); e.Verdict != Undecided {
		t.Errorf("with a cell that diverged altogether: %+v, want undecided", e)
	}
}

func TestComparedCellsWithDivergedSeedsAreNeverBetter(t *testing.T) {
	s, runs := unstable(t)
	diverge(t, runs, onHigh, 1)
	p, err := CompareCells(s, runs, onHigh, onLow)
	if err != nil || p.Verdict != Undecided || !(p.P < 0.05) {
		t.Errorf("%+v, %v, want undecided", p, err)
	}
	warns(t, p.Warnings, onHigh+": 1 of 5 seeds diverged")
	if p, err = CompareCells(s, runs, onLow, onHigh); err != nil || p.Verdict != Undecided {
		t.Errorf("the other way round: %+v, %v, want undecided", p, err)
	}
	if p, err = CompareCells(s, runs, offLow, onLow); err != nil || p.Verdict != Worse {
		t.Errorf("two stable cells: %+v, %v, want worse", p, err)
	}
}

// A run of an earlier program went on to its end with values that are no numbers; one that finished counts.
func TestWhatCountsAsDiverged(t *testing.T) {
	s, runs := unstable(t)
	runOf(t, runs, onHigh, 1).Last[metric.TestTop1] = math.NaN()
	again := *runOf(t, runs, onHigh, 2)
	again.ID, again.DataDigest = "again", "other files"
	diverge(t, runs, onHigh, 2)
	row := rowOf(t, mustAblate(t, s, append(runs, again)), onHigh)
	if row.Diverged != 1 || row.N != 4 || row.Diff.Verdict != Undecided {
		t.Errorf("%+v, %+v, want 1 diverged and 4 values", row, row.Diff)
	}
}

// A seed whose pretraining diverged is lost as one that diverged itself; where that failed, it is only missing.
func TestSeedsWhosePretrainingWasLost(t *testing.T) {
	for status, want := range map[experiments.Status]struct {
		diverged int
		verdict  Verdict
		warning  string
	}{
		experiments.Diverged: {1, Undecided, onHigh + ": 1 of 5 seeds diverged"},
		experiments.Failed:   {0, Better, onHigh + " seed 2: not begun, the run that it begins with failed"},
	} {
		s, runs := unstable(t)
		pretraining := *runOf(t, runs, onHigh, 2)
		pretraining.ID, pretraining.Cell, pretraining.Status = "pretraining", "until=pretrain", status
		r := runOf(t, runs, onHigh, 2)
		r.Status, r.Needs, r.Reason = experiments.Blocked, []string{pretraining.ID}, experiments.Lost(pretraining.ID, status)
		a := mustAblate(t, s, append(runs, pretraining))
		if row := rowOf(t, a, onHigh); row.Diverged != want.diverged || row.N != 4 || row.Diff.Verdict != want.verdict {
			t.Errorf("%s: %d of %d diverged, %s, want %+v", status, row.Diverged, row.Planned, row.Diff.Verdict, want)
		}
		warns(t, a.Warnings, want.warning)
	}
}
