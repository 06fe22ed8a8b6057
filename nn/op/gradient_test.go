package op_test

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

// gradientCase is a function of float leaves (and at most one int leaf, the last operand) whose gradient is checked.
type gradientCase struct {
	name  string
	spec  op.Spec // the operator under test
	in    []op.Shape
	ints  []int32
	fixed int // how many of in, the last ones, are constants without a gradient
	// whole builds the function; nil means spec applied to the leaves.
	whole func(g *op.Graph, in []*G.Node) (*G.Node, error)
}

func (c gradientCase) build(g *op.Graph, in []*G.Node) (*G.Node, error) {
	if c.whole != nil {
		return c.whole(g, in)
	}
	return g.Apply(c.spec, in...)
}

func window(stride, begin, end, dilation [2]int) op.Window {
	return op.Window{Stride: stride, Begin: begin, End: end, Dilation: dilation}
}

var one = [2]int{1, 1}

func conv(name string, x, w op.Shape, win op.Window, bias bool) gradientCase {
	c := gradientCase{name: "conv " + name, spec: op.Conv{Window: win, Groups: x[1] / w[1], Bias: bias}, in: []op.Shape{x, w}}
	if bias {
		c.in = append(c.in, op.Shape{w[0]})
	}
	return c
}

// batchNorm differentiates through the statistics.
func batchNorm(name string, x op.Shape) gradientCase {
	apply := op.BNApply{Epsilon: 1e-3}
	return gradientCase{name: "batch norm " + name, spec: apply, in: []op.Shape{x, {x[1]}, {x[1]}},
		whole: func(g *op.Graph, in []*G.Node) (*G.Node, error) {
			st, err := g.Apply(op.BNStats{}, in[0])
			if err != nil {
				return nil, err
			}
			return g.Apply(apply, in[0], st, in[1], in[2])
		}}
}

func pool(name string, s op.Spec, x op.Shape) gradientCase {
	return gradientCase{name: name, spec: s, in: []op.Shape{x}}
}

