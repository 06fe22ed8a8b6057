package analysis

import (
	"math"
	"testing"

	"workbench/experiments"
)

// A row of the study's metric is compared with its cell without pairs, in the metric's unit; others are not.
func TestUnpairedWithPrint(t *testing.T) {
	cell := AblationRow{Levels: map[string]string{"lr": "1"}, N: 5, Mean: 0.93126, SD: 0.0021732464195300324}
	s := experiments.Study{Metric: "test/top1", Factors: []experiments.Factor{{Name: "lr", Levels: []experiments.Level{{Label: "1"}}}},
		Published: &experiments.Published{Columns: []string{"value, %"}, Rows: []experiments.PublishedRow{
			{Levels: map[string]string{"lr": "1"}, Values: []any{92.6825}, N: 4, SD: 0.3363901504701543}, // see stats/testdata/welch.py
			{Levels: map[string]string{"lr": "1"}, Values: []any{92.6825}},
			{Levels: map[string]string{"lr": "1"}, Values: []any{"diverged"}, N: 4, SD: 1},
			{Name: "another", Values: []any{92.6825}, N: 4, SD: 1}}}}
	rows := InPrint(s, []AblationRow{cell})
	near := func(got, want float64) bool { return math.Abs(got-want) < 1e-5 }
	d := rows[0].Diff
	if d == nil || !near(d.Mean, 0.004435) || !near(d.Interval.Low, -0.0005811715) ||
		!near(d.Interval.High, 0.0094511715) || !near(d.P, 0.0720560988) {
		t.Errorf("got %+v", d)
	}
	if d := rows[1].Diff; d == nil || !near(d.Mean, 0.004435) || !math.IsNaN(d.Interval.Low) || !math.IsNaN(d.P) {
		t.Errorf("without n and sd: got %+v", d)
	}
	if rows[2].Diff != nil || rows[3].Diff != nil {
		t.Errorf("a text, and a row that is no cell: got %+v and %+v", rows[2].Diff, rows[3].Diff)
	}
	s.Published.Columns[0] = "top-1 error, %"
	if d := InPrint(s, []AblationRow{cell})[0].Diff; d != nil {
		t.Errorf("another quantity than the metric: got %+v", d)
	}
}
