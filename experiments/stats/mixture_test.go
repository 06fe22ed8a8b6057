package stats

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

// Mixtures are those of scikit-learn; see testdata/mixture.py.
func TestMixturesAreThoseOfScikitLearn(t *testing.T) {
	text, err := os.ReadFile("testdata/mixture.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]struct {
		Values, First             []float64
		Weights, Means, Variances [2]float64
	}
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) < 5 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9 }
	for name, c := range cases {
		m, err := FitTwoGaussians(c.Values)
		if err != nil {
			t.Fatal(err)
		}
		for k := range 2 {
			if !near(m.Weights[k], c.Weights[k]) || !near(m.Means[k], c.Means[k]) || !near(m.Variances[k], c.Variances[k]) {
				t.Errorf("%s, component %d: %+v, scikit-learn's has weights %v, means %v, variances %v", name, k, m, c.Weights, c.Means,
					c.Variances)
			}
		}
		for i, v := range c.Values {
			if got := m.First(v); !near(got, c.First[i]) {
				t.Errorf("%s: %v is of the first component with %v, scikit-learn's with %v", name, v, got, c.First[i])
			}
		}
	}
}

// The division into two groups is the best of all, also where values come twice.
func TestTwoGroupsOfLeastSquares(t *testing.T) {
	spread := func(values []float64) (sum float64) {
		mean := 0.0
		for _, v := range values {
			mean += v / float64(len(values))
		}
		for _, v := range values {
			sum += (v - mean) * (v - mean)
		}
		return sum
	}
	for _, sorted := range [][]float64{{0, 1}, {0, 0, 0, 1}, {0, 0.1, 0.2, 0.9, 1}, {0, 0.45, 0.5, 1}, {0, 0, 0.6, 0.6, 0.6, 1}} {
		border, best := 0.0, math.Inf(1)
		for i := 1; i < len(sorted); i++ {
			if sum := spread(sorted[:i]) + spread(sorted[i:]); sum < best-1e-12 {
				border, best = sorted[i], sum
			}
		}
		if got := twoMeans(sorted); got != border {
			t.Errorf("of %v the second group begins at %v, want %v", sorted, got, border)
		}
	}
}

func TestMixturesThatThereAreNot(t *testing.T) {
	for want, values := range map[string][]float64{"0 values, all the same": nil, "3 values, all the same": {2, 2, 2},
		"a value is NaN": {1, math.NaN(), 2}, "a value is +Inf": {1, math.Inf(1)}} {
		if _, err := FitTwoGaussians(values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("of %v: %v, want %q", values, err, want)
		}
	}
}
