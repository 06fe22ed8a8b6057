package op

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// Layer norm (Ba et al. 2016) and group norm (Wu and He 2018) cut x, in row-major order, into rows of equal length and
// normalise each. Layer norm of [n, …, d] has a row for each index of the axes before the last, and d features in each
// row. Group norm of [n, c, h, w] has groups·n rows, and its features are the channels with an Area of h·w elements
// each.

// Rows tells which elements of a tensor are normalised together: element i is in row i / (size / Count) and has feature
// i / Area mod Features.
type Rows struct{ Count, Features, Area int }

func (r Rows) check(name string, x Shape) error {
	if r.Count < 1 || r.Features < 1 || r.Area < 1 || x.Size()%r.Count != 0 || x.Size()%(r.Features*r.Area) != 0 {
		return fmt.Errorf("%s: input %v cannot be cut into %d rows, nor into %d features of %d elements", name, x, r.Count, r.Features, r.Area)
	}
	return nil
}

func (r Rows) row(i, size int) int { return i / (size / r.Count) }
func (r Rows) feature(i int) int   { return i / r.Area % r.Features }

// RowStats is the mean (row 0) and the biased variance (row 1) of each row. The result is [2, rows].
type RowStats struct{ Rows }

func (RowStats) Name() string  { return "row_stats" }
func (RowStats) Wants() []bool { return make([]bool, 1) }

func (v RowStats) Infer(in []Shape) (Shape, error) {
	return Shape{2, v.Count}, v.check(v.Name(), in[0])
}

// Gradient returns none: how the statistics depend on x is part of RowNormBwd.
func (RowStats) Gradient(*Graph, []*G.Node, *G.Node, *G.Node) ([]*G.Node, error) {
	return []*G.Node{nil}, nil
}

func (v RowStats) Run(c Call) { run(c, rowStats[float32](v), rowStats[float64](v)) }

func rowStats[T Real](v RowStats) func(Call) {
	return func(c Call) {
		x, st, rows := data[T](c.In[0]), data[T](c.Out), v.Count
		length := len(x) / rows
		for r := range rows {
			mean, variance := 0.0, 0.0
			for _, e := range x[r*length : (r+1)*length] {
				mean += float64(e) / float64(length)
			}
			for _, e := range x[r*length : (r+1)*length] {
				variance += (float64(e) - mean) * (float64(e) - mean) / float64(length)
			}
			st[r], st[rows+r] = T(mean), T(variance)
		}
	}
}

// RowNorm is y = scale · (x − mean) / sqrt(var + ε) + shift. Its operands are x, statistics [2, rows], scale [features]
// and shift [features].
type RowNorm struct {
	Rows
	Epsilon float64
}

func (RowNorm) Name() string  { return "row_norm" }
func (RowNorm) Wants() []bool { return []bool{true, false, true, true} }

func (v RowNorm) Infer(in []Shape) (Shape, error) {
	if err := wantShape(v.Name(), "shift", in[3], Shape{v.Features}); err != nil {
		return nil, err
	}
	return in[0], v.fits(v.Name(), in[0], in[1], in[2])
}

func (v RowNorm) fits(name string, x, st, scale Shape) error {
	if err := v.check(name, x); err != nil {
		return err
	}
	if err := wantShape(name, "statistics", st, Shape{2, v.Count}); err != nil {
		return err
	}
	return wantShape(name, "scale", scale, Shape{v.Features})
}

func (v RowNorm) Gradient(g *Graph, in []*G.Node, _, dy *G.Node) ([]*G.Node, error) {
	x, st, scale := in[0], in[1], in[2]
	dx, err := g.Apply(RowNormBwd{RowNorm: v}, x, st, scale, dy)
	if err != nil {
		return nil, err
	}
	red, err := g.Apply(RowNormReduce{RowNorm: v}, x, st, dy)
	if err != nil {
		return nil, err
	}
	dscale, dshift, err := rowsOf(g, red)
	return []*G.Node{dx, nil, dscale, dshift}, err
}

