package op

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
)

// Batch normalisation (Ioffe and Szegedy 2015) is four operators in training: BNStats and BNApply in the forward pass,
// BNReduce and BNBwdData in the backward pass. A backend runs each pair as one kernel.

// BNStats is the mean (row 0) and biased variance (row 1) of each channel of x [n, c, h, w] over n, h, w. The result is
// [2, c].
type BNStats struct{}

func (BNStats) Name() string  { return "bn_stats" }
func (BNStats) Wants() []bool { return make([]bool, 1) }

func (BNStats) Infer(in []Shape) (Shape, error) {
	if err := wantRank("bn_stats", "input", in[0], 4); err != nil {
		return nil, err
	}
	return Shape{2, in[0][1]}, nil
}

// Gradient returns none: how the statistics depend on x is part of BNBwdData.
func (BNStats) Gradient(*Graph, []*G.Node, *G.Node, *G.Node) ([]*G.Node, error) {
	return []*G.Node{nil}, nil
}

func (BNStats) Run(c Call) { run(c, bnStats[float32], bnStats[float64]) }

func bnStats[T Real](c Call) {
	x, st, s := data[T](c.In[0]), data[T](c.Out), c.In[0].Shape
	channels, area := s[1], s[2]*s[3]
	sums := make([]float64, 2*channels)
	for i, v := range x {
		sums[i/area%channels] += float64(v)
	}
	count := float64(s[0] * area)
	for i, v := range x {
		d := float64(v) - sums[i/area%channels]/count
		sums[channels+i/area%channels] += d * d
	}
	for i := range st {
		st[i] = T(sums[i] / count)
	}
}

// BNApply is y = scale · (x − mean) / sqrt(var + ε) + shift. Its operands are x, the batch's statistics [2, c], scale
// [c] and shift [c].
type BNApply struct{ Epsilon float64 }

func (BNApply) Name() string  { return "bn_apply" }
func (BNApply) Wants() []bool { return []bool{true, false, true, true} }

func (BNApply) Infer(in []Shape) (Shape, error) {
	return in[0], normShapes("bn_apply", in[0], in[1], in[2], in[3])
}

func normShapes(name string, x, st, scale, shift Shape) error {
	if err := wantRank(name, "input", x, 4); err != nil {
		return err
	}
	if err := wantShape(name, "statistics", st, Shape{2, x[1]}); err != nil {
		return err
	}
	if err := wantShape(name, "scale", scale, Shape{x[1]}); err != nil {
		return err
	}
	return wantShape(name, "shift", shift, Shape{x[1]})
}

func (b BNApply) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	x, st, scale := in[0], in[1], in[2]
	red, err := g.Apply(BNReduce{Epsilon: b.Epsilon}, x, st, dy)
	if err != nil {
		return nil, err
	}
	dx, err := g.Apply(BNBwdData{Epsilon: b.Epsilon}, x, st, scale, red, dy)
	if err != nil {
		return nil, err
	}
	dscale, dshift, err := rowsOf(g, red)
	return []*G.Node{dx, nil, dscale, dshift}, err
}

// rowsOf splits the result of a reduction into the gradients of scale (row 0) and shift (row 1).
func rowsOf(g *Graph, reductions *G.Node) (dscale, dshift *G.Node, err error) {
	if dscale, err = g.Apply(Row{Index: 0}, reductions); err == nil {
		dshift, err = g.Apply(Row{Index: 1}, reductions)
	}
	return dscale, dshift, err
}

func (b BNApply) Run(c Call) { run(c, bnApply[float32](b), bnApply[float64](b)) }

func bnApply[T Real](b BNApply) func(Call) {
	return func(c Call) {
		x, st, scale, shift, y := data[T](c.In[0]), data[T](c.In[1]), data[T](c.In[2]), data[T](c.In[3]), data[T](c.Out)
		s := c.Out.Shape
		for i, v := range x {
			ch := i / (s[2] * s[3]) % s[1]
			y[i] = (v-st[ch])*inverseDeviation(st[s[1]+ch], b.Epsilon)*scale[ch] + shift[ch]
		}
	}
}

func inverseDeviation[T Real](variance T, epsilon float64) T {
	return T(1 / math.Sqrt(float64(variance)+epsilon))
}

// BNReduce is the gradient of scale (row 0, the sum of dy · normalised x) and of shift (row 1, the sum of dy), [2, c].
// Its operands are x, statistics and dy.
type BNReduce struct {
	noGradient
	Epsilon float64
}

func (BNReduce) Name() string  { return "bn_reduce" }
func (BNReduce) Wants() []bool { return make([]bool, 3) }

func (b BNReduce) Infer(in []Shape) (Shape, error) {
	x, st, dy := in[0], in[1], in[2]
	if err := wantRank(b.Name(), "input", x, 4); err != nil {
		return nil, err
	}
	if err := wantShape(b.Name(), "statistics", st, Shape{2, x[1]}); err != nil {
		return nil, err
	}
	return Shape{2, x[1]}, wantShape(b.Name(), "gradient", dy, x)
}

