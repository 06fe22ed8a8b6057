package op

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
)

// LRN is local response normalisation over Size neighbouring channels of x [n, c, h, w], y = x / (K + Alpha/Size · Σ
// x²)^Beta. It divides Alpha by Size as PyTorch, cuDNN and Caffe do; Krizhevsky et al. 2012, section 3.3, do not.
type LRN struct {
	Size           int // odd
	Alpha, Beta, K float64
}

func (LRN) Name() string  { return "lrn" }
func (LRN) Wants() []bool { return all(1) }

func (v LRN) Infer(in []Shape) (Shape, error) {
	if v.Size < 1 || v.Size%2 == 0 || !(v.K > 0) || !(v.Alpha >= 0) || !(v.Beta >= 0) {
		return nil, fmt.Errorf("lrn: size %d must be odd, k %v above 0, alpha %v and beta %v not below 0", v.Size, v.K, v.Alpha, v.Beta)
	}
	return in[0], wantRank("lrn", "input", in[0], 4)
}

func (v LRN) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(LRNBwd{LRN: v}, in[0], dy)
	return []*G.Node{dx}, err
}

func (v LRN) Run(c Call) { run(c, lrn[float32](v), lrn[float64](v)) }

// neighbours calls f with the indices i and j of each pair of elements of one pixel whose channels are at most Size/2
// apart.
func (v LRN) neighbours(s Shape, f func(i, j int)) {
	area := s[2] * s[3]
	for i := range s.Size() {
		channel := i / area % s[1]
		for c := max(0, channel-v.Size/2); c <= min(s[1]-1, channel+v.Size/2); c++ {
			f(i, i+(c-channel)*area)
		}
	}
}

// base returns K + Alpha/Size · Σ x² for every element. The sum is over its neighbours.
func (v LRN) base(x []float64, s Shape) []float64 {
	base := make([]float64, len(x))
	for i := range base {
		base[i] = v.K
	}
	v.neighbours(s, func(i, j int) { base[i] += v.Alpha / float64(v.Size) * x[j] * x[j] })
	return base
}

func lrn[T Real](v LRN) func(Call) {
	return func(c Call) {
		x, y := widen(data[T](c.In[0])), data[T](c.Out)
		for i, b := range v.base(x, c.In[0].Shape) {
			y[i] = T(x[i] * math.Pow(b, -v.Beta))
		}
	}
}

func widen[T Real](x []T) []float64 {
	wide := make([]float64, len(x))
	for i, v := range x {
		wide[i] = float64(v)
	}
	return wide
}

// LRNBwd is the gradient of LRN's input. Its operands are x and dy.
type LRNBwd struct {
	noGradient
	LRN
}

func (LRNBwd) Name() string  { return "lrn_bwd" }
func (LRNBwd) Wants() []bool { return make([]bool, 2) }

func (v LRNBwd) Infer(in []Shape) (Shape, error) {
	return in[0], wantResult(v.Name(), v.LRN, in[1], in[0])
}

func (v LRNBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return v.noGradient.Gradient(g, in, out, dy)
}

func (v LRNBwd) Run(c Call) { run(c, lrnBwd[float32](v), lrnBwd[float64](v)) }

func lrnBwd[T Real](v LRNBwd) func(Call) {
	return func(c Call) {
		x, dy, dx := widen(data[T](c.In[0])), widen(data[T](c.In[1])), data[T](c.Out)
		base := v.base(x, c.In[0].Shape)
		sums := make([]float64, len(x))
		v.neighbours(c.In[0].Shape, func(i, j int) { sums[i] += dy[j] * x[j] * math.Pow(base[j], -v.Beta-1) })
		for i, b := range base {
			dx[i] = T(dy[i]*math.Pow(b, -v.Beta) - 2*v.Alpha*v.Beta/float64(v.Size)*x[i]*sums[i])
		}
	}
}
