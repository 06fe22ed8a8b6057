package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments/whence"
)

// showWhence shows what numbers were found to be. A call of which no number is found fails.
func (a *app) showWhence(answers []whence.Answer, looked int) error {
	l := listing{key: "results", leave: []string{"seeds", "metric", "command", "versus"}, columns: []column{{"number", "number", true},
		{"result", "is the", false}, {"metric", "metric", false}, {"value", "value", true}, {"study", "study", false},
		{"cell", "cell", false}, {"versus", "from", false}, {"seeds", "seeds", false}, {"command", "shown by", false},
		{"runs", "", false}, {"data_digest", "", false}, {"revision", "", false}}}
	d := document{}
	found := 0
	var matches []whence.Match
	for _, answer := range answers {
		n := answer.Number.Text
		for _, m := range answer.Matches {
			l.rows = append(l.rows, a.whenceRow(n, m))
		}
		matches = append(matches, answer.Matches...)
		if len(answer.Matches) > 0 {
			found++
		}
		if answer.More > 0 {
			d.remarks = append(d.remarks, fmt.Sprintf("%s is %s result%s more (--most shows more of them; more digits would leave fewer)",
				n, count(int64(answer.More)), plural(answer.More)))
		}
		if len(answer.Matches) == 0 {
			d.remarks = append(d.remarks, nothing(n, answer.Nearest, looked))
		}
	}
	d.listings = append(d.listings, l)
	if origins := originsOf(matches); len(origins.rows) > 0 {
		d.listings = append(d.listings, origins)
	}
	if err := a.show(d); err != nil || found > 0 {
		return err
	}
	return reported{exitFailed}
}

func (a *app) whenceRow(number string, m whence.Match) []cell {
	var seeds []string
	for _, s := range m.Seeds {
		seeds = append(seeds, strconv.FormatUint(s, 10))
	}
	return []cell{text(number), text(m.What), text(m.Metric), {m.Value, inFull(m.Value)}, text(m.Study), text(m.Cell), text(m.Versus),
		{m.Seeds, strings.Join(seeds, ",")}, text(a.program().On(m.Show...)), {m.Runs, ""}, {m.Data, ""}, {m.Program, ""}}
}

// inFull is a value with the digits that tell it from its neighbours in a table, in the metric's own unit.
func inFull(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'g', 7, 64), "-", "−", 1)
}

// nothing says that a number is no recorded result, and what comes nearest.
func nothing(number string, nearest *whence.Match, looked int) string {
	said := fmt.Sprintf("%s is written nowhere: no mean, difference, p value or value of %s run%s is rounded so", number,
		count(int64(looked)), plural(looked))
	if nearest == nil {
		return said
	}
	scale, sign := percentOf(nearest.Metric)
	return fmt.Sprintf("%s; nearest is %s%s, the %s of %s, %s of %s", said, inFull(scale*nearest.Value), sign, nearest.What,
		nearest.Metric, nearest.Cell, nearest.Study)
}

// originsOf says, of every cell that was found, from which runs, data and program its results are.
func originsOf(matches []whence.Match) listing {
	l := listing{key: "origins", title: "Where these come from", leave: []string{"data_digest", "runs"}, columns: []column{
		{"study", "study", false}, {"cell", "cell", false}, {"runs", "runs", false}, {"data_digest", "data", false},
		{"revision", "program", false}}}
	var seen []string
	for _, m := range matches {
		key := fmt.Sprint(m.Study, m.Cell, m.Runs)
		if slices.Contains(seen, key) {
			continue
		}
		seen = append(seen, key)
		program := strings.Join(shortly(m.Program, 12), ", ")
		if program == "" {
			program = "not recorded"
		}
		l.rows = append(l.rows, []cell{text(m.Study), text(m.Cell), {m.Runs, strings.Join(listedRuns(m.Runs), " ")},
			{m.Data, strings.Join(shortly(m.Data, 12), ", ")}, {m.Program, program}})
	}
	return l
}

// shortly are the beginnings of names.
func shortly(names []string, digits int) (short []string) {
	for _, n := range names {
		short = append(short, n[:min(len(n), digits)])
	}
	return short
}

// mostRunsListed is how many runs of a cell people are told; programs get all.
const mostRunsListed = 5

func listedRuns(runs []string) []string {
	if len(runs) <= mostRunsListed {
		return runs
	}
	return append(slices.Clone(runs[:mostRunsListed]), fmt.Sprintf("and %d more", len(runs)-mostRunsListed))
}
