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
	half := tQuantile(level, n-1) * SD(xs) / math.Sqrt(n)
	mean := Mean(xs)
	return Interval{mean - half, mean + half}
}

// tQuantile is the t for which P(|T| ≤ t) = level, where T has df degrees of freedom.
func tQuantile(level, df float64) float64 {
	return -distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile((1 - level) / 2) // the lower tail keeps its digits
}

// tTwoSided is P(|T| ≥ |t|), where T has df degrees of freedom.
func tTwoSided(t, df float64) float64 {
	if math.IsNaN(t) {
		return t
	}
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.CDF(-math.Abs(t))
}
