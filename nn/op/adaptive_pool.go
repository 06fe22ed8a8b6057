package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// AdaptiveAvgPool averages x [n, c, h, w] over a grid of H×W fields. Along an axis of n pixels, field i of H is
// [⌊i·n/H⌋, ⌈(i+1)·n/H⌉), as in PyTorch, so fields overlap or differ in size where H does not divide n.
type AdaptiveAvgPool struct{ H, W int }

func (AdaptiveAvgPool) Name() string  { return "adaptive_avg_pool" }
func (AdaptiveAvgPool) Wants() []bool { return all(1) }

func (p AdaptiveAvgPool) Infer(in []Shape) (Shape, error) {
	x := in[0]
	if err := wantRank("adaptive_avg_pool", "input", x, 4); err != nil {
		return nil, err
	}
	if p.H < 1 || p.W < 1 {
		return nil, fmt.Errorf("adaptive_avg_pool: a grid of %d×%d fields, want at least 1×1", p.H, p.W)
	}
	return Shape{x[0], x[1], p.H, p.W}, nil
}

func (p AdaptiveAvgPool) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(AdaptiveAvgPoolBwd{H: in[0].Shape()[2], W: in[0].Shape()[3]}, dy)
	return []*G.Node{dx}, err
}

func (p AdaptiveAvgPool) Run(c Call) {
	run(c, adaptiveAvgPool[float32], adaptiveAvgPool[float64])
}

// field returns the pixels [first, end) of field i, where an axis of n pixels is divided into so many fields.
func field(i, n, fields int) (first, end int) { return i * n / fields, ((i+1)*n + fields - 1) / fields }

// WidestField is the number of pixels of the largest field, where an axis of n pixels is divided into so many fields.
func WidestField(n, fields int) int {
	widest := 0
	for i := range fields {
		first, end := field(i, n, fields)
		widest = max(widest, end-first)
	}
	return widest
}

// fields calls f for each output pixel yi of every plane and each input pixel xi of its field. share is the weight of
// xi in the mean.
func fields(x, y Shape, f func(xi, yi int, share float64)) {
	for plane := 0; plane < x[0]*x[1]; plane++ {
		for oh := 0; oh < y[2]; oh++ {
			top, bottom := field(oh, x[2], y[2])
			for ow := 0; ow < y[3]; ow++ {
				left, right := field(ow, x[3], y[3])
				share := 1 / float64((bottom-top)*(right-left))
				for h := top; h < bottom; h++ {
					for w := left; w < right; w++ {
						f((plane*x[2]+h)*x[3]+w, (plane*y[2]+oh)*y[3]+ow, share)
					}
				}
			}
		}
	}
}

func adaptiveAvgPool[T Real](c Call) {
	x, y := data[T](c.In[0]), data[T](c.Out)
	fields(c.In[0].Shape, c.Out.Shape, func(xi, yi int, share float64) { y[yi] += x[xi] * T(share) })
}

// AdaptiveAvgPoolBwd spreads each dy evenly over its field. H and W are the size of the forward pass's input.
type AdaptiveAvgPoolBwd struct {
	noGradient
	H, W int
}

func (AdaptiveAvgPoolBwd) Name() string  { return "adaptive_avg_pool_bwd" }
func (AdaptiveAvgPoolBwd) Wants() []bool { return make([]bool, 1) }

func (p AdaptiveAvgPoolBwd) Infer(in []Shape) (Shape, error) {
	if err := wantRank(p.Name(), "gradient", in[0], 4); err != nil {
		return nil, err
	}
	return Shape{in[0][0], in[0][1], p.H, p.W}, nil
}

func (p AdaptiveAvgPoolBwd) Run(c Call) {
	run(c, adaptiveAvgPoolBwd[float32], adaptiveAvgPoolBwd[float64])
}

func adaptiveAvgPoolBwd[T Real](c Call) {
	dy, dx := data[T](c.In[0]), data[T](c.Out)
	fields(c.Out.Shape, c.In[0].Shape, func(xi, yi int, share float64) { dx[xi] += dy[yi] * T(share) })
}
