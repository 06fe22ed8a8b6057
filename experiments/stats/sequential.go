package stats

import (
	"fmt"
	"math"
)

// MaxPlanned is the most pairs that a sequential design may plan.
const MaxPlanned = 200

// Sequential is a paired t-test that may look at the data before all of it is there, at numbers of pairs that were
// fixed before, and that still rejects a true hypothesis with probability Alpha in all. It spends Alpha as Spent
// says.
//
// With few pairs the bounds of SpendingBounds are not enough. If each look compares the p of its t-test with the
// nominal p of the bound on z (the significance level approach, Jennison and Turnbull 2000, section 4.4), then a
// design with looks at 3, 4, 5, 6, 7 and 8 pairs errs with probability 0.057 in place of 0.05, because statistics of
// so few pairs hang together less than those of normal ones with a known deviation. So P of every look is chosen such
// that the probability to stop there, under normal differences with mean zero and any deviation, is exactly what the
// look may spend (see ratio). A single look at all pairs is the usual t-test.
type Sequential struct {
	Alpha   float64 // two-sided
	Planned int     // pairs at which Alpha is spent
	Looks   []Look
}

// Look is one look of a sequential test.
type Look struct {
	N        int     // pairs
	Fraction float64 // N / Planned
	Spent    float64 // of alpha, at this look and those before it
	P        float64 // the test rejects where the two-sided p of the t-test is below
}

// NewSequential returns the test with looks at these numbers of pairs: rising, from MinPairs to planned, at most
// MaxLooks of them. A look depends on itself and those before it alone: where runs are missing, or one looks at
// another time, the test with the looks that were made is still a test at level alpha, as long as when to look was
// not decided by what was seen. planned is at most MaxPlanned.
func NewSequential(alpha float64, planned int, looks []int) (Sequential, error) {
	if !(alpha > 0 && alpha < 1) {
		return Sequential{}, fmt.Errorf("stats: sequential test: alpha %v, want a number between 0 and 1", alpha)
	}
	if planned < MinPairs || planned > MaxPlanned {
		return Sequential{}, fmt.Errorf("stats: sequential test: %d pairs planned, want %d to %d", planned, MinPairs, MaxPlanned)
	}
	if len(looks) == 0 || len(looks) > MaxLooks {
		return Sequential{}, fmt.Errorf("stats: sequential test: %d looks, want 1 to %d", len(looks), MaxLooks)
	}
	s := Sequential{Alpha: alpha, Planned: planned, Looks: make([]Look, len(looks))}
	before := MinPairs - 1
	for i, n := range looks {
		if n <= before || n > planned {
			return Sequential{}, fmt.Errorf("stats: sequential test: look %d is at %d pairs, want %d to %d", i+1, n, before+1, planned)
		}
		fraction := float64(n) / float64(planned)
		s.Looks[i] = Look{N: n, Fraction: fraction, Spent: Spent(alpha, fraction)}
		before = n
	}
	rejections(looks, s.choose)
	return s, nil
}

// choose sets P of a look and returns the bound on the ratio.
func (s Sequential) choose(look int, r ratio) float64 {
	l := &s.Looks[look]
	if look == 0 {
		l.P = l.Spent
		return ratioOf(tCritical(l.P, float64(l.N-1)), l.N)
	}
	may := l.Spent - s.Looks[look-1].Spent
	c := solve(0, r.edge, func(v float64) bool { return r.beyond(v) <= may })
	l.P = tTwoSided(studentOf(c, l.N), float64(l.N-1))
	return c
}

// At returns the look at n pairs; false if the design has none there.
func (s Sequential) At(n int) (Look, bool) {
	for _, l := range s.Looks {
		if l.N == n {
			return l, true
		}
	}
	return Look{}, false
}

// Next returns the first look at more than n pairs; false if there is none, so that what is undecided remains so.
func (s Sequential) Next(n int) (Look, bool) {
	for _, l := range s.Looks {
		if l.N > n {
			return l, true
		}
	}
	return Look{}, false
}

// Judge compares a with b by pairs at one of the looks, as Compare does, and says whether the test rejects there that
// they are equal. The interval is that of the look: all looks together cover the mean with probability 1 − Alpha (a
// repeated confidence interval, Jennison and Turnbull 2000, chapter 9), so it may be read at any of them, also to
// find two arms equivalent. It excludes zero where, and only where, the test rejects. Without spread nothing is
// decided.
func (s Sequential) Judge(a, b []float64) (f Finding, rejects bool, err error) {
	f, err = Compare(a, b, 1-s.Alpha)
	if err != nil {
		return f, false, err
	}
	look, planned := s.At(f.N)
	if !planned {
		return f, false, fmt.Errorf("stats: sequential test: no look at %s is planned, want one of %v", pairs(f.N), s.sizes())
	}
	f.Level = 1 - look.P
	if !math.IsNaN(f.T) {
		half := tCritical(look.P, float64(f.N-1)) * f.SD / math.Sqrt(float64(f.N))
		f.Interval = Interval{f.Mean - half, f.Mean + half}
	}
	return f, f.P < look.P, nil
}

func (s Sequential) sizes() []int {
	var ns []int
	for _, l := range s.Looks {
		ns = append(ns, l.N)
	}
	return ns
}
