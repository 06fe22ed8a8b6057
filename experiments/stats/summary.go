// Package stats holds the statistics of repeated trainings: means and intervals over seeds, comparisons paired by seed,
// corrections for several comparisons, and how many seeds a question needs.
//
// No function drops a NaN in silence. A function that is given a NaN or an infinity, or fewer values than it is defined
// for, returns NaN; callers leave out what they must and say so. Only Holm passes over entries that are NaN, because a
// test that could not be made is no member of the family.
//
// Intervals and tests assume that runs with different seeds are independent. Those based on t assume in addition that
// (differences of) results are roughly normal; SignFlip, SignedRank and MedianInterval do not.
package stats

import "math"

// Interval is two-sided. Both bounds are NaN where it is not defined.
type Interval struct{ Low, High float64 }

var undefined = Interval{math.NaN(), math.NaN()}

// Mean returns the mean of xs, NaN if there are none. Its second pass adds what rounding took from the first.
func Mean(xs []float64) float64 {
	n := float64(len(xs))
	first := 0.0
	for _, x := range xs {
		first += x / n // dividing first cannot overflow
	}
	rest := 0.0
	for _, x := range xs {
		rest += (x - first) / n
	}
	if len(xs) == 0 || !finite(first) {
		return math.NaN()
	}
	return first + rest
}

// SD is the sample standard deviation, with n − 1 in the denominator. It is NaN below two values. It takes two passes
// and scales the values, so that squares neither overflow nor vanish.
func SD(xs []float64) float64 {
	n := float64(len(xs))
	mean := Mean(xs)
	if n < 2 || !finite(mean) {
		return math.NaN()
	}
	scale := 0.0
	for _, x := range xs {
		scale = max(scale, math.Abs(x-mean))
	}
	if scale == 0 {
		return 0
	}
	squares := 0.0
	for _, x := range xs {
		d := (x - mean) / scale
		squares += d * d
	}
	return scale * math.Sqrt(squares/(n-1))
}

// Range returns the smallest and the largest value. Both are NaN if there are no values or one is NaN.
func Range(xs []float64) Interval {
	if len(xs) == 0 {
		return undefined
	}
	r := Interval{xs[0], xs[0]}
	for _, x := range xs {
		r.Low, r.High = min(r.Low, x), max(r.High, x) // both are NaN if one argument is
	}
	return r
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func allFinite(xs []float64) bool {
	for _, x := range xs {
		if !finite(x) {
			return false
		}
	}
	return true
}
