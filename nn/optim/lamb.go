package optim

import (
	"workbench/nn/op"
	"workbench/nn/option"
	"workbench/nn/plan"
)

func init() {
	register(Optimizer{
		Name:   "lamb",
		Doc:    "Adam with a rate for each layer by its norm",
		Source: "You et al. 2020, algorithm 2, with φ the identity; biases and norms are not scaled",
		Options: []option.Option{
			momentum, beta2(0.999), epsilon(1e-6),
		},
		New: func(s option.Settings) plan.Optimizer {
			return LAMB{Beta1: s.Float("momentum"), Beta2: s.Float("beta2"), Epsilon: s.Float("epsilon")}
		},
	})
}

// LAMB is Adam whose step has the length of the weights (You et al. 2020, algorithm 2): m and v as in Adam; u =
// m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε) + decay·w; w −= lr·‖w‖/‖u‖·u, the ratio being 1 where Adapts is false or a norm is
// zero.
type LAMB struct{ Beta1, Beta2, Epsilon float64 }

var _ plan.Optimizer = LAMB{}

func (LAMB) Name() string    { return "lamb" }
func (LAMB) Slots() []string { return []string{"mean", "square"} }

func (l LAMB) WithMomentum(momentum float64) plan.Optimizer {
	l.Beta1 = momentum
	return l
}

func (l LAMB) Apply(w, g op.Buffer, slots []op.Buffer, at plan.At) {
	if w.F64 != nil {
		u := lambStep(l, w.F64, g.F64, moments[float64]{slots[0].F64, slots[1].F64}, at)
		moveLike(w.Shape, w.F64, u, at.Rate)
		return
	}
	u := lambStep(l, w.F32, g.F32, moments[float32]{slots[0].F32, slots[1].F32}, at)
	moveLike(w.Shape, w.F32, u, at.Rate)
}

// lambStep is Adam's step u with the decay in it.
func lambStep[T op.Real](l LAMB, w, g []T, m moments[T], at plan.At) []T {
	first, second := T(correction(l.Beta1, at.Step)), T(correction(l.Beta2, at.Step))
	u := make([]T, len(w))
	for i := range w {
		m.blend(i, g[i], l.Beta1, l.Beta2)
		u[i] = (m.mean[i]/first)/(sqrt(m.square[i]/second)+T(l.Epsilon)) + T(T(at.Decay)*w[i])
	}
	return u
}

// moveLike subtracts rate·‖w‖/‖u‖·u from w.
func moveLike[T op.Real](shape op.Shape, w, u []T, rate float64) {
	if a, b := norm(w), norm(u); Adapts(shape) && a > 0 && b > 0 {
		rate *= a / b
	}
	for i := range w {
		w[i] -= T(T(rate) * u[i])
	}
}
