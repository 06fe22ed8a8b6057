package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
)

// budgetTable has what each phase cost, a cell a row and at last all runs together. It is empty where runs have one
// phase without a name and no search has cost anything: the cells' table has their time.
func budgetTable(study experiments.Study, result analysis.Ablation) listing {
	l := listing{key: export.Budgets, title: "Passes of images, multiply-adds and time of training: a run on average, with what " +
		"it shares; and all runs, with what they share once"}
	var phases []string
	apart := false
	for _, b := range result.Budgets {
		phases, apart = append(phases, b.Phase), apart || b.Phase != ""
	}
	if !apart {
		return l
	}
	for _, f := range study.Factors {
		l.columns = append(l.columns, column{f.Name, f.Name, false})
	}
	for _, b := range result.Budgets {
		l.columns = append(l.columns, column{b.Title(), b.Title(), true})
	}
	line := func(name func(i int) cell, all []analysis.Budget) {
		var row []cell
		for i := range study.Factors {
			row = append(row, name(i))
		}
		for _, phase := range phases {
			row = append(row, budgetCell(phase, all))
		}
		l.rows = append(l.rows, row)
	}
	for _, r := range result.Rows {
		line(func(i int) cell { return text(r.Levels[study.Factors[i].Name]) }, r.Budgets)
	}
	line(func(i int) cell {
		if i > 0 {
			return cell{}
		}
		return text("all runs")
	}, result.Budgets)
	return l
}

// budgetCell is what a phase cost; missing where no run has it.
func budgetCell(phase string, all []analysis.Budget) cell {
	i := slices.IndexFunc(all, func(b analysis.Budget) bool { return b.Phase == phase })
	if i < 0 {
		return cell{nil, missing}
	}
	b := all[i]
	said := took(time.Duration(b.Seconds * float64(time.Second)))
	if !math.IsNaN(b.MultiplyAdds) {
		said = magnitude(b.MultiplyAdds) + " · " + said
	}
	if !math.IsNaN(b.Images) {
		said = magnitude(b.Images) + " · " + said
	}
	return cell{nil, said}
}

// phaseBudgets are what the phases of each run cost, those of the runs that they begin with among them.
func phaseBudgets(ctx context.Context, db analysis.Finder, runs []experiments.RunInfo) ([][]analysis.Budget, error) {
	all := make([][]analysis.Budget, len(runs))
	for i, r := range runs {
		before, found, err := analysis.Before(ctx, db, r)
		if err != nil {
			return nil, err
		}
		if found {
			all[i] = analysis.BudgetsFrom(&before, r)
		} else {
			all[i] = analysis.Budgets(r)
		}
	}
	return all, nil
}

// comparedBudgets puts what phases cost side by side; it is empty where no run has named phases.
func comparedBudgets(runs []experiments.RunInfo, all [][]analysis.Budget) listing {
	l := listing{key: export.Budgets, title: "Passes of images, multiply-adds and time of training in each phase",
		columns: compared("phase", runs, true)}
	var phases []string
	apart := false
	for _, budgets := range all {
		for _, b := range budgets {
			apart = apart || b.Phase != ""
			if !slices.Contains(phases, b.Phase) {
				phases = append(phases, b.Phase)
			}
		}
	}
	for _, phase := range phases {
		row := []cell{text(analysis.Budget{Phase: phase}.Title())}
		for _, budgets := range all {
			row = append(row, budgetCell(phase, budgets))
		}
		l.rows = append(l.rows, row)
	}
	if !apart {
		l.rows = nil
	}
	return l
}

// trendTable is the metric against a factor whose levels are numbers, a line a row; ok is false where the cells' table
// says the same as well.
func trendTable(result analysis.Ablation, t analysis.Trend) (l listing, ok bool) {
	l = listing{key: export.Trends, notes: []string{export.MeanNote},
		title:   fmt.Sprintf("%s against %s, mean ± 95 %% interval over seeds", headOf(result.Metric), t.Factor),
		columns: []column{{"others", "of the others", false}}}
	for _, level := range t.Levels {
		l.columns = append(l.columns, column{level.Level, t.Factor + " " + level.Level, true})
	}
	for _, line := range t.Lines {
		row := []cell{text(line.Others)}
		for _, level := range t.Levels {
			i := slices.Index(line.X, level.X)
			if i < 0 {
				row = append(row, cell{nil, missing})
				continue
			}
			r := line.Rows[i]
			row = append(row, statistic(r.Mean, withSpread(result.Metric, r.Mean, (r.Interval.High-r.Interval.Low)/2)))
		}
		l.rows = append(l.rows, row)
	}
	return l, t.Log && len(t.Lines) > 1
}
