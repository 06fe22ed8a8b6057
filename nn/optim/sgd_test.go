package optim_test

import (
	"fmt"
	"slices"
	"testing"

	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// trajectory is six steps of PyTorch's SGD on five parameters; velocities are null without momentum.
type trajectory struct {
	Momentum, Decay                float64
	Nesterov, Double               bool
	Start, Rates                   []float64
	Gradients, Weights, Velocities [][]float64
}

func TestSGDFollowsPyTorch(t *testing.T) {
	for _, c := range recorded(t).SGD {
		name := fmt.Sprintf("momentum %v, nesterov %v, decay %v, float64 %v", c.Momentum, c.Nesterov, c.Decay, c.Double)
		t.Run(name, func(t *testing.T) {
			sgd, tolerance := optim.SGD{Momentum: c.Momentum, Nesterov: c.Nesterov}, 1e-14
			if !c.Double {
				tolerance = 1e-6
			}
			w, v := buffer(c.Start, c.Double), buffer(make([]float64, len(c.Start)), c.Double)
			for step, rate := range c.Rates {
				g := buffer(c.Gradients[step], c.Double)
				sgd.Apply(w, g, []op.Buffer{v}, plan.At{Rate: rate, Decay: c.Decay, Step: step})
				compare(t, fmt.Sprintf("step %d: weights", step), numbers(w), c.Weights[step], tolerance)
				if c.Velocities[step] != nil {
					compare(t, fmt.Sprintf("step %d: velocity", step), numbers(v), c.Velocities[step], tolerance)
				}
				if !slices.Equal(numbers(g), c.Gradients[step]) {
					t.Error("the gradient was changed")
				}
			}
		})
	}
}

func TestSGDNeedsOneSlot(t *testing.T) {
	sgd := optim.SGD{}
	if sgd.Name() != "sgd" || !slices.Equal(sgd.Slots(), []string{"momentum"}) {
		t.Errorf("got %s with slots %v, want sgd with momentum", sgd.Name(), sgd.Slots())
	}
}

func buffer(v []float64, double bool) op.Buffer {
	b := op.Allocate(op.Shape{len(v)}, double)
	copy(b.F64, v)
	for i := range b.F32 {
		b.F32[i] = float32(v[i])
	}
	return b
}

func numbers(b op.Buffer) []float64 {
	v := slices.Clone(b.F64)
	for _, x := range b.F32 {
		v = append(v, float64(x))
	}
	return v
}

func compare(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	for i := range want {
		if !near(got[i], want[i], tolerance) {
			t.Errorf("%s [%d] is %v, PyTorch has %v", what, i, got[i], want[i])
		}
	}
}
