package stats

import (
	"math"
	"strconv"
	"testing"
)

func TestSummaryAgreesWithFixtures(t *testing.T) {
	for name, s := range load(t).Samples {
		t.Run(name, func(t *testing.T) {
			near(t, "mean", Mean(s.Values), s.Mean, 1e-15)
			near(t, "sd", SD(s.Values), s.SD, 1e-14)
			near(t, "median", Median(s.Values), s.Median, 1e-15)
			near(t, "interquartile mean", InterquartileMean(s.Values), s.InterquartileMean, 1e-14)
			for level, want := range s.Intervals {
				l, err := strconv.ParseFloat(level, 64)
				if err != nil {
					t.Fatal(err)
				}
				got := TInterval(s.Values, l)
				size := max(math.Abs(want[0]), math.Abs(want[1]))
				if math.Abs(got.Low-want[0]) > 1e-13*size || math.Abs(got.High-want[1]) > 1e-13*size {
					t.Errorf("interval at %s = %v, want %v", level, got, want)
				}
			}
		})
	}
}

func TestStudentAgreesWithFixtures(t *testing.T) {
	f := load(t)
	for _, q := range f.Quantiles {
		what := "t(" + strconv.FormatFloat(q.Level, 'g', -1, 64) + ", " + strconv.FormatFloat(q.DF, 'g', -1, 64) + ")"
		near(t, what, tQuantile(q.Level, q.DF), q.T, 1e-9)
	}
	for _, p := range f.Tails {
		near(t, "tail of "+strconv.FormatFloat(p.T, 'g', -1, 64), tTwoSided(p.T, p.DF), p.P, 1e-10)
		near(t, "tail of the negative", tTwoSided(-p.T, p.DF), p.P, 1e-10)
	}
}

func TestSummaryOfTooFewOrNonFinite(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for name, xs := range map[string][]float64{
		"none": nil, "NaN": {1, nan, 2}, "infinity": {1, inf, 2}, "both infinities": {inf, math.Inf(-1)},
	} {
		t.Run(name, func(t *testing.T) {
			interval, coverage := MedianInterval(xs, 0.95)
			isNaN(t, "mean", Mean(xs))
			isNaN(t, "sd", SD(xs))
			isNaN(t, "median", Median(xs))
			isNaN(t, "interquartile mean", InterquartileMean(xs))
			isNaN(t, "t-interval", TInterval(xs, 0.95).Low, TInterval(xs, 0.95).High)
			isNaN(t, "median interval", interval.Low, interval.High, coverage)
			isNaN(t, "sign flip", SignFlip(xs))
			isNaN(t, "signed rank", SignedRank(xs))
			isNaN(t, "improvement", Improvement(xs, []float64{1}), Improvement([]float64{1}, xs))
		})
	}
	isNaN(t, "sd of one", SD([]float64{3}))
	isNaN(t, "interval of one", TInterval([]float64{3}, 0.95).Low)
	isNaN(t, "interval at level 1", TInterval([]float64{3, 4}, 1).Low)
	isNaN(t, "range of none", Range(nil).Low)
	isNaN(t, "range with NaN", Range([]float64{nan, 1}).Low, Range([]float64{1, nan}).High)
	if r := Range([]float64{2, -1, 5}); r != (Interval{-1, 5}) {
		t.Errorf("range = %v, want -1 to 5", r)
	}
}

func TestEqualValuesHaveExactlyNoSpread(t *testing.T) {
	for _, x := range []float64{0.1, 1.0 / 3, -7e-9, 1e15 + 0.3} {
		for n := 2; n < 12; n++ {
			xs := make([]float64, n)
			for i := range xs {
				xs[i] = x
			}
			if mean, sd := Mean(xs), SD(xs); mean != x || sd != 0 {
				t.Errorf("%d times %v: mean %v, sd %v, want %v and 0", n, x, mean, sd, x)
			}
		}
	}
}
