package optim

import (
	"math"

	"workbench/nn/op"
	"workbench/nn/option"
	"workbench/nn/plan"
)

func init() {
	register(Optimizer{
		Name:    "adam",
		Doc:     "steps of about the same length for every parameter",
		Source:  "Kingma and Ba 2015, algorithm 1, in PyTorch's order; weight decay is added to the gradient",
		Options: adamOptions,
		New: func(s option.Settings) plan.Optimizer {
			return Adam{Beta1: s.Float("momentum"), Beta2: s.Float("beta2"), Epsilon: s.Float("epsilon")}
		},
	})
	register(Optimizer{
		Name:    "adamw",
		Doc:     "Adam with weight decay apart from the gradient",
		Source:  "Loshchilov and Hutter 2019, algorithm 2, in PyTorch's order: weight decay times the learning rate shrinks the weight itself",
		Options: adamOptions,
		New: func(s option.Settings) plan.Optimizer {
			return Adam{Beta1: s.Float("momentum"), Beta2: s.Float("beta2"), Epsilon: s.Float("epsilon"), Decoupled: true}
		},
	})
}

var adamOptions = []option.Option{
	momentum, beta2(0.999), epsilon(1e-8),
}

// Adam is m = β₁·m + (1−β₁)·g; v = β₂·v + (1−β₂)·g²; w −= lr/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε) (Kingma and Ba 2015),
// where g += decay·w before, or w −= lr·decay·w if Decoupled (AdamW: Loshchilov and Hutter 2019).
type Adam struct {
	Beta1, Beta2, Epsilon float64
	Decoupled             bool
}

var _ plan.Optimizer = Adam{}

func (a Adam) Name() string {
	if a.Decoupled {
		return "adamw"
	}
	return "adam"
}

func (Adam) Slots() []string { return []string{"mean", "square"} }

func (a Adam) WithMomentum(momentum float64) plan.Optimizer {
	a.Beta1 = momentum
	return a
}

func (a Adam) Apply(w, g op.Buffer, slots []op.Buffer, at plan.At) {
	if w.F64 != nil {
		adam(a, w.F64, g.F64, moments[float64]{slots[0].F64, slots[1].F64}, at)
		return
	}
	adam(a, w.F32, g.F32, moments[float32]{slots[0].F32, slots[1].F32}, at)
}

// moments are the running mean of the gradient and of its square.
type moments[T op.Real] struct{ mean, square []T }

func (m moments[T]) blend(i int, g T, beta1, beta2 float64) {
	m.mean[i] = T(T(beta1)*m.mean[i]) + T(T(1-beta1)*g)
	m.square[i] = T(T(beta2)*m.square[i]) + T(T(T(1-beta2)*g)*g)
}

func adam[T op.Real](a Adam, w, g []T, m moments[T], at plan.At) {
	step := T(at.Rate / correction(a.Beta1, at.Step))
	root := T(math.Sqrt(correction(a.Beta2, at.Step)))
	shrink, decay := T(1), T(at.Decay)
	if a.Decoupled {
		shrink, decay = T(1-at.Rate*at.Decay), 0
	}
	for i := range w {
		w[i] *= shrink
		m.blend(i, g[i]+T(decay*w[i]), a.Beta1, a.Beta2)
		w[i] -= T(step*m.mean[i]) / (sqrt(m.square[i])/root + T(a.Epsilon))
	}
}

// sqrt is rounded once, in either precision.
func sqrt[T op.Real](x T) T { return T(math.Sqrt(float64(x))) }
