package op

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
)

// PointwiseKind names a function of one number. With the products, the sums and Stretch they make the losses of the
// strategies.
type PointwiseKind int

const (
	Exp   PointwiseKind = iota
	Log                 // natural
	Sqrt                // its slope at 0 is infinite, as PyTorch's
	Abs                 // its slope at 0 is 0, as PyTorch's
	Power               // x to the power A
	Clamp               // min(max(x, A), B); both ends have the slope 1, as PyTorch's clamp
)

// pointwise is one function. value is computed from x; slope is computed from the value where result is set, else from
// x.
type pointwise struct {
	name    string
	value   func(x float64, p Pointwise) float64
	slope   func(v float64, p Pointwise) float64
	result  bool
	numbers int // how many of A and B it has
}

var pointwiseKinds = [...]pointwise{
	Exp: {"exp", func(x float64, _ Pointwise) float64 { return math.Exp(x) }, func(y float64, _ Pointwise) float64 { return y }, true, 0},
	Log: {"log", func(x float64, _ Pointwise) float64 { return math.Log(x) },
		func(x float64, _ Pointwise) float64 { return 1 / x }, false, 0},
	Sqrt: {"sqrt", func(x float64, _ Pointwise) float64 { return math.Sqrt(x) },
		func(y float64, _ Pointwise) float64 { return 0.5 / y }, true, 0},
	Abs: {"abs", func(x float64, _ Pointwise) float64 { return math.Abs(x) }, absSlope, false, 0},
	Power: {"power", func(x float64, p Pointwise) float64 { return math.Pow(x, p.A) },
		func(x float64, p Pointwise) float64 { return p.A * math.Pow(x, p.A-1) }, false, 1},
	Clamp: {"clamp", func(x float64, p Pointwise) float64 { return clip(x, p.A, p.B) }, clampSlope, false, 2},
}

func absSlope(x float64, _ Pointwise) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func clampSlope(x float64, p Pointwise) float64 {
	if x >= p.A && x <= p.B {
		return 1
	}
	return 0
}

func (k PointwiseKind) String() string {
	if k < 0 || int(k) >= len(pointwiseKinds) {
		return fmt.Sprintf("pointwise %d", int(k))
	}
	return pointwiseKinds[k].name
}

// PointwiseKinds are all of them.
func PointwiseKinds() []PointwiseKind {
	var kinds []PointwiseKind
	for k := range pointwiseKinds {
		kinds = append(kinds, PointwiseKind(k))
	}
	return kinds
}

// Pointwise applies a function to every element.
type Pointwise struct {
	Kind PointwiseKind
	A, B float64 // of Power and Clamp
}

func (p Pointwise) Name() string { return p.Kind.String() }
func (Pointwise) Wants() []bool  { return all(1) }

func (p Pointwise) Infer(in []Shape) (Shape, error) {
	if p.Kind < 0 || int(p.Kind) >= len(pointwiseKinds) {
		return nil, fmt.Errorf("%v is unknown, want 0 (%v) to %d (%v)", p.Kind, Exp, len(pointwiseKinds)-1, Clamp)
	}
	numbers := pointwiseKinds[p.Kind].numbers
	if numbers < 2 && p.B != 0 || numbers < 1 && p.A != 0 {
		return nil, fmt.Errorf("%v: got the numbers %v and %v, want %d", p.Kind, p.A, p.B, numbers)
	}
	if p.Kind == Clamp && !(p.A <= p.B) {
		return nil, fmt.Errorf("clamp: the lower bound is %v, want at most the upper one, %v", p.A, p.B)
	}
	return in[0], nil
}

// UsesResult reports whether the gradient is computed from the result y rather than from the operand x.
func (p Pointwise) UsesResult() bool { return pointwiseKinds[p.Kind].result }

func (p Pointwise) Gradient(g *Graph, in []*G.Node, y, dy *G.Node) ([]*G.Node, error) {
	v := in[0]
	if p.UsesResult() {
		v = y
	}
	dx, err := g.Apply(PointwiseBwd{Pointwise: p}, v, dy)
	return []*G.Node{dx}, err
}

func (p Pointwise) Run(c Call) { run(c, pointwiseValue[float32](p), pointwiseValue[float64](p)) }

func pointwiseValue[T Real](p Pointwise) func(Call) {
	return func(c Call) {
		y, value := data[T](c.Out), pointwiseKinds[p.Kind].value
		for i, x := range data[T](c.In[0]) {
			y[i] = T(value(float64(x), p))
		}
	}
}

// PointwiseBwd is the gradient dx of a function. Its operands are x, or the result y where UsesResult, and dy.
type PointwiseBwd struct {
	noGradient
	Pointwise
}

func (p PointwiseBwd) Name() string { return p.Pointwise.Name() + "_bwd" }
func (PointwiseBwd) Wants() []bool  { return make([]bool, 2) }

func (p PointwiseBwd) Infer(in []Shape) (Shape, error) {
	return in[0], wantResult(p.Name(), p.Pointwise, in[1], in[0])
}

func (p PointwiseBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return p.noGradient.Gradient(g, in, out, dy)
}

func (p PointwiseBwd) Run(c Call) { run(c, pointwiseSlope[float32](p), pointwiseSlope[float64](p)) }

func pointwiseSlope[T Real](p PointwiseBwd) func(Call) {
	return func(c Call) {
		dy, dx, slope := data[T](c.In[1]), data[T](c.Out), pointwiseKinds[p.Kind].slope
		for i, v := range data[T](c.In[0]) {
			dx[i] = dy[i] * T(slope(float64(v), p.Pointwise))
		}
	}
}
