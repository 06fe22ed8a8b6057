package analysis

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// The numbers of onHigh against onLow are those of "three seeds" in stats/testdata, computed by scipy.
func TestAblate(t *testing.T) {
	s := ablated()
	a := mustAblate(t, s, trained(t, s, map[string][]float64{
		onLow:   {0.9055, 0.9080, 0.9042},
		onHigh:  {0.9123, 0.9178, 0.9101},
		offLow:  {0.8050, 0.8079, 0.8043},
		offHigh: {0.9060, 0.9070, 0.9050},
	}))
	if a.Baseline != onLow || a.Metric != metric.TestTop1 || a.Report != experiments.ReportLast || !a.Higher {
		t.Errorf("compares %s of %s with %s, higher %v", a.Report, a.Metric, a.Baseline, a.Higher)
	}
	var cells []string
	for _, r := range a.Rows {
		cells = append(cells, r.Cell)
	}
	if want := []string{onLow, onHigh, offLow, offHigh}; !slices.Equal(cells, want) {
		t.Fatalf("rows %q, want %q", cells, want)
	}
	base, up, down, level := rowOf(t, a, onLow), rowOf(t, a, onHigh), rowOf(t, a, offLow), rowOf(t, a, offHigh)
	if !base.Baseline || base.Diff != nil || up.Baseline || base.N != 3 || base.Planned != 3 {
		t.Errorf("baseline row %+v", base)
	}
	if want := (SeedValue{Seed: 2, Run: runOf(t, trained(t, s, nil), onHigh, 2).ID, Value: 0.9178}); up.Values[1] != want {
		t.Errorf("second value %+v, want %+v", up.Values[1], want)
	}
	almost(t, "mean", up.Mean, 0.9134)
	almost(t, "sd", up.SD, 0.003966106403010352)
	almost(t, "low", up.Interval.Low, 0.9035476455154675)
	almost(t, "high", up.Interval.High, 0.9232523544845325)
	almost(t, "training", up.Train, 0.9634)
	almost(t, "seconds", up.Seconds, 10)
	if up.Params != 272474 || up.MACs != 41e6 {
		t.Errorf("%d parameters, %d multiply-adds", up.Params, up.MACs)
	}
	almost(t, "difference", up.Diff.Mean, 0.0075)
	almost(t, "p", up.Diff.P, 0.023831314583069464)
	almost(t, "corrected p", up.Diff.Holm, 2*0.023831314583069464) // the second smallest of three
	if up.Diff.Verdict != Better || down.Diff.Verdict != Worse || level.Diff.Verdict != Undecided {
		t.Errorf("verdicts %s, %s, %s, want better, worse, undecided", up.Diff.Verdict, down.Diff.Verdict, level.Diff.Verdict)
	}
	warns(t, a.Warnings, onHigh+", "+offLow+", "+offHigh+": 3 pairs: the paired t-test takes")
}

func TestALossIsBetterTheLowerItIs(t *testing.T) {
	s := ablated()
	s.Metric = metric.TestLoss
	a := mustAblate(t, s, trained(t, s, map[string][]float64{onLow: {1, 2, 3}, onHigh: {0.5, 1.49, 2.51}, offLow: {2, 3.01, 4.02}}))
	if a.Higher || rowOf(t, a, onHigh).Diff.Verdict != Better || rowOf(t, a, offLow).Diff.Verdict != Worse {
		t.Errorf("higher is better: %v, %+v, %+v", a.Higher, rowOf(t, a, onHigh).Diff, rowOf(t, a, offLow).Diff)
	}
}

func TestSeedsArePaired(t *testing.T) {
	s := ablated()
	s.Seeds = []uint64{1, 2, 3, 4, 5}
	runs := trained(t, s, map[string][]float64{onLow: {0.1, 0.5, 0.9, 0.3, 0.7}, onHigh: {0.12, 0.53, 0.91, 0.32, 0.72}})
	runOf(t, runs, onLow, 4).Status = experiments.Interrupted
	runOf(t, runs, onHigh, 5).Status, runOf(t, runs, onHigh, 5).Reason = experiments.Failed, "out of memory"
	a := mustAblate(t, s, runs)
	up := rowOf(t, a, onHigh)
	if up.N != 4 || up.Planned != 5 || up.Diff.N != 3 {
		t.Errorf("%d of %d runs, %d pairs, want 4 of 5 and 3", up.N, up.Planned, up.Diff.N)
	}
	almost(t, "difference", up.Diff.Mean, 0.02) // of seeds 1, 2, 3
	warns(t, a.Warnings, onLow+" seed 4")
	warns(t, a.Warnings, onHigh+" seed 5: failed")
	warns(t, a.Warnings, "not finished")
	if rowOf(t, a, offLow).Diff != nil || !math.IsNaN(rowOf(t, a, offLow).Mean) {
		t.Errorf("a cell without finished runs says %+v", rowOf(t, a, offLow))
	}
}

