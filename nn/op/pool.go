package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// MaxPool is the largest value under a k×k kernel; padding never wins. Kernel and window in pixels.
type MaxPool struct {
	Window
	K int
}

func (MaxPool) Name() string  { return "max_pool" }
func (MaxPool) Wants() []bool { return all(1) }

func (p MaxPool) Infer(in []Shape) (Shape, error) {
	return p.pooled("max_pool", in[0], p.K, p.K)
}

// pooled is the result's shape of a kh×kw pooling.
func (w Window) pooled(name string, x Shape, kh, kw int) (Shape, error) {
	if err := wantRank(name, "input", x, 4); err != nil {
		return nil, err
	}
	if err := w.check(name, x, kh, kw); err != nil {
		return nil, err
	}
	if w.Dilation != [2]int{1, 1} {
		return nil, fmt.Errorf("%s: dilation is %v, want 1: a pooling kernel has no gaps", name, w.Dilation)
	}
	for d, k := range [2]int{kh, kw} { // else a kernel could see nothing but padding
		if w.Begin[d] >= k || w.End[d] >= k {
			return nil, fmt.Errorf("%s: padding %v, %v must be smaller than the kernel of %d×%d", name, w.Begin, w.End, kh, kw)
		}
	}
	return Shape{x[0], x[1], w.out(0, x[2], kh), w.out(1, x[3], kw)}, nil
}

func (p MaxPool) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(MaxPoolBwd{MaxPool: p}, in[0], dy)
	return []*G.Node{dx}, err
}

func (p MaxPool) Run(c Call) { run(c, maxPool[float32](p), maxPool[float64](p)) }

func maxPool[T Real](p MaxPool) func(Call) {
	return func(c Call) {
		x, y := data[T](c.In[0]), data[T](c.Out)
		p.each(p.K, c.In[0].Shape, c.Out.Shape, func(yi int, under []int) { y[yi] = x[largest(x, under)] })
	}
}

// largest is the index among under of the first largest value of x.
func largest[T Real](x []T, under []int) int {
	best := under[0]
	for _, i := range under[1:] {
		if x[i] > x[best] || x[i] != x[i] {
			best = i
		}
	}
	return best
}

// each calls f for every output pixel with the input pixels under its kernel, padding left out.
func (w Window) each(k int, x, y Shape, f func(yi int, under []int)) {
	under := make([]int, 0, k*k)
	for plane := 0; plane < y[0]*y[1]; plane++ {
		for oh := 0; oh < y[2]; oh++ {
			for ow := 0; ow < y[3]; ow++ {
				under = under[:0]
				for kh := 0; kh < k; kh++ {
					for kw := 0; kw < k; kw++ {
						ih, iw := w.in(0, oh, kh), w.in(1, ow, kw)
						if ih >= 0 && ih < x[2] && iw >= 0 && iw < x[3] {
							under = append(under, (plane*x[2]+ih)*x[3]+iw)
						}
					}
				}
				f((plane*y[2]+oh)*y[3]+ow, under)
			}
		}
	}
}

// MaxPoolBwd sends each dy to the pixel of x that won (the first of equals).
type MaxPoolBwd struct {
	noGradient
	MaxPool
}

func (MaxPoolBwd) Name() string  { return "max_pool_bwd" }
func (MaxPoolBwd) Wants() []bool { return make([]bool, 2) }

func (p MaxPoolBwd) Infer(in []Shape) (Shape, error) {
	return in[0], wantResult(p.Name(), p.MaxPool, in[1], in[0])
}

func (p MaxPoolBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return p.noGradient.Gradient(g, in, out, dy)
}

func (p MaxPoolBwd) Run(c Call) { run(c, maxPoolBwd[float32](p), maxPoolBwd[float64](p)) }

func maxPoolBwd[T Real](p MaxPoolBwd) func(Call) {
	return func(c Call) {
		x, dy, dx := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
		p.each(p.K, c.In[0].Shape, c.In[1].Shape, func(yi int, under []int) { dx[largest(x, under)] += dy[yi] })
	}
}

// AvgPool is the mean under a KH×KW kernel; CountPad divides by the whole kernel where it hangs over the edge.
type AvgPool struct {
	Window
	KH, KW   int
	CountPad bool
}

func (AvgPool) Name() string  { return "avg_pool" }
func (AvgPool) Wants() []bool { return all(1) }

func (p AvgPool) Infer(in []Shape) (Shape, error) { return p.pooled("avg_pool", in[0], p.KH, p.KW) }

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

// taps calls f for every pair of input and output pixel under one kernel, with the weight of the mean.
func (p AvgPool) taps(x, y Shape, f func(xi, yi int, share float64)) {
	area := Conv{Window: p.Window, Groups: x[1]}
	kernel := Shape{x[1], 1, p.KH, p.KW}
	count := make([]int, y[2]*y[3])
	area.plane(x, kernel, y, func(_, _, yp int) { count[yp]++ })
	area.taps(x, kernel, y, func(xi, _, yi int) {
		n := count[yi%len(count)]
		if p.CountPad {
			n = p.KH * p.KW
		}
		f(xi, yi, 1/float64(n))
	})
}

// AvgPoolBwd spreads each dy over its kernel; H and W are the input's.
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
