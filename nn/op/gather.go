package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// GatherRows takes rows of x [m, …] by their indexes [n]; row i of the result is row index[i] of x. A negative index
// gives a row of zeros. A permutation of the rows is one, and its gradient is ScatterRows.
type GatherRows struct{}

func (GatherRows) Name() string    { return "gather_rows" }
func (GatherRows) Wants() []bool   { return []bool{true, false} }
func (GatherRows) intOperand() int { return 1 }

// LabelRange implements Labelled for the indexes, operand 1.
func (GatherRows) LabelRange(in []Shape) (operand, low, end int) { return 1, -1, in[0][0] }

func (GatherRows) Infer(in []Shape) (Shape, error) {
	if len(in[0]) < 1 {
		return nil, fmt.Errorf("gather_rows: input %v has no rows", in[0])
	}
	if err := wantRank("gather_rows", "indexes", in[1], 1); err != nil {
		return nil, err
	}
	return append(Shape{in[1][0]}, in[0][1:]...), nil
}

func (GatherRows) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(ScatterRows{Rows: in[0].Shape()[0]}, dy, in[1])
	return []*G.Node{dx, nil}, err
}

func (GatherRows) Run(c Call) { run(c, gatherRows[float32], gatherRows[float64]) }

func gatherRows[T Real](c Call) {
	x, y := data[T](c.In[0]), data[T](c.Out)
	d := len(x) / c.In[0].Shape[0]
	for i, row := range c.In[1].I32 {
		if row >= 0 && int(row) < c.In[0].Shape[0] {
			copy(y[i*d:(i+1)*d], x[int(row)*d:])
		}
	}
}

// ScatterRows adds the rows of x [n, …] into the rows of a result [Rows, …] by their indexes [n]. The row of a negative
// index goes nowhere.
type ScatterRows struct{ Rows int }

func (ScatterRows) Name() string    { return "scatter_rows" }
func (ScatterRows) Wants() []bool   { return []bool{true, false} }
func (ScatterRows) intOperand() int { return 1 }

// LabelRange implements Labelled for the indexes, operand 1.
func (s ScatterRows) LabelRange([]Shape) (operand, low, end int) { return 1, -1, s.Rows }

func (s ScatterRows) Infer(in []Shape) (Shape, error) {
	if len(in[0]) < 1 || s.Rows < 1 {
		return nil, fmt.Errorf("scatter_rows: input %v into %d rows, want at least 1 of each", in[0], s.Rows)
	}
	if err := wantShape("scatter_rows", "indexes", in[1], Shape{in[0][0]}); err != nil {
		return nil, err
	}
	return append(Shape{s.Rows}, in[0][1:]...), nil
}

func (ScatterRows) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	dx, err := g.Apply(GatherRows{}, dy, in[1])
	return []*G.Node{dx, nil}, err
}

func (s ScatterRows) Run(c Call) { run(c, scatterRows[float32](s), scatterRows[float64](s)) }

func scatterRows[T Real](s ScatterRows) func(Call) {
	return func(c Call) {
		x, y := data[T](c.In[0]), data[T](c.Out)
		d := len(x) / c.In[0].Shape[0]
		for i, row := range c.In[1].I32 {
			for k := 0; k < d && row >= 0 && int(row) < s.Rows; k++ {
				y[int(row)*d+k] += x[i*d+k]
			}
		}
	}
}
