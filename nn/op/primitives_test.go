package op_test

import (
	"math"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

func init() {
	nan := math.NaN()
	three, table := op.Shape{3}, tensorOf(op.Shape{2, 3}, 1, 5, 5, -1, -2, -3)
	kernelCases = append(kernelCases, []kernelCase{
		{op.Pointwise{Kind: op.Exp}, []operand{tensorOf(op.Shape{2}, 0, 1)}, tensorOf(op.Shape{2}, 1, math.E)},
		{op.Pointwise{Kind: op.Log}, []operand{tensorOf(op.Shape{2}, 1, math.E)}, tensorOf(op.Shape{2}, 0, 1)},
		{op.Pointwise{Kind: op.Sqrt}, []operand{tensorOf(op.Shape{2}, 9, 0)}, tensorOf(op.Shape{2}, 3, 0)},
		{op.Pointwise{Kind: op.Abs}, []operand{tensorOf(op.Shape{2}, -9, 2)}, tensorOf(op.Shape{2}, 9, 2)},
		{op.Pointwise{Kind: op.Power, A: 3}, []operand{tensorOf(op.Shape{2}, -2, 2)}, tensorOf(op.Shape{2}, -8, 8)},
		{op.Pointwise{Kind: op.Clamp, A: -1, B: 2}, []operand{tensorOf(three, -9, 0.5, 3)}, tensorOf(three, -1, 0.5, 2)},
		{op.PointwiseBwd{Pointwise: op.Pointwise{Kind: op.Sqrt}}, []operand{tensorOf(op.Shape{1}, 4), tensorOf(op.Shape{1}, 8)},
			tensorOf(op.Shape{1}, 1)},
		{op.PointwiseBwd{Pointwise: op.Pointwise{Kind: op.Abs}}, []operand{tensorOf(three, -4, 0, 3), tensorOf(three, 8, 8, 8)},
			tensorOf(three, -8, 0, 8)},
		{op.PointwiseBwd{Pointwise: op.Pointwise{Kind: op.Clamp, A: -1, B: 2}},
			[]operand{tensorOf(op.Shape{4}, -2, -1, 2, 3), tensorOf(op.Shape{4}, 1, 1, 1, 1)}, tensorOf(op.Shape{4}, 0, 1, 1, 0)},
		{op.StretchTo(op.Shape{2, 3}), []operand{tensorOf(op.Shape{2, 1}, 1, 2)}, tensorOf(op.Shape{2, 3}, 1, 1, 1, 2, 2, 2)},
		{op.StretchTo(op.Shape{2, 3}), []operand{tensorOf(op.Shape{1, 3}, 1, 2, 3)}, tensorOf(op.Shape{2, 3}, 1, 2, 3, 1, 2, 3)},
		{op.SumToShape(op.Shape{2, 1}), []operand{table}, tensorOf(op.Shape{2, 1}, 11, -6)},
		{op.SumToShape(op.Shape{1, 3}), []operand{table}, tensorOf(op.Shape{1, 3}, 0, 3, 2)},
		{op.SumToShape(op.Shape{1, 1}), []operand{table}, tensorOf(op.Shape{1, 1}, 5)},
		{op.MaxToShape(op.Shape{2, 1}), []operand{table}, tensorOf(op.Shape{2, 1}, 5, -1)},
		{op.MaxToShape(op.Shape{1, 3}), []operand{table}, tensorOf(op.Shape{1, 3}, 1, 5, 5)},
		{op.MaxToBwd{}, []operand{table, tensorOf(op.Shape{2, 1}, 5, -1), tensorOf(op.Shape{2, 1}, 7, 8)},
			tensorOf(op.Shape{2, 3}, 0, 7, 0, 8, 0, 0)},
		{op.Compare{Kind: op.Greater}, []operand{tensorOf(three, 1, 2, nan), tensorOf(three, 0, 2, 1)}, tensorOf(three, 1, 0, 0)},
		{op.Compare{Kind: op.GreaterEqual}, []operand{tensorOf(three, 1, 2, nan), tensorOf(three, 0, 2, nan)}, tensorOf(three, 1, 1, 0)},
		{op.Compare{Kind: op.Equal}, []operand{tensorOf(three, 1, 2, nan), tensorOf(three, 0, 2, nan)}, tensorOf(three, 0, 1, 0)},
		{op.OneHotMax{}, []operand{table}, tensorOf(op.Shape{2, 3}, 0, 1, 0, 1, 0, 0)},
		{op.OneHot{Classes: 3}, []operand{intsOf(1, -1)}, tensorOf(op.Shape{2, 3}, 0, 1, 0, 0, 0, 0)},
		{op.OneHot{Classes: 3}, []operand{intsOf(0, 3, 2)}, tensorOf(op.Shape{3, 3}, 1, 0, 0, 0, 0, 0, 0, 0, 1)}, // 3 is no class
		{op.Smallest{}, []operand{tensorOf(op.Shape{5}, 3, 1, nan, 1, 2), tensorOf(op.Shape{1}, 0.6)}, tensorOf(op.Shape{5}, 0, 1, 0, 1, 1)},
		{op.Smallest{}, []operand{tensorOf(op.Shape{5}, 3, 1, nan, 1, 2), tensorOf(op.Shape{1}, 0.39)}, tensorOf(op.Shape{5}, 0, 1, 0, 0, 0)},
		{op.Smallest{}, []operand{tensorOf(op.Shape{2}, 3, 1), tensorOf(op.Shape{1}, 7)}, tensorOf(op.Shape{2}, 1, 1)},
		{op.Smallest{}, []operand{tensorOf(op.Shape{10}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), tensorOf(op.Shape{1}, 0.9)},
			tensorOf(op.Shape{10}, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0)},
		{op.Smallest{}, []operand{tensorOf(op.Shape{4}, nan, 1, nan, 0), tensorOf(op.Shape{1}, 0.5)}, tensorOf(op.Shape{4}, 0, 1, 0, 1)},
		{op.Smallest{}, []operand{tensorOf(op.Shape{4}, nan, nan, 7, nan), tensorOf(op.Shape{1}, 0.5)}, tensorOf(op.Shape{4}, 1, 0, 1, 0)},
		{op.Smallest{}, []operand{tensorOf(op.Shape{4}, 5, nan, 5, 5), tensorOf(op.Shape{1}, 0.75)}, tensorOf(op.Shape{4}, 1, 0, 1, 1)},
		{op.Smallest{}, []operand{tensorOf(op.Shape{2}, 3, 1), tensorOf(op.Shape{1}, -1)}, tensorOf(op.Shape{2}, 0, 0)},
		{op.GatherRows{}, []operand{table, intsOf(1, 1, -1)}, tensorOf(op.Shape{3, 3}, -1, -2, -3, -1, -2, -3, 0, 0, 0)},
		{op.ScatterRows{Rows: 3}, []operand{table, intsOf(2, 2)}, tensorOf(op.Shape{3, 3}, 0, 0, 0, 0, 0, 0, 0, 3, 2)},
		{op.ScatterRows{Rows: 2}, []operand{table, intsOf(2, 1)}, tensorOf(op.Shape{2, 3}, 0, 0, 0, -1, -2, -3)}, // there is no row 2
		{op.ScatterRows{Rows: 1}, []operand{table, intsOf(-1, 0)}, tensorOf(op.Shape{1, 3}, -1, -2, -3)},
	}...)
	shapeCases = append(shapeCases, []shapeCase{
		{op.Pointwise{Kind: 99}, []op.Shape{{2}}, []string{"pointwise 99 is unknown, want 0 (exp) to 5 (clamp)"}},
		{op.Pointwise{Kind: op.Exp, A: 1}, []op.Shape{{2}}, []string{"exp: got the numbers 1 and 0, want 0"}},
		{op.Pointwise{Kind: op.Clamp, A: 2, B: 1}, []op.Shape{{2}}, []string{"clamp: the lower bound is 2"}},
		{op.PointwiseBwd{}, []op.Shape{{2}, {3}}, []string{"exp_bwd: gradient is (3), want (2)"}},
		{op.StretchTo(op.Shape{2, 3}), []op.Shape{{2}}, []string{"stretch: (2) and (2, 3) have 1 and 2 axes"}},
		{op.StretchTo(op.Shape{2, 3}), []op.Shape{{2, 2}}, []string{"stretch: axis 1 of (2, 2) is 2, want 3 as in (2, 3), or 1"}},
		{op.SumToShape(op.Shape{2, 2}), []op.Shape{{2, 3}}, []string{"sum_to: axis 1 of (2, 2) is 2"}},
		{op.MaxToShape(op.Shape{2, 2}), []op.Shape{{2, 3}}, []string{"max_to: axis 1 of (2, 2) is 2"}},
		{op.MaxToBwd{}, []op.Shape{{2, 3}, {2, 1}, {1, 3}}, []string{"max_to_bwd: gradient is (1, 3), want (2, 1)"}},
		{op.Compare{}, []op.Shape{{2, 3}, {2, 1}}, []string{"greater: operand 1 is (2, 1), want (2, 3)"}},
		{op.Compare{Kind: 9}, []op.Shape{{2}, {2}}, []string{"compare 9 is unknown"}},
		{op.OneHotMax{}, []op.Shape{{2}}, []string{"one_hot_max: input (2) has 1 axes, want 2"}},
		{op.OneHot{}, []op.Shape{{2}}, []string{"one_hot: got 0 classes"}},
		{op.OneHot{Classes: 2}, []op.Shape{{2, 2}}, []string{"one_hot: labels (2, 2) has 2 axes, want 1"}},
		{op.Smallest{}, []op.Shape{{2}, {2}}, []string{"smallest: share is (2), want one element"}},
		{op.GatherRows{}, []op.Shape{{2, 3}, {2, 1}}, []string{"gather_rows: indexes (2, 1) has 2 axes, want 1"}},
		{op.ScatterRows{Rows: 4}, []op.Shape{{2, 3}, {3}}, []string{"scatter_rows: indexes is (3), want (2)"}},
		{op.ScatterRows{}, []op.Shape{{2, 3}, {2}}, []string{"into 0 rows"}},
	}...)
	positive := func(name string, s op.Spec) gradientCase {
		return gradientCase{name: name, spec: s, in: []op.Shape{{2, 3}}, whole: func(g *op.Graph, in []*G.Node) (*G.Node, error) {
			x, err := g.Apply(op.Pointwise{Kind: op.Exp}, in[0])
			if err != nil {
				return nil, err
			}
			return g.Apply(s, x)
		}}
	}
	gradientCases = append(gradientCases, []gradientCase{
		pool("exp", op.Pointwise{Kind: op.Exp}, op.Shape{2, 3}),
		positive("log", op.Pointwise{Kind: op.Log}),
		positive("sqrt", op.Pointwise{Kind: op.Sqrt}),
		positive("power −1", op.Pointwise{Kind: op.Power, A: -1}),
		pool("power 3", op.Pointwise{Kind: op.Power, A: 3}, op.Shape{2, 3}),
		pool("abs", op.Pointwise{Kind: op.Abs}, op.Shape{2, 3}),
		pool("clamp", op.Pointwise{Kind: op.Clamp, A: -0.5, B: 0.5}, op.Shape{2, 3}),
		pool("stretch rows", op.StretchTo(op.Shape{4, 3}), op.Shape{1, 3}),
		pool("stretch a scalar", op.StretchTo(op.Shape{4, 3}), op.Shape{1, 1}),
		pool("stretch images", op.StretchTo(op.Shape{2, 3, 2, 2}), op.Shape{1, 3, 1, 2}),
		pool("sum of rows", op.SumToShape(op.Shape{4, 1}), op.Shape{4, 3}),
		pool("sum of images", op.SumToShape(op.Shape{1, 3, 1, 1}), op.Shape{2, 3, 2, 2}),
		pool("max of rows", op.MaxToShape(op.Shape{4, 1}), op.Shape{4, 3}),
		pool("max of columns", op.MaxToShape(op.Shape{1, 3}), op.Shape{4, 3}),
		{name: "gather rows", spec: op.GatherRows{}, in: []op.Shape{{3, 2}}, ints: []int32{2, 0, 2, -1}},
		{name: "scatter rows", spec: op.ScatterRows{Rows: 3}, in: []op.Shape{{4, 2}}, ints: []int32{2, 0, 2, -1}},
	}...)
	anyShape = append(anyShape, "Pointwise")
}
