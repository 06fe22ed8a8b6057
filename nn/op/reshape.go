package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// Reshape gives the elements, in row-major order, other axes.
type Reshape struct {
	To [4]int // trailing zeros are no axes
}

// ReshapeTo is the reshape to s, of at most four axes.
func ReshapeTo(s Shape) Reshape {
	var r Reshape
	copy(r.To[:], s)
	return r
}

func (r Reshape) shape() Shape {
	var s Shape
	for _, d := range r.To {
		if d > 0 {
			s = append(s, d)
		}
	}
	return s
}

func (Reshape) Name() string  { return "reshape" }
func (Reshape) Wants() []bool { return all(1) }

func (r Reshape) Infer(in []Shape) (Shape, error) {
	if s := r.shape(); s.Size() != in[0].Size() {
		return nil, fmt.Errorf("reshape: %v has %d elements, %v has %d", in[0], in[0].Size(), s, s.Size())
	}
	return r.shape(), nil
}

func (r Reshape) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(ReshapeTo(Shape(in[0].Shape())), dy)
	return []*G.Node{dx}, err
}

func (r Reshape) Run(c Call) { run(c, reshape[float32], reshape[float64]) }

func reshape[T Real](c Call) { copy(data[T](c.Out), data[T](c.In[0])) }

// Concat joins images [n, c_i, h, w] along the channels.
type Concat struct{ N int }

func (v Concat) Name() string  { return "concat" }
func (v Concat) Wants() []bool { return all(v.N) }

func (v Concat) Infer(in []Shape) (Shape, error) {
	if len(in) != v.N || v.N < 1 {
		return nil, fmt.Errorf("concat: got %d operands, want %d, at least 1", len(in), v.N)
	}
	if err := wantRank("concat", "operand 0", in[0], 4); err != nil {
		return nil, err
	}
	out := append(Shape(nil), in[0]...)
	out[1] = 0
	for i, s := range in {
		if err := wantRank("concat", fmt.Sprintf("operand %d", i), s, 4); err != nil {
			return nil, err
		}
		want := Shape{in[0][0], s[1], in[0][2], in[0][3]}
		if err := wantShape("concat", fmt.Sprintf("operand %d", i), s, want); err != nil {
			return nil, err
		}
		out[1] += s[1]
	}
	return out, nil
}

func (v Concat) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	ds := make([]*G.Node, len(in))
	from := 0
	for i, n := range in {
		channels := n.Shape()[1]
		d, err := g.Apply(Channels{From: from, Count: channels}, dy)
		if err != nil {
			return nil, err
		}
		ds[i], from = d, from+channels
	}
	return ds, nil
}

func (v Concat) Run(c Call) { run(c, concat[float32], concat[float64]) }

func concat[T Real](c Call) {
	y, total, at := data[T](c.Out), c.Out.Shape[1:].Size(), 0
	for _, in := range c.In {
		x, block := data[T](in), in.Shape[1:].Size()
		for n := 0; n < in.Shape[0]; n++ {
			copy(y[n*total+at:], x[n*block:(n+1)*block])
		}
		at += block
	}
}

// Subsample is the parameter-free shortcut (option A of He et al. 2015, section 3.3): every Stride-th pixel of
// x [n, c, h, w], followed by channels of zeros up to Channels.
type Subsample struct{ Stride, Channels int }

func (Subsample) Name() string  { return "subsample" }
func (Subsample) Wants() []bool { return all(1) }

func (v Subsample) Infer(in []Shape) (Shape, error) {
	x := in[0]
	if err := wantRank("subsample", "input", x, 4); err != nil {
		return nil, err
	}
	if v.Stride < 1 || v.Channels < x[1] {
		return nil, fmt.Errorf("subsample: stride %d must be at least 1 and %d channels at least the %d of %v",
			v.Stride, v.Channels, x[1], x)
	}
	return Shape{x[0], v.Channels, (x[2] + v.Stride - 1) / v.Stride, (x[3] + v.Stride - 1) / v.Stride}, nil
}

func (v Subsample) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	x := in[0].Shape()
	dx, err := g.Apply(SubsampleBwd{Stride: v.Stride, C: x[1], H: x[2], W: x[3]}, dy)
	return []*G.Node{dx}, err
}

func (v Subsample) Run(c Call) { run(c, subsample[float32](v), subsample[float64](v)) }

// pairs calls f with the index of every kept pixel in x and of its copy in y.
func (v Subsample) pairs(x, y Shape, f func(xi, yi int)) {
	for n := 0; n < x[0]; n++ {
		for c := 0; c < x[1]; c++ {
			for h := 0; h < y[2]; h++ {
				for w := 0; w < y[3]; w++ {
					f(((n*x[1]+c)*x[2]+h*v.Stride)*x[3]+w*v.Stride, ((n*y[1]+c)*y[2]+h)*y[3]+w)
				}
			}
		}
	}
}

func subsample[T Real](v Subsample) func(Call) {
	return func(c Call) {
		x, y := data[T](c.In[0]), data[T](c.Out)
		v.pairs(c.In[0].Shape, c.Out.Shape, func(xi, yi int) { y[yi] = x[xi] })
	}
}

// SubsampleBwd puts dy back to the pixels it came from. C, H and W are the size of the forward pass's input.
type SubsampleBwd struct {
	noGradient
	Stride, C, H, W int
}

func (SubsampleBwd) Name() string  { return "subsample_bwd" }
func (SubsampleBwd) Wants() []bool { return make([]bool, 1) }

func (v SubsampleBwd) Infer(in []Shape) (Shape, error) {
	dy := in[0]
	if err := wantRank(v.Name(), "gradient", dy, 4); err != nil {
		return nil, err
	}
	x := Shape{dy[0], v.C, v.H, v.W}
	return x, wantResult(v.Name(), Subsample{Stride: v.Stride, Channels: dy[1]}, dy, x)
}

func (v SubsampleBwd) Run(c Call) { run(c, subsampleBwd[float32](v), subsampleBwd[float64](v)) }

func subsampleBwd[T Real](v SubsampleBwd) func(Call) {
	return func(c Call) {
		dy, dx := data[T](c.In[0]), data[T](c.Out)
		Subsample{Stride: v.Stride}.pairs(c.Out.Shape, c.In[0].Shape, func(xi, yi int) { dx[xi] = dy[yi] })
	}
}
