package stats

import (
	"math"
	"strings"
	"testing"
)

func TestCompareAgreesWithFixtures(t *testing.T) {
	for name, want := range load(t).Paired {
		t.Run(name, func(t *testing.T) {
			got, err := Compare(want.A, want.B, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			if got.N != len(want.A) {
				t.Errorf("n = %d, want %d", got.N, len(want.A))
			}
			near(t, "mean", got.Mean, want.Mean, 1e-13)
			near(t, "sd", got.SD, want.SD, 1e-13)
			near(t, "t", got.T, want.T, 1e-12)
			near(t, "p", got.P, want.P, 1e-9)
			near(t, "low", got.Interval.Low, want.Interval[0], 1e-9)
			near(t, "high", got.Interval.High, want.Interval[1], 1e-9)
			near(t, "effect", got.Effect, want.Effect, 1e-12)
			near(t, "sign flip", got.SignFlip, want.SignFlip, 1e-15)
			near(t, "signed rank", SignedRank(want.Differences), want.SignedRank, 1e-15)
			if got.P < 0.05 != (got.Interval.Low > 0 || got.Interval.High < 0) {
				t.Errorf("p = %v and the interval %v contradict one another", got.P, got.Interval)
			}
		})
	}
}

func TestHedgesCorrection(t *testing.T) {
	for _, h := range load(t).Hedges {
		near(t, "J", HedgesCorrection(int(h.DF)), h.J, 1e-11)
	}
	isNaN(t, "J(1)", HedgesCorrection(1))
}

func TestWithoutSpreadThereIsNoTest(t *testing.T) {
	cases := map[string]struct{ a, b []float64 }{
		"equal arms":             {[]float64{0.9, 0.8, 0.7}, []float64{0.9, 0.8, 0.7}},
		"equal differences":      {[]float64{3, 4, 5}, []float64{1, 2, 3}},
		"equal but for rounding": {[]float64{0.9, 0.8, 0.7, 0.6}, []float64{0.8, 0.7, 0.6, 0.5}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f, err := Compare(c.a, c.b, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			isNaN(t, "interval", f.Interval.Low, f.Interval.High)
			isNaN(t, "t, p, effect", f.T, f.P, f.Effect)
			if f.SD != 0 || !strings.Contains(strings.Join(f.Warnings, "\n"), "without spread") {
				t.Errorf("sd %v, warnings %q, want 0 and a warning about spread", f.SD, f.Warnings)
			}
		})
	}
	small, err := Compare([]float64{1 + 1e-12, 1 + 3e-12, 1 + 2e-12}, []float64{1, 1, 1}, 0.95)
	if err != nil || math.IsNaN(small.P) {
		t.Errorf("a spread of 1e-12 around 1 is no rounding, got %+v, %v", small, err)
	}
}

func TestWarningsFollowTheNumberOfPairs(t *testing.T) {
	a := []float64{0.91, 0.93, 0.96, 0.92, 0.97, 0.95}
	b := []float64{0.90, 0.90, 0.90, 0.90, 0.90, 0.90}
	for n, want := range map[int]string{
		0: "no pairs: nothing can be compared",
		1: "1 pair: no interval and no test; at least 3 are needed",
		2: "2 pairs: no interval and no test; at least 3 are needed",
		3: "3 pairs: the paired t-test takes the differences to be normally distributed, which so few cannot show; " +
			"a sign-flip test, which does not, needs 6 for p < 0.05",
		5: "5 pairs: the paired t-test takes the differences to be normally distributed, which so few cannot show; " +
			"a sign-flip test, which does not, needs 6 for p < 0.05",
		6: "",
	} {
		f, err := Compare(a[:n], b[:n], 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(f.Warnings, "\n"); got != want {
			t.Errorf("%d pairs warn %q, want %q", n, got, want)
		}
		if n < MinPairs {
			isNaN(t, "p", f.P, f.Interval.Low, f.Effect)
		}
	}
}

func TestCompareRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		a, b  []float64
		level float64
		want  string
	}{
		"different lengths": {[]float64{1, 2}, []float64{1}, 0.95, "2 values against 1"},
		"NaN":               {[]float64{1, math.NaN()}, []float64{1, 2}, 0.95, "pair 1 is NaN, 2"},
		"infinities":        {[]float64{math.Inf(1)}, []float64{math.Inf(1)}, 0.95, "pair 0 is +Inf, +Inf"},
		"percent":           {[]float64{1}, []float64{1}, 95, "level 95"},
		"NaN level":         {[]float64{1}, []float64{1}, math.NaN(), "level NaN"},
	} {
		if _, err := Compare(c.a, c.b, c.level); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
}
