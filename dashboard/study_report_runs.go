package dashboard

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"workbench/dashboard/report"
	"workbench/experiments"
	"workbench/experiments/studyfile"
	"workbench/experiments/suggest"
	"workbench/nn/option"
)

// configuration is what all cells have, and what factors set.
func (d studyData) configuration() report.Section {
	var base []report.Fact
	for _, setting := range d.info.Study.Base.Completed().Settings() {
		base = append(base, report.Fact{Name: setting.Path, Value: cmp.Or(option.Label(setting.Value), "–")})
	}
	factors := &report.Table{Caption: "Factors", Columns: []report.Column{{Title: "Factor"}, {Title: "Level"}, {Title: "Sets"}}}
	for _, f := range d.info.Study.Factors {
		for _, l := range f.Levels {
			var sets []string
			for _, a := range l.Set {
				sets = append(sets, a.Path+"="+option.Label(a.Value))
			}
			row := report.Row{Cells: []report.Cell{{Text: f.Name}, {Text: l.Label}, {Text: strings.Join(sets, " "), Class: "mono"}}}
			if l.Label == d.info.Study.BaselineLevels()[f.Name] {
				row.Class, row.Cells[1].Text = "baseline", l.Label+" (baseline)"
			}
			factors.Rows = append(factors.Rows, row)
		}
	}
	s := report.Section{ID: "configuration", Title: "Configuration", Note: "design " + d.info.Study.Design}
	if len(factors.Rows) > 0 {
		s.Parts = append(s.Parts, report.Part{Table: factors})
	}
	s.Parts = append(s.Parts, report.Part{Text: "The base, which the factors change:"}, report.Part{Facts: base})
	return s
}

// valuesSection has the value of every run that counts: cells below one another, seeds side by side.
func (d studyData) valuesSection() report.Section {
	seeds := d.seeds()
	t := &report.Table{Columns: []report.Column{{Title: "Cell"}}}
	for _, seed := range seeds {
		t.Columns = append(t.Columns, report.Column{Title: "seed " + fmt.Sprint(seed), Number: true})
	}
	counted := 0
	for _, r := range d.ablation.Rows {
		if counted += len(r.Values); counted > mostReported {
			break
		}
		row := report.Row{Cells: []report.Cell{{Text: r.Cell}}}
		if r.Baseline {
			row.Class = "baseline"
		}
		for _, seed := range seeds {
			c := report.Cell{Text: "–", Class: "quiet"}
			for _, v := range r.Values {
				if v.Seed == seed {
					c = report.Cell{Text: shown(d.ablation.Metric, v.Value), Title: fmt.Sprintf("run %s: %v", v.Run, v.Value)}
				}
			}
			row.Cells = append(row.Cells, c)
		}
		t.Rows = append(t.Rows, row)
	}
	s := report.Section{ID: "values", Title: "Value of every run", Note: withUnit(d.ablation.Metric, unit(d.ablation.Metric)) +
		", paired by seed; below the pointer: the run and all digits", Parts: []report.Part{{Table: t}}}
	return d.shortened(s, len(d.ablation.Rows)-len(t.Rows), "cell", "cells", "values")
}

// shortened says that a section leaves something out, and which command has all.
func (d studyData) shortened(s report.Section, left int, one, many, table string) report.Section {
	if left > 0 {
		s.Parts = append(s.Parts, report.Part{Text: plural(left, one, many) + " more are left out; all are in:"},
			report.Part{Commands: []string{suggest.Program{}.Command("ablate", d.info.Ref(), "--format", "csv", "--table", table)}})
	}
	return s
}

