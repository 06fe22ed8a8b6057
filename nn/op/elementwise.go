package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// Sum adds N operands of one shape. Networks add two; the plan gathers sums of gradients into longer ones.
type Sum struct{ N int }

func (s Sum) Name() string  { return "sum" }
func (s Sum) Wants() []bool { return all(s.N) }

func (s Sum) Infer(in []Shape) (Shape, error) {
	if len(in) != s.N || s.N < 2 {
		return nil, fmt.Errorf("sum: got %d operands, want %d, at least 2", len(in), s.N)
	}
	for i := 1; i < len(in); i++ {
		if err := wantShape("sum", fmt.Sprintf("operand %d", i), in[i], in[0]); err != nil {
			return nil, err
		}
	}
	return in[0], nil
}

func (s Sum) Gradient(_ *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	ds := make([]*G.Node, s.N)
	for i := range ds {
		ds[i] = dy
	}
	return ds, nil
}

func (s Sum) Run(c Call) { run(c, sum[float32], sum[float64]) }

func sum[T Real](c Call) {
	y := data[T](c.Out)
	copy(y, data[T](c.In[0]))
	for _, in := range c.In[1:] {
		for i, v := range data[T](in) {
			y[i] += v
		}
	}
}

// ReLU is max(x, 0) (Nair and Hinton 2010).
type ReLU struct{}

func (ReLU) Name() string                    { return "relu" }
func (ReLU) Wants() []bool                   { return all(1) }
func (ReLU) Infer(in []Shape) (Shape, error) { return in[0], nil }

// Gradient reads the result only, so that the operand's memory is free.
func (ReLU) Gradient(g *Graph, _ []*G.Node, y, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(ReLUBwd{}, y, dy)
	return []*G.Node{dx}, err
}

func (ReLU) Run(c Call) { run(c, relu[float32], relu[float64]) }

func relu[T Real](c Call) {
	y := data[T](c.Out)
	for i, v := range data[T](c.In[0]) {
		if v > 0 || v != v { // NaN passes, so that trouble is seen
			y[i] = v
		}
	}
}

// ReLUBwd is dx = dy where the result y is positive, else 0.
type ReLUBwd struct{ noGradient }

func (ReLUBwd) Name() string  { return "relu_bwd" }
func (ReLUBwd) Wants() []bool { return make([]bool, 2) }

func (ReLUBwd) Infer(in []Shape) (Shape, error) {
	return in[0], wantShape("relu_bwd", "gradient", in[1], in[0])
}

func (ReLUBwd) Run(c Call) { run(c, reluBwd[float32], reluBwd[float64]) }

func reluBwd[T Real](c Call) {
	y, dy, dx := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
	for i, v := range y {
		if v > 0 {
			dx[i] = dy[i]
		}
	}
}
