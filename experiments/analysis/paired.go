package analysis

import (
	"fmt"
	"math"
	"slices"

	"workbench/experiments/stats"
)

const (
	confidence   = 0.95
	significance = 1 - confidence
)

// pairUp compares two arms over the seeds that they share. It neither corrects for other comparisons nor gives a
// verdict.
func pairUp(values, baseline map[uint64]float64) (Paired, error) {
	var a, b []float64
	for _, seed := range sharedSeeds(values, baseline) {
		a, b = append(a, values[seed]), append(b, baseline[seed])
	}
	f, err := stats.Compare(a, b, confidence)
	if err != nil {
		return Paired{}, err
	}
	p := Paired{N: f.N, Mean: f.Mean, Interval: Interval(f.Interval), Effect: f.Effect, P: f.P, Holm: math.NaN(),
		Verdict: Undecided, Warnings: f.Warnings}
	if p.Warnings == nil {
		p.Warnings = []string{}
	}
	return p, nil
}

// temper takes back the verdict in favour of a side that lost seeds because they diverged: those that survived flatter
// it. diverged counts them for the arm itself, versus for what it is compared with.
func (p *Paired) temper(diverged, versus int) {
	switch {
	case p.Verdict == Better && diverged > 0:
		p.Warnings = append(p.Warnings, fmt.Sprintf("undecided, because it is better only without its runs that diverged, %d", diverged))
	case p.Verdict == Worse && versus > 0:
		p.Warnings = append(p.Warnings,
			fmt.Sprintf("undecided, because it is worse only than a baseline without its runs that diverged, %d", versus))
	default:
		return
	}
	p.Verdict = Undecided
}

func sharedSeeds(a, b map[uint64]float64) []uint64 {
	var seeds []uint64
	for seed := range a {
		if _, both := b[seed]; both {
			seeds = append(seeds, seed)
		}
	}
	slices.Sort(seeds)
	return seeds
}

// decide corrects a family of comparisons and judges each.
func decide(family []*Paired, higher bool) {
	ps := make([]float64, len(family))
	tests := 0
	for i, p := range family {
		ps[i] = p.P
		if !math.IsNaN(p.P) {
			tests++
		}
	}
	for i, holm := range stats.Holm(ps) {
		p := family[i]
		p.Holm = holm
		switch {
		case holm < significance && (p.Mean > 0) == higher:
			p.Verdict = Better
		case holm < significance:
			p.Verdict = Worse
		case p.P < significance:
			p.Warnings = append(p.Warnings,
				fmt.Sprintf("p = %.2g would do for one comparison, for %d it is corrected to %.2g", p.P, tests, holm))
		}
	}
}
