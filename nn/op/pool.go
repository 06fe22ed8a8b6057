package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// MaxPool is the largest value under a K×KW kernel; padding never wins. The kernel and the window are in pixels.
type MaxPool struct {
	Window
	K  int // height
	KW int // width; 0 means K
}

// Width is the width of the kernel.
func (p MaxPool) Width() int {
	if p.KW == 0 {
		return p.K
	}
	return p.KW
}

func (MaxPool) Name() string  { return "max_pool" }
func (MaxPool) Wants() []bool { return all(1) }

func (p MaxPool) Infer(in []Shape) (Shape, error) {
	return p.pooled("max_pool", in[0], p.K, p.Width())
}

// pooled returns the shape of the result of pooling x with a kh×kw kernel.
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
		p.each(c.In[0].Shape, c.Out.Shape, func(yi int, under []int) { y[yi] = x[largest(x, under)] })
	}
}

// largest is the index of the largest value of x among the indices under, the first of equals.
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
func (p MaxPool) each(x, y Shape, f func(yi int, under []int)) {
	under := make([]int, 0, p.K*p.Width())
	for plane := 0; plane < y[0]*y[1]; plane++ {
		for oh := 0; oh < y[2]; oh++ {
			for ow := 0; ow < y[3]; ow++ {
				under = under[:0]
				for kh := 0; kh < p.K; kh++ {
					for kw := 0; kw < p.Width(); kw++ {
						ih, iw := p.in(0, oh, kh), p.in(1, ow, kw)
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
		p.each(c.In[0].Shape, c.In[1].Shape, func(yi int, under []int) { dx[largest(x, under)] += dy[yi] })
	}
}
