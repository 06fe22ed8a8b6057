package main

import (
	"math"
	"testing"

	"workbench/experiments"
	"workbench/experiments/analysis"
)

// What stands behind ± is half of the interval, in the unit of the column.
func TestPlusMinusIsHalfOfTheInterval(t *testing.T) {
	row := analysis.AblationRow{Mean: 0.9, N: 4, Planned: 4, Interval: analysis.Interval{Low: 0.86, High: 0.94}}
	row.Diff = &analysis.Paired{N: 4, Mean: 0.05, Interval: analysis.Interval{Low: 0.02, High: 0.08}, Holm: 0.01, Verdict: analysis.Better}
	cells := ablationRow(experiments.Study{}, "test/top1", row)
	texts := map[string]bool{}
	for _, c := range cells {
		texts[c.text] = true
	}
	for _, want := range []string{"90.0 ± 4.0", "+5.0 ± 3.0"} {
		if !texts[want] {
			t.Errorf("no cell says %q in %+v", want, cells)
		}
	}
	none := analysis.Interval{Low: math.NaN(), High: math.NaN()}
	row.Interval, row.Diff.Interval = none, none
	texts = map[string]bool{}
	for _, c := range ablationRow(experiments.Study{}, "test/top1", row) {
		texts[c.text] = true
	}
	for _, want := range []string{"90.00 ± –", "+5.00 ± –"} {
		if !texts[want] {
			t.Errorf("without an interval no cell says %q in %v", want, texts)
		}
	}
}
