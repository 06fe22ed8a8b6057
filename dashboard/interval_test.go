package dashboard

import (
	"math"
	"testing"

	"workbench/dashboard/figure"
	"workbench/experiments/analysis"
)

// What stands behind ± on a page is half of the interval, in the unit of the column; without an interval it is missing.
func TestPlusMinusIsHalfOfTheInterval(t *testing.T) {
	r := analysis.AblationRow{Cell: "a", Mean: 0.9, N: 4, Planned: 4, Interval: analysis.Interval{Low: 0.86, High: 0.94}}
	r.Diff = &analysis.Paired{N: 4, Mean: 0.05, Interval: analysis.Interval{Low: 0.02, High: 0.08}, Holm: 0.01, Verdict: analysis.Better}
	has := func(want string) {
		t.Helper()
		for _, c := range ablationRow("test/top1", r, figure.Style{}, -1, 1).Cells {
			if c.Text == want {
				return
			}
		}
		t.Errorf("no cell says %q in %+v", want, r)
	}
	has("± 4.00")
	has("± 3.00")
	r.Interval, r.Diff.Interval = analysis.Interval{Low: math.NaN(), High: math.NaN()}, analysis.Interval{Low: math.NaN(), High: math.NaN()}
	has("–")
}
