package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func normals(r *rand.Rand, n int, mean, sd float64) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = mean + sd*r.NormFloat64()
	}
	return xs
}

func moved(xs []float64, shift, scale float64) []float64 {
	ys := make([]float64, len(xs))
	for i, x := range xs {
		ys[i] = shift + scale*x
	}
	return ys
}

// What is said about accuracies must depend neither on whether they are ratios or percent, nor on what both arms share.
func TestShiftAndScale(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		n := 3 + r.IntN(12)
		a, b := normals(r, n, 0.9, 0.02), normals(r, n, 0.88, 0.02)
		shift, scale := 10*r.NormFloat64(), 1+99*r.Float64()
		f, err := Compare(a, b, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		g, err := Compare(moved(a, shift, scale), moved(b, shift, scale), 0.95)
		if err != nil {
			t.Fatal(err)
		}
		opposite, err := Compare(b, a, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "mean", g.Mean, scale*f.Mean, 1e-9)
		near(t, "sd", g.SD, scale*f.SD, 1e-9)
		near(t, "p", g.P, f.P, 1e-8)
		near(t, "effect", g.Effect, f.Effect, 1e-9)
		near(t, "sign flip", g.SignFlip, f.SignFlip, 1e-15)
		near(t, "p of the opposite", opposite.P, f.P, 1e-12)
		near(t, "low of the opposite", opposite.Interval.Low, -f.Interval.High, 1e-12)
		near(t, "mean of the moved", Mean(moved(a, shift, scale)), shift+scale*Mean(a), 1e-12)
		near(t, "sd of the moved", SD(moved(a, shift, -scale)), scale*SD(a), 1e-9)
		near(t, "median of the moved", Median(moved(a, shift, scale)), shift+scale*Median(a), 1e-12)
	}
}

// Of 95 % intervals, 95 % contain the mean. The standard error of 20,000 draws is 0.0015; the bound is four of them.
func TestIntervalsCover(t *testing.T) {
	const draws = 20000
	for _, n := range []int{3, 6, 10} {
		r := rand.New(rand.NewPCG(uint64(n), 7))
		mean, median, rejected := 0, 0, 0
		want := math.NaN()
		for range draws {
			xs := normals(r, n, 2, 3)
			if i := TInterval(xs, 0.95); i.Low <= 2 && 2 <= i.High {
				mean++
			}
			var i Interval
			if i, want = MedianInterval(xs, 0.95); i.Low <= 2 && 2 <= i.High {
				median++
			}
			f := judge(moved(xs, -2, 1), 0, 0.95)
			if f.P < 0.05 {
				rejected++
			}
		}
		if share := float64(mean) / draws; math.Abs(share-0.95) > 0.0062 {
			t.Errorf("n %d: %.4f of the t-intervals contain the mean", n, share)
		}
		if share := float64(rejected) / draws; math.Abs(share-0.05) > 0.0062 {
			t.Errorf("n %d: the t-test rejects %.4f of true hypotheses", n, share)
		}
		if share := float64(median) / draws; n >= MinMedian(0.95) && math.Abs(share-want) > 0.0062 {
			t.Errorf("n %d: %.4f of the median intervals contain the median, want %.4f", n, share, want)
		}
	}
}

// Hedges' correction makes d_z unbiased. Without it the mean of many estimates from five pairs is 25 % too large.
func TestEffectIsUnbiased(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	const draws, effect = 20000, 0.8
	for _, n := range []int{5, 8} {
		sum := 0.0
		for range draws {
			sum += judge(normals(r, n, effect, 1), 0, 0.95).Effect
		}
		if mean := sum / draws; math.Abs(mean-effect) > 0.02 {
			t.Errorf("n %d: the mean estimate is %.3f, want %.1f", n, mean, effect)
		}
	}
}

// Adding a test never makes another look better, and correction keeps the order.
func TestHolmIsMonotone(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 11))
	for range 500 {
		ps := make([]float64, 1+r.IntN(8))
		for i := range ps {
			ps[i] = math.Round(r.Float64()*r.Float64()*20) / 20 // ties are likely
		}
		more := Holm(append(append([]float64{}, ps...), r.Float64()))
		corrected := Holm(ps)
		for i := range ps {
			if corrected[i] < ps[i] || corrected[i] > 1 || more[i] < corrected[i] {
				t.Fatalf("Holm(%v) = %v, with one more %v", ps, corrected, more)
			}
			for j := range ps {
				if ps[i] <= ps[j] && corrected[i] > corrected[j] {
					t.Fatalf("Holm(%v) = %v changes the order", ps, corrected)
				}
			}
		}
	}
}
