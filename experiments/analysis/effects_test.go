package analysis

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"workbench/experiments"
)

// Each seed gives one difference, which is the mean over the levels of the other factor.
func TestEffectsAverageOverTheOtherFactors(t *testing.T) {
	s := ablated()
	a := mustAblate(t, s, trained(t, s, map[string][]float64{
		onLow: {0.80, 0.81, 0.79}, onHigh: {0.70, 0.72, 0.71},
		offLow: {0.82, 0.84, 0.80}, offHigh: {0.73, 0.73, 0.72},
	}))
	e := effectOf(t, a, "decay")
	if e.Level != "off" || e.Versus != "on" || e.N != 3 {
		t.Errorf("%s against %s with %d pairs, want off, on, 3", e.Level, e.Versus, e.N)
	}
	// By hand: seed 1 (0.02+0.03)/2, seed 2 (0.03+0.01)/2, seed 3 (0.01+0.01)/2.
	almost(t, "mean", e.Mean, (0.025+0.02+0.01)/3)
	sd := math.Sqrt((math.Pow(0.025-0.055/3, 2) + math.Pow(0.02-0.055/3, 2) + math.Pow(0.01-0.055/3, 2)) / 2)
	almost(t, "effect size", e.Effect, 0.055/3/sd/math.Sqrt(math.Pi)) // J(2) = 1/√π
	almost(t, "half the interval", (e.Interval.High-e.Interval.Low)/2, 4.302652729911275*sd/math.Sqrt(3))
	almost(t, "corrected", e.Holm, e.P)                  // the larger of two
	if lr := effectOf(t, a, "lr"); lr.Verdict != Worse { // −0.0925, −0.10, −0.08
		t.Errorf("a higher rate is %s, want worse", lr.Verdict)
	}
	if strings.Contains(strings.Join(a.Warnings, "\n"), "depends on") {
		t.Errorf("an interaction where there is none: %q", a.Warnings)
	}
}

func TestIncompleteSeedsAreLeftOutOfEffects(t *testing.T) {
	s := ablated()
	values := map[string][]float64{onLow: {0.80, 0.81, 0.79}, onHigh: {0.70, 0.72, 0.71}, offLow: {0.82, 0.84, 0.80}, offHigh: {0.73, 0.73}}
	a := mustAblate(t, s, trained(t, s, values))
	e := effectOf(t, a, "decay")
	almost(t, "mean", e.Mean, (0.025+0.02)/2)
	if e.N != 2 || e.Verdict != Undecided {
		t.Errorf("%+v, want two seeds", e)
	}
	warns(t, a.Warnings, "seed 3: the effect of decay=off leaves out seeds without a pair in every cell")
	delete(values, offHigh)
	a = mustAblate(t, s, trained(t, s, values))
	e = effectOf(t, a, "decay")
	almost(t, "mean where only one rate is there", e.Mean, 0.02)
	warns(t, a.Warnings, "lr=0.2: the effect of decay=off is not averaged over cells without a pair")
}

// Plain networks fall behind only when they are deep, so the average of 0 and −0.4 describes neither depth.
func TestInteractionsAreNamed(t *testing.T) {
	s := ablated()
	a := mustAblate(t, s, trained(t, s, map[string][]float64{
		onLow: {0.90, 0.91, 0.92}, onHigh: {0.90, 0.92, 0.91},
		offLow: {0.905, 0.91, 0.915}, offHigh: {0.50, 0.53, 0.51},
	}))
	warns(t, a.Warnings, "decay=off: what it does depends on the other factors, from −39.67 points with lr=0.2 to")
	warns(t, effectOf(t, a, "decay").Warnings, "read the rows, not the average")
}

// Differences that are equal up to rounding in every cell are no interaction, whatever the rounding errors look like.
func TestRoundingIsNoInteraction(t *testing.T) {
	s := ablated()
	s.Seeds = []uint64{1, 2, 3, 4, 5, 6, 7, 8}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		values := map[string][]float64{}
		for range s.Seeds {
			x := r.Float64()
			y := x + 0.001*r.Float64()
			values[onLow], values[offLow] = append(values[onLow], x), append(values[offLow], x+0.1)
			values[onHigh], values[offHigh] = append(values[onHigh], y), append(values[offHigh], y+0.1)
		}
		a := mustAblate(t, s, trained(t, s, values))
		if e := effectOf(t, a, "decay"); !math.IsNaN(e.P) || strings.Contains(strings.Join(e.Warnings, "\n"), "depends") {
			t.Fatalf("%v: %+v", values, e)
		}
	}
}

func TestOneFactorAtATime(t *testing.T) {
	s := ablated()
	s.Design = experiments.OneAtATime
	a := mustAblate(t, s, trained(t, s, map[string][]float64{
		onLow: {0.80, 0.81, 0.79}, onHigh: {0.70, 0.72, 0.71}, offLow: {0.82, 0.84, 0.80},
	}))
	for factor, cell := range map[string]string{"decay": offLow, "lr": onHigh} {
		e, d := effectOf(t, a, factor), rowOf(t, a, cell).Diff
		if e.Mean != d.Mean || e.P != d.P || e.Interval != d.Interval || e.N != d.N {
			t.Errorf("effect of %s %+v is not the difference of its only cell %+v", factor, e.Paired, d)
		}
	}
}

// Where nothing differs, at most one table in twenty may claim that something does. With 2,000 tables the standard
// error of that share is 0.005.
func TestNullTablesClaimLittle(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const tables = 2000
	claims := 0
	for range tables {
		family := make([]*Paired, 4)
		for i := range family {
			a, b := map[uint64]float64{}, map[uint64]float64{}
			for seed := range uint64(5) {
				shared := r.NormFloat64()
				a[seed], b[seed] = shared+0.1*r.NormFloat64(), shared+0.1*r.NormFloat64()
			}
			p, err := pairUp(a, b)
			if err != nil {
				t.Fatal(err)
			}
			family[i] = &p
		}
		decide(family, true)
		for _, p := range family {
			if p.Verdict != Undecided {
				claims++
				break
			}
		}
	}
	if share := float64(claims) / tables; share > 0.07 || share < 0.03 {
		t.Errorf("%.3f of tables without any effect claim one, want 0.05", share)
	}
}
