package search

import (
	"fmt"
	"strings"

	"workbench/experiments"
	"workbench/nn/option"
)

// Cost is what trainings took.
type Cost struct {
	Runs         int
	Seconds      float64
	MultiplyAdds float64
}

// Result is what a cell of a search has come to.
type Result struct {
	Entry
	N, Planned, Diverged int     // seeds: with a value, in all, that diverged
	Mean, Low, High      float64 // over seeds, with the 95 % interval of the mean
}

// Outcome is what a search has chosen for an arm.
type Outcome struct {
	Arm      experiments.Cell
	Trials   int     // different configurations that were tried
	Diverged int     // of them, those that lost a seed because it diverged
	Best     *Result // nil: of no trial all seeds came through
	Cost     Cost
}

// Scores are the results of a rung by arm.
func (p *Plan) Scores(rung int, results []Result) [][]Score {
	all := make([][]Score, len(p.Arms))
	for _, r := range results {
		if r.Rung == rung {
			all[r.Arm] = append(all[r.Arm], Score{Trial: r.Trial, Mean: r.Mean, Whole: r.N == r.Planned})
		}
	}
	return all
}

// Outcomes are what the last rung has chosen, arm by arm; costs are those of all rungs.
func (p *Plan) Outcomes(results []Result, costs []Cost, higher bool) []Outcome {
	scores := p.Scores(len(p.Rungs)-1, results)
	all := make([]Outcome, len(p.Arms))
	for i, arm := range p.Arms {
		all[i] = Outcome{Arm: arm, Trials: len(p.first[i]), Cost: costs[i]}
		diverged := map[int]bool{}
		for _, r := range results {
			if r.Arm == i && r.Diverged > 0 {
				diverged[r.Trial] = true
			}
		}
		all[i].Diverged = len(diverged)
		best := Best(scores[i], 1, higher)
		for k, r := range results {
			if len(best) > 0 && r.Arm == i && r.Rung == len(p.Rungs)-1 && r.Trial == best[0] {
				all[i].Best = &results[k]
			}
		}
	}
	return all
}

// Tuned is the study with what was chosen. Runs says which study has the runs of the search, of what was searched.
func (p *Plan) Tuned(outcomes []Outcome, total Cost, runs, of string) experiments.Study {
	s := p.Study
	if !strings.HasSuffix(s.Name, tunedName) {
		s.Name += tunedName
	}
	t := &experiments.Tuned{On: p.Metric, Method: p.Method, Trials: len(p.Trials), Seeds: p.Seeds, Runs: total.Runs,
		Minutes: rounded(total.Seconds / 60), MultiplyAdds: rounded(total.MultiplyAdds), Study: runs, Of: of}
	for _, o := range outcomes {
		if o.Best == nil {
			continue
		}
		t.Arms = append(t.Arms, experiments.Arm{Levels: o.Arm.Levels, Set: p.Trials[o.Best.Trial].Set, Value: experiments.Number(o.Best.Mean),
			Runs: o.Cost.Runs, Minutes: rounded(o.Cost.Seconds / 60), MultiplyAdds: rounded(o.Cost.MultiplyAdds)})
	}
	s.Tuned = t
	return s
}

// tunedName ends the names of studies with chosen values.
const tunedName = "-tuned"

// Remarks say what limits the choice.
func (p *Plan) Remarks(outcomes []Outcome) []string {
	var all []string
	switch len(p.Seeds) {
	case 1:
		all = append(all, fmt.Sprintf("every trial was trained with one seed: a choice among %d by one seed takes luck for quality "+
			"(--seeds 3 has intervals)", len(p.Trials)))
	case 2:
		all = append(all, "two seeds have no interval (--seeds 3 has)")
	}
	all = append(all, fmt.Sprintf("values are the best of those tried, which flatters them; the study reports other seeds (%s) and "+
		"its own metric, %s", seedList(p.Study.Seeds), p.Study.Metric))
	for _, o := range outcomes {
		if o.Trials < len(p.Trials) {
			all = append(all, fmt.Sprintf("%s: %d different configurations of %d, what else the search varies has no effect there", o.Arm.Key,
				o.Trials, len(p.Trials)))
		}
		if o.Best == nil {
			all = append(all, o.Arm.Key+": nothing was chosen, no trial was trained with every seed")
			continue
		}
		for i, a := range p.Trials[o.Best.Trial].Set {
			if end := p.Axes[i].Edge(a.Value); end != "" {
				all = append(all, fmt.Sprintf("%s: %s = %s is at the %s end of what was tried, beyond it may be better", o.Arm.Key, a.Path,
					option.Label(a.Value), end))
			}
		}
	}
	if p.Method == ByHalving {
		all = append(all, "a run of another length is another run, with its own schedule: promoted trials were trained from the start again, "+
			"and the cost has all rungs")
	}
	return all
}

func seedList(seeds []uint64) string {
	parts := make([]string, len(seeds))
	for i, seed := range seeds {
		parts[i] = fmt.Sprint(seed)
	}
	return strings.Join(parts, ", ")
}
