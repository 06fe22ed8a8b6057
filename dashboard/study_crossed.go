package dashboard

import (
	"cmp"
	"fmt"
	"math"

	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/experiments/metric"
)

// crossedTable has a row for each two levels of two factors.
func crossedTable(a analysis.Ablation) table {
	t := table{Name: "interactions", Key: "interactions", Caption: "What two levels do together to " + metric.Title(a.Metric) +
		" beyond the sum of both", Notes: []string{export.CrossedNote, export.TestNote}, Columns: []column{{Key: "level", Title: "Level"},
		{Key: "with", Title: "With"}, {Key: "pairs", Title: "n", Class: "number"}, {Key: "cells", Title: "Cells", Class: "number"},
		{Key: "interaction", Title: deltaOf(a.Metric), Class: "number"}, {Key: "interval", Title: "± 95 %", Class: "number"},
		{Key: "p_holm", Title: "p", Class: "number"}, {Key: "verdict", Title: "Verdict"}}}
	for _, i := range a.Interactions {
		level, with := i.Factor+"="+i.Level, i.With+"="+i.WithLevel
		t.Rows = append(t.Rows, row{Key: level + " " + with, Cells: []cell{text(level), text(with), numeric(fmt.Sprint(i.N), i.N),
			numeric(fmt.Sprint(i.Cells), i.Cells), {Text: difference(a.Metric, i.Mean), Value: i.Mean, Class: "number " + string(i.Verdict)},
			intervalCell(a.Metric, i.Interval), numeric(pText(i.Holm), i.Holm), verdictCell(i.Paired)}})
	}
	return t
}

// deltaOf heads a column of differences.
func deltaOf(name string) string {
	if metric.Of(name).Percent {
		return withUnit("Δ", "points")
	}
	return "Δ"
}

// perCostTable has a row for each difference that something more was paid for: of a cell, and of a level.
func perCostTable(a analysis.Ablation) table {
	t := table{Name: "per-cost", Key: "per_cost", Notes: []string{export.PerCostNote},
		Caption: "Difference in " + metric.Title(a.Metric) + " for what is added, with 95 % intervals",
		Columns: []column{{Key: "of", Title: "Of"},
			{Key: "difference", Title: deltaOf(a.Metric), Class: "number"},
			{Key: "multiply_adds", Title: "per 10⁹ multiply-adds", Class: "number"},
			{Key: "parameters", Title: "per 10⁶ parameters", Class: "number"},
			{Key: "minutes", Title: "per minute", Class: "number"}}}
	add := func(of string, d analysis.Paired, costs []analysis.PerCost) {
		cells, paid := []cell{text(of), {Text: difference(a.Metric, d.Mean), Value: d.Mean, Class: "number"}}, false
		for _, c := range costs {
			cells, paid = append(cells, perCostCell(a.Metric, c)), paid || !math.IsNaN(c.Value)
		}
		if paid {
			t.Rows = append(t.Rows, row{Key: of, Cells: cells})
		}
	}
	for _, r := range a.Rows {
		if r.Diff != nil {
			add(r.Cell, *r.Diff, r.PerCost)
		}
	}
	if len(a.Rows) > 0 && len(a.Rows[0].Levels) > 1 {
		for _, e := range a.Effects {
			add("effect of "+e.Factor+"="+e.Level, e.Paired, e.PerCost)
		}
	}
	return t
}

// perCostCell is a ratio with its interval, or why there is none.
func perCostCell(name string, c analysis.PerCost) cell {
	if math.IsNaN(c.Value) {
		return cell{Text: cmp.Or(c.Remark, "–"), Value: "", Class: "number quiet"}
	}
	shown := difference(name, c.Value)
	if !math.IsNaN(c.Interval.Low) {
		shown += " [" + difference(name, c.Interval.Low) + ", " + difference(name, c.Interval.High) + "]"
	}
	return cell{Text: shown, Value: c.Value, Class: "number", Title: c.Remark}
}
