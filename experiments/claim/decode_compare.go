package claim

import (
	"fmt"
	"slices"

	"workbench/experiments/stats"
	"workbench/experiments/studyfile"
)

func (c *Claim) compare(n studyfile.Node) {
	if !n.There() {
		return
	}
	keys := n.Keys("study", "metric", "measure", "reach", "relative", "cell", "than", "level", "direction", "cells", "tests",
		"alpha", "planned", "looks", "selection", "noise", "protocol", "deviations")
	p := Comparison{Study: keys["study"].Text(), Metric: keys["metric"].Text(), Measure: Final, Reach: keys["reach"].Number(),
		Alpha: keys["alpha"].Number(), Planned: keys["planned"].Whole(), Selection: keys["selection"].Choice(Selections...),
		Noise: keys["noise"].Text(), Protocol: keys["protocol"].Text()}
	if keys["measure"].There() {
		p.Measure = keys["measure"].Choice(Measures...)
	}
	if v := keys["relative"]; v.There() {
		var is bool
		if p.Relative, is = v.Value().(bool); !is {
			v.Fail("want true or false")
		}
	}
	for _, d := range keys["deviations"].List(mostValues) {
		p.Deviations = append(p.Deviations, d.Text())
	}
	for _, look := range keys["looks"].List(mostLooks) {
		p.Looks = append(p.Looks, look.Whole())
	}
	var told bool
	p.Tests, told = c.tests(keys, n)
	switch {
	case told:
	case p.Study == "" || p.Metric == "" || len(p.Tests) == 0:
		n.Fail("want study, metric, and cell with than, or cells, or tests")
	case p.Selection == "":
		n.Fail("want selection: one of %v", Selections)
	case !(p.Alpha > 0 && p.Alpha < 0.5):
		n.Fail("alpha: want a number above 0 and below 0.5, got %v", p.Alpha)
	case p.Planned < leastPlanned || p.Planned > stats.MaxPlanned:
		n.Fail("planned: want %d to %d seeds, got %d", leastPlanned, stats.MaxPlanned, p.Planned)
	case len(p.Looks) > 0 && p.Looks[len(p.Looks)-1] != p.Planned:
		n.Fail("looks: want the last at the %d seeds that are planned, got %v", p.Planned, p.Looks)
	default:
		if _, err := stats.NewSequential(p.Alpha, p.Planned, p.Stops()); err != nil {
			n.Fail("looks: %v", err)
		}
	}
	c.Compare = &p
}

// tests are one test (cell and than, or level), several, or those of cells in an order; told says that something is
// wrong with them, which was noted.
func (c *Claim) tests(keys map[string]studyfile.Node, n studyfile.Node) (all []Test, told bool) {
	ways := 0
	for _, key := range []string{"cell", "cells", "tests"} {
		if keys[key].There() {
			ways++
		}
	}
	if ways != 1 {
		n.Fail("want one of cell (with than or level), cells, and tests")
		return nil, true
	}
	add := func(t Test, wrong string, at studyfile.Node) {
		if wrong != "" {
			at.Fail("%s", wrong)
			told = true
		}
		all = append(all, t)
	}
	switch {
	case keys["cell"].There():
		t, wrong := c.test(keys)
		add(t, wrong, n)
	case keys["cells"].There():
		var cells []map[string]string
		for _, item := range keys["cells"].List(mostTests + 1) {
			cells = append(cells, labels(item))
		}
		if len(cells) < 2 || c.Decision != Ordered || c.Direction == "" {
			keys["cells"].Fail("want two cells or more, decision ordered and the claim's direction, rising or falling")
			told = true
		}
		towards := map[string]string{Rising: Higher, Falling: Lower}[c.Direction]
		for i := 1; i < len(cells); i++ {
			all = append(all, Test{Cell: cells[i], Than: cells[i-1], Direction: towards, Delta: c.Delta})
		}
	default:
		for _, item := range keys["tests"].List(mostTests) {
			t, wrong := c.test(item.Keys("cell", "than", "level", "direction", "delta"))
			add(t, wrong, item)
		}
	}
	if told {
		return nil, true
	}
	return all, false
}

// test is one test, and what is wrong with it.
func (c *Claim) test(keys map[string]studyfile.Node) (t Test, wrong string) {
	t = Test{Cell: labels(keys["cell"]), Direction: keys["direction"].Choice(Directions...), Level: keys["level"].Number(), Delta: c.Delta}
	if keys["than"].There() {
		t.Than = labels(keys["than"])
	}
	if keys["delta"].There() {
		t.Delta = keys["delta"].Number()
	}
	switch {
	case keys["than"].There() == keys["level"].There():
		wrong = "want than: the other cell, or level: a number"
	case t.Direction == "":
		wrong = fmt.Sprintf("want direction: one of %v", Directions)
	case t.Than == nil && t.Direction == Equal:
		wrong = fmt.Sprintf("a cell equals another cell, not a level: want direction %s or %s", Higher, Lower)
	}
	return t, wrong
}

func labels(n studyfile.Node) map[string]string {
	all := map[string]string{}
	for _, p := range n.Pairs() {
		all[p.Key] = nameOf(p.Node)
	}
	return all
}

// cellsOf are the cells of a comparison, each once.
func (c Comparison) cellsOf() []map[string]string {
	var all []map[string]string
	for _, t := range c.Tests {
		for _, cell := range []map[string]string{t.Cell, t.Than} {
			if cell != nil && !slices.ContainsFunc(all, func(o map[string]string) bool { return CellText(o) == CellText(cell) }) {
				all = append(all, cell)
			}
		}
	}
	return all
}
