package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"workbench/experiments"
	"workbench/experiments/export"
	"workbench/experiments/search"
	"workbench/experiments/studyfile"
	"workbench/nn/option"
)

// tuned shows what was chosen, and writes it where asked for.
func (a *app) tuned(ctx context.Context, s searched, t tuning, again string) error {
	costs, total, err := s.costs()
	if err != nil {
		return err
	}
	outcomes := s.plan.Outcomes(s.results, costs, s.higher)
	out := a.out
	if t.out == toStandardOutput {
		a.out, a.color, a.width = a.errors(), colorful(os.Stderr), widthOf(os.Stderr)
	}
	if err := a.showOutcomes(s, outcomes, total); err != nil {
		return err
	}
	for _, o := range outcomes {
		if o.Best == nil {
			fmt.Fprintf(a.errors(), "nothing is written: %s has no trial that was trained with every seed\n", o.Arm.Key)
			return reported{exitFailed}
		}
	}
	if t.out == "" {
		if a.format == "table" {
			fmt.Fprintf(a.errors(), "\nnext: %s -o %s-tuned.yaml  writes the study with these values\n", again, s.plan.Study.Name)
		}
		return nil
	}
	text, err := a.tunedStudy(ctx, s, outcomes, total)
	if err != nil {
		return err
	}
	if t.out == toStandardOutput {
		_, err := out.Write(text)
		return err
	}
	if err := os.WriteFile(t.out, text, 0o666); err != nil {
		return errors.Join(err, os.Remove(t.out)) // half a study is none
	}
	path := t.out
	if !studyfile.IsPath(path) {
		path = "./" + path
	}
	fmt.Fprintf(a.errors(), "\n%s is written; next: %s\n", t.out, a.program().On("run", path, "--dry-run"))
	return nil
}

// tunedStudy is the study with what was chosen as a file.
func (a *app) tunedStudy(ctx context.Context, s searched, outcomes []search.Outcome, total search.Cost) ([]byte, error) {
	runs, err := a.reference(ctx, s.plan.Name())
	if err != nil {
		return nil, err
	}
	of, err := a.pinned(ctx, s.plan.Study, "")
	if err != nil {
		return nil, err
	}
	sum, err := of.Trains()
	if err != nil {
		return nil, err
	}
	tuned := s.plan.Tuned(outcomes, total, runs, sum[:experiments.TrainsDigits])
	text, err := studyfile.Marshal(tuned)
	if err == nil {
		_, err = studyfile.Parse(tuned.Name+".yaml", text, nil)
	}
	return append([]byte("# Written by workbench tune; it is run as any study. What was chosen stands below tuned.\n"), text...), err
}

// showOutcomes shows the arms with what was chosen for them, and every trial.
func (a *app) showOutcomes(s searched, outcomes []search.Outcome, total search.Cost) error {
	p := s.plan
	l := s.arms(outcomes)
	cost := fmt.Sprintf("the search took %d runs, %s of training and %s multiply-adds: %d trials by method %s with the seed%s %s, recorded "+
		"as study %s", total.Runs, took(time.Duration(total.Seconds*float64(time.Second))), magnitude(total.MultiplyAdds), len(p.Trials),
		p.Method, plural(len(p.Seeds)), seedList(p.Seeds), p.Name())
	d := document{name: p.Study.Name, listings: []listing{l, s.landscape()}, remarks: append([]string{cost}, p.Remarks(outcomes)...)}
	d.data = &export.Document{Tables: []export.Table{l.table(), s.trials(outcomes).table()}, Remarks: d.remarks, Facts: map[string]any{
		"study": p.Study.Name, "metric": p.Metric, "method": p.Method, "seeds": p.Seeds, "runs": total.Runs, "seconds": total.Seconds,
		"multiply_adds": total.MultiplyAdds, "search": p.Name()}}
	return a.show(d)
}

// arms has a row an arm: what was chosen for it, what that came to, and what choosing it cost.
func (s *searched) arms(outcomes []search.Outcome) listing {
	p := s.plan
	l := listing{key: "arms", notes: []string{export.MeanNote}, leave: []string{"multiply_adds", "runs", "diverged", "trials"},
		title: fmt.Sprintf("%s: %s chosen by %s (%s evaluation), mean ± 95 %% interval over seeds", p.Study.Name,
			strings.Join(paths(p), ", "), p.Metric, p.Study.Report)}
	for _, f := range p.Study.Factors {
		l.columns = append(l.columns, column{f.Name, f.Name, false})
	}
	for _, path := range paths(p) {
		l.columns = append(l.columns, column{path, path, true})
	}
	l.columns = append(l.columns, column{"n", "n", true}, column{"mean", headOf(p.Metric), true}, column{"low", "", true},
		column{"high", "", true}, column{"trials", "trials", true}, column{"diverged", "diverged", true}, column{"runs", "runs", true},
		column{"seconds", "time", true}, column{"multiply_adds", "multiply-adds", true})
	for _, o := range outcomes {
		row := append(armCells(p.Study, o.Arm), chosenCells(p, o.Best)...)
		l.rows = append(l.rows, append(row, counted(int64(o.Trials)), counted(int64(o.Diverged)), counted(int64(o.Cost.Runs)),
			seconds(o.Cost.Seconds), cell{o.Cost.MultiplyAdds, magnitude(o.Cost.MultiplyAdds)}))
	}
	return l
}

