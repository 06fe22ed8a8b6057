package nn_test

import (
	"workbench/nn"
	"workbench/nn/op"
)

func init() {
	layerCases = append(layerCases, []layerCase{
		{"Exp", "exp", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Exp(in.x) },
			"exp(x)"},
		{"Log", "log", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Log(in.x) },
			"log{Kind:log}(x)"},
		{"Sqrt", "sqrt", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Sqrt(in.x) },
			"sqrt{Kind:sqrt}(x)"},
		{"Abs", "abs", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Abs(in.x) },
			"abs{Kind:abs}(x)"},
		{"Power", "power", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Power(in.x, 3) },
			"power{Kind:power A:3}(x)"},
		{"Clamp", "clamp", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Clamp(in.x, 1, 2) },
			"clamp{Kind:clamp A:1 B:2}(x)"},
		{"Div", "div", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Div(in.m, in.n) },
			"mul(m, power{Kind:power A:-1}(n))"},
		{"Stretch", "stretch", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Stretch(in.column, 2, 3) },
			"stretch{To:[2 3 0 0]}(column)"},
		{"AddStretched", "add", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.AddStretched(in.m, in.column) },
			"sum{N:2}(m, stretch{To:[2 3 0 0]}(column))"},
		{"SumTo", "sum", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.SumTo(in.m, 1, 3) },
			"sum_to{To:[1 3 0 0]}(m)"},
		{"MaxTo", "max", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.MaxTo(in.m, 1, 3) },
			"max_to{To:[1 3 0 0]}(m)"},
		{"RowSums", "sum", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.RowSums(in.m) },
			"sum_to{To:[2 1 0 0]}(m)"},
		{"RowMax", "max", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.RowMax(in.m) },
			"max_to{To:[2 1 0 0]}(m)"},
		{"ColumnSums", "sum", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.ColumnSums(in.m) },
			"sum_to{To:[1 3 0 0]}(m)"},
		{"ColumnMax", "max", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.ColumnMax(in.m) },
			"max_to{To:[1 3 0 0]}(m)"},
		{"OneHotMax", "one-hot max", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.OneHotMax(in.m) },
			"one_hot_max(m)"},
		{"OneHot", "one-hot", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.OneHot(in.labels, 5) },
			"one_hot{Classes:5}(labels)"},
		{"Compare", "greater_equal", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Compare(op.GreaterEqual, in.m, in.n) },
			"greater_equal{Kind:1}(m, n)"},
		{"Compare stretched", "greater", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Compare(op.Greater, in.m, in.column) },
			"greater(m, stretch{To:[2 3 0 0]}(column))"},
		{"Smallest", "smallest", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Smallest(in.m, in.share) },
			"smallest(m, share)"},
		{"GatherRows", "gather rows", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.GatherRows(in.m, in.labels) },
			"gather_rows(m, labels)"},
		{"ScatterRows", "scatter rows", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.ScatterRows(in.m, in.labels, 4) },
			"scatter_rows{Rows:4}(m, labels)"},
		{"RowCrossEntropy", "row cross-entropy", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.RowCrossEntropy(in.m, in.labels) },
			"scale{By:-1}(sum_to{To:[2 1 0 0]}(mul(log_softmax{Log:true}(m), one_hot{Classes:3}(labels))))"},
		{"RowSoftCrossEntropy", "row cross-entropy", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.RowSoftCrossEntropy(in.m, in.n)
		},
			"scale{By:-1}(sum_to{To:[2 1 0 0]}(mul(log_softmax{Log:true}(m), n)))"},
	}...)
}
