package stats

import "math"

// Summary is what is known of an arm whose values are not: how many, their mean and their sample standard deviation.
type Summary struct {
	N        int
	Mean, SD float64
}

// Unpaired is what two arms without pairs say about their difference.
type Unpaired struct {
	Mean     float64 // a − b
	DF       float64 // Welch and Satterthwaite's degrees of freedom
	T, P     float64 // two-sided
	Interval Interval
}

// Welch compares two arms without pairs that may differ in variance (Welch 1947). With va = s²a/na and vb = s²b/nb,
// t = (a − b) / √(va + vb) has (va + vb)² / (va²/(na−1) + vb²/(nb−1)) degrees of freedom. All but Mean is NaN below
// MinPairs values in an arm, where no arm has spread, and for a level that is not between 0 and 1.
func Welch(a, b Summary, level float64) Unpaired {
	nan := math.NaN()
	u := Unpaired{Mean: a.Mean - b.Mean, DF: nan, T: nan, P: nan, Interval: undefined}
	if min(a.N, b.N) < MinPairs || !finite(u.Mean) || !finite(a.SD) || !finite(b.SD) || !(level > 0 && level < 1) {
		return u
	}
	va, vb := a.SD*a.SD/float64(a.N), b.SD*b.SD/float64(b.N)
	if !(va+vb > 0) || spread(max(a.SD, b.SD), rounding*max(math.Abs(a.Mean), math.Abs(b.Mean))) == 0 {
		return u
	}
	share := va / (va + vb) // in place of squares of variances, which may vanish
	u.DF = 1 / (share*share/float64(a.N-1) + (1-share)*(1-share)/float64(b.N-1))
	deviation := math.Sqrt(va + vb)
	u.T = u.Mean / deviation
	u.P = tTwoSided(u.T, u.DF)
	half := tQuantile(level, u.DF) * deviation
	u.Interval = Interval{u.Mean - half, u.Mean + half}
	return u
}
