package main

import (
	"cmp"
	"fmt"
	"math"

	"workbench/experiments/analysis"
	"workbench/experiments/export"
)

// interactionTable has a row for each two levels of two factors.
func interactionTable(result analysis.Ablation) listing {
	l := listing{key: export.Crossed, leave: []string{"pairs", "p_holm"}, notes: []string{export.CrossedNote, export.TestNote},
		title: "What two levels do together beyond the sum of both", columns: []column{
			{"level", "level", false}, {"with", "with", false}, {"pairs", "pairs", true}, {"cells", "cells", true},
			{"interaction", "interaction", true}, {"p_holm", "p (Holm)", true}, {"verdict", "verdict", false},
		}}
	for _, i := range result.Interactions {
		row := []cell{text(i.Factor + "=" + i.Level), text(i.With + "=" + i.WithLevel), {i.N, fmt.Sprint(i.N)}, {i.Cells, fmt.Sprint(i.Cells)}}
		l.rows = append(l.rows, append(row, differenceCells(result.Metric, &i.Paired, false)...))
	}
	return l
}

// perCostTable has a row for each difference that something more was paid for: of a cell, and of a level.
func perCostTable(result analysis.Ablation) listing {
	head := "difference"
	if _, percent := percentOf(result.Metric); percent != "" {
		head = "difference, points"
	}
	l := listing{key: export.PerCost, notes: []string{export.PerCostNote},
		title: "Difference for what is added, with 95 % intervals", columns: []column{
			{"of", "of", false}, {"difference", head, true}, {"multiply_adds", "per 10⁹ multiply-adds", true},
			{"parameters", "per 10⁶ parameters", true}, {"minutes", "per minute", true},
		}}
	add := func(of string, d analysis.Paired, costs []analysis.PerCost) {
		row, paid := []cell{text(of), statistic(d.Mean, signed(result.Metric, d.Mean, (d.Interval.High-d.Interval.Low)/2))}, false
		for _, c := range costs {
			row, paid = append(row, perCostCell(result.Metric, c)), paid || !math.IsNaN(c.Value)
		}
		if paid {
			l.rows = append(l.rows, row)
		}
	}
	for _, r := range result.Rows {
		if r.Diff != nil {
			add(r.Cell, *r.Diff, r.PerCost)
		}
	}
	if len(result.Effects) > 0 && len(result.Rows) > 0 && len(result.Rows[0].Levels) > 1 {
		for _, e := range result.Effects {
			add("effect of "+e.Factor+"="+e.Level, e.Paired, e.PerCost)
		}
	}
	return l
}

// perCostCell is a ratio with its interval, or why there is none.
func perCostCell(metric string, c analysis.PerCost) cell {
	if math.IsNaN(c.Value) {
		return cell{nil, cmp.Or(c.Remark, missing)}
	}
	shown := signedValue(metric, c.Value)
	if !math.IsNaN(c.Interval.Low) {
		shown += " [" + signedValue(metric, c.Interval.Low) + ", " + signedValue(metric, c.Interval.High) + "]"
	}
	return cell{c.Value, shown}
}
