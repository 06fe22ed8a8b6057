package analysis

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"workbench/experiments"
)

// Budget is what a phase of runs cost. Images and MultiplyAdds are NaN if a program that did not count them trained one
// of the runs.
type Budget struct {
	Phase  string `json:"phase"`            // "" of runs without named phases
	Runs   int    `json:"runs"`             // that have the phase
	Shared int    `json:"shared,omitempty"` // of them, those that begin with what another run has trained

	Images       float64 `json:"images"`        // that networks are given in training: each view of an image, each angle
	MultiplyAdds float64 `json:"multiply_adds"` // of its training: forward, backward and updates
	Seconds      float64 `json:"seconds"`       // in all attempts
}

// Search is what stands for a phase where a search has cost something: all of its trials.
const Search = "search"

// searched is what it cost to choose values, for a cell or in all.
func searched(runs int, minutes, multiplyAdds float64) Budget {
	return Budget{Phase: Search, Runs: runs, Images: math.NaN(), MultiplyAdds: multiplyAdds, Seconds: 60 * minutes}
}

// Training is how people call the only phase of a run without named ones.
const Training = "training"

// Title of the phase.
func (b Budget) Title() string { return cmp.Or(b.Phase, Training) }

// Budgets of a run, as far as it has come: phase by phase those that it has trained itself.
func Budgets(r experiments.RunInfo) []Budget {
	phases := r.Phases
	if r.Whole != nil {
		phases = []experiments.PhaseInfo{*r.Whole}
	}
	var all []Budget
	for _, p := range phases {
		b := Budget{Phase: p.Name, Runs: 1, Seconds: p.Seconds, Images: math.NaN(), MultiplyAdds: math.NaN()}
		if p.Images > 0 {
			share := Trained(r, p.Phase)
			b.Images, b.MultiplyAdds = share*float64(p.Images), share*p.MultiplyAdds
		}
		all = append(all, b)
	}
	return all
}

// Before finds the run that a run begins with; ok is false if it begins with none, or with one that is not recorded any
// more.
func Before(ctx context.Context, from Finder, r experiments.RunInfo) (before experiments.RunInfo, ok bool, err error) {
	id := r.Begins()
	if id == "" {
		return before, false, nil
	}
	before, err = from.Run(ctx, id)
	if errors.Is(err, experiments.ErrNotFound) {
		return before, false, nil
	}
	return before, err == nil, err
}

// Finder is what Before needs of the database.
type Finder interface {
	Run(ctx context.Context, id string) (experiments.RunInfo, error)
}

// BudgetsFrom are those of a run, after those of the run that it begins with; nil: it begins with none.
func BudgetsFrom(before *experiments.RunInfo, r experiments.RunInfo) []Budget {
	var all []Budget
	if before != nil {
		all = Budgets(*before)
		for i := range all {
			all[i].Shared = 1
		}
	}
	return append(all, Budgets(r)...)
}

// Trained is the share of a phase's steps that a run has made: all of them, unless it is still at work, was interrupted
// or stopped early.
func Trained(r experiments.RunInfo, p experiments.Phase) float64 {
	at := p.First + p.Steps
	switch last := r.Checkpoint; {
	case r.Status == experiments.Done && last != nil && last.Final:
		at = last.Step
	case r.Status == experiments.Done:
	default:
		at = 0
		if last != nil {
			at = last.Step
		}
		if r.Progress != nil {
			at = max(at, r.Progress.Step)
		}
	}
	if p.Steps == 0 {
		return 1
	}
	return min(max(float64(at-p.First)/float64(p.Steps), 0), 1)
}

// add sums budgets by phase.
func add(sums []Budget, more ...Budget) []Budget {
	for _, b := range more {
		i := slices.IndexFunc(sums, func(s Budget) bool { return s.Phase == b.Phase })
		if i < 0 {
			sums = append(sums, b)
			continue
		}
		s := &sums[i]
		s.Runs, s.Shared = s.Runs+b.Runs, s.Shared+b.Shared
		s.Images, s.MultiplyAdds, s.Seconds = s.Images+b.Images, s.MultiplyAdds+b.MultiplyAdds, s.Seconds+b.Seconds
	}
	return sums
}

// totals are what runs cost together, each once: what several of them begin with is a run of its own.
func totals(s experiments.Study, runs []experiments.RunInfo) []Budget {
	sums := []Budget{}
	for _, r := range runs {
		sums = add(sums, Budgets(r)...)
	}
	slices.SortStableFunc(sums, func(a, b Budget) int { return cmp.Compare(order(runs, a.Phase), order(runs, b.Phase)) })
	if t := s.Tuned; t != nil {
		sums = append(sums, searched(t.Runs, t.Minutes, t.MultiplyAdds))
	}
	return sums
}

// order is the place of a phase among those of its runs; phases of runs without names come last.
func order(runs []experiments.RunInfo, phase string) int {
	for _, r := range runs {
		for _, p := range r.Phases {
			if p.Name == phase {
				return p.Index
			}
		}
	}
	return math.MaxInt
}

// budgets are what it cost to get the network of one of the arm's runs, on average, phase by phase. What it begins with
// counts, however many share it.
func (a arm) budgets() []Budget {
	sums := []Budget{}
	for _, r := range a.runs {
		if from := r.Begins(); from != "" {
			before, known := a.took[from]
			if !known {
				return []Budget{} // which costs.tell says
			}
			sums = add(sums, BudgetsFrom(&before, r)...)
			continue
		}
		sums = add(sums, Budgets(r)...)
	}
	for i := range sums {
		n := float64(sums[i].Runs)
		sums[i].Images, sums[i].MultiplyAdds, sums[i].Seconds = sums[i].Images/n, sums[i].MultiplyAdds/n, sums[i].Seconds/n
	}
	return sums
}
