package analysis

import (
	"math"
	"testing"

	"workbench/experiments"
	"workbench/experiments/stats"
)

// Values counted by hand: of 6 × 6 pairs of runs the cell wins 32 and ties one, and of six differences the two that are
// negative are the smallest.
func TestRobust(t *testing.T) {
	s := ablated()
	s.Seeds = []uint64{1, 2, 3, 4, 5, 6}
	base := []float64{0.50, 0.52, 0.54, 0.56, 0.58, 0.60}
	cell := []float64{0.61, 0.62, 0.63, 0.64, 0.56, 0.59}
	a := mustAblate(t, s, trained(t, s, map[string][]float64{onLow: base, onHigh: cell, offLow: base[:5], offHigh: base[:2]}))
	byCell := map[string]Robust{}
	for i := range a.Rows {
		r := a.Robust(i)
		byCell[r.Cell] = r
	}
	r := byCell[onHigh]
	almost(t, "n", float64(r.N), 6)
	almost(t, "median", r.Median, 0.615)
	almost(t, "low", r.Middle.Low, 0.56)
	almost(t, "high", r.Middle.High, 0.64)
	almost(t, "coverage", r.Coverage, 1-2./64)
	almost(t, "interquartile mean", r.Interquartile, (0.59+0.61+0.62+0.63)/4)
	almost(t, "improvement", r.Improvement, (24+3.5+5)/36)
	almost(t, "sign flip", r.SignFlip, stats.SignFlip([]float64{0.11, 0.10, 0.09, 0.08, -0.02, -0.01}))
	almost(t, "signed rank", r.SignedRank, 10./64)
	if !(r.Bootstrap.Low < r.Interquartile && r.Interquartile < r.Bootstrap.High && r.Bootstrap.Low > 0.55 && r.Bootstrap.High < 0.65) {
		t.Errorf("bootstrap interval %v of %v", r.Bootstrap, r.Interquartile)
	}
	if !(r.Probable.Low < r.Improvement && r.Improvement < r.Probable.High && r.Probable.High < 1) {
		t.Errorf("interval %v of the improvement %v", r.Probable, r.Improvement)
	}
	few, own := byCell[offLow], byCell[onLow]
	almost(t, "improvement of equal values", few.Improvement, (10+2.5)/30)
	almost(t, "sign flip of equal values", few.SignFlip, 1)
	for what, v := range map[string]float64{"median of five": few.Middle.Low, "the baseline's improvement": own.Improvement,
		"its interval": own.Probable.Low, "its p": own.SignFlip, "its other p": own.SignedRank} {
		if !math.IsNaN(v) {
			t.Errorf("%s: %v, want NaN", what, v)
		}
	}
	// Of a loss the lower is better.
	a.Higher = false
	for i := range a.Rows {
		if a.Rows[i].Cell == onHigh {
			almost(t, "improvement of a loss", a.Robust(i).Improvement, 1-(24+3.5+5)/36)
		}
	}
	none := mustAblate(t, s, []experiments.RunInfo{}).Robust(0)
	if none.N != 0 || !math.IsNaN(none.Median) || !math.IsNaN(none.Interquartile) || !math.IsNaN(none.Bootstrap.High) {
		t.Errorf("without runs: %+v", none)
	}
}