func (b BNReduce) Run(c Call) { run(c, bnReduce[float32](b), bnReduce[float64](b)) }

func bnReduce[T Real](b BNReduce) func(Call) {
	return func(c Call) {
		x, st, dy, red := data[T](c.In[0]), data[T](c.In[1]), data[T](c.In[2]), data[T](c.Out)
		s := c.In[0].Shape
		sums := make([]float64, 2*s[1])
		for i, d := range dy {
			ch := i / (s[2] * s[3]) % s[1]
			sums[ch] += float64(d * (x[i] - st[ch]) * inverseDeviation(st[s[1]+ch], b.Epsilon))
			sums[s[1]+ch] += float64(d)
		}
		for i, v := range sums {
			red[i] = T(v)
		}
	}
}

// BNBwdData is the gradient of the input, through the normalisation and through the batch's statistics. Its operands
// are x, statistics, scale, the result of BNReduce and dy.
type BNBwdData struct {
	noGradient
	Epsilon float64
}

func (BNBwdData) Name() string  { return "bn_bwd_data" }
func (BNBwdData) Wants() []bool { return make([]bool, 5) }

func (b BNBwdData) Infer(in []Shape) (Shape, error) {
	x, st, scale, red, dy := in[0], in[1], in[2], in[3], in[4]
	if err := normShapes(b.Name(), x, st, scale, scale); err != nil {
		return nil, err
	}
	if err := wantShape(b.Name(), "reductions", red, Shape{2, x[1]}); err != nil {
		return nil, err
	}
	return x, wantShape(b.Name(), "gradient", dy, x)
}

func (b BNBwdData) Run(c Call) { run(c, bnBwdData[float32](b), bnBwdData[float64](b)) }

func bnBwdData[T Real](b BNBwdData) func(Call) {
	return func(c Call) {
		x, st, scale := data[T](c.In[0]), data[T](c.In[1]), data[T](c.In[2])
		red, dy, dx := data[T](c.In[3]), data[T](c.In[4]), data[T](c.Out)
		s := c.In[0].Shape
		count := T(s[0] * s[2] * s[3])
		for i, d := range dy {
			ch := i / (s[2] * s[3]) % s[1]
			inv := inverseDeviation(st[s[1]+ch], b.Epsilon)
			hat := (x[i] - st[ch]) * inv
			dx[i] = scale[ch] * inv * (d - red[s[1]+ch]/count - hat*red[ch]/count)
		}
	}
}

// BNRunning is the new running statistic (1 − momentum) · old + momentum · batch. Its operands are old [c] and the
// batch's statistics [2, c]. Row 0 is the mean; row 1 is the variance, made unbiased by count/(count−1) as PyTorch
// does.
type BNRunning struct {
	noGradient
	Momentum float64
	Row      int
	Count    int // number of values that a channel's statistics were taken over
}

func (BNRunning) Name() string  { return "bn_running" }
func (BNRunning) Wants() []bool { return make([]bool, 2) }

func (b BNRunning) Infer(in []Shape) (Shape, error) {
	if err := wantRank("bn_running", "old value", in[0], 1); err != nil {
		return nil, err
	}
	if b.Row < 0 || b.Row > 1 {
		return nil, fmt.Errorf("bn_running: want row 0 (mean) or 1 (variance), got %d", b.Row)
	}
	return in[0], wantShape("bn_running", "statistics", in[1], Shape{2, in[0][0]})
}

// Factor is what the batch's statistic is multiplied by.
func (b BNRunning) Factor() float64 {
	if b.Row == 1 && b.Count > 1 {
		return b.Momentum * float64(b.Count) / float64(b.Count-1)
	}
	return b.Momentum
}

func (b BNRunning) Run(c Call) { run(c, bnRunning[float32](b), bnRunning[float64](b)) }

func bnRunning[T Real](b BNRunning) func(Call) {
	return func(c Call) {
		old, st, y := data[T](c.In[0]), data[T](c.In[1]), data[T](c.Out)
		for i := range y {
			y[i] = old[i]*T(1-b.Momentum) + st[b.Row*len(y)+i]*T(b.Factor())
		}
	}
}

// Row is one row of a matrix as a vector.
type Row struct {
	noGradient
	Index int
}

func (Row) Name() string  { return "row" }
func (Row) Wants() []bool { return make([]bool, 1) }

func (r Row) Infer(in []Shape) (Shape, error) {
	if err := wantRank("row", "matrix", in[0], 2); err != nil {
		return nil, err
	}
	if r.Index < 0 || r.Index >= in[0][0] {
		return nil, fmt.Errorf("row: %v has rows 0 to %d, got %d", in[0], in[0][0]-1, r.Index)
	}
	return Shape{in[0][1]}, nil
}

func (r Row) Run(c Call) { run(c, row[float32](r), row[float64](r)) }

func row[T Real](r Row) func(Call) {
	return func(c Call) {
		n := c.Out.Shape[0]
		copy(data[T](c.Out), data[T](c.In[0])[r.Index*n:(r.Index+1)*n])
	}
}
