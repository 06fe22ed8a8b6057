package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// TInterval contains the mean of the population from which xs was drawn with probability level (0 to 1, exclusive). It
// is mean ± t(n−1) · SD / √n, and NaN below two values and for a level out of range. With equal values it has no width,
// so look at SD before believing it.
func TInterval(xs []float64, level float64) Interval {
	n := float64(len(xs))
	if n < 2 || !(level > 0 && level < 1) {
		return undefined
	}
	half := HalfWidth(SD(xs), len(xs), level)
	mean := Mean(xs)
	return Interval{mean - half, mean + half}
}

// MeanInterval is the interval that a table gives beside the mean of results: TInterval where xs has MinPairs values or
// more and a spread that is more than rounding, else NaN.
func MeanInterval(xs []float64, level float64) Interval {
	if len(xs) < MinPairs || !(spread(SD(xs), noise(xs)) > 0) {
		return undefined
	}
	return TInterval(xs, level)
}

// HalfWidth is half of the interval of a mean of n values (two or more) with a standard deviation, at a level between 0
// and 1: t(n−1) · SD / √n.
func HalfWidth(sd float64, n int, level float64) float64 {
	return tQuantile(level, float64(n-1)) * sd / math.Sqrt(float64(n))
}

// rounding bounds the relative error of a difference of two numbers that were themselves rounded to float64.
const rounding = 4 * 0x1p-52

// noise is the largest standard deviation that rounding alone can give to values of the size of xs.
func noise(xs []float64) float64 {
	largest := 0.0
	for _, x := range xs {
		largest = max(largest, rounding*math.Abs(x))
	}
	return largest
}

// spread is a standard deviation without what is only noise.
func spread(sd, noise float64) float64 {
	if sd <= noise {
		return 0
	}
	return sd
}

// tQuantile is the t for which P(|T| ≤ t) = level, where T has df degrees of freedom.
func tQuantile(level, df float64) float64 { return tCritical(1-level, df) }

// tCritical is the t for which P(|T| ≥ t) = p.
func tCritical(p, df float64) float64 {
	return -distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(p / 2) // the lower tail keeps its digits
}

// tTwoSided is P(|T| ≥ |t|), where T has df degrees of freedom.
func tTwoSided(t, df float64) float64 {
	if math.IsNaN(t) {
		return t
	}
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.CDF(-math.Abs(t))
}

// tUpper is P(T ≥ t), where T has df degrees of freedom.
func tUpper(t, df float64) float64 { return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.CDF(-t) }
