package export

import (
	"cmp"
	"slices"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

// Names of an ablation's tables.
const (
	Cells   = "cells"
	Effects = "effects"
	Crossed = "interactions"
	PerCost = "per_cost"
	Values  = "values"
	Budgets = "budgets"
	Trends  = "trends"
)

// Ablation is a study's comparison with its baseline: its cells, what each level does, alone and beside others, what
// that is for what it costs, the value of every run that counts, and what holds without normal values. Values are in
// the metric's own unit, a ratio in [0, 1]; program is the version of the program.
func Ablation(info experiments.StudyInfo, a analysis.Ablation, program string) Document {
	direction := metric.Lower
	if a.Higher {
		direction = metric.Higher
	}
	facts := map[string]any{"study": a.Study, "version": info.Version, "program": program, "metric": a.Metric, "report": a.Report,
		"unit": metric.Of(a.Metric).Unit, "direction": string(direction), "baseline": a.Baseline}
	if info.Study.Tuned != nil {
		facts["tuned"] = info.Study.Tuned
	}
	return Document{
		Facts: facts,
		Tables: []Table{cells(info, a), effects(info, a), interactions(info, a), perCost(info, a), values(info, a), budgets(info, a),
			trends(info, a), printed(info, a), robust(info, a)},
		Remarks: a.Warnings,
	}
}

// factorColumns are the names of the factors, marked where a column of that name is there already.
func factorColumns(s experiments.Study, others []string) []string {
	var names []string
	for _, f := range s.Factors {
		name := f.Name
		if slices.Contains(others, name) {
			name = "factor." + name
		}
		names = append(names, name)
	}
	return names
}

// withFactors puts the factors' columns behind the study, its version and the cell.
func withFactors(s experiments.Study, columns ...string) []string {
	all := append([]string{"study", "version", "cell"}, columns...)
	return slices.Concat(all[:3], factorColumns(s, all), columns)
}

func cellOf(info experiments.StudyInfo, cell string, levels map[string]string) []any {
	row := []any{info.Study.Name, info.Version, cell}
	for _, f := range info.Study.Factors {
		row = append(row, named(levels[f.Name]))
	}
	return row
}

func cells(info experiments.StudyInfo, a analysis.Ablation) Table {
	t := Table{Name: Cells, JSON: a.Rows, Columns: withFactors(info.Study, "metric", "baseline", "n", "planned", "diverged", "mean", "sd",
		"low", "high", "train", "pairs", "difference", "difference_low", "difference_high", "effect_size", "p", "p_holm", "verdict",
		"parameters", "macs", "seconds")}
	for _, r := range a.Rows {
		row := append(cellOf(info, r.Cell, r.Levels), a.Metric, r.Baseline, r.N, r.Planned, r.Diverged,
			defined(r.Mean), defined(r.SD), defined(r.Interval.Low), defined(r.Interval.High), defined(r.Train))
		switch {
		case r.Diff != nil:
			row = append(row, r.Diff.N)
			row = append(row, difference(*r.Diff)...)
		case r.Baseline:
			row = append(row, nil, nil, nil, nil, nil, nil, nil, nil)
		default:
			row = append(row, 0, nil, nil, nil, nil, nil, nil, string(analysis.Undecided))
		}
		t.Rows = append(t.Rows, append(row, measured(r.Params), measured(r.MACs), defined(r.Seconds)))
	}
	return t
}

// difference has the columns from difference to verdict.
func difference(p analysis.Paired) []any {
	return []any{defined(p.Mean), defined(p.Interval.Low), defined(p.Interval.High), defined(p.Effect), defined(p.P), defined(p.Holm),
		string(p.Verdict)}
}

// measured is a count that is known unless it is 0.
func measured(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

func effects(info experiments.StudyInfo, a analysis.Ablation) Table {
	t := Table{Name: Effects, JSON: a.Effects, Columns: []string{"study", "version", "factor", "level", "versus", "metric", "pairs",
		"cells", "difference", "difference_low", "difference_high", "effect_size", "p", "p_holm", "verdict"}}
	for _, e := range a.Effects {
		t.Rows = append(t.Rows, append([]any{a.Study, info.Version, e.Factor, e.Level, e.Versus, a.Metric, e.N, e.Cells},
			difference(e.Paired)...))
	}
	return t
}

func interactions(info experiments.StudyInfo, a analysis.Ablation) Table {
	t := Table{Name: Crossed, JSON: a.Interactions, Columns: []string{"study", "version", "factor", "level", "versus", "with", "with_level",
		"with_versus", "metric", "pairs", "cells", "difference", "difference_low", "difference_high", "effect_size", "p", "p_holm",
		"verdict"}}
	for _, i := range a.Interactions {
		t.Rows = append(t.Rows, append([]any{a.Study, info.Version, i.Factor, i.Level, i.Versus, i.With, i.WithLevel, i.WithVersus, a.Metric,
			i.N, i.Cells}, difference(i.Paired)...))
	}
	return t
}

// perCost has a row for each cost of each difference: those of cells, then those of levels.
func perCost(info experiments.StudyInfo, a analysis.Ablation) Table {
	t := Table{Name: PerCost, Columns: []string{"study", "version", "cell", "factor", "level", "metric", "pairs", "difference", "cost", "unit",
		"added", "per_unit", "per_unit_low", "per_unit_high", "remark"}, Rows: [][]any{}}
	add := func(cell, factor, level string, d analysis.Paired, costs []analysis.PerCost) {
		for _, c := range costs {
			t.Rows = append(t.Rows, []any{a.Study, info.Version, named(cell), named(factor), named(level), a.Metric, d.N, defined(d.Mean), c.Cost,
				c.Unit, defined(c.Added), defined(c.Value), defined(c.Interval.Low), defined(c.Interval.High), named(c.Remark)})
		}
	}
	for _, r := range a.Rows {
		if r.Diff != nil {
			add(r.Cell, "", "", *r.Diff, r.PerCost)
		}
	}
	for _, e := range a.Effects {
		add("", e.Factor, e.Level, e.Paired, e.PerCost)
	}
	return t
}

// values has a row a run that counts.
func values(info experiments.StudyInfo, a analysis.Ablation) Table {
	t := Table{Name: Values, Columns: withFactors(info.Study, "seed", "run", "metric", "value")}
	for _, r := range a.Rows {
		for _, v := range r.Values {
			t.Rows = append(t.Rows, append(cellOf(info, r.Cell, r.Levels), v.Seed, v.Run, cmp.Or(v.Metric, a.Metric), v.Value))
		}
	}
	return t
}