func TestBelowThreePairsNothingIsDecided(t *testing.T) {
	s := ablated()
	a := mustAblate(t, s, trained(t, s, map[string][]float64{onLow: {0.1, 0.2}, onHigh: {0.91, 0.92}}))
	d := rowOf(t, a, onHigh).Diff
	if d.N != 2 || d.Verdict != Undecided || !math.IsNaN(d.P) || !math.IsNaN(d.Interval.Low) || !math.IsNaN(rowOf(t, a, onHigh).Interval.Low) {
		t.Errorf("two pairs say %+v", d)
	}
	warns(t, a.Warnings, "2 pairs: no interval and no test")
}

func TestEqualDifferencesAreUndecided(t *testing.T) {
	s := ablated()
	a := mustAblate(t, s, trained(t, s, map[string][]float64{onLow: {0.6, 0.7, 0.8}, onHigh: {0.7, 0.8, 0.9}, offLow: {0.1, 0.1, 0.1}}))
	d := rowOf(t, a, onHigh).Diff
	almost(t, "difference", d.Mean, 0.1)
	if d.Verdict != Undecided || !math.IsNaN(d.P) || !math.IsNaN(d.Holm) || !math.IsNaN(d.Effect) {
		t.Errorf("equal differences say %+v", d)
	}
	warns(t, a.Warnings, "all 3 differences are equal")
	if chance := rowOf(t, a, offLow); chance.SD != 0 || !math.IsNaN(chance.Interval.Low) {
		t.Errorf("three networks at chance have the interval %v", chance.Interval)
	}
}

func TestCorrectionCanUndecide(t *testing.T) {
	s := ablated()
	a := mustAblate(t, s, trained(t, s, map[string][]float64{
		onLow: {0.9055, 0.9080, 0.9042}, onHigh: {0.9123, 0.9178, 0.9101},
		offLow: {0.9050, 0.9090, 0.9040}, offHigh: {0.9050, 0.9070, 0.9060},
	}))
	d := rowOf(t, a, onHigh).Diff
	if d.Verdict != Undecided || !(d.P < 0.05) || !(d.Holm > 0.07) {
		t.Errorf("%+v, want undecided: p below 0.05, corrected above", d)
	}
	warns(t, a.Warnings, onHigh+": p = 0.024 would do for one comparison, for 3 it is corrected to 0.071")
	two := map[string][]float64{onLow: {0.9055, 0.9080, 0.9042}, onHigh: {0.9123, 0.9178, 0.9101}}
	alone, err := CompareCells(s, trained(t, s, two), onHigh, onLow)
	if err != nil || alone.Verdict != Better || alone.Holm != alone.P {
		t.Errorf("one question: %+v, %v, want better without correction", alone, err)
	}
}

