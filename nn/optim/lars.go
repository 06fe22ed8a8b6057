package optim

import (
	"workbench/nn/op"
	"workbench/nn/option"
	"workbench/nn/plan"
)

func init() {
	register(Optimizer{
		Name:   "lars",
		Doc:    "momentum with a rate for each layer by its norm",
		Source: "You, Gitman and Ginsburg 2017, algorithm 1; biases and norms are not scaled",
		Options: []option.Option{
			momentum,
			{Name: "trust", Default: 0.001, ZeroIsDefault: true, Doc: "η, how far a layer moves relative to its norm"},
		},
		New: func(s option.Settings) plan.Optimizer {
			return LARS{Momentum: s.Float("momentum"), Trust: s.Float("trust")}
		},
	})
}

// LARS scales each layer's rate (You, Gitman and Ginsburg 2017, algorithm 1): λ = Trust·‖w‖ / (‖g‖ + decay·‖w‖), 1
// where Adapts is false or a norm is zero; v = Momentum·v + lr·λ·(g + decay·w); w −= v.
type LARS struct{ Momentum, Trust float64 }

var _ plan.Optimizer = LARS{}

func (LARS) Name() string    { return "lars" }
func (LARS) Slots() []string { return []string{"momentum"} }

func (l LARS) WithMomentum(momentum float64) plan.Optimizer {
	l.Momentum = momentum
	return l
}

func (l LARS) Apply(w, g op.Buffer, slots []op.Buffer, at plan.At) {
	if w.F64 != nil {
		lars(l, w.F64, g.F64, slots[0].F64, l.local(at, w.Shape, norm(w.F64), norm(g.F64)))
		return
	}
	lars(l, w.F32, g.F32, slots[0].F32, l.local(at, w.Shape, norm(w.F32), norm(g.F32)))
}

// local is At with the parameter's own rate.
func (l LARS) local(at plan.At, s op.Shape, w, g float64) plan.At {
	if Adapts(s) && w > 0 && g > 0 {
		at.Rate *= l.Trust * w / (g + at.Decay*w)
	}
	return at
}

func lars[T op.Real](l LARS, w, g, v []T, at plan.At) {
	lr, decay, mu := T(at.Rate), T(at.Decay), T(l.Momentum)
	for i := range w {
		v[i] = T(mu*v[i]) + T(lr*(g[i]+T(decay*w[i])))
		w[i] -= v[i]
	}
}
