package main

import (
	"context"
	"slices"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/search"
)

// searched is a search as far as it has come.
type searched struct {
	plan   *search.Plan
	higher bool // values of its metric are better
	stages []search.Stage

	work    worklist // the study that trains all stages
	entries []search.Entry
	runs    []experiments.RunInfo // of that study, as far as they are recorded
	results []search.Result       // of the entries
}

// read finds out what the runs of the search have come to, as far as there is a database.
func (s *searched) read(ctx context.Context, a *app) error {
	s.runs = nil
	if db, err := a.read(); err == nil {
		defer db.Close()
		ids := make([]string, len(s.work.runs))
		for i, r := range s.work.runs {
			ids[i] = r.ID
		}
		if s.runs, err = db.Runs(ctx, experiments.RunFilter{IDs: ids}); err != nil {
			return err
		}
	} else if !isMissing(err) {
		return err
	}
	for i := range s.runs { // a run may serve other studies, under another name
		r := s.run(s.runs[i].ID)
		s.runs[i].Study, s.runs[i].Cell, s.runs[i].Levels, s.runs[i].Needs = r.Study, r.Cell, r.Levels, r.Needs
	}
	table, err := analysis.Ablate(s.work.study, s.runs)
	if err != nil {
		return err
	}
	s.results = make([]search.Result, len(s.entries))
	for i, e := range s.entries {
		k := slices.IndexFunc(table.Rows, func(r analysis.AblationRow) bool { return r.Cell == e.Key })
		row := table.Rows[k]
		s.results[i] = search.Result{Entry: e, N: row.N, Planned: row.Planned, Diverged: row.Diverged, Mean: row.Mean,
			Low: row.Interval.Low, High: row.Interval.High}
	}
	return nil
}

func (s *searched) run(id string) experiments.Run {
	return s.work.runs[slices.IndexFunc(s.work.runs, func(r experiments.Run) bool { return r.ID == id })]
}

// next is what the next rung trains. Before the one below it is trained, a plan of what it costs takes the first trials
// in place of the best.
func (s *searched) next(rung int, dry bool) search.Stage {
	scores := s.plan.Scores(rung-1, s.results)
	for i := range scores {
		for k := range scores[i] {
			if r := s.results[slices.IndexFunc(s.results, func(r search.Result) bool {
				return r.Rung == rung-1 && r.Arm == i && r.Trial == scores[i][k].Trial
			})]; dry && r.N+r.Diverged < r.Planned {
				scores[i][k].Mean, scores[i][k].Whole = 0, true
			}
		}
	}
	return s.plan.Next(rung, scores, s.higher)
}

// needed are runs with those that they begin with, each once.
func (s *searched) needed(of func(experiments.Run) bool) []experiments.Run {
	var ids []string
	for _, r := range s.work.runs {
		if of(r) {
			ids = append(append(ids, r.ID), r.Needs...)
		}
	}
	var all []experiments.Run
	for _, r := range s.work.runs {
		if slices.Contains(ids, r.ID) {
			all = append(all, r)
		}
	}
	return all
}

// cost is what runs of the search have taken, in all attempts.
func (s *searched) cost(runs []experiments.Run) (c search.Cost, err error) {
	for _, info := range s.runs {
		if info.Attempt == 0 || !slices.ContainsFunc(runs, func(r experiments.Run) bool { return r.ID == info.ID }) {
			continue
		}
		work, err := s.work.work(s.run(info.ID))
		if err != nil {
			return c, err
		}
		c.Runs, c.Seconds, c.MultiplyAdds = c.Runs+1, c.Seconds+info.Seconds, c.MultiplyAdds+work.All()*executed(info)
	}
	return c, nil
}

// executed is how much of a run was trained.
func executed(r experiments.RunInfo) float64 {
	switch {
	case r.Status == experiments.Done:
		return 1
	case r.Progress == nil || r.Progress.Steps == 0:
		return 0
	}
	return float64(r.Progress.Step) / float64(r.Progress.Steps)
}

// costs are those of each arm, and of the search as a whole. What several arms begin with counts for each of them, and
// once in the whole.
func (s *searched) costs() (arms []search.Cost, total search.Cost, err error) {
	for i := range s.plan.Arms {
		c, err := s.cost(s.needed(func(r experiments.Run) bool { return s.armOf(r) == i }))
		if err != nil {
			return nil, total, err
		}
		arms = append(arms, c)
	}
	total, err = s.cost(s.work.runs)
	return arms, total, err
}

// armOf is the arm that a run is of, −1 for what others begin with.
func (s *searched) armOf(r experiments.Run) int {
	for _, e := range s.entries {
		if e.Key == r.Cell {
			return e.Arm
		}
	}
	return -1
}
