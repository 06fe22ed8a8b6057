package op

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
)

// Softmax is exp(x) / Σ exp(x) over the last axis, or with Log its logarithm.
type Softmax struct{ Log bool }

func (s Softmax) Name() string {
	if s.Log {
		return "log_softmax"
	}
	return "softmax"
}

func (Softmax) Wants() []bool { return all(1) }

func (s Softmax) Infer(in []Shape) (Shape, error) {
	if len(in[0]) < 1 {
		return nil, fmt.Errorf("%s: input %v has no axis", s.Name(), in[0])
	}
	return in[0], nil
}

func (s Softmax) Gradient(g *Graph, _ []*G.Node, y, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(SoftmaxBwd{Softmax: s}, y, dy)
	return []*G.Node{dx}, err
}

func (s Softmax) Run(c Call) { run(c, softmax[float32](s), softmax[float64](s)) }

func softmax[T Real](s Softmax) func(Call) {
	return func(c Call) {
		x, y := data[T](c.In[0]), data[T](c.Out)
		d := c.Out.Shape[len(c.Out.Shape)-1]
		for at := 0; at < len(x); at += d {
			norm := LogSumExp(x[at : at+d])
			for i := at; i < at+d; i++ {
				log := float64(x[i]) - norm
				if y[i] = T(log); !s.Log {
					y[i] = T(math.Exp(log))
				}
			}
		}
	}
}

// SoftmaxBwd is dx = y (dy − Σ y·dy), or with Log dx = dy − exp(y) Σ dy. Its operands are the result y and dy.
type SoftmaxBwd struct {
	noGradient
	Softmax
}

func (s SoftmaxBwd) Name() string { return s.Softmax.Name() + "_bwd" }
func (SoftmaxBwd) Wants() []bool  { return make([]bool, 2) }

func (s SoftmaxBwd) Infer(in []Shape) (Shape, error) {
	return in[0], wantResult(s.Name(), s.Softmax, in[1], in[0])
}

func (s SoftmaxBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return s.noGradient.Gradient(g, in, out, dy)
}

func (s SoftmaxBwd) Run(c Call) { run(c, softmaxBwd[float32](s), softmaxBwd[float64](s)) }

func softmaxBwd[T Real](s SoftmaxBwd) func(Call) {
	return func(c Call) {
		y, dy, dx := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
		d := c.Out.Shape[len(c.Out.Shape)-1]
		for at := 0; at < len(y); at += d {
			sum := 0.0
			for i := at; i < at+d; i++ {
				if s.Log {
					sum += float64(dy[i])
				} else {
					sum += float64(y[i]) * float64(dy[i])
				}
			}
			for i := at; i < at+d; i++ {
				if s.Log {
					dx[i] = T(float64(dy[i]) - math.Exp(float64(y[i]))*sum)
				} else {
					dx[i] = T(float64(y[i]) * (float64(dy[i]) - sum))
				}
			}
		}
	}
}
