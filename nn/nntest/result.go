package nntest

import (
	"fmt"
	"math"
)

// result is one tensor that a run left behind.
type result struct {
	name   string
	kind   string // "loss", "logits", "slot" or "state"
	values []float32
}

func copied(name, kind string, v []float32) result {
	return result{name: name, kind: kind, values: append([]float32(nil), v...)}
}

func (r result) largest() float64 {
	largest := 0.0
	for _, v := range r.values {
		largest = max(largest, math.Abs(float64(v)))
	}
	return largest
}

// floor is a tenth of the largest number among the results of a kind. A tensor that is zero but for rounding, such as
// the gradient of a bias in front of batch norm, is compared on that scale.
func floor(all []result, kind string) float64 {
	largest := 0.0
	for _, r := range all {
		if r.kind == kind {
			largest = max(largest, r.largest())
		}
	}
	return largest / 10
}

// near is an error if r differs from want by more than the tolerance times the larger
// of want's largest number and floor.
func (r result) near(want result, tolerance, floor float64) error {
	if r.name != want.name || len(r.values) != len(want.values) {
		return fmt.Errorf("got %s with %d elements, want %s with %d", r.name, len(r.values), want.name, len(want.values))
	}
	scale := max(want.largest(), floor)
	worst, at := 0.0, 0
	for i, v := range r.values {
		d := math.Abs(float64(v) - float64(want.values[i]))
		if math.IsNaN(d) {
			return fmt.Errorf("%s [%d] is %v, want %v", r.name, i, v, want.values[i])
		}
		if d > worst {
			worst, at = d, i
		}
	}
	if worst > tolerance*scale {
		return fmt.Errorf("%s [%d of %d] is %v, want %v: off by %.2g of the largest, %.2g is allowed",
			r.name, at, len(r.values), r.values[at], want.values[at], worst/scale, tolerance)
	}
	return nil
}
