package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// Stretch repeats x along its axes of size 1 until it has the shape To: what other libraries call expanding or
// broadcasting. Its gradient is the sum over what was repeated, SumTo, and the other way round.
type Stretch struct {
	To [4]int // trailing zeros are no axes
}

// StretchTo is the stretch to s, of at most four axes.
func StretchTo(s Shape) Stretch { return Stretch(ReshapeTo(s)) }

// SumTo adds the elements of x along the axes that have size 1 in To and another in x: To [n, 1] gives sums of rows,
// [1, d] sums of columns.
type SumTo struct {
	To [4]int // trailing zeros are no axes
}

// SumToShape is the sum to s, of at most four axes.
func SumToShape(s Shape) SumTo { return SumTo(ReshapeTo(s)) }

// MaxTo is the largest element of x along the axes that have size 1 in To and another in x. Its gradient goes to the
// first of equal ones, as that of PyTorch's max over an axis.
type MaxTo struct {
	To [4]int // trailing zeros are no axes
}

// MaxToShape is the maximum to s, of at most four axes.
func MaxToShape(s Shape) MaxTo { return MaxTo(ReshapeTo(s)) }

// fits checks that small becomes large when axes of size 1 are repeated.
func fits(name string, small, large Shape) error {
	if len(small) != len(large) || len(large) == 0 || len(large) > 4 {
		return fmt.Errorf("%s: %v and %v have %d and %d axes, want as many, from 1 to 4", name, small, large, len(small), len(large))
	}
	for i := range small {
		if small[i] != large[i] && small[i] != 1 || large[i] < 1 {
			return fmt.Errorf("%s: axis %d of %v is %d, want %d as in %v, or 1", name, i, small, small[i], large[i], large)
		}
	}
	return nil
}

// places calls f with each index of a tensor of the shape large and the index of the element of small that it belongs
// to.
func places(small, large Shape, f func(i, at int)) {
	var strides [4]int
	for k, size := len(small)-1, 1; k >= 0; k-- {
		if small[k] > 1 {
			strides[k] = size
		}
		size *= small[k]
	}
	for i := range large.Size() {
		at, rest := 0, i
		for k := len(large) - 1; k >= 0; k-- {
			at += rest % large[k] * strides[k]
			rest /= large[k]
		}
		f(i, at)
	}
}

func (Stretch) Name() string  { return "stretch" }
func (Stretch) Wants() []bool { return all(1) }

func (s Stretch) Infer(in []Shape) (Shape, error) {
	to := Reshape(s).shape()
	return to, fits("stretch", in[0], to)
}

func (s Stretch) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(SumToShape(Shape(in[0].Shape())), dy)
	return []*G.Node{dx}, err
}

func (s Stretch) Run(c Call) { run(c, stretch[float32], stretch[float64]) }

func stretch[T Real](c Call) {
	x, y := data[T](c.In[0]), data[T](c.Out)
	places(c.In[0].Shape, c.Out.Shape, func(i, at int) { y[i] = x[at] })
}

func (SumTo) Name() string  { return "sum_to" }
func (SumTo) Wants() []bool { return all(1) }

func (s SumTo) Infer(in []Shape) (Shape, error) {
	to := Reshape(s).shape()
	return to, fits("sum_to", to, in[0])
}

func (s SumTo) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(StretchTo(Shape(in[0].Shape())), dy)
	return []*G.Node{dx}, err
}

func (s SumTo) Run(c Call) { run(c, sumTo[float32], sumTo[float64]) }

func sumTo[T Real](c Call) {
	x, y := data[T](c.In[0]), data[T](c.Out)
	sums := make([]float64, len(y))
	places(c.Out.Shape, c.In[0].Shape, func(i, at int) { sums[at] += float64(x[i]) })
	for i, s := range sums {
		y[i] = T(s)
	}
}

func (MaxTo) Name() string  { return "max_to" }
func (MaxTo) Wants() []bool { return all(1) }

func (m MaxTo) Infer(in []Shape) (Shape, error) {
	to := Reshape(m).shape()
	return to, fits("max_to", to, in[0])
}

func (m MaxTo) Gradient(g *Graph, in []*G.Node, y, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(MaxToBwd{}, in[0], y, dy)
	return []*G.Node{dx}, err
}

func (m MaxTo) Run(c Call) { run(c, maxTo[float32], maxTo[float64]) }

func maxTo[T Real](c Call) {
	x, y := data[T](c.In[0]), data[T](c.Out)
	begun := make([]bool, len(y))
	places(c.Out.Shape, c.In[0].Shape, func(i, at int) {
		if !begun[at] || x[i] > y[at] || x[i] != x[i] { // NaN passes, so that trouble is seen
			y[at], begun[at] = x[i], true
		}
	})
}

// MaxToBwd is the gradient of the input of MaxTo. Its operands are x, the result y and dy.
type MaxToBwd struct{ noGradient }

func (MaxToBwd) Name() string  { return "max_to_bwd" }
func (MaxToBwd) Wants() []bool { return make([]bool, 3) }

func (MaxToBwd) Infer(in []Shape) (Shape, error) {
	if err := fits("max_to_bwd", in[1], in[0]); err != nil {
		return nil, err
	}
	return in[0], wantShape("max_to_bwd", "gradient", in[2], in[1])
}

func (MaxToBwd) Run(c Call) { run(c, maxToBwd[float32], maxToBwd[float64]) }

func maxToBwd[T Real](c Call) {
	x, y, dy, dx := data[T](c.In[0]), data[T](c.In[1]), data[T](c.In[2]), data[T](c.Out)
	given := make([]bool, len(y))
	places(c.In[1].Shape, c.In[0].Shape, func(i, at int) {
		if !given[at] && x[i] == y[at] {
			dx[i], given[at] = dy[at], true
		}
	})
}