func TestRunsThatDoNotCountAreNamed(t *testing.T) {
	s := ablated()
	runs := trained(t, s, map[string][]float64{
		onLow: {0.5, 0.6, 0.7}, onHigh: {0.6, 0.7, 0.9}, offLow: {0.6, 0.7, math.NaN()}, offHigh: {0.1, 0.2, 0.3},
	})
	delete(runOf(t, runs, offHigh, 1).Last, metric.TestTop1)
	old := *runOf(t, runs, onLow, 1)
	old.ID, old.Config.Epochs = "old", 7
	finish(&old, metric.TestTop1, 0.01)
	again := *runOf(t, runs, onHigh, 3)
	again.ID, again.DataDigest, again.Updated = "again", "other files", time.Unix(2000, 0)
	finish(&again, metric.TestTop1, 0.8)
	gone := old
	gone.Cell = "decay=half lr=0.1"
	runOf(t, runs, onHigh, 2).Environment = map[string]string{"parameters": "many"}
	a := mustAblate(t, s, append(runs, old, again, gone))
	almost(t, "mean of the baseline", rowOf(t, a, onLow).Mean, 0.6)
	almost(t, "mean with the newest", rowOf(t, a, onHigh).Mean, 0.7)
	almost(t, "mean of the survivors", rowOf(t, a, offLow).Mean, 0.65)
	if off := rowOf(t, a, offHigh); off.N != 2 {
		t.Errorf("%d values where one was not recorded, want 2", off.N)
	}
	for _, want := range []string{
		onLow + " seed 1: left out, made with another configuration",
		onHigh + " seed 3: finished several times",
		onHigh + ": its runs saw different data",
		offLow + " seed 3: left out, test/top1 is NaN",
		offHigh + " seed 1: left out, finished without recording test/top1",
		"decay=half lr=0.1: left out, made for a cell the study no longer has",
	} {
		warns(t, a.Warnings, want)
	}
}

// A cell asks the same question however it is written: with options given or left out, with more or fewer checkpoints.
func TestTheSameQuestionWrittenOtherwise(t *testing.T) {
	s := ablated()
	runs := trained(t, s, map[string][]float64{onLow: {0.5, 0.6, 0.7}})
	runOf(t, runs, onLow, 1).Config.Checkpoint.Every = 5
	runOf(t, runs, onLow, 2).Config.Recompute = "cheap"
	runOf(t, runs, onLow, 2).Config.Dataset.Options = nil
	runOf(t, runs, onLow, 3).Config.Schedule.Options["gamma"] = 0.5 // without effect: the schedule is constant
	if row := rowOf(t, mustAblate(t, s, runs), onLow); row.N != 3 {
		t.Errorf("%d runs count, want 3", row.N)
	}
}

func TestSeedsBeyondThePlanCount(t *testing.T) {
	s := ablated()
	s.Seeds = []uint64{1, 2, 3, 4}
	runs := trained(t, s, map[string][]float64{onLow: {0.5, 0.6, 0.7, 0.8}})
	s.Seeds = []uint64{3, 4, 9}
	if row := rowOf(t, mustAblate(t, s, runs), onLow); row.N != 4 || row.Planned != 5 {
		t.Errorf("%d of %d, want the 4 that are done of 5", row.N, row.Planned)
	}
}

func TestBestOfARun(t *testing.T) {
	s := ablated()
	s.Report = experiments.ReportBest
	runs := trained(t, s, map[string][]float64{onLow: {0.5, 0.6, 0.7}})
	runOf(t, runs, onLow, 1).Max[metric.TestTop1] = 0.8
	diverged := runOf(t, runs, onLow, 2)
	diverged.Last[metric.TestTop1], diverged.Max, diverged.Min = math.NaN(), nil, nil
	a := mustAblate(t, s, runs)
	row := rowOf(t, a, onLow)
	if row.N != 2 || row.Values[0].Value != 0.8 {
		t.Errorf("values %+v, want the best, 0.8, first and no NaN", row.Values)
	}
	warns(t, a.Warnings, "flattered")
	warns(t, a.Warnings, onLow+" seed 2: left out, test/top1 is NaN")
	s.Metric = metric.TestLoss
	runs = trained(t, s, map[string][]float64{onLow: {0.5}})
	runOf(t, runs, onLow, 1).Min[metric.TestLoss] = 0.25
	if row := rowOf(t, mustAblate(t, s, runs), onLow); row.Mean != 0.25 {
		t.Errorf("best loss %v, want the lowest, 0.25", row.Mean)
	}
}

func TestAStudyWithoutRunsHasRows(t *testing.T) {
	s := ablated()
	a := mustAblate(t, s, nil)
	if len(a.Rows) != 4 || len(a.Effects) != 2 || a.Rows[0].N != 0 || a.Rows[0].Planned != 3 {
		t.Errorf("%+v", a)
	}
	warns(t, a.Warnings, "8 more: not finished")
	s.Design, s.List = experiments.Listed, []map[string]string{{"lr": "0.2"}, {"decay": "off"}}
	s.Baseline = map[string]string{"decay": "on"}
	warns(t, mustAblate(t, s, nil).Warnings, onLow+": the baseline is no cell of the study")
}

