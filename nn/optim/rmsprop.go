package optim

import (
	"workbench/nn/op"
	"workbench/nn/option"
	"workbench/nn/plan"
)

func init() {
	register(Optimizer{
		Name:    "rmsprop",
		Doc:     "the gradient over the root of its mean square",
		Source:  "Tieleman and Hinton 2012 (lecture 6.5), as PyTorch has it: ε outside the root",
		Options: rmspropOptions(0.99, 1e-8),
		New: func(s option.Settings) plan.Optimizer {
			return newRMSProp(s, false)
		},
	})
	register(Optimizer{
		Name: "rmsprop_tf",
		Doc:  "rmsprop as TensorFlow 1 has it",
		Source: "TensorFlow 1's RMSPropOptimizer, with which Inception, MobileNet and EfficientNet were trained: ε inside the root, " +
			"the mean square starts at 1, the learning rate inside the velocity",
		Options: rmspropOptions(0.9, 1e-10),
		New: func(s option.Settings) plan.Optimizer {
			return newRMSProp(s, true)
		},
	})
}

func rmspropOptions(alpha, small float64) []option.Option {
	return []option.Option{
		momentum, beta2(alpha), epsilon(small),
		{Name: "centered", Default: false, Doc: "divide by the root of the variance instead of the mean square (Graves 2013)"},
	}
}

func newRMSProp(s option.Settings, tensorFlow bool) RMSProp {
	return RMSProp{Momentum: s.Float("momentum"), Alpha: s.Float("beta2"), Epsilon: s.Float("epsilon"),
		Centered: s.Bool("centered"), TensorFlow: tensorFlow}
}

// RMSProp is g += decay·w; s = α·s + (1−α)·g²; v = Momentum·v + g/(√s + ε); w −= lr·v (Tieleman and Hinton 2012,
// Graves 2013 for Centered, where m = α·m + (1−α)·g and s − m² takes the place of s under the root). With TensorFlow
// s starts at 1 and v = Momentum·v + lr·g/√(s + ε); w −= v.
type RMSProp struct {
	Momentum, Alpha, Epsilon float64
	Centered, TensorFlow     bool
}

var _ plan.Optimizer = RMSProp{}

func (r RMSProp) Name() string {
	if r.TensorFlow {
		return "rmsprop_tf"
	}
	return "rmsprop"
}

func (r RMSProp) Slots() []string {
	if r.Centered {
		return []string{"momentum", "square", "mean"}
	}
	return []string{"momentum", "square"}
}

func (r RMSProp) WithMomentum(momentum float64) plan.Optimizer {
	r.Momentum = momentum
	return r
}

func (r RMSProp) Apply(w, g op.Buffer, slots []op.Buffer, at plan.At) {
	var s [3]op.Buffer // the third is empty unless Centered
	copy(s[:], slots)
	if w.F64 != nil {
		rmsprop(r, w.F64, g.F64, [3][]float64{s[0].F64, s[1].F64, s[2].F64}, at)
		return
	}
	rmsprop(r, w.F32, g.F32, [3][]float32{s[0].F32, s[1].F32, s[2].F32}, at)
}

func rmsprop[T op.Real](r RMSProp, w, g []T, slots [3][]T, at plan.At) {
	v, square, mean := slots[0], slots[1], slots[2]
	lr, decay, mu, epsilon := T(at.Rate), T(at.Decay), T(r.Momentum), T(r.Epsilon)
	alpha, rest := T(r.Alpha), T(1-r.Alpha)
	for i := range w {
		d := g[i] + T(decay*w[i])
		if r.TensorFlow && at.Step == 0 {
			square[i] = 1
		}
		square[i] = T(alpha*square[i]) + T(T(rest*d)*d)
		under := square[i]
		if r.Centered {
			mean[i] = T(alpha*mean[i]) + T(rest*d)
			under = max(0, under-T(mean[i]*mean[i])) // below 0 by rounding only
		}
		if r.TensorFlow {
			v[i] = T(mu*v[i]) + T(lr*d)/sqrt(under+epsilon)
			w[i] -= v[i]
		} else {
			v[i] = T(mu*v[i]) + d/(sqrt(under)+epsilon)
			w[i] -= T(lr * v[i])
		}
	}
}
