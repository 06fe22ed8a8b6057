package optim

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	register(Optimizer{
		Name:   "sgd",
		Source: "Sutskever et al. 2013, section 2, with the learning rate outside the velocity, as PyTorch has it",
		Uses:   []string{"dampening", "nesterov"},
		New: func(s Settings) plan.Optimizer {
			return SGD{Momentum: s.Momentum, Dampening: s.Dampening, Nesterov: s.Nesterov}
		},
	})
}

// SGD is stochastic gradient descent with momentum as PyTorch defines it (Sutskever et al. 2013, with the learning rate
// outside the velocity): g += decay·w; v = Momentum·v + (1 − Dampening)·g; w −= lr·(g + Momentum·v if Nesterov, else v).
// The first step is not dampened.
type SGD struct {
	Momentum  float64
	Dampening float64
	Nesterov  bool
}

var _ plan.Optimizer = SGD{}

func (SGD) Name() string    { return "sgd" }
func (SGD) Slots() []string { return []string{"momentum"} }

func (s SGD) WithMomentum(momentum float64) plan.Optimizer {
	s.Momentum = momentum
	return s
}

func (s SGD) Apply(w, g op.Buffer, slots []op.Buffer, at plan.At) {
	if w.F64 != nil {
		sgd(s, w.F64, g.F64, slots[0].F64, at)
		return
	}
	sgd(s, w.F32, g.F32, slots[0].F32, at)
}

// kept is the share of the gradient that enters the velocity.
func (s SGD) kept(step int) float64 {
	if step == 0 {
		return 1
	}
	return 1 - s.Dampening
}

func sgd[T op.Real](s SGD, w, g, v []T, at plan.At) {
	lr, decay, mu, kept := T(at.Rate), T(at.Decay), T(s.Momentum), T(s.kept(at.Step))
	for i := range w {
		d := g[i] + T(decay*w[i])
		v[i] = T(mu*v[i]) + T(kept*d)
		if s.Nesterov {
			w[i] -= T(lr * (d + T(mu*v[i])))
		} else {
			w[i] -= T(lr * v[i])
		}
	}
}
