package op_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"workbench/nn/op"
)

// Maps of any size are averaged over a grid of any size as PyTorch does it; testdata/adaptive.py recorded that.
func TestAdaptiveAvgPoolFollowsPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/adaptive.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Cases []struct {
			Size, Grid [2]int
			Y, DX      []float64
		}
	}
	if err := json.Unmarshal(text, &recorded); err != nil || len(recorded.Cases) < 15 {
		t.Fatalf("%d cases, error %v: the recording is incomplete", len(recorded.Cases), err)
	}
	for _, c := range recorded.Cases {
		x := waves(op.Shape{1, 1, c.Size[0], c.Size[1]}, math.Sin)
		y := op.Allocate(op.Shape{1, 1, c.Grid[0], c.Grid[1]}, true)
		op.AdaptiveAvgPool{H: c.Grid[0], W: c.Grid[1]}.Run(op.Call{In: []op.Buffer{x}, Out: y})
		alike(t, fmt.Sprintf("%v over %v fields", c.Size, c.Grid), y.F64, c.Y)
		dx := op.Allocate(x.Shape, true)
		op.AdaptiveAvgPoolBwd{H: c.Size[0], W: c.Size[1]}.Run(op.Call{In: []op.Buffer{waves(y.Shape, math.Cos)}, Out: dx})
		alike(t, fmt.Sprintf("the gradient of %v over %v fields", c.Size, c.Grid), dx.F64, c.DX)
	}
}

// waves is a tensor whose element i is f(i).
func waves(s op.Shape, f func(float64) float64) op.Buffer {
	b := op.Allocate(s, true)
	for i := range b.F64 {
		b.F64[i] = f(float64(i))
	}
	return b
}

func alike(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, PyTorch has %d", what, len(got), len(want))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-8) {
			t.Errorf("%s: [%d] is %v, PyTorch has %v", what, i, got[i], want[i])
		}
	}
}
