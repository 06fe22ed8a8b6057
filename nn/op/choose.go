package op

import (
	"fmt"
	"math"
	"slices"

	G "gorgonia.org/gorgonia"
)

// The operators of this file choose: their results are 0 or 1, and have no gradient. A product with one is a mask.

// CompareKind names a comparison.
type CompareKind int

const (
	Greater CompareKind = iota
	GreaterEqual
	Equal
)

var compareNames = [...]string{Greater: "greater", GreaterEqual: "greater_equal", Equal: "equal"}

// Compare is 1 where x and y, of one shape, compare so, else 0. Nothing compares with NaN.
type Compare struct{ Kind CompareKind }

func (c Compare) Name() string {
	if c.Kind < 0 || int(c.Kind) >= len(compareNames) {
		return fmt.Sprintf("compare %d", int(c.Kind))
	}
	return compareNames[c.Kind]
}

func (Compare) Wants() []bool { return make([]bool, 2) }

func (c Compare) Infer(in []Shape) (Shape, error) {
	if c.Kind < 0 || int(c.Kind) >= len(compareNames) {
		return nil, fmt.Errorf("%s is unknown, want one of %v", c.Name(), compareNames)
	}
	return in[0], wantShape(c.Name(), "operand 1", in[1], in[0])
}

func (Compare) Gradient(*Graph, []*G.Node, *G.Node, *G.Node) ([]*G.Node, error) {
	return []*G.Node{nil, nil}, nil
}

func (v Compare) Run(c Call) { run(c, compare[float32](v), compare[float64](v)) }

func compare[T Real](v Compare) func(Call) {
	return func(c Call) {
		a, b, y := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
		for i := range y {
			if v.Kind != Equal && a[i] > b[i] || v.Kind != Greater && a[i] == b[i] {
				y[i] = 1
			}
		}
	}
}

// OneHotMax is 1 at the first largest element of each row of x [n, d], else 0: the prediction of logits as a target.
type OneHotMax struct{}

func (OneHotMax) Name() string  { return "one_hot_max" }
func (OneHotMax) Wants() []bool { return make([]bool, 1) }

func (OneHotMax) Infer(in []Shape) (Shape, error) {
	return in[0], wantRank("one_hot_max", "input", in[0], 2)
}

func (OneHotMax) Gradient(*Graph, []*G.Node, *G.Node, *G.Node) ([]*G.Node, error) {
	return []*G.Node{nil}, nil
}

func (OneHotMax) Run(c Call) { run(c, oneHotMax[float32], oneHotMax[float64]) }

func oneHotMax[T Real](c Call) {
	x, y, d := data[T](c.In[0]), data[T](c.Out), c.In[0].Shape[1]
	for at := 0; at < len(x); at += d {
		largest := at
		for i := at; i < at+d; i++ {
			if x[i] > x[largest] {
				largest = i
			}
		}
		y[largest] = 1
	}
}

// OneHot is labels [n] as [n, Classes]: 1 at the label, else 0. The row of a label outside of the classes, such as −1,
// is zero.
type OneHot struct{ Classes int }

func (OneHot) Name() string    { return "one_hot" }
func (OneHot) Wants() []bool   { return make([]bool, 1) }
func (OneHot) intOperand() int { return 0 }

// LabelRange implements Labelled for the labels.
func (o OneHot) LabelRange([]Shape) (operand, low, end int) { return 0, -1, o.Classes }

func (o OneHot) Infer(in []Shape) (Shape, error) {
	if o.Classes < 1 {
		return nil, fmt.Errorf("one_hot: got %d classes, want at least 1", o.Classes)
	}
	if err := wantRank("one_hot", "labels", in[0], 1); err != nil {
		return nil, err
	}
	return Shape{in[0][0], o.Classes}, nil
}

func (OneHot) Gradient(*Graph, []*G.Node, *G.Node, *G.Node) ([]*G.Node, error) {
	return []*G.Node{nil}, nil
}

func (o OneHot) Run(c Call) { run(c, oneHot[float32](o), oneHot[float64](o)) }

func oneHot[T Real](o OneHot) func(Call) {
	return func(c Call) {
		y := data[T](c.Out)
		for i, label := range c.In[0].I32 {
			if label >= 0 && int(label) < o.Classes {
				y[i*o.Classes+int(label)] = 1
			}
		}
	}
}

// Smallest is 1 at the smallest elements of x, else 0: as many as the share, one element, of the number of elements,
// rounded down. Of equal ones the first are taken; NaN counts as largest. Co-teaching keeps the rows of smallest loss
// so (Han et al. 2018, algorithm 1).
type Smallest struct{}

func (Smallest) Name() string  { return "smallest" }
func (Smallest) Wants() []bool { return make([]bool, 2) }

func (Smallest) Infer(in []Shape) (Shape, error) {
	if in[1].Size() != 1 {
		return nil, fmt.Errorf("smallest: share is %v, want one element", in[1])
	}
	return in[0], nil
}

func (Smallest) Gradient(*Graph, []*G.Node, *G.Node, *G.Node) ([]*G.Node, error) {
	return []*G.Node{nil, nil}, nil
}

func (Smallest) Run(c Call) { run(c, smallest[float32], smallest[float64]) }

// ShareSlack lets a share that float32 holds a little too small, such as 0.9, have the elements that were meant.
const ShareSlack = 1e-4

func smallest[T Real](c Call) {
	x, y := widen(data[T](c.In[0])), data[T](c.Out)
	keep := math.Floor(float64(data[T](c.In[1])[0])*float64(len(x)) + ShareSlack)
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case x[a] < x[b], x[b] != x[b] && x[a] == x[a]:
			return -1
		case x[a] > x[b], x[a] != x[a] && x[b] == x[b]:
			return 1
		}
		return 0
	})
	for _, i := range order[:int(max(0, min(keep, float64(len(x)))))] {
		y[i] = 1
	}
}
