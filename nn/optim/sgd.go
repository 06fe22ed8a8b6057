// Package optim holds the optimizers (how a parameter moves by its gradient) and the learning-rate schedules. Each
// optimizer's Apply is its definition; backends run the same arithmetic over all parameters at once.
package optim

import "workbench/nn/op"

// SGD is stochastic gradient descent with momentum as PyTorch defines it (Sutskever et al. 2013, with the learning rate
// outside the velocity): g += decay·w; v = Momentum·v + g; w −= lr·(g + Momentum·v if Nesterov, else v).
type SGD struct {
	Momentum float64
	Nesterov bool
}

func (SGD) Name() string    { return "sgd" }
func (SGD) Slots() []string { return []string{"momentum"} }

func (s SGD) Apply(w, g op.Buffer, slots []op.Buffer, lr, decay float64) {
	if w.F64 != nil {
		sgd(s, w.F64, g.F64, slots[0].F64, lr, decay)
		return
	}
	sgd(s, w.F32, g.F32, slots[0].F32, float32(lr), float32(decay))
}

func sgd[T op.Real](s SGD, w, g, v []T, lr, decay T) {
	mu := T(s.Momentum)
	for i := range w {
		d := g[i] + T(decay*w[i])
		v[i] = T(mu*v[i]) + d
		if s.Nesterov {
			w[i] -= T(lr * (d + T(mu*v[i])))
		} else {
			w[i] -= T(lr * v[i])
		}
	}
}
