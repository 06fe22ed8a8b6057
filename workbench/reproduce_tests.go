package main

import (
	"fmt"
	"math"
	"strings"

	"workbench/experiments/claim"
)

// testTable has a row a test of a training claim.
func testTable(j claim.Judgement) listing {
	_, unit := j.Compare.Scale()
	head := func(title string) string { return strings.TrimSpace(title + ", " + unit) }
	if unit == "" {
		head = func(title string) string { return title }
	}
	l := listing{key: "tests", title: "Tests, which all must hold", leave: []string{"likely", "level", "p"}, columns: []column{
		{"cell", "cell", false}, {"direction", "claimed", false}, {"than", "than", false}, {"delta", head("what matters"), true},
		{"n", "n", true}, {"difference", head("difference"), true}, {"low", "from", true}, {"high", "to", true}, {"level", "level", true},
		{"p", "p", true}, {"likely", "probability of improvement", true}, {"verdict", "verdict", false}, {"needed", "seeds to decide", true}}}
	for _, t := range j.Tests {
		l.rows = append(l.rows, []cell{text(claim.CellText(t.Cell)), text(t.Direction), text(t.ThanText()), ruled(t.Delta),
			{len(t.Pairs), fmt.Sprint(len(t.Pairs))}, ruled(t.Mean), ruled(t.Low), ruled(t.High), ruled(t.Level),
			statistic(t.P, probability(t.P)), ruled(t.Likely), text(string(t.Verdict)), measured(int64(t.Needed), count)})
	}
	return l
}

// ruled is a computed number with up to four digits.
func ruled(v float64) cell {
	if math.IsNaN(v) || v == 0 {
		return cell{nil, missing}
	}
	return statistic(v, fmt.Sprintf("%.4g", v))
}

// pairTable has the values that the verdict rests on.
func pairTable(j claim.Judgement) listing {
	if j.Compare == nil {
		return listing{}
	}
	scale := 1.0
	if j.Compare.Measure != claim.Epochs {
		scale, _ = percentOf(j.Compare.Metric)
	}
	l := listing{key: "pairs", title: "Values by seed: " + j.Compare.Metric, columns: []column{
		{"cell", "cell", false}, {"than", "than", false},
		{"seed", "seed", true}, {"value", "cell's value", true}, {"other", "other's value", true}, {"run", "run", false},
		{"other_run", "other run", false}}}
	for _, t := range j.Tests {
		for _, p := range t.Pairs {
			l.rows = append(l.rows, []cell{text(claim.CellText(t.Cell)), text(t.ThanText()), {p.Seed, fmt.Sprint(p.Seed)},
				{p.Cell, fmt.Sprintf("%.5g", scale*p.Cell)}, {p.Than, fmt.Sprintf("%.5g", scale*p.Than)}, text(p.Runs[0]), text(p.Runs[1])})
		}
	}
	return l
}

// rowsOf are the rows of a listing as objects by column.
func rowsOf(l listing) []map[string]any {
	rows := []map[string]any{}
	for _, r := range l.rows {
		row := map[string]any{}
		for i, c := range l.columns {
			row[c.key] = r[i].value
		}
		rows = append(rows, row)
	}
	return rows
}
