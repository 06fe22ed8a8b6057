package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestHolmAgreesWithFixtures(t *testing.T) {
	for _, h := range load(t).Holm {
		got := Holm(h.P)
		for i := range got {
			near(t, "corrected", got[i], h.Corrected[i], 1e-15)
		}
		withNaN := Holm(append([]float64{math.NaN()}, h.P...))
		isNaN(t, "corrected NaN", withNaN[0])
		for i := range got {
			near(t, "corrected beside NaN", withNaN[i+1], h.Corrected[i], 1e-15)
		}
	}
	if got := Holm(nil); len(got) != 0 {
		t.Errorf("no tests give %v", got)
	}
}

// The definition of the test goes through every sign pattern, one after the other.
func TestSignFlipCountsEveryPattern(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 12; n++ {
		d := make([]float64, n)
		for i := range d {
			d[i] = float64(r.IntN(9) - 3) // ties and zeros are likely; sums of small whole numbers are exact
		}
		observed := 0.0
		for _, x := range d {
			observed += x
		}
		far := 0
		for pattern := range 1 << n {
			sum := 0.0
			for i, x := range d {
				if pattern>>i&1 == 1 {
					x = -x
				}
				sum += x
			}
			if math.Abs(sum) >= math.Abs(observed) {
				far++
			}
		}
		near(t, "sign flip", SignFlip(d), float64(far)/float64(int(1)<<n), 1e-15)
	}
}

func TestSignFlipLimits(t *testing.T) {
	up := make([]float64, MaxExact)
	for i := range up {
		up[i] = 0.1 * float64(i+1) // decimal steps: the pattern −all ties with the observed one only to rounding
	}
	near(t, "all up", SignFlip(up), math.Ldexp(2, -MaxExact), 1e-15)
	isNaN(t, "too many", SignFlip(append(up, 1)), SignedRank(append(up, 1)))
	for _, zeros := range [][]float64{{0}, {0, 0, 0}} {
		if p, q := SignFlip(zeros), SignedRank(zeros); p != 1 || q != 1 {
			t.Errorf("%v: p = %v and %v, want 1", zeros, p, q)
		}
	}
}

func TestLeastNumbers(t *testing.T) {
	for alpha, want := range map[float64]int{0.05: 6, 0.01: 8, 0.5: 3, 0.0625: 6, 0.0626: 5} {
		n := MinSignFlip(alpha)
		up := make([]float64, n)
		for i := range up {
			up[i] = 1
		}
		if n != want || SignFlip(up) >= alpha || SignFlip(up[1:]) < alpha {
			t.Errorf("alpha %v: %d pairs reach p = %v, want %d", alpha, n, SignFlip(up), want)
		}
	}
	for level, want := range map[float64]int{0.95: 6, 0.9: 5, 0.99: 8, 0.5: 2} {
		if got := MinMedian(level); got != want {
			t.Errorf("an interval of the median at %v needs %d, want %d", level, got, want)
		}
	}
}

func TestMedianIntervalAgreesWithFixtures(t *testing.T) {
	for _, m := range load(t).MedianIntervals {
		xs := make([]float64, m.N)
		for i, rank := range rand.New(rand.NewPCG(3, 4)).Perm(m.N) {
			xs[i] = float64(rank + 1) // the value is its rank
		}
		got, coverage := MedianInterval(xs, m.Level)
		if got != (Interval{m.Low, m.High}) {
			t.Errorf("n %d, level %v: ranks %v, want %v to %v", m.N, m.Level, got, m.Low, m.High)
		}
		near(t, "coverage", coverage, m.Coverage, 1e-10)
	}
	low, _ := MedianInterval([]float64{1, 2, 3, 4, 5}, 0.95)
	isNaN(t, "interval of five", low.Low)
	for _, level := range []float64{-1, 0, 1, math.NaN()} {
		none, coverage := MedianInterval(make([]float64, 30), level)
		isNaN(t, "interval at a level out of range", none.Low, none.High, coverage)
	}
}

func TestImprovementAgreesWithFixtures(t *testing.T) {
	for _, i := range load(t).Improvement {
		near(t, "improvement", Improvement(i.A, i.B), i.Probability, 1e-15)
		near(t, "the other way", Improvement(i.B, i.A), 1-i.Probability, 1e-15)
	}
}
