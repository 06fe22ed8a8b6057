package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// Scale is By · x.
type Scale struct{ By float64 }

func (Scale) Name() string                    { return "scale" }
func (Scale) Wants() []bool                   { return all(1) }
func (Scale) Infer(in []Shape) (Shape, error) { return in[0], nil }

func (v Scale) Gradient(g *Graph, _ []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(v, dy)
	return []*G.Node{dx}, err
}

func (v Scale) Run(c Call) { run(c, scale[float32](v), scale[float64](v)) }

func scale[T Real](v Scale) func(Call) {
	return func(c Call) {
		y := data[T](c.Out)
		for i, x := range data[T](c.In[0]) {
			y[i] = T(v.By) * x
		}
	}
}

// broadcast pairs the elements of a large tensor with those of a small one, which is stretched along its axes of size
// 1.
type broadcast struct{ large, small Shape }

// check returns an error unless small has as many axes as large, each of the size of large's or of size 1.
func (b broadcast) check(name string) error {
	if len(b.large) != len(b.small) {
		return fmt.Errorf("%s: factor %v has %d axes, want %d as in %v", name, b.small, len(b.small), len(b.large), b.large)
	}
	for i, d := range b.small {
		if d != 1 && d != b.large[i] {
			return fmt.Errorf("%s: factor %v cannot be stretched to %v: axis %d has %d elements, want 1 or %d",
				name, b.small, b.large, i, d, b.large[i])
		}
	}
	return nil
}

// pairs calls f with each index of the large tensor, in order, and the index of the small tensor's element that belongs
// to it.
func (b broadcast) pairs(f func(large, small int)) {
	strides, size := make([]int, len(b.small)), 1
	for i := len(b.small) - 1; i >= 0; i-- {
		if b.small[i] > 1 {
			strides[i] = size
		}
		size *= b.small[i]
	}
	for l := range b.large.Size() {
		s, rest := 0, l
		for i := len(b.large) - 1; i >= 0; i-- {
			s += rest % b.large[i] * strides[i]
			rest /= b.large[i]
		}
		f(l, s)
	}
}

// Mul multiplies x by a factor of the same rank, which is stretched along its axes of size 1. So a gate [n, c, 1, 1]
// acts on all pixels of x [n, c, h, w] (Hu et al. 2018), and a map [n, 1, h, w] on all channels.
type Mul struct{}

func (Mul) Name() string  { return "mul" }
func (Mul) Wants() []bool { return all(2) }

func (Mul) Infer(in []Shape) (Shape, error) {
	return in[0], broadcast{in[0], in[1]}.check("mul")
}

func (Mul) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(Mul{}, dy, in[1])
	if err != nil {
		return nil, err
	}
	df, err := g.Apply(MulReduceTo(Shape(in[1].Shape())), dy, in[0])
	return []*G.Node{dx, df}, err
}

func (Mul) Run(c Call) { run(c, mul[float32], mul[float64]) }

func mul[T Real](c Call) {
	x, factor, y := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
	broadcast{c.In[0].Shape, c.In[1].Shape}.pairs(func(l, s int) { y[l] = x[l] * factor[s] })
}

// MulReduce multiplies two tensors of one shape and sums the products over the axes in which To has size 1. It is the
// gradient of Mul's factor; with To [n, 1] it is the scalar products of the rows of two matrices.
type MulReduce struct {
	To [4]int // trailing zeros are no axes
}

// MulReduceTo is the reduction to s, of at most four axes.
func MulReduceTo(s Shape) MulReduce {
	var r MulReduce
	copy(r.To[:], s)
	return r
}

func (r MulReduce) shape() Shape { return Reshape(r).shape() }

func (MulReduce) Name() string  { return "mul_reduce" }
func (MulReduce) Wants() []bool { return all(2) }

func (r MulReduce) Infer(in []Shape) (Shape, error) {
	if err := wantShape("mul_reduce", "operand 1", in[1], in[0]); err != nil {
		return nil, err
	}
	return r.shape(), broadcast{in[0], r.shape()}.check("mul_reduce")
}

func (MulReduce) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	da, err := g.Apply(Mul{}, in[1], dy)
	if err != nil {
		return nil, err
	}
	db, err := g.Apply(Mul{}, in[0], dy)
	return []*G.Node{da, db}, err
}

func (r MulReduce) Run(c Call) { run(c, mulReduce[float32], mulReduce[float64]) }

func mulReduce[T Real](c Call) {
	a, b, y := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
	sums := make([]float64, len(y))
	broadcast{c.In[0].Shape, c.Out.Shape}.pairs(func(l, s int) { sums[s] += float64(a[l]) * float64(b[l]) })
	for i, v := range sums {
		y[i] = T(v)
	}
}
