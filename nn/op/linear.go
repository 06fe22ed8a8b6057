package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// Linear is x [n, in] times the transpose of weights [out, in] plus bias [out].
type Linear struct{}

func (Linear) Name() string  { return "linear" }
func (Linear) Wants() []bool { return all(3) }

func (Linear) Infer(in []Shape) (Shape, error) {
	x, w := in[0], in[1]
	if err := wantRank("linear", "input", x, 2); err != nil {
		return nil, err
	}
	if err := wantRank("linear", "weights", w, 2); err != nil {
		return nil, err
	}
	if x[1] != w[1] {
		return nil, fmt.Errorf("linear: input %v has %d features, weights %v take %d", x, x[1], w, w[1])
	}
	return Shape{x[0], w[0]}, wantShape("linear", "bias", in[2], Shape{w[0]})
}

func (Linear) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(LinearBwdData{}, in[1], dy)
	if err != nil {
		return nil, err
	}
	dw, err := g.Apply(LinearBwdWeights{}, in[0], dy)
	if err != nil {
		return nil, err
	}
	db, err := g.Apply(BiasBwd{}, dy)
	return []*G.Node{dx, dw, db}, err
}

func (Linear) Run(c Call) { run(c, linear[float32], linear[float64]) }

func linear[T Real](c Call) {
	x, w, b, y := data[T](c.In[0]), data[T](c.In[1]), data[T](c.In[2]), data[T](c.Out)
	out, in := c.In[1].Shape[0], c.In[1].Shape[1]
	for i := range y {
		n, o := i/out, i%out
		acc := b[o]
		for k := 0; k < in; k++ {
			acc += x[n*in+k] * w[o*in+k]
		}
		y[i] = acc
	}
}

// LinearBwdData is dx [n, in] from weights [out, in] and dy [n, out].
type LinearBwdData struct{ noGradient }

func (LinearBwdData) Name() string  { return "linear_bwd_data" }
func (LinearBwdData) Wants() []bool { return make([]bool, 2) }

func (v LinearBwdData) Infer(in []Shape) (Shape, error) {
	w, dy := in[0], in[1]
	if err := wantRank(v.Name(), "weights", w, 2); err != nil {
		return nil, err
	}
	if err := wantRank(v.Name(), "gradient", dy, 2); err != nil {
		return nil, err
	}
	x := Shape{dy[0], w[1]}
	return x, wantResult(v.Name(), Linear{}, dy, x, w, Shape{w[0]})
}

func (LinearBwdData) Run(c Call) { run(c, linearBwdData[float32], linearBwdData[float64]) }

func linearBwdData[T Real](c Call) {
	w, dy, dx := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
	out, in := c.In[0].Shape[0], c.In[0].Shape[1]
	for i, d := range dy {
		n, o := i/out, i%out
		for k := 0; k < in; k++ {
			dx[n*in+k] += d * w[o*in+k]
		}
	}
}

// LinearBwdWeights is dw [out, in] from x [n, in] and dy [n, out].
type LinearBwdWeights struct{ noGradient }

func (LinearBwdWeights) Name() string  { return "linear_bwd_weights" }
func (LinearBwdWeights) Wants() []bool { return make([]bool, 2) }

func (v LinearBwdWeights) Infer(in []Shape) (Shape, error) {
	x, dy := in[0], in[1]
	if err := wantRank(v.Name(), "input", x, 2); err != nil {
		return nil, err
	}
	if err := wantRank(v.Name(), "gradient", dy, 2); err != nil {
		return nil, err
	}
	w := Shape{dy[1], x[1]}
	return w, wantResult(v.Name(), Linear{}, dy, x, w, Shape{w[0]})
}

func (LinearBwdWeights) Run(c Call) {
	run(c, linearBwdWeights[float32], linearBwdWeights[float64])
}

func linearBwdWeights[T Real](c Call) {
	x, dy, dw := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
	out, in := c.Out.Shape[0], c.Out.Shape[1]
	for i, d := range dy {
		n, o := i/out, i%out
		for k := 0; k < in; k++ {
			dw[o*in+k] += d * x[n*in+k]
		}
	}
}
