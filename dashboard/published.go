package dashboard

import (
	"fmt"
	"math"

	"workbench/dashboard/figure"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
)

// publishedTable is the table in print that the study repeats, with what was measured beside it; without rows where it
// repeats none.
func publishedTable(d studyData, styles map[string]figure.Style) table {
	study, a := d.info.Study, d.ablation
	t := table{Key: export.Published}
	if study.Published == nil {
		return t
	}
	t.Columns = []column{{Key: "cell", Title: "Row"}}
	for _, c := range study.Published.Columns {
		t.Columns = append(t.Columns, column{Key: c, Title: c, Class: "number", Hint: "as published"})
	}
	t.Columns = append(t.Columns, column{Key: "n", Title: "n here", Class: "number"},
		column{Key: "mean", Title: withUnit(a.Metric, unit(a.Metric)), Class: "number", Hint: "measured here: mean over seeds"},
		column{Key: "interval", Title: "± 95 %", Class: "number"})
	if _, compared := study.Published.Compared(a.Metric); compared {
		t.Columns = append(t.Columns, column{Key: "difference", Title: "Difference", Class: "number", Hint: analysis.UnpairedNote},
			column{Key: "difference_interval", Title: "± 95 % (Welch)", Class: "number", Hint: analysis.UnpairedNote})
	}
	t.Columns = append(t.Columns, column{Key: "source", Title: "Source"})
	for _, r := range analysis.InPrint(study, a.Rows) {
		t.Rows = append(t.Rows, row{Cells: publishedCells(d, r, styles)})
	}
	return t
}

func publishedCells(d studyData, r analysis.Printed, styles map[string]figure.Style) []cell {
	title := cell{Text: printedName(d, r)}
	if r.Measured != nil {
		style := styles[r.Measured.Cell]
		title.Swatch = &style
	}
	cells := []cell{title}
	for i, v := range r.Values {
		c := cell{Text: export.PrintedText(v), Value: v, Class: "number"}
		if i == 0 && (r.N > 0 || r.SD > 0) {
			c.Title = fmt.Sprintf("n = %d, SD %s", r.N, export.PrintedText(r.SD))
		}
		cells = append(cells, c)
	}
	if m := r.Measured; m != nil && m.N > 0 {
		cells = append(cells, numeric(fmt.Sprint(m.N), m.N), numeric(shown(d.ablation.Metric, m.Mean), m.Mean),
			intervalCell(d.ablation.Metric, m.Interval))
	} else {
		none := cell{Text: "–", Value: math.NaN(), Class: "number quiet"}
		cells = append(cells, none, none, none)
	}
	if u := r.Diff; u != nil {
		cells = append(cells, numeric(difference(d.ablation.Metric, u.Mean), u.Mean), intervalCell(d.ablation.Metric, u.Interval))
	} else if _, compared := d.info.Study.Published.Compared(d.ablation.Metric); compared {
		none := cell{Text: "–", Value: math.NaN(), Class: "number quiet"}
		cells = append(cells, none, none)
	}
	return append(cells, text(export.SourceOf(d.info.Study, r.PublishedRow)))
}

// printedName is how a row in print is called: its cell, its name, or both.
func printedName(d studyData, r analysis.Printed) string {
	name := ""
	switch {
	case r.Measured != nil:
		name = r.Measured.Cell
	case r.Levels != nil:
		for _, f := range d.info.Study.Factors {
			if level, said := r.Levels[f.Name]; said {
				name += " " + f.Name + "=" + level
			}
		}
	}
	if r.Name != "" && name != "" {
		return r.Name + " (" + name + ")"
	}
	return r.Name + name
}
