package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// Transpose orders the axes anew: axis i of the result is axis Axes[i] of x. It takes up to four axes.
type Transpose struct {
	Axes [4]int
	Rank int // how many of Axes count
}

// TransposeTo is the transpose with the given axes.
func TransposeTo(axes ...int) Transpose {
	t := Transpose{Rank: len(axes)}
	copy(t.Axes[:], axes)
	return t
}

func (Transpose) Name() string  { return "transpose" }
func (Transpose) Wants() []bool { return all(1) }

func (t Transpose) Infer(in []Shape) (Shape, error) {
	x := in[0]
	if t.Rank < 1 || t.Rank > len(t.Axes) || len(x) != t.Rank {
		return nil, fmt.Errorf("transpose: input %v has %d axes, want %d, from 1 to %d", x, len(x), t.Rank, len(t.Axes))
	}
	y, seen := make(Shape, t.Rank), [4]bool{}
	for i, axis := range t.Axes[:t.Rank] {
		if axis < 0 || axis >= t.Rank || seen[axis] {
			return nil, fmt.Errorf("transpose: axes %v are not an order of 0 to %d", t.Axes[:t.Rank], t.Rank-1)
		}
		seen[axis], y[i] = true, x[axis]
	}
	return y, nil
}

func (t Transpose) Gradient(g *Graph, _ []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	back := Transpose{Rank: t.Rank}
	for i, axis := range t.Axes[:t.Rank] {
		back.Axes[axis] = i
	}
	dx, err := g.Apply(back, dy)
	return []*G.Node{dx}, err
}

func (t Transpose) Run(c Call) { run(c, transpose[float32](t), transpose[float64](t)) }

func transpose[T Real](t Transpose) func(Call) {
	return func(c Call) {
		x, y := data[T](c.In[0]), data[T](c.Out)
		var strides [4]int // of x, by axis of x
		for i, size := t.Rank-1, 1; i >= 0; i-- {
			strides[i] = size
			size *= c.In[0].Shape[i]
		}
		for i := range y {
			from, rest := 0, i
			for k := t.Rank - 1; k >= 0; k-- {
				from += rest % c.Out.Shape[k] * strides[t.Axes[k]]
				rest /= c.Out.Shape[k]
			}
			y[i] = x[from]
		}
	}
}
