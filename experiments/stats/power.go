package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

// Power is the probability that the two-sided paired t-test of n pairs at level alpha finds a difference of effect
// standard deviations of the differences (d_z): that of |t| beyond the critical value, where t has the noncentral
// distribution with n − 1 degrees of freedom and noncentrality effect·√n. It is NaN below two pairs and for alpha
// outside (0, 1).
//
// t is (z + effect·√n) / s, where z is normal and s² is χ² over its degrees of freedom. With few of them the integral
// runs over z, with many over s: each time over what is wide.
func Power(n int, effect, alpha float64) float64 {
	if n < 2 || !(alpha > 0 && alpha < 1) || !finite(effect) {
		return math.NaN()
	}
	df := float64(n - 1)
	critical, mu := tCritical(alpha, df), math.Abs(effect)*math.Sqrt(float64(n))
	chi := distuv.ChiSquared{K: df}
	if df > 200 {
		reach := 9 / math.Sqrt(2*df)
		return integral(max(0, 1-reach), 1+reach, reach/8, func(s float64) float64 {
			return 2 * df * s * chi.Prob(df*s*s) * (normalTail(critical*s-mu) + normalTail(critical*s+mu))
		})
	}
	tail := func(z float64) float64 {
		below := math.Abs(z+mu) / critical
		return normalDensity(z) * chi.CDF(df*below*below)
	}
	middle := max(-reachOfZ, min(-mu, reachOfZ)) // where the integrand may have a kink
	return integral(-reachOfZ, middle, 0.5, tail) + integral(middle, reachOfZ, 0.5, tail)
}

// reachOfZ is beyond what a normal number reaches with a probability that matters.
const reachOfZ = 9

// integral adds up panels of at most this width, each by Gauss's rule with 16 nodes.
func integral(low, high, width float64, f func(x float64) float64) float64 {
	panels := int(math.Ceil((high - low) / width))
	sum := 0.0
	for i := range panels {
		from := low + (high-low)*float64(i)/float64(panels)
		sum += quad.Fixed(f, from, from+(high-low)/float64(panels), 16, quad.Legendre{}, 1)
	}
	return min(1, sum)
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
