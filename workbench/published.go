package main

import (
	"fmt"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
)

// publishedTable is the table in print that a study repeats, with what was measured beside it. It is empty where the
// study repeats none.
func publishedTable(study experiments.Study, result analysis.Ablation) listing {
	l := listing{key: export.Published, leave: []string{"source", "published_n", "published_sd"},
		title: "In print or from elsewhere, beside what was measured here; sizes and protocols differ"}
	if study.Published == nil {
		return l
	}
	for _, f := range study.Factors {
		l.columns = append(l.columns, column{f.Name, f.Name, false})
	}
	l.columns = append(l.columns, column{"row", "row", false})
	for _, c := range study.Published.Columns {
		l.columns = append(l.columns, column{c, c, true})
	}
	l.columns = append(l.columns, column{"published_n", "n in print", true}, column{"published_sd", "SD in print", true},
		column{"n", "n here", true}, column{"mean", headOf(result.Metric), true})
	if _, compared := study.Published.Compared(result.Metric); compared {
		l.columns = append(l.columns, column{"difference", differenceHead(result.Metric), true})
	}
	l.columns = append(l.columns, column{"source", "source", false})
	for _, r := range analysis.InPrint(study, result.Rows) {
		l.rows = append(l.rows, publishedRow(study, result.Metric, r))
	}
	return l
}

func publishedRow(study experiments.Study, metric string, r analysis.Printed) []cell {
	levels := r.Levels
	if r.Measured != nil {
		levels = r.Measured.Levels
	}
	var row []cell
	for _, f := range study.Factors {
		row = append(row, text(levels[f.Name]))
	}
	row = append(row, text(r.Name))
	for _, v := range r.Values {
		row = append(row, cell{v, export.PrintedText(v)})
	}
	row = append(row, measured(int64(r.N), count), statisticUnless0(r.SD))
	if m := r.Measured; m != nil && m.N > 0 {
		half := (m.Interval.High - m.Interval.Low) / 2
		row = append(row, cell{m.N, fmt.Sprint(m.N)}, statistic(m.Mean, withSpread(metric, m.Mean, half)))
	} else {
		row = append(row, cell{nil, missing}, cell{nil, missing})
	}
	if d := r.Diff; d != nil {
		row = append(row, statistic(d.Mean, signed(metric, d.Mean, (d.Interval.High-d.Interval.Low)/2)))
	} else if _, compared := study.Published.Compared(metric); compared {
		row = append(row, cell{nil, missing})
	}
	return append(row, text(export.SourceOf(study, r.PublishedRow)))
}

// statisticUnless0 is a number that was printed, missing where none was.
func statisticUnless0(v float64) cell {
	if v == 0 {
		return cell{nil, missing}
	}
	return cell{v, export.PrintedText(v)}
}
