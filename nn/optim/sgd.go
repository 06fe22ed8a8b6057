package optim

import (
	"fmt"

	"workbench/nn/op"
	"workbench/nn/option"
	"workbench/nn/plan"
)

func init() {
	register(Optimizer{
		Name:   "sgd",
		Doc:    "stochastic gradient descent with momentum",
		Source: "Sutskever et al. 2013, section 2, with the learning rate outside the velocity, as PyTorch has it",
		Options: []option.Option{
			momentum,
			{Name: "nesterov", Default: false, Doc: "look ahead along the velocity (Sutskever et al. 2013, equation 7)"},
			{Name: "dampening", Default: 0.0, Max: 1, Below: true, Doc: "share of the gradient that is kept out of the velocity"},
		},
		Check: checkSGD,
		New: func(s option.Settings) plan.Optimizer {
			return SGD{Momentum: s.Float("momentum"), Dampening: s.Float("dampening"), Nesterov: s.Bool("nesterov")}
		},
	})
}

// SGD is stochastic gradient descent with momentum as PyTorch defines it (Sutskever et al. 2013, with the learning
// rate outside the velocity): g += decay·w; v = Momentum·v + (1 − Dampening)·g; w −= lr·(g + Momentum·v if Nesterov,
// else v). The first step is not dampened.
type SGD struct {
	Momentum  float64
	Dampening float64
	Nesterov  bool
}

var _ plan.Optimizer = SGD{}

func checkSGD(s option.Settings) []option.Conflict {
	switch dampening := s.Float("dampening"); {
	case s.Bool("nesterov") && s.Float("momentum") == 0:
		return []option.Conflict{{Option: "nesterov", Message: "needs optim.momentum > 0, got 0"}}
	case s.Bool("nesterov") && dampening > 0:
		return []option.Conflict{{Option: "dampening", Message: fmt.Sprintf("Nesterov momentum takes none, got %v", dampening)}}
	}
	return nil
}

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
