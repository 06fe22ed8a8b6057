package stats

import "math"

// normal95 is the quantile of the normal distribution for intervals of 95 %.
const normal95 = 1.959963984540054

// Share returns the 95 % interval of a share, of which k of n were seen, by Wilson 1927. It stays within 0 and 1.
// Without anything seen there is none.
func Share(k, n int) Interval {
	if n < 1 || k < 0 || k > n {
		return undefined
	}
	p, of, z := float64(k)/float64(n), float64(n), normal95
	centre, half := p+z*z/(2*of), z*math.Sqrt(p*(1-p)/of+z*z/(4*of*of))
	in := Interval{(centre - half) / (1 + z*z/of), (centre + half) / (1 + z*z/of)}
	if k == 0 {
		in.Low = 0
	}
	if k == n {
		in.High = 1
	}
	return in
}

// ShareDifference returns the 95 % interval of the difference of two shares, k2 of n2 less k1 of n1, by Newcombe 1998
// (method 10), as of two samples: where both are of the same images, it is wider than it had to be.
func ShareDifference(k1, n1, k2, n2 int) Interval {
	a, b := Share(k1, n1), Share(k2, n2)
	p, q := float64(k1)/float64(n1), float64(k2)/float64(n2)
	return Interval{q - p - math.Hypot(q-b.Low, a.High-p), q - p + math.Hypot(b.High-q, p-a.Low)}
}
