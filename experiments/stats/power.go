package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Power is the probability that the two-sided paired t-test of n pairs at level alpha finds a difference of effect
// standard deviations of the differences (d_z), from the noncentral t distribution with n − 1 degrees of freedom and
// noncentrality effect·√n. It is NaN below two pairs and for alpha outside (0, 1).
func Power(n int, effect, alpha float64) float64 {
	if n < 2 || !(alpha > 0 && alpha < 1) || !finite(effect) {
		return math.NaN()
	}
	df := float64(n - 1)
	critical := tQuantile(1-alpha, df)
	t := distuv.NoncentralT{Nu: df, Mu: math.Abs(effect) * math.Sqrt(float64(n))}
	return min(1, max(0, 1-t.CDF(critical)+t.CDF(-critical)))
}

// maxPairs is where RequiredPairs gives up, because nobody trains as many networks.
const maxPairs = 1 << 20

// RequiredPairs is the fewest pairs, at least MinPairs, with which the paired t-test at level alpha finds a difference
// of size effect with probability power. The effect is d_z, the mean over the standard deviation of the differences. It
// is an error if that takes more than 2^20 pairs (as for effect 0), or if alpha or power are not between 0 and 1.
func RequiredPairs(effect, alpha, power float64) (int, error) {
	if !(alpha > 0 && alpha < 1) || !(power > 0 && power < 1) {
		return 0, fmt.Errorf("stats: required pairs: alpha %v and power %v, want numbers between 0 and 1", alpha, power)
	}
	if !finite(effect) || Power(maxPairs, effect, alpha) < power {
		return 0, fmt.Errorf("stats: required pairs: an effect of %v takes more than %d", effect, maxPairs)
	}
	enough := MinPairs
	for Power(enough, effect, alpha) < power {
		enough *= 2
	}
	few := max(MinPairs, enough/2) // power grows with n, so the search halves what lies between
	for few < enough {
		middle := (few + enough) / 2
		if Power(middle, effect, alpha) < power {
			few = middle + 1
		} else {
			enough = middle
		}
	}
	return enough, nil
}
