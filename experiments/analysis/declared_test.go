package analysis

import (
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// An evaluator's own quantity: nothing else in the program knows it.
func init() {
	metric.Declare(metric.Quantity{Name: "collapse", Title: "share of dead features", Unit: "1", Percent: true, Better: metric.Lower,
		Comparable: true, Splits: []string{metric.Train, metric.Test}})
}

// A declaration is all that a study needs to compare by a new metric.
func TestAStudyComparesByADeclaredMetric(t *testing.T) {
	s := ablated()
	s.Metric = "test/collapse"
	if problems := s.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
	runs := trained(t, s, map[string][]float64{onLow: {0.1, 0.2, 0.3}, onHigh: {0.05, 0.149, 0.251}, offLow: {0.2, 0.301, 0.402}})
	runOf(t, runs, onLow, 1).Last["train/collapse"] = 0.5
	a := mustAblate(t, s, runs)
	if a.Higher || rowOf(t, a, onHigh).Diff.Verdict != Better || rowOf(t, a, offLow).Diff.Verdict != Worse {
		t.Errorf("higher is better: %v, %+v, %+v", a.Higher, rowOf(t, a, onHigh).Diff, rowOf(t, a, offLow).Diff)
	}
	almost(t, "training counterpart", rowOf(t, a, onLow).Train, 0.5)
	best := Compare([]experiments.RunInfo{*runOf(t, runs, onLow, 1)}).Metrics
	if best[0].Metric != "test/collapse" || best[0].Better != metric.Lower {
		t.Errorf("compared first: %+v", best[0])
	}
}
