package dashboard

import (
	"fmt"

	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/experiments/metric"
)

// papers are the tables of a study's page as papers have them: each says what its numbers are.
func (v studyView) papers() []table {
	cells := v.Table
	cells.Caption = fmt.Sprintf("%s: %s, %s evaluation, against %s", v.Card.Name, v.Metric, v.Ablation.Report, v.Ablation.Baseline)
	cells.Notes = append([]string{export.MeanNote, export.TestNote}, v.Ablation.Warnings...)
	all := []table{cells}
	if effects := effectTable(v.Ablation); len(effects.Rows) > 0 {
		effects.Name = v.Table.Name + "-effects"
		all = append(all, effects)
	}
	for _, t := range v.beside() {
		t.Name = v.Table.Name + "-" + t.Name
		all = append(all, t)
	}
	for _, t := range v.Trends {
		trend := t.Table
		trend.Name, trend.Notes = v.Table.Name+"-"+trend.Name, []string{export.MeanNote}
		all = append(all, trend)
	}
	if len(v.Budgets.Rows) > 0 {
		budgets := v.Budgets
		budgets.Caption = v.Card.Name + ": what each phase cost"
		all = append(all, budgets)
	}
	return all
}

// beside are the tables beside the effects: interactions, and differences for their costs.
func (v studyView) beside() (all []table) {
	for _, t := range []table{v.Crossed, v.PerCost} {
		if len(t.Rows) > 0 {
			all = append(all, t)
		}
	}
	return all
}

// effectTable has a row for each level other than the baseline's.
func effectTable(a analysis.Ablation) table {
	t := table{Name: "effects", Caption: "Effect of each level on " + metric.Title(a.Metric) + ", averaged over the other factors",
		Notes: []string{export.EffectNote, export.TestNote}, Columns: []column{{Key: "factor", Title: "Factor"}, {Key: "level", Title: "Level"},
			{Key: "versus", Title: "Versus"}, {Key: "pairs", Title: "n", Class: "number"},
			{Key: "difference", Title: deltaOf(a.Metric), Class: "number"},
			{Key: "interval", Title: "± 95 %", Class: "number"}, {Key: "effect", Title: "d", Class: "number"},
			{Key: "p_holm", Title: "p", Class: "number"}, {Key: "verdict", Title: "Verdict"}}}
	for _, e := range a.Effects {
		t.Rows = append(t.Rows, row{Key: e.Factor + "=" + e.Level, Cells: []cell{text(e.Factor), text(e.Level), text(e.Versus),
			numeric(fmt.Sprint(e.N), e.N), {Text: difference(a.Metric, e.Mean), Value: e.Mean, Class: "number " + string(e.Verdict)},
			intervalCell(a.Metric, e.Interval), numeric(digits(e.Effect, 3), e.Effect), numeric(pText(e.Holm), e.Holm), verdictCell(e.Paired)}})
	}
	return t
}
