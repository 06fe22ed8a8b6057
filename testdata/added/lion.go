package optim

import (
	"workbench/nn/op"
	"workbench/nn/option"
	"workbench/nn/plan"
)

func init() {
	register(Optimizer{
		Name:    "lion",
		Doc:     "steps of one length along the sign of an average gradient",
		Source:  "Chen et al. 2023 (arXiv 2302.06675), algorithm 2",
		Options: []option.Option{momentum, beta2(0.99)},
		New: func(s option.Settings) plan.Optimizer {
			return Lion{Beta1: s.Float("momentum"), Beta2: s.Float("beta2")}
		},
	})
}

// Lion is u = sign(β₁·m + (1−β₁)·g); w −= lr·(u + decay·w); m = β₂·m + (1−β₂)·g (Chen et al. 2023, algorithm 2).
type Lion struct{ Beta1, Beta2 float64 }

func (Lion) Name() string    { return "lion" }
func (Lion) Slots() []string { return []string{"mean"} }

func (l Lion) WithMomentum(momentum float64) plan.Optimizer {
	l.Beta1 = momentum
	return l
}

func (l Lion) Apply(w, g op.Buffer, slots []op.Buffer, at plan.At) {
	if w.F64 != nil {
		lion(l, w.F64, g.F64, slots[0].F64, at)
		return
	}
	lion(l, w.F32, g.F32, slots[0].F32, at)
}

func lion[T op.Real](l Lion, w, g, m []T, at plan.At) {
	for i := range w {
		u := T(0)
		switch blend := T(l.Beta1)*m[i] + T(1-l.Beta1)*g[i]; {
		case blend > 0:
			u = 1
		case blend < 0:
			u = -1
		}
		w[i] -= T(at.Rate) * (u + T(at.Decay)*w[i])
		m[i] = T(l.Beta2)*m[i] + T(1-l.Beta2)*g[i]
	}
}
