package stats

import (
	"fmt"
	"math"
)

// Equivalence is what pairs say about two arms being the same but for less than Delta.
type Equivalence struct {
	N        int     // pairs
	Mean     float64 // of the differences a − b
	SD       float64 // of the differences
	Delta    float64 // the largest difference that does not matter
	Below    float64 // one-sided p against a mean of −Delta or less
	Above    float64 // one-sided p against a mean of Delta or more
	P        float64 // the larger of both: they are equivalent at level alpha where it is below alpha
	Interval Interval
}

// Equivalent tests by pairs whether a and b differ by less than delta, with two one-sided paired t-tests (TOST,
// Schuirmann 1987). The interval is that of level 1 − 2 alpha; it lies within ±delta where, and only where, P is below
// alpha. A difference that is not significant is no equivalence: few pairs leave both open.
//
// It is an error if the lengths differ, if a value is not finite, if delta is not above 0 and finite or alpha not
// between 0 and 0.5. P and the interval are NaN below MinPairs and without spread, as Compare's are.
func Equivalent(a, b []float64, delta, alpha float64) (Equivalence, error) {
	if !(delta > 0) || math.IsInf(delta, 1) {
		return Equivalence{}, fmt.Errorf("stats: equivalence: within ±%v, want a number above 0", delta)
	}
	if !(alpha > 0 && alpha < 0.5) {
		return Equivalence{}, fmt.Errorf("stats: equivalence: alpha %v, want a number between 0 and 0.5", alpha)
	}
	f, err := Compare(a, b, 1-2*alpha)
	if err != nil {
		return Equivalence{}, err
	}
	e := Equivalence{N: f.N, Mean: f.Mean, SD: f.SD, Delta: delta, Interval: f.Interval, Below: math.NaN(), Above: math.NaN()}
	if !math.IsNaN(f.T) {
		se, df := f.SD/math.Sqrt(float64(f.N)), float64(f.N-1)
		e.Below, e.Above = tUpper((f.Mean+delta)/se, df), tUpper((delta-f.Mean)/se, df)
	}
	e.P = max(e.Below, e.Above) // NaN if one is
	return e, nil
}
