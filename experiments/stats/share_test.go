package stats

import (
	"math"
	"testing"
)

// The intervals are those of scipy 1.17, binomtest(k, n).proportion_ci(0.95, "wilson").
func TestShares(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{0, 10, 0, 0.27753279986288926}, {10, 10, 0.7224672001371109, 1}, {7, 10, 0.39677814746114526, 0.892208732593699},
		{81, 263, 0.2552885198782742, 0.36620957698280004}, {1, 1, 0.20654931437723745, 1},
		{950, 1000, 0.9346861797557491, 0.9618697376072511},
	} {
		got := Share(c.k, c.n)
		near(t, "low", got.Low, c.low, 1e-14)
		near(t, "high", got.High, c.high, 1e-14)
	}
	for _, c := range [][2]int{{0, 0}, {-1, 3}, {4, 3}} {
		isNaN(t, "no share", Share(c[0], c[1]).Low)
	}
}

// Newcombe 1998, table II, comparisons (a) and (c), method 10: 56/70 − 48/80 and 9/10 − 3/10. The second share comes
// first there.
func TestDifferencesOfShares(t *testing.T) {
	for _, c := range []struct {
		k1, n1, k2, n2 int
		low, high      float64
	}{{48, 80, 56, 70, 0.0524, 0.3339}, {3, 10, 9, 10, 0.1705, 0.8090}} {
		got := ShareDifference(c.k1, c.n1, c.k2, c.n2)
		near(t, "low", got.Low, c.low, 5.1e-5/math.Abs(c.low))
		near(t, "high", got.High, c.high, 5.1e-5/c.high)
	}
	isNaN(t, "nothing seen", ShareDifference(0, 0, 1, 2).Low)
}