func TestAblateRefuses(t *testing.T) {
	for want, edit := range map[string]func(*experiments.Study){
		`metric "train/lr" has no better side`:                   func(s *experiments.Study) { s.Metric = metric.TrainRate },
		`"test/top2" has no better side: did you mean test/top1`: func(s *experiments.Study) { s.Metric = "test/top2" },
		`unknown report "lst": did you mean last`:                func(s *experiments.Study) { s.Report = "lst" },
		`unknown design "full"`:                                  func(s *experiments.Study) { s.Design = "full" },
	} {
		s := ablated()
		edit(&s)
		if _, err := Ablate(s, nil); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "study ablated") {
			t.Errorf("error %v, want one that says %s", err, want)
		}
	}
	s := ablated()
	for want, cells := range map[string][2]string{
		`unknown cell "decay=of lr=0.1": did you mean decay=off lr=0.1`: {"decay=of lr=0.1", onLow},
		"compared with itself": {onLow, onLow},
	} {
		if _, err := CompareCells(s, nil, cells[0], cells[1]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %s", err, want)
		}
	}
}

func TestCompareCellsSaysWhatItLeavesOut(t *testing.T) {
	s := ablated()
	runs := trained(t, s, map[string][]float64{onHigh: {0.5, 0.6, 0.7}, offHigh: {0.6, 0.75}})
	p, err := CompareCells(s, runs, offHigh, onHigh)
	if err != nil || p.N != 2 || p.Verdict != Undecided {
		t.Errorf("%+v, %v, want two pairs, undecided", p, err)
	}
	warns(t, p.Warnings, offHigh+" seed 3: not finished")
	if strings.Contains(strings.Join(p.Warnings, "\n"), onLow) {
		t.Errorf("warnings about another cell: %q", p.Warnings)
	}
}

// A supervised cell and a probed one are compared by the last phase that has the metric: each run speaks with its own,
// which is said of cells and values.
func TestRunsAreComparedByTheirLastPhase(t *testing.T) {
	s := ablated()
	s.Metric = "final/test/top1"
	s.Factors = []experiments.Factor{{Name: "method", Levels: []experiments.Level{
		{Label: "supervised", Set: []experiments.Assignment{{Path: "strategy.name", Value: "supervised"}}},
		{Label: "byol", Set: []experiments.Assignment{{Path: "strategy.name", Value: "byol"}, {Path: "strategy.then", Value: "probe"}}}}}}
	runs := trained(t, s, map[string][]float64{"method=supervised": {0.7, 0.72, 0.71}, "method=byol": {0.6, 0.63, 0.61}})
	for i := range runs {
		r := &runs[i]
		value := r.Last["final/test/top1"]
		name, train := "test/top1", "train/top1"
		if r.Cell == "method=byol" {
			name, train = "probe/test/top1", "probe/train/top1"
			r.Phases = []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "pretrain"}}, {Phase: experiments.Phase{Name: "probe", Index: 1}}}
		}
		r.Last = map[string]float64{name: value, train: value + 0.1, "pretrain/test/knn_top1": 0.99}
		r.Max = map[string]float64{name: value + 0.01}
	}
	for report, more := range map[string]float64{experiments.ReportLast: 0, experiments.ReportBest: 0.01} {
		s.Report = report
		a := mustAblate(t, s, runs)
		one, two := rowOf(t, a, "method=supervised"), rowOf(t, a, "method=byol")
		if a.Metric != "final/test/top1" || math.Abs(one.Mean-0.71-more) > 1e-12 || math.Abs(two.Mean-1.84/3-more) > 1e-12 ||
			two.Diff == nil || two.Diff.N != 3 {
			t.Errorf("%s: %s: %+v and %+v", report, a.Metric, one, two)
		}
		if one.Values[0].Metric != "test/top1" || two.Values[0].Metric != "probe/test/top1" {
			t.Errorf("values are of %q and %q", one.Values[0].Metric, two.Values[0].Metric)
		}
		if report == experiments.ReportLast && math.Abs(two.Train-2.14/3) > 1e-12 {
			t.Errorf("in training %v", two.Train)
		}
		warns(t, a.Warnings, "method=supervised: final/test/top1 is test/top1")
		warns(t, a.Warnings, "method=byol: final/test/top1 is probe/test/top1")
	}
}
