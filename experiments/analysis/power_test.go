package analysis

import (
	"math"
	"testing"

	"workbench/experiments"
	"workbench/experiments/stats"
)

func mustPower(t *testing.T, s experiments.Study, effect float64, values map[string][]float64) (Power, map[string]PowerRow) {
	t.Helper()
	p, err := PowerFor(mustAblate(t, s, trained(t, s, values)), effect)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]PowerRow{}
	for _, r := range p.Rows {
		if r.Itself {
			rows["itself"] = r
			continue
		}
		rows[r.Cell] = r
	}
	return p, rows
}

func TestPower(t *testing.T) {
	s := ablated()
	s.Seeds = []uint64{1, 2, 3, 4, 5, 6}
	base := []float64{0.50, 0.52, 0.55, 0.54, 0.58, 0.60}
	p, rows := mustPower(t, s, 0.02, map[string][]float64{onLow: base, onHigh: {0.51, 0.55, 0.56, 0.57, 0.58, 0.63},
		offLow: base, offHigh: base[:1]})
	if p.Tests != 3 || len(p.Rows) != 4 || p.Baseline != onLow {
		t.Fatalf("%d comparisons, %d rows against %s, want 3, 4 against %s", p.Tests, len(p.Rows), p.Baseline, onLow)
	}
	almost(t, "level", p.Alpha, 0.05/3)
	r, sd := rows[onHigh], stats.SD([]float64{1, 3, 1, 3, 0, 3})/100
	almost(t, "pairs", float64(r.N), 6)
	almost(t, "difference", r.Difference, 0.11/6)
	almost(t, "spread", r.SD, sd)
	almost(t, "power", r.Power, stats.Power(6, 0.02/sd, 0.05/3))
	if seeds, err := stats.RequiredPairs(0.02/sd, 0.05/3, 0.8); err != nil || r.Seeds != seeds || r.SeedsMost <= seeds {
		t.Errorf("%d seeds, at most %d; want %d and more (%v)", r.Seeds, r.SeedsMost, seeds, err)
	}
	if !(r.Spread.Low < sd && sd < r.Spread.High) || !(r.Equivalent > 0.05 && r.Equivalent < 0.5) {
		t.Errorf("spread %v of %v, p of equivalence %v", r.Spread, sd, r.Equivalent)
	}
	// The baseline's differences from seed to seed: −2, 1, −2 points.
	own := rows["itself"]
	almost(t, "pairs of the baseline with itself", float64(own.N), 3)
	almost(t, "its difference", own.Difference, -0.01)
	almost(t, "its spread", own.SD, math.Sqrt(3)/100)
	warns(t, p.Warnings, offLow+": all differences are equal")
	warns(t, p.Warnings, offHigh+": no spread is known below two pairs")
	warns(t, p.Warnings, "0.05 / 3")
	for cell, want := range map[string]int{offLow: 6, offHigh: 1} {
		r := rows[cell]
		if r.N != want || !math.IsNaN(r.Power) || r.Seeds != 0 || !math.IsNaN(r.Equivalent) || r.Note == "" {
			t.Errorf("%s, without a spread: %+v", cell, r)
		}
	}
}

// Two pairs are never tested, and a difference far below the spread takes more seeds than anyone trains.
func TestPowerAtItsEnds(t *testing.T) {
	s := ablated()
	s.Factors = s.Factors[:1]
	values := map[string][]float64{"decay=on": {0.5, 0.6}, "decay=off": {0.55, 0.7}}
	p, rows := mustPower(t, s, 10, values)
	if r := rows["decay=off"]; r.Power != 0 || r.Seeds != stats.MinPairs || p.Alpha != 1-confidence {
		t.Errorf("two pairs: %+v at level %v", r, p.Alpha)
	}
	warns(t, p.Warnings, "below 3 pairs nothing is tested")
	if _, rows = mustPower(t, s, 1e-9, values); rows["decay=off"].Seeds != 0 || rows["decay=off"].SeedsMost != 0 {
		t.Errorf("a tiny effect: %+v", rows["decay=off"])
	}
	if p, _ := mustPower(t, s, 1, nil); len(p.Rows) != 2 || p.Rows[0].N != 0 || p.Rows[1].N != 0 {
		t.Errorf("without runs: %+v", p.Rows)
	}
	if _, err := PowerFor(mustAblate(t, s, nil), 0); err == nil {
		t.Error("an effect of zero is no error")
	}
}