var gradientCases = []gradientCase{
	conv("3×3", op.Shape{2, 3, 5, 5}, op.Shape{4, 3, 3, 3}, op.Square(1, 1), false),
	conv("stride 2, odd size", op.Shape{2, 2, 7, 5}, op.Shape{3, 2, 3, 3}, op.Square(2, 1), false),
	conv("asymmetric padding, bias", op.Shape{1, 2, 5, 6}, op.Shape{2, 2, 3, 2}, window([2]int{2, 1}, [2]int{0, 2}, [2]int{1, 0}, one), true),
	conv("dilation", op.Shape{2, 2, 7, 6}, op.Shape{2, 2, 3, 2}, window(one, [2]int{2, 1}, [2]int{2, 1}, [2]int{2, 3}), false),
	conv("groups, bias", op.Shape{2, 4, 4, 4}, op.Shape{6, 2, 3, 3}, op.Square(1, 1), true),
	conv("depthwise, stride 2", op.Shape{1, 3, 6, 5}, op.Shape{3, 1, 3, 3}, op.Square(2, 1), false),
	conv("depthwise, multiplier 2", op.Shape{1, 3, 4, 4}, op.Shape{6, 1, 3, 3}, op.Square(1, 0), false),
	conv("1×1, stride 2, batch 1", op.Shape{1, 5, 5, 5}, op.Shape{3, 5, 1, 1}, op.Square(2, 0), false),
	conv("one pixel", op.Shape{1, 1, 1, 1}, op.Shape{2, 1, 3, 3}, op.Square(1, 1), true),
	batchNorm("3 channels", op.Shape{3, 3, 4, 5}),
	batchNorm("batch 1", op.Shape{1, 2, 3, 3}),
	batchNorm("one pixel", op.Shape{4, 2, 1, 1}),
	pool("relu", op.ReLU{}, op.Shape{2, 3, 3, 3}),
	pool("max pool 3/2/1", op.MaxPool{Window: op.Square(2, 1), K: 3}, op.Shape{2, 2, 7, 6}),
	pool("max pool 2/2", op.MaxPool{Window: op.Square(2, 0), K: 2}, op.Shape{1, 3, 5, 4}),
	pool("max pool, asymmetric", op.MaxPool{Window: window([2]int{2, 1}, [2]int{0, 1}, [2]int{1, 0}, one), K: 2}, op.Shape{1, 2, 4, 3}),
	pool("avg pool, padding counted", op.AvgPool{Window: op.Square(2, 1), KH: 3, KW: 3, CountPad: true}, op.Shape{2, 2, 7, 6}),
	pool("avg pool, padding not counted", op.AvgPool{Window: op.Square(1, 1), KH: 3, KW: 2}, op.Shape{1, 2, 4, 5}),
	pool("global avg pool", op.AvgPool{Window: op.Square(1, 0), KH: 4, KW: 3}, op.Shape{2, 3, 4, 3}),
	pool("subsample, odd size", op.Subsample{Stride: 2, Channels: 5}, op.Shape{2, 3, 5, 7}),
	pool("subsample, channels only", op.Subsample{Stride: 1, Channels: 4}, op.Shape{1, 2, 3, 3}),
	pool("reshape", op.ReshapeTo(op.Shape{2, 12}), op.Shape{2, 3, 2, 2}),
	{name: "sum of 3", spec: op.Sum{N: 3}, in: []op.Shape{{2, 2, 2, 2}, {2, 2, 2, 2}, {2, 2, 2, 2}}},
	{name: "sum of one leaf", spec: op.Sum{N: 3}, in: []op.Shape{{2, 3}},
		whole: func(g *op.Graph, in []*G.Node) (*G.Node, error) { return g.Apply(op.Sum{N: 3}, in[0], in[0], in[0]) }},
	{name: "concat", spec: op.Concat{N: 3}, in: []op.Shape{{2, 1, 3, 2}, {2, 4, 3, 2}, {2, 2, 3, 2}}},
	{name: "concat, an operand twice", spec: op.Concat{N: 3}, in: []op.Shape{{2, 2, 2, 3}, {2, 1, 2, 3}},
		whole: func(g *op.Graph, in []*G.Node) (*G.Node, error) {
			return g.Apply(op.Concat{N: 3}, in[0], in[1], in[0])
		}},
	{name: "linear", spec: op.Linear{}, in: []op.Shape{{3, 4}, {5, 4}, {5}}},
	{name: "linear, batch 1, one feature", spec: op.Linear{}, in: []op.Shape{{1, 1}, {2, 1}, {2}}},
	{name: "dropout", spec: op.Dropout{P: 0.4, Stream: 3}, in: []op.Shape{{4, 8}}, ints: []int32{1, 0, -7, 2}},
	{name: "cross-entropy", spec: op.CrossEntropy{}, in: []op.Shape{{4, 5}}, ints: []int32{0, 4, 2, 2}},
	{name: "cross-entropy, smoothing", spec: op.CrossEntropy{Smoothing: 0.1}, in: []op.Shape{{3, 4}}, ints: []int32{3, 0, 1}},
	{name: "residual, gradients of several consumers", spec: op.Conv{Window: op.Square(1, 1), Groups: 1},
		in: []op.Shape{{1, 2, 3, 3}, {2, 2, 3, 3}},
		whole: func(g *op.Graph, in []*G.Node) (*G.Node, error) {
			x := in[0]
			for range 3 { // the same weights in three layers
				y, err := g.Apply(op.Conv{Window: op.Square(1, 1), Groups: 1}, x, in[1])
				if err != nil {
					return nil, err
				}
				if x, err = g.Apply(op.Sum{N: 2}, x, y); err != nil {
					return nil, err
				}
			}
			return x, nil
		}},
}

func TestGradientsEqualFiniteDifferences(t *testing.T) {
	for _, c := range gradientCases {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(2) {
				checkGradient(t, c, seed)
			}
		})
	}
}

// checkGradient compares each partial derivative with the central difference of width 2h. The difference's own error is
// about h² + 1e-16/h = 1e-10 of the function's size.
func checkGradient(t *testing.T, c gradientCase, seed uint64) {
	t.Helper()
	const h, tolerance = 1e-5, 1e-7
	symbolic := newTrial(t, c, seed)
	grads, err := symbolic.graph.Gradients(symbolic.loss, symbolic.leaves)
	if err != nil {
		t.Fatal(err)
	}
	symbolic.run(t)
	numeric := newTrial(t, c, seed)
	at := func(v *float64, x float64) float64 {
		*v = x
		numeric.run(t)
		return floats(t, numeric.loss)[0]
	}
	for i, values := range numeric.values[:len(numeric.leaves)] {
		got := floats(t, grads[i])
		for k := range values {
			x := values[k]
			want := (at(&values[k], x+h) - at(&values[k], x-h)) / (2 * h)
			values[k] = x
			if !(math.Abs(got[k]-want) <= tolerance*max(1, math.Abs(want))) {
				t.Fatalf("seed %d: d loss / d operand %d [%d] = %v, finite differences give %v", seed, i, k, got[k], want)
			}
		}
	}
}
