package export

import (
	"workbench/experiments"
	"workbench/experiments/analysis"
)

// budgets are what phases cost: of a run of each cell on average, and, without a cell, of all runs together.
func budgets(info experiments.StudyInfo, a analysis.Ablation) Table {
	t := Table{Name: Budgets, JSON: a.Budgets, Columns: withFactors(info.Study, "phase", "runs", "shared", "images", "multiply_adds",
		"seconds")}
	add := func(cell []any, all []analysis.Budget) {
		for _, b := range all {
			row := append([]any{}, cell...)
			t.Rows = append(t.Rows, append(row, b.Title(), b.Runs, b.Shared, defined(b.Images), defined(b.MultiplyAdds), defined(b.Seconds)))
		}
	}
	for _, r := range a.Rows {
		add(cellOf(info, r.Cell, r.Levels), r.Budgets)
	}
	whole := cellOf(info, "", nil)
	whole[2] = nil
	add(whole, a.Budgets)
	return t
}

// PhaseBudgets are what the phases of runs cost, a row each; the budgets are in the order of the runs.
func PhaseBudgets(runs []experiments.RunInfo, budgets [][]analysis.Budget) Table {
	t := Table{Name: Budgets, Columns: []string{"run", "phase", "shared", "images", "multiply_adds", "seconds"}, Rows: [][]any{}}
	for i, all := range budgets {
		for _, b := range all {
			t.Rows = append(t.Rows, []any{runs[i].ID, b.Title(), b.Shared > 0, defined(b.Images), defined(b.MultiplyAdds), defined(b.Seconds)})
		}
	}
	return t
}

// trends are the points of the metric against each factor whose levels are numbers.
func trends(info experiments.StudyInfo, a analysis.Ablation) Table {
	t := Table{Name: Trends, JSON: a.Trends, Columns: []string{"study", "version", "factor", "level", "x", "others", "cell", "metric", "n",
		"mean", "low", "high"}}
	for _, trend := range a.Trends {
		for _, l := range trend.Lines {
			for i, r := range l.Rows {
				t.Rows = append(t.Rows, []any{a.Study, info.Version, trend.Factor, r.Levels[trend.Factor], l.X[i], named(l.Others), r.Cell, a.Metric,
					r.N, defined(r.Mean), defined(r.Interval.Low), defined(r.Interval.High)})
			}
		}
	}
	return t
}
