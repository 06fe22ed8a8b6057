package op

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
)

// L2Normalize divides each row of x [n, d] by its Euclidean norm, or by Epsilon where the norm is smaller.
type L2Normalize struct{ Epsilon float64 }

func (L2Normalize) Name() string  { return "l2_normalize" }
func (L2Normalize) Wants() []bool { return all(1) }

func (v L2Normalize) Infer(in []Shape) (Shape, error) {
	if !(v.Epsilon > 0) {
		return nil, fmt.Errorf("l2_normalize: epsilon %v, want above 0", v.Epsilon)
	}
	return in[0], wantRank("l2_normalize", "input", in[0], 2)
}

func (v L2Normalize) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(L2NormalizeBwd{L2Normalize: v}, in[0], dy)
	return []*G.Node{dx}, err
}

func (v L2Normalize) Run(c Call) { run(c, l2Normalize[float32](v), l2Normalize[float64](v)) }

// norm returns the Euclidean norm of a row, or Epsilon and short where the norm is not above Epsilon.
func (v L2Normalize) norm(row []float64) (norm float64, short bool) {
	squares := 0.0
	for _, e := range row {
		squares += e * e
	}
	if norm = math.Sqrt(squares); norm <= v.Epsilon {
		return v.Epsilon, true
	}
	return norm, false
}

func l2Normalize[T Real](v L2Normalize) func(Call) {
	return func(c Call) {
		x, y, d := widen(data[T](c.In[0])), data[T](c.Out), c.In[0].Shape[1]
		for at := 0; at < len(x); at += d {
			norm, _ := v.norm(x[at : at+d])
			for i := at; i < at+d; i++ {
				y[i] = T(x[i] / norm)
			}
		}
	}
}

// L2NormalizeBwd is dx = (dy − y (y·dy)) / norm, or dy / Epsilon where the norm is not above Epsilon. Its operands are
// x and dy.
type L2NormalizeBwd struct {
	noGradient
	L2Normalize
}

func (L2NormalizeBwd) Name() string  { return "l2_normalize_bwd" }
func (L2NormalizeBwd) Wants() []bool { return make([]bool, 2) }

func (v L2NormalizeBwd) Infer(in []Shape) (Shape, error) {
	return in[0], wantResult(v.Name(), v.L2Normalize, in[1], in[0])
}

func (v L2NormalizeBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return v.noGradient.Gradient(g, in, out, dy)
}

func (v L2NormalizeBwd) Run(c Call) { run(c, l2NormalizeBwd[float32](v), l2NormalizeBwd[float64](v)) }

func l2NormalizeBwd[T Real](v L2NormalizeBwd) func(Call) {
	return func(c Call) {
		x, dy, dx, d := widen(data[T](c.In[0])), widen(data[T](c.In[1])), data[T](c.Out), c.In[0].Shape[1]
		for at := 0; at < len(x); at += d {
			norm, short := v.norm(x[at : at+d])
			along := 0.0
			for i := at; i < at+d && !short; i++ {
				along += x[i] / norm * dy[i]
			}
			for i := at; i < at+d; i++ {
				dx[i] = T((dy[i] - x[i]/norm*along) / norm)
			}
		}
	}
}

// NTXent is the normalised temperature-scaled cross entropy of SimCLR (Chen et al. 2020, equation 1), a mean in nats.
// Its operand is the similarities [2n, 2n] of 2n views, already divided by the temperature. Rows i and i + n are views
// of one image, and every row must find its partner among all rows but itself.
type NTXent struct{}

func (NTXent) Name() string  { return "nt_xent" }
func (NTXent) Wants() []bool { return all(1) }

func (NTXent) Infer(in []Shape) (Shape, error) {
	if s := in[0]; len(s) != 2 || s[0] != s[1] || s[0]%2 != 0 {
		return nil, fmt.Errorf("nt_xent: similarities are %v, want (2n, 2n)", s)
	}
	return Shape{}, nil
}

func (NTXent) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	return logitsOnly(g, NTXentBwd{}, in, dy)
}

func (NTXent) Run(c Call) { run(c, ntXent[float32], ntXent[float64]) }

// others returns row i of the similarities and the index of the row's partner in it. The view's similarity with itself
// is set to −∞.
func others(similarities []float64, i, views int) (row []float64, partner int) {
	row = similarities[i*views : (i+1)*views]
	row[i] = math.Inf(-1)
	return row, (i + views/2) % views
}

func ntXent[T Real](c Call) {
	s, views, loss := widen(data[T](c.In[0])), c.In[0].Shape[0], 0.0
	for i := range views {
		row, partner := others(s, i, views)
		loss += LogSumExp(row) - row[partner]
	}
	data[T](c.Out)[0] = T(loss / float64(views))
}

// NTXentBwd is the gradient of the similarities. Its operands are the similarities and the scalar dy.
type NTXentBwd struct{ noGradient }

func (NTXentBwd) Name() string  { return "nt_xent_bwd" }
func (NTXentBwd) Wants() []bool { return make([]bool, 2) }

func (v NTXentBwd) Infer(in []Shape) (Shape, error) {
	return in[0], wantResult(v.Name(), NTXent{}, in[1], in[0])
}

func (NTXentBwd) Run(c Call) { run(c, ntXentBwd[float32], ntXentBwd[float64]) }

func ntXentBwd[T Real](c Call) {
	s, ds, views := widen(data[T](c.In[0])), data[T](c.Out), c.In[0].Shape[0]
	scale := float64(data[T](c.In[1])[0]) / float64(views)
	for i := range views {
		row, partner := others(s, i, views)
		norm := LogSumExp(row)
		for k, v := range row {
			d := math.Exp(v - norm)
			if k == partner {
				d--
			}
			ds[i*views+k] = T(scale * d)
		}
	}
}
