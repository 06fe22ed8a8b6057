package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Median returns the median of xs. For an even number of values it is the mean of the middle two; it is NaN for none.
func Median(xs []float64) float64 {
	if len(xs) == 0 || !allFinite(xs) {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(xs))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return sorted[half-1]/2 + sorted[half]/2
}

// MedianInterval contains the median of the population with at least probability level, whatever the distribution of
// the population. It reaches from the k-th smallest to the k-th largest value, with k as large as the level allows
// (Conover 1999, section 3.2). Coverage is the probability that it reaches. Both are NaN below MinMedian(level) values
// and for a level outside (0, 1).
func MedianInterval(xs []float64, level float64) (interval Interval, coverage float64) {
	n := len(xs)
	if !allFinite(xs) || !(level > 0) || n < MinMedian(level) {
		return undefined, math.NaN()
	}
	below := distuv.Binomial{N: float64(n), P: 0.5}
	k := 1
	for 1-2*below.CDF(float64(k)) >= level {
		k++
	}
	sorted := slices.Sorted(slices.Values(xs))
	return Interval{sorted[k-1], sorted[n-k]}, 1 - 2*below.CDF(float64(k-1))
}

// MinMedian is the fewest values for which MedianInterval exists. The interval from the smallest to the largest of n
// values covers the median with probability 1 − 2/2^n, so 95 % take six values.
func MinMedian(level float64) int {
	if !(level < 1) {
		return math.MaxInt
	}
	n := 2
	for 1-math.Ldexp(2, -n) < level {
		n++
	}
	return n
}

// InterquartileMean is the mean without the ⌊n/4⌋ smallest and the ⌊n/4⌋ largest values (Agarwal et al. 2021, "Deep
// reinforcement learning at the edge of the statistical precipice"). Below four values that is the mean; it is NaN for
// none.
func InterquartileMean(xs []float64) float64 {
	if !allFinite(xs) {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(xs))
	cut := len(sorted) / 4
	return Mean(sorted[cut : len(sorted)-cut])
}

// Improvement is the probability that a value of a exceeds one of b, where ties count half. It is Mann and Whitney's U
// divided by the number of all pairs (Agarwal et al. 2021), and NaN if a or b is empty. It does not use pairing.
func Improvement(a, b []float64) float64 {
	if len(a) == 0 || len(b) == 0 || !allFinite(a) || !allFinite(b) {
		return math.NaN()
	}
	wins := 0.0
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				wins++
			case x == y:
				wins += 0.5
			}
		}
	}
	return wins / float64(len(a)) / float64(len(b))
}

// ImprovementInterval contains the probability of improvement of the populations from which a and b were drawn with
// about the probability level. It inverts a score test whose variance depends on the probability itself (Newcombe 2006,
// "Confidence intervals for an effect size measure based on the Mann–Whitney statistic, part 2", method 5). So it has a
// width also where every value of a exceeds every value of b, where a bootstrap's has none. It is NaN where Improvement
// is, and for a level outside (0, 1).
func ImprovementInterval(a, b []float64, level float64) Interval {
	theta := Improvement(a, b)
	if math.IsNaN(theta) || !(level > 0 && level < 1) {
		return undefined
	}
	m, n := float64(len(a)), float64(len(b))
	more := (m+n)/2 - 1
	z := -mathext.NormalQuantile((1 - level) / 2)
	within := func(p float64) bool {
		variance := p * (1 - p) * (1 + more*(1-p)/(2-p) + more*p/(1+p)) / (m * n)
		return (theta-p)*(theta-p) <= z*z*variance
	}
	low := solve(0, theta, within)
	return Interval{low, 1 - solve(0, 1-theta, func(q float64) bool { return within(1 - q) })}
}
