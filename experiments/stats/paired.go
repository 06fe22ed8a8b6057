package stats

import (
	"fmt"
	"math"
)

// Finding is what pairs say about the difference between two arms, and how sure that is.
type Finding struct {
	N        int     // pairs
	Mean     float64 // of the differences a − b
	SD       float64 // of the differences
	Level    float64 // of Interval
	Interval Interval
	T        float64 // Mean / (SD / √N), with N − 1 degrees of freedom
	P        float64 // of T, two-sided
	Effect   float64 // Cohen's d_z with Hedges' correction
	SignFlip float64 // two-sided p of the exact sign-flip test; NaN above MaxExact pairs
	Warnings []string
}

// MinPairs is the fewest pairs for which an interval or a t-test is given. Two pairs would do for the formula, but its
// interval then reaches 12.7 standard errors to each side and only misleads.
const MinPairs = 3

// Compare compares a with b by pairs: a[i] and b[i] share what makes them a pair, which is the seed. It is an error if
// the lengths differ, if a value is not finite or if level is not between 0 and 1.
//
// Interval, T, P and Effect are NaN below MinPairs. They are NaN without spread, too: if all differences are equal (up
// to rounding), the formula would give p = 0 and an interval without width, which three equal differences of a metric
// in steps of 1/10000 cannot justify.
func Compare(a, b []float64, level float64) (Finding, error) {
	if len(a) != len(b) {
		return Finding{}, fmt.Errorf("stats: paired comparison: %d values against %d, want as many", len(a), len(b))
	}
	if !(level > 0 && level < 1) {
		return Finding{}, fmt.Errorf("stats: paired comparison: level %v, want a number between 0 and 1", level)
	}
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = a[i] - b[i]
		if !finite(differences[i]) {
			return Finding{}, fmt.Errorf("stats: paired comparison: pair %d is %v, %v, want finite values", i, a[i], b[i])
		}
	}
	return judge(differences, max(noise(a), noise(b)), level), nil
}

// judge summarises differences. It takes a standard deviation of at most noise for rounding.
func judge(differences []float64, noise, level float64) Finding {
	nan := math.NaN()
	f := Finding{N: len(differences), Mean: Mean(differences), SD: SD(differences), Level: level,
		Interval: undefined, T: nan, P: nan, Effect: nan, SignFlip: SignFlip(differences)}
	f.SD = spread(f.SD, noise)
	if f.N >= MinPairs && f.SD > 0 {
		f.Interval = TInterval(differences, level)
		f.T = f.Mean / (f.SD / math.Sqrt(float64(f.N)))
		f.P = tTwoSided(f.T, float64(f.N-1))
		f.Effect = f.Mean / f.SD * HedgesCorrection(f.N-1)
	}
	f.Warnings = f.doubts()
	return f
}

func (f Finding) doubts() []string {
	var ws []string
	alpha := 1 - f.Level
	need := MinSignFlip(alpha)
	switch {
	case f.N == 0:
		return []string{"no pairs: nothing can be compared"}
	case f.N < MinPairs:
		ws = append(ws, fmt.Sprintf("%s: no interval and no test; at least %d are needed", pairs(f.N), MinPairs))
	case f.N < need:
		ws = append(ws, fmt.Sprintf("%s: the paired t-test takes the differences to be normally distributed, which so few cannot show; "+
			"a sign-flip test, which does not, needs %d for p < %.3g", pairs(f.N), need, alpha))
	}
	if f.N >= 2 && f.SD == 0 {
		ws = append(ws, fmt.Sprintf("all %d differences are equal: without spread there is no interval and no test", f.N))
	}
	return ws
}

func pairs(n int) string {
	if n == 1 {
		return "1 pair"
	}
	return fmt.Sprintf("%d pairs", n)
}

// HedgesCorrection is J(df) = Γ(df/2) / (√(df/2) Γ((df−1)/2)), which makes a standardised mean difference unbiased
// (Hedges 1981, eq. 6e). For d_z of n pairs df is n − 1. The result is NaN below two degrees of freedom.
func HedgesCorrection(df int) float64 {
	if df < 2 {
		return math.NaN()
	}
	half := float64(df) / 2
	above, _ := math.Lgamma(half)
	below, _ := math.Lgamma(half - 0.5)
	return math.Exp(above-below) / math.Sqrt(half)
}
