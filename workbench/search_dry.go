package main

import (
	"context"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/search"
	"workbench/experiments/supervise"
	"workbench/nn/option"
)

// showSearch shows the trials of a search, and what they cost in every arm.
func (a *app) showSearch(ctx context.Context, s searched, t tuning) error {
	statuses, earlier, err := a.recordedOf(ctx, s.work.runs)
	if err != nil {
		return err
	}
	t.share(len(s.work.runs))
	e, err := a.estimate(ctx, s.work, earlier, max(t.threads/t.jobs, 1))
	if err != nil {
		return err
	}
	p := s.plan
	l := s.costOf(e, statuses)
	todo := supervise.Scheduler{Failed: t.failed}.Trains(s.work.runs, statuses)
	sum := fmt.Sprintf("%d trials by method %s, the same for every cell, with the seed%s %s; %d run%s, %d of them still to do",
		len(p.Trials), p.Method, plural(len(p.Seeds)), seedList(p.Seeds), len(s.work.runs), plural(len(s.work.runs)), len(todo))
	remarks := append([]string{sum}, a.duration(e, todo, t.training)...)
	if len(p.Rungs) > 1 {
		remarks = append(remarks, "which trials are promoted shows when they are trained; each is trained from the start again, "+
			"for a run of another length is another run")
	}
	return a.show(document{listings: []listing{trialsOf(p), l}, remarks: remarks})
}

// costOf has a row a rung and arm.
func (s *searched) costOf(e estimate, statuses map[string]experiments.Status) listing {
	p := s.plan
	l := listing{key: "cost", leave: []string{"multiply_adds", "done"}, title: "What every cell is trained for", columns: []column{
		{"cell", "cell", false}, {"epochs", "epochs", true}, {"trials", "trials", true}, {"seeds", "seeds", true}, {"runs", "runs", true},
		{"done", "done", true}, {"multiply_adds", "multiply-adds", true}, {"seconds", "time", true}}}
	for rung, stage := range s.stages {
		for i, arm := range p.Arms {
			runs := s.needed(func(r experiments.Run) bool { return s.isOf(r, rung, i) })
			done, work, last := 0, 0.0, 0.0
			for _, r := range runs {
				if statuses[r.ID] == experiments.Done {
					done++
				}
				middle, _, _ := e.takes(r.Cell)
				work, last = work+e.work[r.Cell].All(), last+middle
			}
			lasts := cell{nil, missing}
			if e.known() {
				lasts = seconds(last)
			}
			l.rows = append(l.rows, []cell{text(arm.Key), measured(int64(s.epochs(rung, i)), count), counted(int64(len(stage[i]))),
				counted(int64(len(p.Seeds))), counted(int64(len(runs))), counted(int64(done)), {work, magnitude(work)}, lasts})
		}
	}
	return l
}

// epochs that an arm is trained for in a rung, 0 if its length is given otherwise.
func (s *searched) epochs(rung, arm int) int {
	if epochs := s.plan.Rungs[rung].Epochs; epochs > 0 {
		return epochs
	}
	return s.plan.Arms[arm].Config.Epochs
}

// isOf tells whether a run is of an arm in a rung.
func (s *searched) isOf(r experiments.Run, rung, arm int) bool {
	for _, e := range s.entries {
		if e.Rung == rung && e.Arm == arm && e.Key == r.Cell {
			return true
		}
	}
	return false
}

// trialsOf lists the configurations that are tried.
func trialsOf(p *search.Plan) listing {
	l := listing{key: "trials", title: fmt.Sprintf("Trials of %s by %s", p.Study.Name, p.Metric), columns: []column{{"trial", "trial", true}}}
	for _, path := range paths(p) {
		l.columns = append(l.columns, column{path, path, true})
	}
	for i, t := range p.Trials {
		row := []cell{counted(int64(i + 1))}
		for _, set := range t.Set {
			row = append(row, cell{set.Value, option.Label(set.Value)})
		}
		l.rows = append(l.rows, row)
	}
	return l
}
