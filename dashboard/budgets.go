package dashboard

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"

	"workbench/dashboard/figure"
	"workbench/experiments"
	"workbench/experiments/analysis"
)

// budgetColumns of one phase.
func budgetColumns(key, title string) []column {
	return []column{{Key: key + "_images", Title: title + ": images", Class: "number",
		Hint: "that networks are given in training: every view, every angle"},
		{Key: key + "_multiply_adds", Title: "MACs", Class: "number", Hint: "multiply-adds of training: forward, backward, updates"},
		{Key: key + "_seconds", Title: "Time", Class: "number", Hint: "in all attempts"}}
}

// budgetCells are what a phase cost; missing where it was not.
func budgetCells(phase string, all []analysis.Budget) []cell {
	none := cell{Text: "–", Value: "", Class: "number quiet"}
	i := slices.IndexFunc(all, func(b analysis.Budget) bool { return b.Phase == phase })
	if i < 0 {
		return []cell{none, none, none}
	}
	return []cell{countedCell(all[i].Images), countedCell(all[i].MultiplyAdds), durationCell(all[i].Seconds)}
}

func countedCell(v float64) cell {
	if math.IsNaN(v) || v == 0 {
		return cell{Text: "–", Value: "", Class: "number quiet"}
	}
	return numeric(scale(v, ""), v)
}

// budgetTable has a row a cell, of a run on average, and one of all runs together. It has none where all runs have one
// phase without a name and no search has cost anything.
func budgetTable(d studyData, styles map[string]figure.Style) table {
	t := table{Name: safeName(d.info.ShortRef()) + "-budgets", Columns: []column{{Key: "cell", Title: "Cell"}}}
	apart := false
	for _, b := range d.ablation.Budgets {
		apart = apart || b.Phase != ""
		t.Columns = append(t.Columns, budgetColumns(b.Title(), b.Title())...)
	}
	if !apart {
		return t
	}
	line := func(key string, name cell, all []analysis.Budget) {
		r := row{Key: key, Cells: []cell{name}}
		for _, b := range d.ablation.Budgets {
			r.Cells = append(r.Cells, budgetCells(b.Phase, all)...)
		}
		t.Rows = append(t.Rows, r)
	}
	for _, r := range d.ablation.Rows {
		style := styles[r.Cell]
		line(r.Cell, cell{Text: r.Cell, Swatch: &style}, r.Budgets)
	}
	t.Rows = d.ofCells(t.Rows)
	line("", text("all runs, shared ones once"), d.ablation.Budgets)
	t.Rows[len(t.Rows)-1].Class = "group"
	return t
}

// phasesView are the phases of a run, those of the run that it begins with first.
type phasesView struct {
	Strip template.HTML // "" while nothing has begun
	Table table
}

// phasesOf a run; before is the one that it begins with, nil if there is none.
func phasesOf(before *experiments.RunInfo, run experiments.RunInfo) phasesView {
	v := phasesView{Table: table{Name: run.ID + "-phases", Columns: []column{{Key: "phase", Title: "Phase"},
		{Key: "epochs", Title: "Epochs", Class: "number"}, {Key: "steps", Title: "Steps", Class: "number"},
		{Key: "first", Title: "After step", Class: "number"},
		{Key: "images", Title: "Images", Class: "number", Hint: "that networks are given in training: every view, every angle"},
		{Key: "multiply_adds", Title: "Multiply-adds", Class: "number", Hint: "of training: forward, backward, updates"},
		{Key: "seconds", Title: "Time", Class: "number", Hint: "of all attempts"}}}}
	counted := true // epochs of all phases are known
	var parts, steps []figure.Stretch
	for _, r := range []*experiments.RunInfo{before, &run} {
		if r == nil {
			continue
		}
		budgets := analysis.Budgets(*r)
		for i, p := range r.Phases {
			name := text(p.Name)
			if r == before {
				name = cell{Text: p.Name + ", by run " + short(r.ID), Value: p.Name, Href: runPath(r.ID)}
			}
			b := budgets[i]
			line := []cell{name, countedCell(p.Epochs), numeric(grouped(p.Steps), p.Steps), numeric(grouped(p.First), p.First),
				countedCell(b.Images), countedCell(b.MultiplyAdds), durationCell(p.Seconds)}
			v.Table.Rows = append(v.Table.Rows, row{Key: p.Name, Cells: line})
			s := figure.Stretch{Name: p.Name, Length: p.Epochs, Begun: analysis.Trained(*r, p.Phase), Shared: r == before,
				Note: fmt.Sprintf("%s epochs, %s steps, %s images, %s", line[1].Text, line[2].Text, line[4].Text, line[6].Text)}
			parts, counted = append(parts, s), counted && p.Epochs > 0
			s.Length = float64(p.Steps)
			steps = append(steps, s)
		}
	}
	unit := "epoch of the run"
	if !counted {
		parts, unit = steps, "step of the run"
	}
	if len(parts) > 0 {
		v.Strip = template.HTML(figure.Strip("Phases of the run", unit, parts)) // package figure escapes
	}
	return v
}

// addBudgets puts what phases of runs cost side by side, where any has named phases.
func (t *table) addBudgets(all [][]analysis.Budget) {
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
	if !apart {
		return
	}
	for i, phase := range phases {
		for k, what := range []string{"images", "multiply-adds", "time"} {
			key := cmp.Or(phase, analysis.Training) + ": " + what
			line := row{Key: key, Cells: []cell{text(key)}}
			if i == 0 && k == 0 {
				line.Class = "group"
			}
			for _, budgets := range all {
				line.Cells = append(line.Cells, budgetCells(phase, budgets)[k])
			}
			t.Rows = append(t.Rows, line)
		}
	}
}