func paths(p *search.Plan) []string {
	var all []string
	for _, axis := range p.Axes {
		all = append(all, axis.Path)
	}
	return all
}

func seedList(seeds []uint64) string {
	parts := make([]string, len(seeds))
	for i, seed := range seeds {
		parts[i] = strconv.FormatUint(seed, 10)
	}
	return strings.Join(parts, ", ")
}

func armCells(s experiments.Study, arm experiments.Cell) []cell {
	var row []cell
	for _, f := range s.Factors {
		row = append(row, text(arm.Levels[f.Name]))
	}
	return row
}

// chosenCells are values, n, mean and interval of what was chosen.
func chosenCells(p *search.Plan, r *search.Result) []cell {
	if r == nil {
		row := make([]cell, len(p.Axes)+4)
		for i := range row {
			row[i] = cell{nil, missing}
		}
		return row
	}
	var row []cell
	for _, set := range p.Trials[r.Trial].Set {
		row = append(row, cell{set.Value, option.Label(set.Value)})
	}
	return append(row, cell{r.N, strconv.Itoa(r.N)}, statistic(r.Mean, withSpread(p.Metric, r.Mean, (r.High-r.Low)/2)), statistic(r.Low, ""),
		statistic(r.High, ""))
}

// landscape has a row a trial, and a column an arm.
func (s *searched) landscape() listing {
	p := s.plan
	l := listing{key: "landscape", notes: []string{export.MeanNote}, title: headOf(p.Metric) + " of every trial"}
	for _, path := range paths(p) {
		l.columns = append(l.columns, column{path, path, true})
	}
	halves := len(p.Rungs) > 1
	if halves {
		l.columns = append(l.columns, column{"epochs", "epochs", true})
	}
	for _, arm := range p.Arms {
		l.columns = append(l.columns, column{arm.Key, arm.Key, true})
	}
	for rung, stage := range p.Rungs {
		for number, t := range p.Trials {
			var row []cell
			for _, set := range t.Set {
				row = append(row, cell{set.Value, option.Label(set.Value)})
			}
			if halves {
				row = append(row, counted(int64(stage.Epochs)))
			}
			if came, some := s.came(rung, number); some {
				l.rows = append(l.rows, append(row, came...))
			}
		}
	}
	return l
}

// came has a cell an arm: what a trial has come to there in a rung; ok if it was trained in some.
func (s *searched) came(rung, number int) (row []cell, ok bool) {
	row = make([]cell, len(s.plan.Arms))
	for _, r := range s.results {
		if r.Rung == rung && r.Trial == number {
			row[r.Arm], ok = resultCell(s.plan, r), true
		}
	}
	return row, ok
}

func resultCell(p *search.Plan, r search.Result) cell {
	switch {
	case r.Diverged > 0:
		return cell{nil, "diverged"}
	case r.N < r.Planned:
		return cell{nil, missing}
	}
	return statistic(r.Mean, withSpread(p.Metric, r.Mean, (r.High-r.Low)/2))
}

// trials has a row a trial and arm, for programs.
func (s *searched) trials(outcomes []search.Outcome) listing {
	p := s.plan
	l := listing{key: "trials", columns: []column{{"cell", "cell", false}}}
	for _, path := range paths(p) {
		l.columns = append(l.columns, column{path, path, true})
	}
	for _, name := range []string{"epochs", "n", "mean", "low", "high", "diverged", "chosen"} {
		l.columns = append(l.columns, column{name, name, true})
	}
	for _, r := range s.results {
		row := []cell{text(p.Arms[r.Arm].Key)}
		for _, set := range p.Trials[r.Trial].Set {
			row = append(row, cell{set.Value, ""})
		}
		best := outcomes[r.Arm].Best
		l.rows = append(l.rows, append(row, measured(int64(s.epochs(r.Rung, r.Arm)), count), counted(int64(r.N)), statistic(r.Mean, ""),
			statistic(r.Low, ""), statistic(r.High, ""), counted(int64(r.Diverged)), cell{best != nil && best.Entry == r.Entry, ""}))
	}
	return l
}
