package op

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"

	"workbench/nn/nearest"
)

// ActivationKind names one of the activations beside ReLU.
type ActivationKind int

const (
	ReLU6       ActivationKind = iota // min(max(x, 0), 6) (Sandler et al. 2018)
	LeakyReLU                         // x, or Alpha·x below 0 (Maas et al. 2013)
	Sigmoid                           // 1 / (1 + exp(−x))
	HardSigmoid                       // ReLU6(x + 3) / 6 (Howard et al. 2019)
	SiLU                              // x · sigmoid(x), also called swish (Ramachandran et al. 2017)
	HardSwish                         // x · hard sigmoid(x) (Howard et al. 2019)
	Tanh
	GELU     // x · Φ(x) with the normal distribution's Φ (Hendrycks and Gimpel 2016)
	GELUTanh // GELU approximated with tanh (Hendrycks and Gimpel 2016, section 2)
)

// curve is one activation. value is computed from x; slope is computed from the value where result is set, else from x.
type curve struct {
	name   string
	value  func(x, alpha float64) float64
	slope  func(v, alpha float64) float64
	result bool
}

var curves = [...]curve{
	ReLU6: {"relu6", func(x, _ float64) float64 { return clip(x, 0, 6) },
		func(y, _ float64) float64 { return inside(y, 0, 6) }, true},
	LeakyReLU: {"leaky_relu", leaky, leakySlope, true},
	Sigmoid: {"sigmoid", func(x, _ float64) float64 { return sigmoid(x) },
		func(y, _ float64) float64 { return y * (1 - y) }, true},
	HardSigmoid: {"hard_sigmoid", func(x, _ float64) float64 { return clip(x+3, 0, 6) / 6 },
		func(y, _ float64) float64 { return inside(y, 0, 1) / 6 }, true},
	SiLU:      {"silu", func(x, _ float64) float64 { return x * sigmoid(x) }, siluSlope, false},
	HardSwish: {"hard_swish", func(x, _ float64) float64 { return x * clip(x+3, 0, 6) / 6 }, hardSwishSlope, false},
	Tanh: {"tanh", func(x, _ float64) float64 { return math.Tanh(x) },
		func(y, _ float64) float64 { return 1 - y*y }, true},
	GELU:     {"gelu", func(x, _ float64) float64 { return x * normal(x) }, geluSlope, false},
	GELUTanh: {"gelu_tanh", func(x, _ float64) float64 { return x * sigmoid(2*geluArgument(x)) }, geluTanhSlope, false},
}

// clip limits x to [low, high]. NaN passes, so that trouble is seen.
func clip(x, low, high float64) float64 { return min(max(x, low), high) }

// inside is 1 between low and high, without the ends, else 0.
func inside(x, low, high float64) float64 {
	if x > low && x < high {
		return 1
	}
	return 0
}

func leaky(x, alpha float64) float64 {
	if x < 0 {
		return alpha * x
	}
	return x
}

func leakySlope(y, alpha float64) float64 {
	if y > 0 {
		return 1
	}
	return alpha
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func siluSlope(x, _ float64) float64 {
	s := sigmoid(x)
	return s * (1 + x*(1-s))
}

func hardSwishSlope(x, _ float64) float64 {
	switch {
	case x <= -3:
		return 0
	case x >= 3:
		return 1
	}
	return x/3 + 0.5
}

// normal is Φ, the distribution function of the standard normal.
func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func geluSlope(x, _ float64) float64 {
	return normal(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
}

const geluCubic = 0.044715

func geluArgument(x float64) float64 { return math.Sqrt(2/math.Pi) * (x + geluCubic*x*x*x) }

func geluTanhSlope(x, _ float64) float64 {
	t := math.Tanh(geluArgument(x))
	return (1+t)/2 + x/2*(1-t*t)*math.Sqrt(2/math.Pi)*(1+3*geluCubic*x*x)
}

func (k ActivationKind) String() string {
	if k < 0 || int(k) >= len(curves) {
		return fmt.Sprintf("activation %d", int(k))
	}
	return curves[k].name
}

// ActivationNames lists the kinds.
func ActivationNames() []string {
	var names []string
	for _, c := range curves {
		names = append(names, c.name)
	}
	return names
}

// ActivationNamed finds a kind by its name.
func ActivationNamed(name string) (ActivationKind, error) {
	for k, c := range curves {
		if c.name == name {
			return ActivationKind(k), nil
		}
	}
	return 0, fmt.Errorf("there is no activation %q%s", name, nearest.Hint(name, ActivationNames()))
}

// Activation applies a curve to every element.
type Activation struct {
	Kind  ActivationKind
	Alpha float64 // slope of LeakyReLU below 0; the other kinds have none
}

func (a Activation) Name() string { return a.Kind.String() }
func (Activation) Wants() []bool  { return all(1) }

func (a Activation) Infer(in []Shape) (Shape, error) {
	if a.Kind < 0 || int(a.Kind) >= len(curves) {
		return nil, fmt.Errorf("%v is unknown, want 0 (%v) to %d (%v)", a.Kind, ReLU6, len(curves)-1, GELUTanh)
	}
	if a.Alpha != 0 && a.Kind != LeakyReLU || !(a.Alpha >= 0 && a.Alpha < 1) {
		return nil, fmt.Errorf("%v: the slope below 0 is %v, want 0, or from 0 to below 1 for %v", a.Kind, a.Alpha, LeakyReLU)
	}
	return in[0], nil
}

// UsesResult reports whether the gradient is computed from the result y rather than from the operand x.
func (a Activation) UsesResult() bool { return curves[a.Kind].result }

func (a Activation) Gradient(g *Graph, in []*G.Node, y, dy *G.Node) ([]*G.Node, error) {
	v := in[0]
	if a.UsesResult() {
		v = y
	}
	dx, err := g.Apply(ActivationBwd{Activation: a}, v, dy)
	return []*G.Node{dx}, err
}

func (a Activation) Run(c Call) { run(c, activation[float32](a), activation[float64](a)) }

func activation[T Real](a Activation) func(Call) {
	return func(c Call) {
		y, value := data[T](c.Out), curves[a.Kind].value
		for i, x := range data[T](c.In[0]) {
			y[i] = T(value(float64(x), a.Alpha))
		}
	}
}

// ActivationBwd is the gradient dx of an activation. Its operands are x, or the result y where UsesResult, and dy.
type ActivationBwd struct {
	noGradient
	Activation
}

func (a ActivationBwd) Name() string { return a.Activation.Name() + "_bwd" }
func (ActivationBwd) Wants() []bool  { return make([]bool, 2) }

func (a ActivationBwd) Infer(in []Shape) (Shape, error) {
	return in[0], wantResult(a.Name(), a.Activation, in[1], in[0])
}

func (a ActivationBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return a.noGradient.Gradient(g, in, out, dy)
}

func (a ActivationBwd) Run(c Call) { run(c, activationBwd[float32](a), activationBwd[float64](a)) }

func activationBwd[T Real](a ActivationBwd) func(Call) {
	return func(c Call) {
		dy, dx, slope := data[T](c.In[1]), data[T](c.Out), curves[a.Kind].slope
		for i, v := range data[T](c.In[0]) {
			dx[i] = dy[i] * T(slope(float64(v), a.Alpha))
		}
	}
}
