package stats

import (
	"fmt"
	"math"
)

// Quotient is a ratio of two means with its interval.
type Quotient struct {
	Value    float64 // x̄ / ȳ
	Interval Interval
	// Bounded is false where the data do not tell ȳ from zero. The values that they allow are then no interval, and
	// Value is undefined.
	Bounded bool
}

// Fieller compares the means of x and y, which are paired: the ratio x̄/ȳ with all values r for which the t-test of the
// differences x − r·y does not reject zero (Fieller 1954, Some problems in interval estimation, section 1). The
// interval is NaN below MinPairs and where x has no more spread than rounding makes, as that of Compare is. It is an
// error if the lengths differ, a value is not finite or level is not between 0 and 1.
func Fieller(x, y []float64, level float64) (Quotient, error) {
	q := Quotient{Value: math.NaN(), Interval: undefined}
	if len(x) != len(y) {
		return q, fmt.Errorf("stats: ratio of means: %d values against %d, want as many", len(x), len(y))
	}
	if !(level > 0 && level < 1) {
		return q, fmt.Errorf("stats: ratio of means: level %v, want a number between 0 and 1", level)
	}
	for i := range x {
		if !finite(x[i]) || !finite(y[i]) {
			return q, fmt.Errorf("stats: ratio of means: pair %d is %v, %v, want finite values", i, x[i], y[i])
		}
	}
	n, meanX, meanY := float64(len(x)), Mean(x), Mean(y)
	if len(x) < MinPairs || spread(SD(x), noise(x)) == 0 {
		if q.Bounded = len(x) > 0 && meanY != 0; q.Bounded {
			q.Value = meanX / meanY
		}
		return q, nil
	}
	t := tQuantile(level, n-1)
	scale := t * t / (n * (n - 1))
	var xx, xy, yy float64 // t² times the variances and the covariance of the means
	for i := range x {
		dx, dy := x[i]-meanX, y[i]-meanY
		xx, xy, yy = xx+scale*dx*dx, xy+scale*dx*dy, yy+scale*dy*dy
	}
	a, b, c := meanY*meanY-yy, meanX*meanY-xy, meanX*meanX-xx // a r² − 2 b r + c ≤ 0
	if a <= 0 {
		return q, nil
	}
	root := math.Sqrt(max(0, b*b-a*c))
	return Quotient{Value: meanX / meanY, Interval: Interval{(b - root) / a, (b + root) / a}, Bounded: true}, nil
}
