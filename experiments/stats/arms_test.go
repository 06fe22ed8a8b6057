package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// armsFixtures holds what scipy and statsmodels say of two arms; see testdata/arms.py.
type armsFixtures struct {
	Equivalence []struct {
		A, B                   []float64
		Delta, Below, Above, P float64
		Interval               [2]float64
	}
	Improvement []struct {
		A, B               []float64
		Level, Probability float64
		Interval           [2]float64
	}
	Bootstrap []struct {
		Statistic       string
		Xs, Draws       []float64
		Level           float64
		Percentile, BCa *[2]float64
	}
}

func loadArms(t *testing.T) (f armsFixtures) {
	t.Helper()
	text, err := os.ReadFile("testdata/arms.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Equivalence) == 0 || len(f.Improvement) == 0 || len(f.Bootstrap) == 0 {
		t.Fatal("testdata/arms.json lacks a part")
	}
	return f
}

func TestEquivalenceAgreesWithFixtures(t *testing.T) {
	for _, c := range loadArms(t).Equivalence {
		got, err := Equivalent(c.A, c.B, c.Delta, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "below", got.Below, c.Below, 1e-9)
		near(t, "above", got.Above, c.Above, 1e-9)
		near(t, "p", got.P, c.P, 1e-9)
		near(t, "low", got.Interval.Low, c.Interval[0], 1e-9)
		near(t, "high", got.Interval.High, c.Interval[1], 1e-9)
		if inside := got.Interval.Low > -c.Delta && got.Interval.High < c.Delta; inside != (got.P < 0.05) || got.N != len(c.A) {
			t.Errorf("the interval %v and p = %v contradict one another, or n is not %d", got.Interval, got.P, got.N)
		}
	}
}

func TestEquivalenceNeedsPairsAndSpread(t *testing.T) {
	for name, c := range map[string]struct{ a, b []float64 }{
		"none": {nil, nil}, "two pairs": {[]float64{1, 2}, []float64{1.1, 2}}, "equal differences": {[]float64{3, 4, 5}, []float64{1, 2, 3}},
	} {
		e, err := Equivalent(c.a, c.b, 10, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		isNaN(t, name, e.Below, e.Above, e.P, e.Interval.Low, e.Interval.High)
	}
	three := []float64{1, 2, 4}
	for want, c := range map[string]struct {
		a, b         []float64
		delta, alpha float64
	}{
		"within ±0, want": {three, three, 0, 0.05}, "within ±NaN": {three, three, math.NaN(), 0.05},
		"within ±+Inf": {three, three, math.Inf(1), 0.05}, "alpha 0.5, want": {three, three, 1, 0.5},
		"alpha NaN": {three, three, 1, math.NaN()}, "3 values against 2": {three, three[:2], 1, 0.05},
		"pair 0 is NaN": {[]float64{math.NaN(), 1, 2}, three, 1, 0.05},
	} {
		if _, err := Equivalent(c.a, c.b, c.delta, c.alpha); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want one that says %q", c, err, want)
		}
	}
}

func TestImprovementIntervalAgreesWithFixtures(t *testing.T) {
	for _, c := range loadArms(t).Improvement {
		near(t, "improvement", Improvement(c.A, c.B), c.Probability, 1e-12)
		got := ImprovementInterval(c.A, c.B, c.Level)
		within(t, "low", got.Low, c.Interval[0], 1e-9)
		within(t, "high", got.High, c.Interval[1], 1e-9)
	}
	one := []float64{1}
	for name, i := range map[string]Interval{"none": ImprovementInterval(nil, one, 0.95), "level": ImprovementInterval(one, one, 1),
		"NaN": ImprovementInterval(one, []float64{math.NaN()}, 0.95), "no level": ImprovementInterval(one, one, math.NaN())} {
		isNaN(t, name, i.Low, i.High)
	}
}

