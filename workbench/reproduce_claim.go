package main

import (
	"fmt"

	"workbench/experiments/claim"
	"workbench/experiments/studyfile"
)

// showClaim is everything about one claim.
func (a *app) showClaim(j claim.Judgement, cost string) error {
	about := listing{key: "claim", title: j.ID, columns: []column{{"key", "claim", false}, {"value", j.ID, false}}}
	row := func(key, value string) {
		if value != "" {
			about.rows = append(about.rows, []cell{text(key), text(value)})
		}
	}
	row("verdict", string(j.Verdict))
	row("statement", j.Statement)
	row("source", j.Source.String())
	row("conditions", j.Conditions)
	row("decision", string(j.Decision))
	row("verification", j.Verification)
	row("lecture", j.Lecture.Sentence)
	row("where in the lecture", j.Lecture.Where)
	row("verdict on the lecture", j.Lecture.Verdict)
	row("right fact", j.Lecture.Fact)
	if c := j.Compare; c != nil {
		row("study", c.Study)
		row("protocol", c.Protocol)
		row("rule", c.Describe())
		for _, d := range c.Deviations {
			row("deviation", d)
		}
	}
	if j.Compare != nil {
		row("seeds", fmt.Sprintf("%d of %d", j.Pairs, j.Compare.Planned))
		row("cost of what is missing", cost)
		row("runs again", a.program().On("reproduce", claimArgument(j), "--run"))
	}
	row("again", a.program().On("reproduce", claimArgument(j)))
	object := claimObject(j)
	for _, own := range []string{"values", "tests", "pairs"} { // which are tables of their own
		delete(object, own)
	}
	about.data = object
	values := listing{key: "values", title: "Values", columns: []column{{"name", "value", false}, {"verdict", "verdict", false},
		{"measured", "measured", true}, {"published", "published", true}, {"tolerance", "tolerance", false}, {"unit", "unit", false},
		{"expression", "expression", false}}}
	for _, f := range j.Values {
		values.rows = append(values.rows, []cell{text(f.Name), text(string(f.Verdict)), {f.Measured, claim.Text(f.Measured)},
			{f.Published, claim.Text(f.Published)}, text(toleranceOf(f)), text(f.Unit), text(expressionOf(f.Value))})
	}
	d := document{listings: []listing{about}, remarks: append(claimRemarks([]claim.Judgement{j})[1:], j.Notes...)}
	if len(j.Tests) > 0 {
		d.listings = append(d.listings, testTable(j))
	}
	if pairs := pairTable(j); len(pairs.rows) > 0 {
		d.listings = append(d.listings, pairs)
	}
	if len(values.rows) > 0 {
		d.listings = append(d.listings, values)
	}
	return a.show(d)
}

// claimArgument is how the claim is asked for again.
func claimArgument(j claim.Judgement) string {
	if studyfile.IsPath(j.File) && j.File != j.Family+".yaml" {
		return j.File
	}
	return j.ID
}

func toleranceOf(f claim.Finding) string {
	switch {
	case f.Value.Measured == nil, f.Published == nil:
		return ""
	case f.Bound != "":
		return f.Bound
	}
	return f.Tolerance.String()
}

func expressionOf(v claim.Value) string {
	if v.Measured == nil {
		return ""
	}
	return v.Measured.Text
}

// claimObject is a claim as programs read it.
func claimObject(j claim.Judgement) map[string]any {
	values := []map[string]any{}
	for _, f := range j.Values {
		v := map[string]any{"name": f.Name, "verdict": f.Verdict, "measured": f.Measured, "published": f.Published,
			"tolerance": toleranceOf(f), "unit": f.Unit, "expression": expressionOf(f.Value), "error": nil}
		if f.Err != nil {
			v["error"] = f.Err.Error()
		}
		values = append(values, v)
	}
	slips := []map[string]any{}
	for _, s := range j.Slips {
		slips = append(slips, map[string]any{"printed": s.Printed, "value": s.Value, "measured": s.Measured, "unit": s.Unit,
			"expression": s.Slip.Measured.Text})
	}
	object := map[string]any{"claim": j.ID, "family": j.Family, "verdict": j.Verdict, "reasons": append([]string{}, j.Reasons...),
		"statement": j.Statement, "source": j.Source, "conditions": j.Conditions, "decision": j.Decision,
		"verification": j.Verification, "lecture": j.Lecture, "values": values, "slips": slips}
	if j.Compare != nil {
		object["study"], object["rule"], object["deviations"] = j.Compare.Study, j.Compare.Describe(), append([]string{}, j.Compare.Deviations...)
		object["protocol"], object["seeds"], object["planned"], object["flags"] = j.Compare.Protocol, j.Pairs, j.Compare.Planned,
			append([]string{}, j.Flags...)
		object["tests"], object["pairs"] = rowsOf(testTable(j)), rowsOf(pairTable(j))
	}
	return object
}
