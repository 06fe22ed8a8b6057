package op_test

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

// rowNorm differentiates through the statistics.
func rowNorm(name string, rows op.Rows, x op.Shape) gradientCase {
	norm := op.RowNorm{Rows: rows, Epsilon: 1e-3}
	return gradientCase{name: name, spec: norm, in: []op.Shape{x, {rows.Features}, {rows.Features}},
		whole: func(g *op.Graph, in []*G.Node) (*G.Node, error) {
			st, err := g.Apply(op.RowStats{Rows: rows}, in[0])
			if err != nil {
				return nil, err
			}
			return g.Apply(norm, in[0], st, in[1], in[2])
		}}
}

func init() {
	gradientCases = append(gradientCases, []gradientCase{
		rowNorm("layer norm", op.Rows{Count: 3, Features: 5, Area: 1}, op.Shape{3, 5}),
		rowNorm("layer norm of sequences", op.Rows{Count: 6, Features: 4, Area: 1}, op.Shape{2, 3, 4}),
		rowNorm("group norm", op.Rows{Count: 6, Features: 6, Area: 6}, op.Shape{2, 6, 2, 3}),
		rowNorm("group norm, one group", op.Rows{Count: 2, Features: 3, Area: 4}, op.Shape{2, 3, 2, 2}),
		{name: "frozen batch norm", spec: op.BNInfer{}, in: []op.Shape{{3, 2, 2, 3}, {2}, {2}, {2}, {2}}, fixed: 2,
			whole: func(g *op.Graph, in []*G.Node) (*G.Node, error) {
				variance, err := g.Apply(op.Activation{Kind: op.Sigmoid}, in[4]) // a variance is positive
				if err != nil {
					return nil, err
				}
				return g.Apply(op.BNInfer{Epsilon: 1e-3}, in[0], in[3], variance, in[1], in[2])
			}},
		pool("lrn 5", op.LRN{Size: 5, Alpha: 0.5, Beta: 0.75, K: 2}, op.Shape{2, 7, 2, 2}),
		pool("lrn 3, few channels", op.LRN{Size: 3, Alpha: 2, Beta: 0.6, K: 1}, op.Shape{1, 2, 3, 1}),
	}...)
	vec := op.Shape{2}
	rows := op.Rows{Count: 2, Features: 2, Area: 1}
	groups := op.Rows{Count: 2, Features: 4, Area: 1}
	x := tensorOf(op.Shape{2, 2}, 1, 3, 10, 30)
	st := tensorOf(op.Shape{2, 2}, 2, 20, 1, 100)
	kernelCases = append(kernelCases, []kernelCase{
		{op.RowStats{Rows: rows}, []operand{x}, st},
		{op.RowStats{Rows: groups}, []operand{tensorOf(op.Shape{1, 4, 1, 1}, 1, 3, 10, 30)}, st},
		{op.RowNorm{Rows: rows}, []operand{x, st, tensorOf(vec, 3, 5), tensorOf(vec, 0.5, 7)}, tensorOf(op.Shape{2, 2}, -2.5, 12, -2.5, 12)},
		{op.RowNorm{Rows: groups}, []operand{tensorOf(op.Shape{1, 4, 1, 1}, 1, 3, 10, 30), st,
			tensorOf(op.Shape{4}, 1, 2, 3, 4), tensorOf(op.Shape{4}, 0, 0, 1, 1)},
			tensorOf(op.Shape{1, 4, 1, 1}, -1, 2, -2, 5)},
		// dx = (g − mean g − x̂ · mean(g·x̂)) / σ with g = scale·dy is 0 where a row has but two values.
		{op.RowNormBwd{RowNorm: op.RowNorm{Rows: rows}},
			[]operand{x, st, tensorOf(vec, 3, 5), tensorOf(op.Shape{2, 2}, 1, 2, 5, 10)}, tensorOf(op.Shape{2, 2}, 0, 0, 0, 0)},
		{op.RowNormReduce{RowNorm: op.RowNorm{Rows: rows}}, []operand{x, st, tensorOf(op.Shape{2, 2}, 1, 2, 5, 10)},
			tensorOf(op.Shape{2, 2}, -6, 12, 6, 12)},
		{op.BNInferBwd{}, []operand{tensorOf(vec, 1, 100), tensorOf(vec, 3, 5), tensorOf(op.Shape{1, 2, 1, 2}, 1, 2, 10, 20)},
			tensorOf(op.Shape{1, 2, 1, 2}, 3, 6, 5, 10)},
		{op.BNInferReduce{}, []operand{pixels, tensorOf(vec, 2, 20), tensorOf(vec, 1, 100),
			tensorOf(op.Shape{2, 2, 1, 1}, 1, 2, 5, 10)}, tensorOf(op.Shape{2, 2}, 4, 8, 6, 12)},
		// The sums Σ x² over the neighbours of 1, 2, 3 are 5, 14, 13, and the base is 1 + 3/3·Σ.
		{op.LRN{Size: 3, Alpha: 3, Beta: 0.5, K: 1}, []operand{tensorOf(op.Shape{1, 3, 1, 1}, 1, 2, 3)},
			tensorOf(op.Shape{1, 3, 1, 1}, 1/math.Sqrt(6), 2/math.Sqrt(15), 3/math.Sqrt(14))},
		// With one channel, d/dx x·(1 + x²)^(−1/2) = (1 + x²)^(−3/2).
		{op.LRNBwd{LRN: op.LRN{Size: 1, Alpha: 1, Beta: 0.5, K: 1}},
			[]operand{tensorOf(op.Shape{1, 1, 1, 1}, 2), tensorOf(op.Shape{1, 1, 1, 1}, 10)},
			tensorOf(op.Shape{1, 1, 1, 1}, 10*math.Pow(5, -1.5))},
	}...)
	shapeCases = append(shapeCases, []shapeCase{
		{op.RowStats{Rows: op.Rows{Count: 4, Features: 3, Area: 1}}, []op.Shape{{2, 3}},
			[]string{"row_stats: input (2, 3) cannot be cut into 4 rows"}},
		{op.RowNorm{Rows: rows}, []op.Shape{{2, 2}, {2, 3}, {2}, {2}}, []string{"row_norm: statistics is (2, 3), want (2, 2)"}},
		{op.RowNorm{Rows: rows}, []op.Shape{{2, 2}, {2, 2}, {3}, {2}}, []string{"row_norm: scale is (3), want (2)"}},
		{op.RowNorm{Rows: rows}, []op.Shape{{2, 2}, {2, 2}, {2}, {1}}, []string{"row_norm: shift is (1), want (2)"}},
		{op.RowNormBwd{RowNorm: op.RowNorm{Rows: rows}}, []op.Shape{{2, 2}, {2, 2}, {2}, {2, 3}},
			[]string{"row_norm_bwd: gradient is (2, 3), want (2, 2)"}},
		{op.RowNormReduce{RowNorm: op.RowNorm{Rows: rows}}, []op.Shape{{2, 2}, {2, 2}, {2, 3}},
			[]string{"row_norm_reduce: gradient is (2, 3), want (2, 2)"}},
		{op.BNInferBwd{}, []op.Shape{{3}, {2}, {1, 2, 2, 2}}, []string{"bn_infer_bwd: variance is (3), want (2)"}},
		{op.BNInferReduce{}, []op.Shape{{1, 2, 2, 2}, {2}, {1}, {1, 2, 2, 2}}, []string{"bn_infer_reduce: variance is (1), want (2)"}},
		{op.LRN{Size: 4, K: 1}, []op.Shape{{1, 2, 2, 2}}, []string{"lrn: size 4 must be odd"}},
		{op.LRN{Size: 5, K: 1}, []op.Shape{{1, 2}}, []string{"lrn: input (1, 2) has 2 axes, want 4"}},
		{op.LRNBwd{LRN: op.LRN{Size: 5, K: 1}}, []op.Shape{{1, 2, 2, 2}, {1, 2, 2, 1}},
			[]string{"lrn_bwd: gradient is (1, 2, 2, 1), want (1, 2, 2, 2)"}},
	}...)
}

// A frozen layer's statistics stay as they are, however the input changes.
func TestFrozenStatisticsHaveNoGradient(t *testing.T) {
	for i, want := range []bool{true, false, false, true, true} {
		if got := (op.BNInfer{}).Wants()[i]; got != want {
			t.Errorf("operand %d has a gradient: %v, want %v", i, got, want)
		}
	}
}