func (v RowNorm) Run(c Call) { run(c, rowNorm[float32](v), rowNorm[float64](v)) }

func rowNorm[T Real](v RowNorm) func(Call) {
	return func(c Call) {
		x, st, scale, shift, y := data[T](c.In[0]), data[T](c.In[1]), data[T](c.In[2]), data[T](c.In[3]), data[T](c.Out)
		for i, e := range x {
			row, f := v.row(i, len(x)), v.feature(i)
			y[i] = (e-st[row])*inverseDeviation(st[v.Count+row], v.Epsilon)*scale[f] + shift[f]
		}
	}
}

// RowNormBwd is the gradient of RowNorm's input, through the statistics too. Its operands are x, statistics, scale and
// dy.
type RowNormBwd struct {
	noGradient
	RowNorm
}

func (RowNormBwd) Name() string  { return "row_norm_bwd" }
func (RowNormBwd) Wants() []bool { return make([]bool, 4) }

func (v RowNormBwd) Infer(in []Shape) (Shape, error) {
	if err := v.fits(v.Name(), in[0], in[1], in[2]); err != nil {
		return nil, err
	}
	return in[0], wantShape(v.Name(), "gradient", in[3], in[0])
}

func (v RowNormBwd) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return v.noGradient.Gradient(g, in, out, dy)
}

func (v RowNormBwd) Run(c Call) { run(c, rowNormBwd[float32](v), rowNormBwd[float64](v)) }

func rowNormBwd[T Real](v RowNormBwd) func(Call) {
	return func(c Call) {
		x, st, scale, dy, dx := data[T](c.In[0]), data[T](c.In[1]), data[T](c.In[2]), data[T](c.In[3]), data[T](c.Out)
		rows, length := v.Count, len(x)/v.Count
		sums, products := make([]float64, rows), make([]float64, rows) // of dy·scale, alone and with normalised x
		for i, e := range x {
			row, g := v.row(i, len(x)), float64(dy[i]*scale[v.feature(i)])
			sums[row] += g
			products[row] += g * float64((e-st[row])*inverseDeviation(st[rows+row], v.Epsilon))
		}
		for i, e := range x {
			row := v.row(i, len(x))
			inverse := inverseDeviation(st[rows+row], v.Epsilon)
			hat := (e - st[row]) * inverse
			dx[i] = inverse * (dy[i]*scale[v.feature(i)] - T(sums[row])/T(length) - hat*T(products[row])/T(length))
		}
	}
}

// RowNormReduce is the gradient of RowNorm's scale (row 0) and shift (row 1), [2, features]. Its operands are x,
// statistics and dy.
type RowNormReduce struct {
	noGradient
	RowNorm
}

func (RowNormReduce) Name() string  { return "row_norm_reduce" }
func (RowNormReduce) Wants() []bool { return make([]bool, 3) }

func (v RowNormReduce) Infer(in []Shape) (Shape, error) {
	if err := v.fits(v.Name(), in[0], in[1], Shape{v.Features}); err != nil {
		return nil, err
	}
	return Shape{2, v.Features}, wantShape(v.Name(), "gradient", in[2], in[0])
}

func (v RowNormReduce) Gradient(g *Graph, in []*G.Node, out, dy *G.Node) ([]*G.Node, error) {
	return v.noGradient.Gradient(g, in, out, dy)
}

func (v RowNormReduce) Run(c Call) { run(c, rowNormReduce[float32](v), rowNormReduce[float64](v)) }

func rowNormReduce[T Real](v RowNormReduce) func(Call) {
	return func(c Call) {
		x, st, dy, red := data[T](c.In[0]), data[T](c.In[1]), data[T](c.In[2]), data[T](c.Out)
		sums := make([]float64, len(red))
		for i, d := range dy {
			row, f := v.row(i, len(x)), v.feature(i)
			sums[f] += float64(d * (x[i] - st[row]) * inverseDeviation(st[v.Count+row], v.Epsilon))
			sums[v.Features+f] += float64(d)
		}
		for i, s := range sums {
			red[i] = T(s)
		}
	}
}
