package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Bounds on designs with several looks: beyond them a number was mistyped, and the integrals would take long.
const (
	MaxLooks   = 20
	leastApart = 0.005 // between information fractions, and before the first
)

// Bound is a look at normally distributed data of which Fraction has come in.
type Bound struct {
	Fraction float64 // of the information that the design plans, in (0, 1]
	Spent    float64 // of the level, two-sided, at this look and those before it
	Z        float64 // the test rejects where |z| reaches it
	P        float64 // two-sided nominal p at Z
}

// Spent is how much of the two-sided level alpha may be spent when the fraction t of the information has come in: on
// each side 2 − 2 Φ(z / √t), with z the upper quantile of a quarter of alpha (Lan and DeMets 1983, eq. 4, for the
// bounds of O'Brien and Fleming 1979). It is nearly nothing early, and alpha from t = 1 on. It is NaN for t ≤ 0.
func Spent(alpha, t float64) float64 {
	if !(alpha > 0 && alpha < 1) || !(t > 0) {
		return math.NaN()
	}
	return 4 * normalTail(-mathext.NormalQuantile(alpha/4)/math.Sqrt(min(t, 1)))
}

// SpendingBounds returns the symmetric two-sided bounds on z at looks with these information fractions, which together
// reject a true hypothesis with probability Spent(alpha, last fraction). A bound depends on its own look and those
// before it alone, so that looks need not be planned. Fractions rise by 0.005 or more up to at most 1; the fewest are
// one, the most MaxLooks.
//
// The density of the sum over those that have not stopped is integrated from look to look (Armitage, McPherson and Rowe
// 1969; Jennison and Turnbull 2000, section 19.2). For bounds on t, with few pairs, see NewSequential.
func SpendingBounds(fractions []float64, alpha float64) ([]Bound, error) {
	if !(alpha > 0 && alpha < 1) {
		return nil, fmt.Errorf("stats: spending bounds: alpha %v, want a number between 0 and 1", alpha)
	}
	if len(fractions) == 0 || len(fractions) > MaxLooks {
		return nil, fmt.Errorf("stats: spending bounds: %d looks, want 1 to %d", len(fractions), MaxLooks)
	}
	before := 0.0
	for i, t := range fractions {
		if !(t-before >= leastApart*(1-1e-9)) || !(t <= 1) {
			return nil, fmt.Errorf("stats: spending bounds: fraction %d of the information is %v, want %v to 1", i+1, t, before+leastApart)
		}
		before = t
	}
	bounds := make([]Bound, len(fractions))
	var going density
	spent := 0.0
	for i, t := range fractions {
		step, next := t, 1.0
		if i > 0 {
			step -= fractions[i-1]
		}
		if i+1 < len(fractions) {
			next = fractions[i+1] - t
		}
		total := Spent(alpha, t)
		root, sd := math.Sqrt(t), math.Sqrt(step)
		z := solve(0, mostZ, func(z float64) bool { return 2*going.above(z*root, sd) <= total-spent })
		bounds[i] = Bound{Fraction: t, Spent: total, Z: z, P: 2 * normalTail(z)}
		going = going.step(z*root, sd, math.Sqrt(min(step, next)))
		spent = total
	}
	return bounds, nil
}

// mostZ is where a bound ends: p is 2e-198 there.
const mostZ = 30

// density is that of a sum which has not reached a bound, at evenly spaced places with Simpson's weights. Without
// places it is the mass 1 at zero, with which every sum begins.
type density struct{ at, mass []float64 } // mass is density times weight

// above is the probability that the sum exceeds bound after a normal step.
func (d density) above(bound, sd float64) float64 {
	if d.at == nil {
		return normalTail(bound / sd)
	}
	p := 0.0
	for i, s := range d.at {
		p += d.mass[i] * normalTail((bound-s)/sd)
	}
	return p
}

// step is the density after a normal step with deviation sd, of those within the bound. Fine is the smallest deviation
// to which the places must be close.
func (d density) step(bound, sd, fine float64) density {
	reach := min(bound, 9) // in a unit that the whole information gives: nothing is beyond
	n := 2 * int(math.Ceil(reach*places/fine))
	h := 2 * reach / float64(n)
	next := density{make([]float64, n+1), make([]float64, n+1)}
	for i := range next.at {
		s := -reach + h*float64(i)
		weight := h / 3 * []float64{2, 4}[i%2]
		if i == 0 || i == n {
			weight = h / 3
		}
		next.at[i], next.mass[i] = s, weight*d.after(s, sd)
	}
	return next
}

// places is how many intervals a standard deviation has: Simpson's rule errs by 1e-7 then.
const places = 12

func (d density) after(s, sd float64) float64 {
	if d.at == nil {
		return normalDensity(s/sd) / sd
	}
	f := 0.0
	for i, from := range d.at {
		if z := (s - from) / sd; z < 9 && z > -9 {
			f += d.mass[i] * normalDensity(z)
		}
	}
	return f / sd
}

func normalTail(z float64) float64    { return math.Erfc(z/math.Sqrt2) / 2 }
func normalDensity(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }

// solve halves [low, high] down to the least x of which reached is true; it takes reached(high) for granted.
func solve(low, high float64, reached func(x float64) bool) float64 {
	for range 60 {
		middle := (low + high) / 2
		if reached(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}
