package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// fixtures holds values computed by scipy, statsmodels and mpmath; see testdata/fixtures.py.
type fixtures struct {
	Samples map[string]struct {
		Values            []float64
		Mean, SD          float64
		Intervals         map[string][2]float64
		Median            float64
		InterquartileMean float64 `json:"iqm"`
	}
	Paired map[string]struct {
		A, B, Differences []float64
		Mean, SD, T, P    float64
		Interval          [2]float64
		Effect            float64
		SignFlip          float64 `json:"sign_flip"`
		SignedRank        float64 `json:"signed_rank"`
	}
	Quantiles       []struct{ Level, DF, T float64 }
	Tails           []struct{ T, DF, P float64 }
	Hedges          []struct{ DF, J float64 }
	Holm            []struct{ P, Corrected []float64 }
	MedianIntervals []struct {
		N                          int
		Level, Low, High, Coverage float64
	} `json:"median_intervals"`
	Improvement []struct {
		A, B        []float64
		Probability float64
	}
	Power []struct {
		N                    int
		Effect, Alpha, Power float64
	}
	Spreads []struct {
		N                int
		Level, Low, High float64
	}
	Required []struct {
		Effect, Alpha, Power float64
		Pairs                int
	}
}

func load(t *testing.T) fixtures {
	t.Helper()
	text, err := os.ReadFile("testdata/fixtures.json")
	if err != nil {
		t.Fatal(err)
	}
	var f fixtures
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// near fails unless got equals want up to the relative tolerance; below 1e-300 the tolerance is absolute.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance*math.Abs(want)+1e-300 {
		t.Errorf("%s = %.17g, want %.17g to %g", what, got, want, tolerance)
	}
}

func isNaN(t *testing.T, what string, values ...float64) {
	t.Helper()
	for _, v := range values {
		if !math.IsNaN(v) {
			t.Errorf("%s = %v, want NaN", what, v)
		}
	}
}
