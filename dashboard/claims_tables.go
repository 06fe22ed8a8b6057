package dashboard

import (
	"fmt"
	"math"
	"strings"

	"workbench/experiments/claim"
	"workbench/experiments/metric"
)

// claimValues are the published values of a claim beside those that were computed.
func claimValues(j claim.Judgement) table {
	t := table{Name: "values", Columns: []column{{Key: "value", Title: "Value"}, {Key: "verdict", Title: "Verdict"},
		{Key: "measured", Title: "Measured", Class: "number"}, {Key: "published", Title: "Published", Class: "number"},
		{Key: "unit", Title: "Unit"}, {Key: "expression", Title: "Computed as"}}}
	for _, f := range j.Values {
		expression := ""
		if f.Value.Measured != nil {
			expression = f.Value.Measured.Text
		}
		t.Rows = append(t.Rows, row{Cells: []cell{text(f.Name), text(string(f.Verdict)), numeric(claim.Text(f.Measured), f.Measured),
			numeric(claim.Text(f.Published), f.Published), text(f.Unit), text(expression)}})
	}
	return t
}

// claimTests has a row a test of a training claim.
func claimTests(j claim.Judgement) table {
	_, unit := j.Compare.Scale()
	t := table{Name: "tests", Columns: []column{{Key: "cell", Title: "Cell"}, {Key: "claimed", Title: "Claimed"}, {Key: "than", Title: "Than"},
		{Key: "delta", Title: withUnit("Matters", unit), Class: "number", Hint: "the smallest difference that matters, fixed before"},
		{Key: "n", Title: "n", Class: "number"}, {Key: "difference", Title: withUnit("Difference", unit), Class: "number"},
		{Key: "interval", Title: "Interval", Class: "number", Hint: "corrected over the tests of the claim (Holm)"},
		{Key: "p", Title: "p", Class: "number"},
		{Key: "likely", Title: "P(improvement)", Class: "number", Hint: "probability that one run of the cell is better than one of the other"},
		{Key: "verdict", Title: "Verdict"}, {Key: "needed", Title: "Seeds to decide", Class: "number"}}}
	for _, f := range j.Tests {
		needed := cell{Text: "–", Value: "", Class: "number quiet"}
		if f.Needed > 0 {
			needed = numeric(fmt.Sprint(f.Needed), f.Needed)
		}
		interval := cell{Text: "–", Value: "", Class: "number quiet"}
		if !math.IsNaN(f.Low) {
			interval = cell{Text: fmt.Sprintf("%.3g to %.3g", f.Low, f.High), Class: "number", Title: fmt.Sprintf("%.4g %%", 100*f.Level)}
		}
		t.Rows = append(t.Rows, row{Cells: []cell{text(claim.CellText(f.Cell)), text(f.Direction), text(f.ThanText()),
			numeric(plainNumber(f.Delta), f.Delta), numeric(fmt.Sprint(len(f.Pairs)), len(f.Pairs)), numeric(plainNumber(f.Mean), f.Mean),
			interval, numeric(pText(f.P), f.P), numeric(plainNumber(f.Likely), f.Likely), text(string(f.Verdict)), needed}})
	}
	return t
}

func plainNumber(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return strings.ReplaceAll(fmt.Sprintf("%.4g", v), "-", "−")
}

// claimPairs has the values that the verdict rests on, with their runs.
func claimPairs(j claim.Judgement) table {
	scale := 1.0
	if j.Compare.Measure != claim.Epochs {
		scale, _ = metric.Of(j.Compare.Metric).Shown()
	}
	t := table{Name: "pairs", Columns: []column{{Key: "cell", Title: "Cell"}, {Key: "than", Title: "Than"},
		{Key: "seed", Title: "Seed", Class: "number"},
		{Key: "value", Title: "Cell's value", Class: "number"}, {Key: "other", Title: "Other's value", Class: "number"},
		{Key: "run", Title: "Run"}, {Key: "other_run", Title: "Other run"}}}
	link := func(id string) cell {
		if id == "" {
			return cell{Text: "–", Value: "", Class: "quiet"}
		}
		return cell{Text: id, Href: "/runs/" + id}
	}
	for _, f := range j.Tests {
		for _, p := range f.Pairs {
			t.Rows = append(t.Rows, row{Cells: []cell{text(claim.CellText(f.Cell)), text(f.ThanText()), numeric(fmt.Sprint(p.Seed), p.Seed),
				numeric(plainNumber(scale*p.Cell), p.Cell), numeric(plainNumber(scale*p.Than), p.Than), link(p.Runs[0]), link(p.Runs[1])}})
		}
	}
	return t
}
