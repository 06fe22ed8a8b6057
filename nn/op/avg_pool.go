package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// AvgPool is the mean under a KH×KW kernel. With CountPad the divisor counts the padding under the kernel too, except
// for the last Uncounted [rows, columns], which were added to round the output's size up (ceil mode).
type AvgPool struct {
	Window
	KH, KW    int
	CountPad  bool
	Uncounted [2]int
}

// Counted is the number of pixels along axis d that the mean at output position o is taken over. The axis has n pixels.
func (p AvgPool) Counted(d, o, n int) int {
	first, k := p.in(d, o, 0), [2]int{p.KH, p.KW}[d]
	if p.CountPad {
		return min(first+k, n+p.End[d]-p.Uncounted[d]) - first
	}
	return min(first+k, n) - max(first, 0)
}

func (AvgPool) Name() string  { return "avg_pool" }
func (AvgPool) Wants() []bool { return all(1) }

func (p AvgPool) Infer(in []Shape) (Shape, error) {
	for d, n := range p.Uncounted {
		if n < 0 || n > p.End[d] || n >= max(p.Stride[d], 1) {
			return nil, fmt.Errorf("avg_pool: %v uncounted pixels want 0 to the padding %v, below the stride %v", p.Uncounted, p.End, p.Stride)
		}
	}
	return p.pooled("avg_pool", in[0], p.KH, p.KW)
}

func (p AvgPool) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(AvgPoolBwd{AvgPool: p, H: in[0].Shape()[2], W: in[0].Shape()[3]}, dy)
	return []*G.Node{dx}, err
}

func (p AvgPool) Run(c Call) { run(c, avgPool[float32](p), avgPool[float64](p)) }

func avgPool[T Real](p AvgPool) func(Call) {
	return func(c Call) {
		x, y := data[T](c.In[0]), data[T](c.Out)
		p.taps(c.In[0].Shape, c.Out.Shape, func(xi, yi int, share float64) { y[yi] += x[xi] * T(share) })
	}
}

// taps calls f for every pair of an input pixel xi and an output pixel yi under one kernel. share is the weight of xi
// in the mean.
func (p AvgPool) taps(x, y Shape, f func(xi, yi int, share float64)) {
	area := Conv{Window: p.Window, Groups: x[1]}
	area.taps(x, Shape{x[1], 1, p.KH, p.KW}, y, func(xi, _, yi int) {
		oh, ow := yi/y[3]%y[2], yi%y[3]
		f(xi, yi, 1/float64(p.Counted(0, oh, x[2])*p.Counted(1, ow, x[3])))
	})
}

// AvgPoolBwd spreads each dy evenly over its kernel. H and W are the size of the forward pass's input.
type AvgPoolBwd struct {
	noGradient
	AvgPool
	H, W int
}

func (AvgPoolBwd) Name() string  { return "avg_pool_bwd" }
func (AvgPoolBwd) Wants() []bool { return make([]bool, 1) }

func (p AvgPoolBwd) Infer(in []Shape) (Shape, error) {
	dy := in[0]
	if err := wantRank(p.Name(), "gradient", dy, 4); err != nil {
		return nil, err
	}
	x := Shape{dy[0], dy[1], p.H, p.W}
	return x, wantResult(p.Name(), p.AvgPool, dy, x)
}

func (p AvgPoolBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return p.noGradient.Gradient(g, in, out, dy)
}

func (p AvgPoolBwd) Run(c Call) { run(c, avgPoolBwd[float32](p), avgPoolBwd[float64](p)) }

func avgPoolBwd[T Real](p AvgPoolBwd) func(Call) {
	return func(c Call) {
		dy, dx := data[T](c.In[0]), data[T](c.Out)
		p.taps(c.Out.Shape, c.In[0].Shape, func(xi, yi int, share float64) { dx[xi] += dy[yi] * T(share) })
	}
}