// Of five normal values against five whose mean is a deviation less, P(a > b) = Φ(1/√2) = 0.76. The standard error of
// 10,000 draws is 0.002.
func TestImprovementIntervalCovers(t *testing.T) {
	const draws = 10_000
	for shift, truth := range map[float64]float64{0: 0.5, 1: normalTail(-1 / math.Sqrt2), 2: normalTail(-math.Sqrt2)} {
		r, covers := rand.New(rand.NewPCG(13, uint64(shift))), 0
		for range draws {
			i := ImprovementInterval(normals(r, 5, shift, 1), normals(r, 5, 0, 1), 0.95)
			if i.Low <= truth && truth <= i.High {
				covers++
			}
		}
		if share := float64(covers) / draws; !(share > 0.94 && share < 0.985) {
			t.Errorf("shift %v: %.4f of the intervals contain the probability", shift, share)
		}
	}
}

func TestBootstrapAgreesWithFixtures(t *testing.T) {
	of := map[string]statistic{"mean": Mean, "median": Median, "iqm": InterquartileMean}
	for _, c := range loadArms(t).Bootstrap {
		within(t, "percentile low", quantile(c.Draws, (1-c.Level)/2), c.Percentile[0], 1e-12)
		within(t, "percentile high", quantile(c.Draws, (1+c.Level)/2), c.Percentile[1], 1e-12)
		got := corrected(c.Draws, c.Xs, c.Level, of[c.Statistic])
		if c.BCa == nil {
			isNaN(t, "BCa of a statistic that no value alone changes", got.Low, got.High)
			continue
		}
		within(t, "BCa low of "+c.Statistic, got.Low, c.BCa[0], 1e-9)
		within(t, "BCa high of "+c.Statistic, got.High, c.BCa[1], 1e-9)
	}
}

func TestBootstrapIsRepeatable(t *testing.T) {
	xs := []float64{0.31, 0.29, 0.35, 0.28, 0.33, 0.30, 0.34, 0.27, 0.36, 0.32}
	before := append([]float64{}, xs...)
	for _, interval := range []func([]float64, float64, uint64, statistic) Interval{PercentileInterval, BCaInterval} {
		one, same, other := interval(xs, 0.95, 1, Mean), interval(xs, 0.95, 1, Mean), interval(xs, 0.95, 2, Mean)
		if one != same || one == other {
			t.Errorf("seed 1 gives %v, then %v, and seed 2 %v", one, same, other)
		}
		within(t, "low with another seed", other.Low, one.Low, 0.06*(one.High-one.Low))
		within(t, "high with another seed", other.High, one.High, 0.06*(one.High-one.Low))
		for name, i := range map[string]Interval{"none": interval(nil, 0.95, 1, Mean), "one": interval(xs[:1], 0.95, 1, Mean),
			"equal": interval([]float64{0.1, 0.1, 0.1}, 0.95, 1, Mean), "NaN": interval([]float64{1, math.NaN()}, 0.95, 1, Mean),
			"level": interval(xs, 1, 1, Mean), "statistic": interval(xs, 0.95, 1, func([]float64) float64 { return math.NaN() })} {
			isNaN(t, name, i.Low, i.High)
		}
	}
	end := BCaInterval(xs, 0.95, 1, func(xs []float64) float64 { // beyond all draws
		if len(xs) == len(before) && slices.Equal(xs, before) {
			return 1
		}
		return 0
	})
	isNaN(t, "BCa of a statistic beyond all draws", end.Low, end.High)
	for i := range xs {
		if xs[i] != before[i] {
			t.Fatalf("the values were changed: %v", xs)
		}
	}
}

// How much of what they say bootstrap intervals cover is written beside them.
func TestBootstrapCovers(t *testing.T) {
	const samples = 300
	for n, want := range map[int]float64{5: 0.83, 10: 0.90} {
		r, covers := rand.New(rand.NewPCG(14, uint64(n))), 0
		for i := range samples {
			interval := PercentileInterval(normals(r, n, 1, 1), 0.95, uint64(i), Mean)
			if interval.Low <= 1 && 1 <= interval.High {
				covers++
			}
		}
		within(t, "coverage", float64(covers)/samples, want, 4*math.Sqrt(want*(1-want)/samples))
	}
}