// runsSection lists the runs in the order of cells and seeds, with what identifies each and its result.
func (d studyData) runsSection() report.Section {
	t := &report.Table{Columns: []report.Column{
		{Title: "Run", Hint: "the first 16 hexadecimal digits of the SHA-256 of what decides its result"},
		{Title: "Cell"}, {Title: "Seed", Number: true}, {Title: "Status"}, {Title: "Attempts", Number: true}, {Title: "Step", Number: true},
		{Title: "Time", Number: true}, {Title: "Weights", Hint: "SHA-256 of the names, shapes and values of the last checkpoint's weights"}}}
	place := map[string]int{}
	for i, r := range d.ablation.Rows {
		place[r.Cell] = i
	}
	runs := slices.Clone(d.runs)
	slices.SortStableFunc(runs, func(a, b experiments.RunInfo) int {
		return cmp.Or(cmp.Compare(place[a.Cell], place[b.Cell]), cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.ID, b.ID))
	})
	for _, r := range runs[:min(len(runs), mostReported)] {
		status := report.Cell{Text: string(r.Status), Title: r.Reason, Mark: "status " + string(r.Status)}
		step, weights := "–", "–"
		if r.Checkpoint != nil {
			step, weights = grouped(r.Checkpoint.Step), r.Checkpoint.Digest
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{{Text: r.ID}, {Text: r.Cell}, {Text: fmt.Sprint(r.Seed)}, status,
			{Text: fmt.Sprint(r.Attempt)}, {Text: step}, {Text: durationCell(r.Seconds).Text}, {Text: weights, Class: "mono"}}})
	}
	if len(runs) == 0 {
		return report.Section{}
	}
	s := report.Section{ID: "runs", Title: "Runs", Note: plural(len(runs), "run", "runs"), Parts: []report.Part{{Table: t}}}
	return d.shortened(s, len(runs)-len(t.Rows), "run", "runs", "points")
}

// tally has a row for each distinct pair of a name and a value of the runs, by name.
func (d studyData) tally(of func(experiments.RunInfo) map[string]string) (all []tallied) {
	counts := map[[2]string]int{}
	for _, r := range d.runs {
		for name, value := range of(r) {
			counts[[2]string{name, value}]++
		}
	}
	for pair, n := range counts {
		all = append(all, tallied{pair[0], pair[1], n})
	}
	slices.SortFunc(all, func(a, b tallied) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value)) })
	return all
}

type tallied struct {
	name, value string
	runs        int
}

// dataSection names the data that the runs saw by their digests.
func (d studyData) dataSection() report.Section {
	t := &report.Table{Columns: []report.Column{{Title: "Data set"}, {Title: "SHA-256 of the data as a run sees them"}, {Title: "Runs",
		Number: true}}}
	for _, one := range d.tally(func(r experiments.RunInfo) map[string]string {
		if r.DataDigest == "" {
			return nil
		}
		return map[string]string{r.Config.Dataset.Name: r.DataDigest}
	}) {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{{Text: one.name}, {Text: one.value, Class: "mono"},
			{Text: fmt.Sprint(one.runs)}}})
	}
	if len(t.Rows) == 0 {
		return report.Section{}
	}
	return report.Section{ID: "data", Title: "Data", Parts: []report.Part{{Table: t}}}
}

// environment is what the runs were computed with: what all have in common, and what differs.
func (d studyData) environment() report.Section {
	all := d.tally(func(r experiments.RunInfo) map[string]string { return r.Environment })
	begun := 0
	for _, r := range d.runs {
		begun += map[bool]int{true: 1}[len(r.Environment) > 0]
	}
	s := report.Section{ID: "environment", Title: "Environment", Note: "what the runs were computed with"}
	var common []report.Fact
	differ := &report.Table{Caption: "What differs", Columns: []report.Column{{Title: "Fact"}, {Title: "Value"}, {Title: "Runs",
		Number: true}}}
	for _, one := range all {
		if one.runs == begun {
			if one.name != "host" { // which means nothing elsewhere, unless it tells machines apart
				common = append(common, report.Fact{Name: one.name, Value: one.value})
			}
			continue
		}
		differ.Rows = append(differ.Rows, report.Row{Cells: []report.Cell{{Text: one.name}, {Text: one.value, Class: "wrap"},
			{Text: fmt.Sprint(one.runs)}}})
	}
	if len(common) > 0 {
		s.Parts = append(s.Parts, report.Part{Facts: common})
	}
	if len(differ.Rows) > 0 {
		s.Parts = append(s.Parts, report.Part{Table: differ})
	}
	return s
}

// again is how to do the study once more: its file with the seeds of all runs, and the commands.
func (d studyData) again() (report.Section, error) {
	study := d.info.Study
	study.Seeds = d.seeds()
	text, err := studyfile.Marshal(study)
	if err != nil {
		return report.Section{}, err
	}
	program, file := suggest.Program{}, "study.yaml"
	commands := []string{program.Command("run", file), program.Command("ablate", study.Name),
		program.Command("report", study.Name, "-o", "study.html")}
	return report.Section{ID: "again", Title: "To do it again", Parts: []report.Part{
		{Text: "Save the lines below as " + file + ", and let the program train them. Runs whose ids are those above have the same " +
			"configuration, seed and data."}, {Commands: commands}, {Code: string(text)}}}, nil
}
