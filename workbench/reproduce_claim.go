package main

import (
	"maps"

	"workbench/experiments/claim"
	"workbench/experiments/export"
	"workbench/experiments/suggest"
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
	for _, f := range export.ClaimFacts(j) {
		row(f.Name, f.Value)
	}
	if j.Compare != nil {
		row("cost of its runs", export.ClaimSpent(j.Runs, lasting))
		row("cost of what is missing", cost)
		row("runs again", a.program().On("reproduce", j.Argument(), "--run"))
	}
	row("again", a.program().On("reproduce", j.Argument()))
	object := claimObject(a.program(), j)
	for _, own := range []string{"values", "tests", "pairs", "runs"} { // which are tables of their own
		delete(object, own)
	}
	about.data = object
	d := document{listings: []listing{about}, remarks: append(claimRemarks([]claim.Judgement{j})[1:], j.Notes...)}
	for _, table := range export.ClaimTables(j) {
		if len(table.Rows) > 0 {
			d.listings = append(d.listings, listed(table))
		}
	}
	return a.show(d)
}

// listed is a listing as the terminal shows it.
func listed(e export.Listing) listing {
	l := listing{key: e.Name, title: e.Title, leave: e.Leave}
	for _, c := range e.Columns {
		l.columns = append(l.columns, column{c.Key, c.Title, c.Number})
	}
	for _, r := range e.Rows {
		row := make([]cell, len(r))
		for k, c := range r {
			row[k] = cell{c.Value, c.Text}
		}
		l.rows = append(l.rows, row)
	}
	return l
}

// claimObject is a claim as programs read it.
func claimObject(program suggest.Program, j claim.Judgement) map[string]any {
	values := []map[string]any{}
	for _, f := range j.Values {
		v := map[string]any{"name": f.Name, "verdict": f.Verdict, "measured": f.Measured, "published": f.Published,
			"tolerance": export.ToleranceOf(f), "unit": f.Unit, "expression": export.ExpressionOf(f.Value), "error": nil}
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
	object["again"] = program.On("reproduce", j.Argument())
	if c := j.Compare; c != nil {
		seconds, bytes := export.ClaimCost(j.Runs)
		maps.Copy(object, map[string]any{"study": c.Study, "rule": c.Describe(), "deviations": append([]string{}, c.Deviations...),
			"protocol": c.Protocol, "selection": c.Selection, "seeds": j.Pairs, "planned": c.Planned, "flags": append([]string{}, j.Flags...),
			"notes": append([]string{}, j.Notes...), "seconds": seconds, "bytes": bytes,
			"tests": export.ClaimTests(j).Objects(), "pairs": export.ClaimPairs(j).Objects(), "runs": export.ClaimRuns(j).Objects(),
			"again": program.On("reproduce", j.Argument(), "--run")})
	}
	return object
}
