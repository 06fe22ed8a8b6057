package op

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
)

// PointLossKind names a loss that compares element by element.
type PointLossKind int

const (
	SquaredError       PointLossKind = iota // (x − t)²
	BinaryCrossEntropy                      // −t log σ(x) − (1 − t) log(1 − σ(x)) of logits x and targets t from 0 to 1
)

var pointLosses = [...]struct {
	name  string
	value func(x, t float64) float64
	slope func(x, t float64) float64 // by x
	both  bool                       // the slope by t is the negative of that by x; else targets have no gradient
}{
	SquaredError: {"squared_error", func(x, t float64) float64 { return (x - t) * (x - t) },
		func(x, t float64) float64 { return 2 * (x - t) }, true},
	BinaryCrossEntropy: {"binary_cross_entropy",
		func(x, t float64) float64 { return max(x, 0) - x*t + math.Log1p(math.Exp(-math.Abs(x))) },
		func(x, t float64) float64 { return sigmoid(x) - t }, false},
}

// PointLoss is the mean over all elements of a loss of x and targets of the same shape.
type PointLoss struct{ Kind PointLossKind }

func (p PointLoss) Name() string {
	if p.Kind < 0 || int(p.Kind) >= len(pointLosses) {
		return fmt.Sprintf("point loss %d", int(p.Kind))
	}
	return pointLosses[p.Kind].name
}

func (p PointLoss) Wants() []bool { return []bool{true, p.Kind == SquaredError} }

func (p PointLoss) Infer(in []Shape) (Shape, error) {
	if p.Kind < 0 || int(p.Kind) >= len(pointLosses) {
		return nil, fmt.Errorf("%s is unknown, want 0 to %d", p.Name(), len(pointLosses)-1)
	}
	return Shape{}, wantShape(p.Name(), "target", in[1], in[0])
}

func (p PointLoss) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(PointLossBwd{PointLoss: p}, in[0], in[1], dy)
	if err != nil || !pointLosses[p.Kind].both {
		return []*G.Node{dx, nil}, err
	}
	dt, err := g.Apply(Scale{By: -1}, dx)
	return []*G.Node{dx, dt}, err
}

func (p PointLoss) Run(c Call) { run(c, pointLoss[float32](p), pointLoss[float64](p)) }

func pointLoss[T Real](p PointLoss) func(Call) {
	return func(c Call) {
		x, t, sum := data[T](c.In[0]), data[T](c.In[1]), 0.0
		for i, v := range x {
			sum += pointLosses[p.Kind].value(float64(v), float64(t[i]))
		}
		data[T](c.Out)[0] = T(sum / float64(len(x)))
	}
}

// PointLossBwd is the gradient by x. Its operands are x, target and the scalar dy.
type PointLossBwd struct {
	noGradient
	PointLoss
}

func (p PointLossBwd) Name() string { return p.PointLoss.Name() + "_bwd" }
func (PointLossBwd) Wants() []bool  { return make([]bool, 3) }

func (p PointLossBwd) Infer(in []Shape) (Shape, error) {
	return in[0], wantResult(p.Name(), p.PointLoss, in[2], in[0], in[1])
}

func (p PointLossBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return p.noGradient.Gradient(g, in, out, dy)
}

func (p PointLossBwd) Run(c Call) { run(c, pointLossBwd[float32](p), pointLossBwd[float64](p)) }

func pointLossBwd[T Real](p PointLossBwd) func(Call) {
	return func(c Call) {
		x, t, dx := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
		scale := float64(data[T](c.In[2])[0]) / float64(len(x))
		for i, v := range x {
			dx[i] = T(scale * pointLosses[p.Kind].slope(float64(v), float64(t[i])))
		}
	}
}
