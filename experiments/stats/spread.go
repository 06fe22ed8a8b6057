package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// SDInterval contains the standard deviation of a normal population from which n values with the standard deviation
// sd were drawn with probability level: sd √((n−1) / χ²), with quantiles of the distribution of χ² with n − 1 degrees
// of freedom. Of few values it is wide: with five, 95 % reach from 0.6 to 2.9 times sd. It is NaN below two values,
// for sd of zero or less, and for a level outside (0, 1).
func SDInterval(sd float64, n int, level float64) Interval {
	if n < 2 || !(sd > 0) || !finite(sd) || !(level > 0 && level < 1) {
		return undefined
	}
	df := float64(n - 1)
	chi := distuv.ChiSquared{K: df}
	return Interval{sd * math.Sqrt(df/chi.Quantile((1+level)/2)), sd * math.Sqrt(df/chi.Quantile((1-level)/2))}
}
