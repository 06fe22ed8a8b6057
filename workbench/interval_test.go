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
	cells := ablationRow(experiments.Study{}, analysis.Ablation{Metric: "test/top1"}, row)
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
	for _, c := range ablationRow(experiments.Study{}, analysis.Ablation{Metric: "test/top1"}, row) {
		texts[c.text] = true
	}
	for _, want := range []string{"90.00 ± –", "+5.00 ± –"} {
		if !texts[want] {
			t.Errorf("without an interval no cell says %q in %v", want, texts)
		}
	}
}

// Beside --by, a cell without a partner has no verdict; without it, what is missing leaves the verdict open.
func TestCellsWithoutAPartnerAreNotUndecided(t *testing.T) {
	row := analysis.AblationRow{Mean: 0.9, N: 4, Planned: 4}
	for by, want := range map[string]string{"optim": missing, "": string(analysis.Undecided)} {
		cells := ablationRow(experiments.Study{}, analysis.Ablation{Metric: "test/top1", By: by}, row)
		if got := cells[5].text; len(cells) != 9 || got != want {
			t.Errorf("by %q: got %q of %d cells, want %q", by, got, len(cells), want)
		}
	}
}
