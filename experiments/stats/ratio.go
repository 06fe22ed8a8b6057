package stats

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
)

// ratio is the density of v = Σx / √Σx² over n normal differences x with mean zero, of the tests that have not stopped.
//
// v stands for the t-statistic, t = v √(n−1) / √(n−v²). With one difference more it becomes v √(1−y²) + y, where y,
// which is the new difference over the new √Σx², depends neither on v nor on what v was before: all of these are
// directions of the differences, and the length √Σx² of normal ones is independent of their direction. So the v are a
// Markov chain, and errors of sequential t-tests follow exactly from one-dimensional integrals; Jennison and Turnbull
// (1991, "Exact calculations for sequential t, χ² and F tests") reach them by two-dimensional ones.
type ratio struct {
	n     int
	edge  float64   // nothing is beyond ±edge
	at    []float64 // the density at edge · sin(π/2 · i/knots); it is even
	tails []float64 // the mass from there to the edge, on one side
}

const (
	knots = 400
	nodes = 96 // of a quadrature
	// farthest is beyond what the start of a test can reach with a probability that float64 can add to 1.
	farthest = 9
)

// begin is the density for n differences, at least three.
func begin(n int) ratio {
	m := float64(n)
	r := ratio{n: n, edge: min(math.Sqrt(m), farthest)}
	size := math.Exp(lgamma(m/2)-lgamma((m-1)/2)) / math.Sqrt(math.Pi*m)
	return r.fill(func(v float64) float64 { return size * math.Pow(max(0, 1-v*v/m), (m-3)/2) })
}

// fill sets the density within the edge.
func (r ratio) fill(f func(v float64) float64) ratio {
	r.at = make([]float64, knots+1)
	for i := range r.at {
		r.at[i] = f(r.edge * math.Sin(math.Pi/2*float64(i)/knots))
	}
	r.tails = make([]float64, knots+1)
	for i := knots - 1; i >= 0; i-- {
		r.tails[i] = r.tails[i+1] + r.piece(float64(i), float64(i+1))
	}
	return r
}

// piece is the mass between two knots, by Gauss's rule with three nodes.
func (r ratio) piece(low, high float64) float64 {
	sum, half := 0.0, (high-low)/2
	for i, x := range []float64{-math.Sqrt(0.6), 0, math.Sqrt(0.6)} {
		u := low + half*(1+x)
		sum += []float64{5. / 9, 8. / 9, 5. / 9}[i] * r.knot(u) * math.Cos(math.Pi/2*u/knots)
	}
	return sum * half * r.edge * math.Pi / 2 / knots
}

// knot interpolates between knots, by cubics. The density as a function of the knot is even about both ends.
func (r ratio) knot(u float64) float64 {
	i := min(int(u), knots-1)
	x := u - float64(i)
	before, after := r.at[max(i-1, 1-i)], r.at[min(i+2, 2*knots-2-i)]
	return -x*(x-1)*(x-2)/6*before + (x*x-1)*(x-2)/2*r.at[i] - x*(x+1)*(x-2)/2*r.at[i+1] + x*(x*x-1)/6*after
}

// beyond is the probability that |v| reaches c and the test had not stopped.
func (r ratio) beyond(c float64) float64 {
	if c >= r.edge {
		return 0
	}
	u := math.Asin(max(0, c)/r.edge) * 2 / math.Pi * knots
	i := min(int(u)+1, knots)
	return 2 * (r.piece(u, float64(i)) + r.tails[i])
}

// within stops the tests that reach c.
func (r ratio) within(c float64) ratio {
	if c >= r.edge {
		return r
	}
	old := r
	r.edge = c
	return r.fill(old.density)
}

func (r ratio) density(v float64) float64 {
	return r.knot(math.Asin(min(1, math.Abs(v)/r.edge)) * 2 / math.Pi * knots)
}

// next takes one difference more.
func (r ratio) next(rule []float64, weights []float64) ratio {
	m, e := float64(r.n), r.edge
	size := math.Exp(lgamma((m+1)/2)-lgamma(m/2)) / math.Sqrt(math.Pi) // of the density of y, (1−y²)^(m/2−1)
	most := min(1, farthest/math.Sqrt(m))
	after := ratio{n: r.n + 1, edge: min(math.Sqrt(1+e*e), farthest)}
	return after.fill(func(v float64) float64 {
		// The y from which a v within the edge leads here: (v−y)² ≤ e² (1−y²).
		root := e * math.Sqrt(max(0, 1+e*e-v*v))
		low, high := max(-most, (v-root)/(1+e*e)), min(most, (v+root)/(1+e*e))
		middle, half, sum := (low+high)/2, (high-low)/2, 0.0
		for i, u := range rule { // y = middle + half · sin takes the roots out of the ends
			y := middle + half*math.Sin(math.Pi/2*u)
			if q := 1 - y*y; q > 0 {
				sum += weights[i] * math.Cos(math.Pi/2*u) * math.Pow(q, (m-3)/2) * r.density((v-y)/math.Sqrt(q))
			}
		}
		return size * sum * half * math.Pi / 2
	})
}

func lgamma(x float64) float64 {
	y, _ := math.Lgamma(x)
	return y
}

// rejections goes through looks at these numbers of pairs, at least three and rising. At each it asks bound for the |v|
// from which tests stop there, and returns the probability of every look to be where a true hypothesis is rejected.
func rejections(looks []int, bound func(look int, r ratio) float64) []float64 {
	rule, weights := make([]float64, nodes), make([]float64, nodes)
	quad.Legendre{}.FixedLocations(rule, weights, -1, 1)
	stops := make([]float64, len(looks))
	r := begin(looks[0])
	for i, n := range looks {
		for r.n < n {
			r = r.next(rule, weights)
		}
		c := bound(i, r)
		stops[i] = r.beyond(c)
		r = r.within(c)
	}
	return stops
}

// ratioOf is the v at which the t-statistic of n pairs is t; studentOf is the way back.
func ratioOf(t float64, n int) float64 {
	m := float64(n)
	return t * math.Sqrt(m/(m-1+t*t))
}

func studentOf(v float64, n int) float64 {
	m := float64(n)
	return v * math.Sqrt((m-1)/max(0, m-v*v))
}
