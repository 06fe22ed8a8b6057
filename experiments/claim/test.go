package claim

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"workbench/experiments/stats"
)

// Pair is what two cells came to with one seed, or a cell and the level that it is compared with.
type Pair struct {
	Seed        uint64
	Cell, Than  float64 // in the metric's own unit
	Runs        [2]string
	cell, other float64 // as they are compared
}

// TestFinding is a test of a claim with what the runs say.
type TestFinding struct {
	Test
	Pairs    []Pair // those that the verdict rests on, by seed
	Verdict  Verdict
	Reason   string  // in words
	Mean     float64 // of the differences, in the unit of Comparison.Scale; of relative comparisons the ratio
	Low      float64 // of the corrected interval
	High     float64
	Level    float64 // of the interval
	P        float64 // of the test, not corrected
	Likely   float64 // probability that the cell lies where the claim says, of one run of each (Agarwal et al. 2021)
	Needed   int     // pairs with which this spread would decide; 0: decided, or not known
	delta    float64 // as differences are compared
	towards  float64 // 1: higher
	sd, mean float64 // of the differences towards where the claim says
	lost     bool    // the side that the claim favours lost seeds because their runs diverged
}

// decide judges the tests of a claim, which all have the pairs of one look, as one family: Holm's correction, in steps,
// of the sequential test's level. Interval and verdict of a test agree: the interval excludes 0 where, and only where,
// its step rejects.
func (c Comparison) decide(tests []*TestFinding, n int) error {
	order := make([]*TestFinding, 0, len(tests))
	for _, t := range tests {
		if err := t.measure(c.Alpha); err != nil {
			return err
		}
		order = append(order, t)
	}
	slices.SortStableFunc(order, func(a, b *TestFinding) int { return cmp.Compare(orOne(a.P), orOne(b.P)) })
	family, rejecting := len(order), true
	for _, t := range order {
		s, err := stats.NewSequential(c.Alpha/float64(family), c.Planned, c.Stops())
		if err != nil {
			return err
		}
		look, planned := s.At(n)
		if !planned {
			return fmt.Errorf("no look at %d pairs is planned", n)
		}
		if err := t.judge(s, look); err != nil {
			return err
		}
		rejecting = rejecting && t.P < look.P
		if rejecting && family > 1 {
			family--
		}
	}
	return nil
}

// orOne is a p-value that sorts last where it is not defined.
func orOne(p float64) float64 {
	if math.IsNaN(p) {
		return 1
	}
	return p
}

func (t *TestFinding) sides() (a, b []float64) {
	for _, p := range t.Pairs {
		a, b = append(a, t.towards*p.cell), append(b, t.towards*p.other)
	}
	return a, b
}

// measure computes what needs no level.
func (t *TestFinding) measure(alpha float64) error {
	a, b := t.sides()
	f, err := stats.Compare(a, b, 1-alpha)
	if err != nil {
		return err
	}
	t.P, t.sd, t.mean, t.Likely = f.P, f.SD, f.Mean, stats.Improvement(a, b)
	if t.Direction == Equal {
		e, err := stats.Equivalent(a, b, t.delta, alpha/2)
		if err != nil {
			return err
		}
		t.P = twoSided(e.P)
	}
	return nil
}

// twoSided makes the p of two one-sided tests comparable with those of two-sided ones, so that a cell is called equal
// where the interval that is shown lies within the bounds.
func twoSided(p float64) float64 { return min(1, 2*p) }

// judge gives the verdict at a look of the sequential test.
func (t *TestFinding) judge(s stats.Sequential, look stats.Look) error {
	a, b := t.sides()
	f, rejects, err := s.Judge(a, b)
	if err != nil {
		return err
	}
	t.Level, t.Low, t.High, t.Verdict = f.Level, f.Interval.Low, f.Interval.High, Undecided
	switch {
	case math.IsNaN(f.P):
		t.Reason = "the differences have no spread, so that no test is possible"
		return nil
	case t.Direction == Equal:
		return t.judgeEqual(a, b, f, rejects, look)
	}
	switch {
	case t.lost:
		t.Reason = "runs of the side that the claim favours diverged, and those that did not flatter it"
	case rejects && f.Mean > 0 && f.Mean >= t.delta:
		t.Verdict = Holds
	case f.Interval.High < t.delta || (rejects && f.Mean < 0):
		t.Verdict, t.Reason = Fails, "the interval excludes a difference as large as the claim's"
	case rejects && f.Mean > 0:
		t.Reason = "there is a difference, but whether it is as large as the claim's is open"
	default:
		t.Reason = "the interval has both no difference and one as large as the claim's"
	}
	if t.Verdict == Undecided {
		t.Needed = t.needed(1 - t.Level)
	}
	return nil
}

func (t *TestFinding) judgeEqual(a, b []float64, f stats.Finding, rejects bool, look stats.Look) error {
	e, err := stats.Equivalent(a, b, t.delta, look.P/2)
	if err != nil {
		return err
	}
	t.P = twoSided(e.P)
	switch {
	case t.P < look.P:
		t.Verdict = Holds
	case rejects && math.Abs(f.Mean) >= t.delta:
		t.Verdict, t.Reason = Fails, "they differ by as much as matters"
	default:
		t.Reason, t.Needed = "the interval reaches beyond what counts as equal", t.needed(1-t.Level)
	}
	return nil
}

// mostNeeded is where needed gives up: nobody trains as many networks for a claim.
const mostNeeded = 1000

// needed is the number of pairs with which the interval, at the measured mean and spread, would exclude either no
// difference or one as large as the claim's. It is 0 where more than mostNeeded would be.
func (t *TestFinding) needed(alpha float64) int {
	room := t.mean // to 0, where the claim would hold
	switch {
	case t.Direction == Equal:
		room = math.Abs(t.delta - math.Abs(t.mean))
	case t.mean < t.delta:
		room = t.delta - t.mean
	}
	for n := len(t.Pairs) + 1; n <= mostNeeded; n++ {
		if stats.HalfWidth(t.sd, n, 1-alpha) < room {
			return n
		}
	}
	return 0
}
