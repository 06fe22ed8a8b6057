package op_test

import (
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

// anyShape lists the operators that take operands of any shape.
var anyShape = []string{"ReLU"}

// shapeCase is operands that an operator must refuse, and what its message must say: the operand, what it got and what
// it wants.
type shapeCase struct {
	spec op.Spec
	in   []op.Shape
	want []string
}

var shapeCases = []shapeCase{
	{op.Conv{Window: op.Square(1, 1), Groups: 1}, []op.Shape{{2, 3, 8}, {4, 3, 3, 3}}, []string{"conv: input (2, 3, 8) has 3 axes, want 4"}},
	{op.Conv{Window: op.Square(1, 1), Groups: 1}, []op.Shape{{2, 3, 8, 8}, {4, 3}}, []string{"conv: weights (4, 3) has 2 axes, want 4"}},
	{op.Conv{Window: op.Square(1, 1), Groups: 1}, []op.Shape{{2, 3, 8, 8}, {4, 2, 3, 3}},
		[]string{"input (2, 3, 8, 8) has 3 channels", "weights (4, 2, 3, 3)", "take 2"}},
	{op.Conv{Window: op.Square(1, 1), Groups: 2}, []op.Shape{{2, 4, 8, 8}, {3, 2, 3, 3}}, []string{"in 2 groups", "give 3"}},
	{op.Conv{Window: op.Square(1, 1)}, []op.Shape{{2, 4, 8, 8}, {3, 4, 3, 3}}, []string{"in 0 groups"}},
	{op.Conv{Window: op.Square(1, 1), Groups: 1, Bias: true}, []op.Shape{{2, 3, 8, 8}, {4, 3, 3, 3}, {3}},
		[]string{"conv: bias is (3), want (4)"}},
	{op.Conv{Window: op.Square(1, 0), Groups: 1}, []op.Shape{{2, 3, 2, 8}, {4, 3, 3, 3}}, []string{"kernel of 3×3", "image of 2×8"}},
	{op.Conv{Window: op.Square(0, 0), Groups: 1}, []op.Shape{{2, 3, 2, 8}, {4, 3, 3, 3}}, []string{"stride [0 0]", "at least 1"}},
	{op.ConvBwdData{Conv: op.Conv{Window: op.Square(2, 1), Groups: 1}, H: 8, W: 8}, []op.Shape{{4, 3, 3, 3}, {2, 4, 8, 8}},
		[]string{"conv_bwd_data: gradient is (2, 4, 8, 8), want (2, 4, 4, 4)"}},
	{op.ConvBwdWeights{Conv: op.Conv{Window: op.Square(2, 1), Groups: 1}, KH: 3, KW: 3},
		[]op.Shape{{2, 3, 8, 8}, {1, 4, 4, 4}}, []string{"conv_bwd_weights: gradient is (1, 4, 4, 4), want (2, 4, 4, 4)"}},
	{op.BiasBwd{}, []op.Shape{{4}}, []string{"bias_bwd: gradient (4) has 1 axes, want at least 2"}},
	{op.Linear{}, []op.Shape{{2, 3, 4, 4}, {5, 48}, {5}}, []string{"linear: input (2, 3, 4, 4) has 4 axes, want 2"}},
	{op.Linear{}, []op.Shape{{2, 48}, {5, 47}, {5}}, []string{"input (2, 48) has 48 features", "weights (5, 47) take 47"}},
	{op.Linear{}, []op.Shape{{2, 48}, {5, 48}, {4}}, []string{"linear: bias is (4), want (5)"}},
	{op.LinearBwdData{}, []op.Shape{{5, 4}, {2, 6}}, []string{"linear_bwd_data: gradient is (2, 6), want (2, 5)"}},
	{op.LinearBwdWeights{}, []op.Shape{{2, 4}, {3, 5}}, []string{"linear_bwd_weights: gradient is (3, 5), want (2, 5)"}},
	{op.ReLUBwd{}, []op.Shape{{2, 3}, {3, 2}}, []string{"relu_bwd: gradient is (3, 2), want (2, 3)"}},
	{op.Sum{N: 2}, []op.Shape{{2, 3, 4, 4}, {2, 3, 2, 2}}, []string{"sum: operand 1 is (2, 3, 2, 2), want (2, 3, 4, 4)"}},
	{op.Sum{N: 1}, []op.Shape{{2}}, []string{"sum: got 1 operands", "at least 2"}},
	{op.MaxPool{Window: op.Square(2, 0), K: 2}, []op.Shape{{2, 3, 1, 1}}, []string{"max_pool: a kernel of 2×2", "image of 1×1"}},
	{op.MaxPool{Window: op.Square(2, 2), K: 2}, []op.Shape{{2, 3, 8, 8}}, []string{"padding [2 2]", "smaller than the kernel of 2×2"}},
	{op.MaxPool{Window: window(one, one, one, [2]int{2, 2}), K: 2}, []op.Shape{{2, 3, 8, 8}}, []string{"dilation is [2 2], want 1"}},
	{op.MaxPoolBwd{MaxPool: op.MaxPool{Window: op.Square(2, 0), K: 2}}, []op.Shape{{2, 3, 8, 8}, {2, 3, 8, 8}},
		[]string{"max_pool_bwd: gradient is (2, 3, 8, 8), want (2, 3, 4, 4)"}},
	{op.AvgPool{Window: op.Square(1, 0), KH: 2, KW: 2}, []op.Shape{{2, 3}}, []string{"avg_pool: input (2, 3) has 2 axes, want 4"}},
	{op.AvgPoolBwd{AvgPool: op.AvgPool{Window: op.Square(2, 0), KH: 2, KW: 2}, H: 8, W: 8}, []op.Shape{{2, 3, 3, 4}},
		[]string{"avg_pool_bwd: gradient is (2, 3, 3, 4), want (2, 3, 4, 4)"}},
	{op.ReshapeTo(op.Shape{2, 5}), []op.Shape{{2, 3, 2, 1}}, []string{"(2, 3, 2, 1) has 12 elements, (2, 5) has 10"}},
	{op.Concat{N: 2}, []op.Shape{{2, 3, 4, 4}, {2, 5, 4, 3}}, []string{"concat: operand 1 is (2, 5, 4, 3), want (2, 5, 4, 4)"}},
	{op.Concat{N: 2}, []op.Shape{{2}, {2, 5, 4, 3}}, []string{"concat: operand 0 (2) has 1 axes, want 4"}},
	{op.Concat{N: 0}, nil, []string{"concat: got 0 operands", "at least 1"}},
	{op.Channels{From: 2, Count: 2}, []op.Shape{{1, 3, 2, 2}}, []string{"channels: [2, 4) is not inside the 3 channels"}},
	{op.Subsample{Stride: 2, Channels: 2}, []op.Shape{{1, 3, 2, 2}}, []string{"2 channels at least the 3"}},
	{op.SubsampleBwd{Stride: 2, C: 3, H: 5, W: 5}, []op.Shape{{1, 4, 2, 2}},
		[]string{"subsample_bwd: gradient is (1, 4, 2, 2), want (1, 4, 3, 3)"}},
	{op.BNStats{}, []op.Shape{{2, 3}}, []string{"bn_stats: input (2, 3) has 2 axes, want 4"}},
	{op.BNApply{}, []op.Shape{{2, 3, 1, 1}, {2, 4}, {3}, {3}}, []string{"bn_apply: statistics is (2, 4), want (2, 3)"}},
	{op.BNApply{}, []op.Shape{{2, 3, 1, 1}, {2, 3}, {4}, {3}}, []string{"bn_apply: scale is (4), want (3)"}},
	{op.BNApply{}, []op.Shape{{2, 3, 1, 1}, {2, 3}, {3}, {2}}, []string{"bn_apply: shift is (2), want (3)"}},
	{op.BNReduce{}, []op.Shape{{2, 3, 1, 1}, {2, 3}, {2, 3, 1, 2}}, []string{"bn_reduce: gradient is (2, 3, 1, 2), want (2, 3, 1, 1)"}},
	{op.BNBwdData{}, []op.Shape{{2, 3, 1, 1}, {2, 3}, {3}, {3}, {2, 3, 1, 1}}, []string{"bn_bwd_data: reductions is (3), want (2, 3)"}},
	{op.BNInfer{}, []op.Shape{{2, 3, 1, 1}, {3}, {2}, {3}, {3}}, []string{"bn_infer: variance is (2), want (3)"}},
	{op.BNRunning{Row: 1}, []op.Shape{{3}, {2, 4}}, []string{"bn_running: statistics is (2, 4), want (2, 3)"}},
	{op.BNRunning{Row: 2}, []op.Shape{{3}, {2, 3}}, []string{"bn_running: want row 0", "got 2"}},
	{op.Row{Index: 2}, []op.Shape{{2, 3}}, []string{"row: (2, 3) has rows 0 to 1, got 2"}},
	{op.Dropout{P: 0.5}, []op.Shape{{2, 3}, {2}}, []string{"dropout: key is (2), want (4)"}},
	{op.Dropout{P: 1}, []op.Shape{{2, 3}, {4}}, []string{"dropout: want a probability", "got 1"}},
	{op.CrossEntropy{}, []op.Shape{{2, 3}, {3}}, []string{"cross_entropy: labels is (3), want (2)"}},
	{op.CrossEntropy{}, []op.Shape{{2, 3, 1, 1}, {2}}, []string{"cross_entropy: logits (2, 3, 1, 1) has 4 axes, want 2"}},
	{op.CrossEntropy{Smoothing: -0.1}, []op.Shape{{2, 3}, {2}}, []string{"label smoothing", "got -0.1"}},
	{op.CrossEntropyBwd{}, []op.Shape{{2, 3}, {2}, {2}}, []string{"cross_entropy_bwd: gradient is (2), want ()"}},
}

func TestWrongShapesAreErrors(t *testing.T) {
	for _, c := range shapeCases {
		got, err := c.spec.Infer(c.in)
		if err == nil {
			t.Errorf("%+v of %v: no error, result %v", c.spec, c.in, got)
			continue
		}
		// What an operator cannot be, it says without its name.
		if name := c.spec.Name() + ": "; !strings.HasPrefix(err.Error(), name) && !strings.Contains(err.Error(), " is unknown, ") {
			t.Errorf("%+v of %v: error %q does not begin with %q", c.spec, c.in, err, name)
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%+v of %v: error %q does not say %q", c.spec, c.in, err, part)
			}
		}
	}
}

func TestApplyChecksOperands(t *testing.T) {
	g := op.NewGraph(false)
	x, err := g.Leaf("x", op.Shape{2, 3})
	if err != nil {
		t.Fatal(err)
	}
	labels, err := g.IntLeaf("labels", 2)
	if err != nil {
		t.Fatal(err)
	}
	floatLabels, err := g.Leaf("float labels", op.Shape{2})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		spec op.Spec
		in   []*G.Node
		want string
	}{
		{op.Sum{N: 2}, []*G.Node{x}, "sum: got 1 operands, want 2"},
		{op.Linear{}, []*G.Node{x, x}, "linear: got 2 operands, want 3"},
		{op.ReLU{}, []*G.Node{nil}, "relu: operand 0 is missing"},
		{op.ReLU{}, []*G.Node{labels}, "relu: operand 0 (labels) holds int32"},
		{op.CrossEntropy{}, []*G.Node{x, floatLabels}, "cross_entropy: operand 1 (float labels) holds float32"},
	}
	for _, c := range tests {
		if _, err := g.Apply(c.spec, c.in...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q", c.spec.Name(), err, c.want)
		}
	}
}
