package nn_test

import (
	"workbench/nn"
)

// wide are images of 4 rows and 9 columns.
func wide(b *nn.Builder, in inputs) nn.Tensor { return b.Reshape(in.x, 2, 4, 4, 9) }

const wideTree = "reshape{To:[2 4 4 9]}(x)"

func init() {
	layerCases = append(layerCases, []layerCase{
		{"BatchNorm", "batch norm", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.BatchNorm(in.x) },
			"bn_apply{Epsilon:1e-05}(x, bn_stats(x), at.weight, at.bias)"},
		{"BatchNormZero", "batch norm", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.BatchNormZero(in.x) },
			"bn_apply{Epsilon:1e-05}(x, bn_stats(x), at.weight, at.bias)"},
		{"BatchNorm2d", "batch norm", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.BatchNorm2d(in.m, nn.BatchNorm2d{Epsilon: 0.001, Frozen: true})
		},
			"reshape{To:[2 3 0 0]}(bn_infer{Epsilon:0.001}(reshape{To:[2 3 1 1]}(m), at.running_mean, at.running_var, at.weight, " +
				"at.bias))"},
		{"BatchNorm2d in inference", "batch norm", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.Inference().BatchNorm2d(in.x, nn.BatchNorm2d{Epsilon: 0.001})
		},
			"bn_infer{Epsilon:0.001}(x, at.running_mean, at.running_var, at.weight, at.bias)"},
		{"BatchNorm2d in groups", "batch norm", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.InGroups(2).BatchNorm2d(in.x, nn.BatchNorm2d{})
		},
			"reshape{To:[2 4 6 6]}(bn_apply{Epsilon:1e-05}(reshape{To:[1 8 6 6]}(x), bn_stats(reshape{To:[1 8 6 6]}(x)), " +
				"reshape{To:[8 0 0 0]}(stretch{To:[2 4 0 0]}(reshape{To:[1 4 0 0]}(at.weight))), reshape{To:[8 0 0 0]}(stretch{To:[2 4 " +
				"0 0]}(reshape{To:[1 4 0 0]}(at.bias)))))"},
		{"LayerNorm", "layer norm", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.LayerNorm(in.m, 1, 0.001) },
			"row_norm{Count:2 Features:3 Area:1 Epsilon:0.001}(m, row_stats{Count:2 Features:3 Area:1}(m), at.weight, at.bias)"},
		{"LayerNorm of axes", "layer norm", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.LayerNorm(in.x, 3, 0.001) },
			"row_norm{Count:2 Features:144 Area:1 Epsilon:0.001}(x, row_stats{Count:2 Features:144 Area:1}(x), reshape{To:[144 0 0 " +
				"0]}(at.weight), reshape{To:[144 0 0 0]}(at.bias))"},
		{"GroupNorm", "group norm", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.GroupNorm(in.x, 2, 0.001) },
			"row_norm{Count:4 Features:4 Area:36 Epsilon:0.001}(x, row_stats{Count:4 Features:4 Area:36}(x), at.weight, at.bias)"},
		{"LRN", "lrn", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.LRN(in.x, 5, 0.1, 0.75, 2) },
			"lrn{Size:5 Alpha:0.1 Beta:0.75 K:2}(x)"},
		{"MaxPool2d", "max pool", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.MaxPool2d(in.x, nn.Pool2d{Kernel: [2]int{3, 2}, Stride: [2]int{2, 0}, Pad: [2]int{1, 0}})
		},
			"max_pool{Stride:[2 2] Begin:[1 0] End:[1 0] Dilation:[1 1] K:3 KW:2}(x)"},
		{"MaxPool2d rounded up", "max pool", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.MaxPool2d(in.x, nn.Pool2d{Kernel: [2]int{3, 2}, Stride: [2]int{2, 4}, Ceil: true})
		},
			"max_pool{Stride:[2 4] End:[1 0] Dilation:[1 1] K:3 KW:2}(x)"},
		{"AvgPool2d", "avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.AvgPool2d(in.x, nn.Pool2d{Kernel: [2]int{3, 2}, Stride: [2]int{2, 0}, Pad: [2]int{1, 0}})
		},
			"avg_pool{Stride:[2 2] Begin:[1 0] End:[1 0] Dilation:[1 1] KH:3 KW:2 CountPad:true}(x)"},
		{"AvgPool2d rounded up", "avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.AvgPool2d(in.x, nn.Pool2d{Kernel: [2]int{3, 2}, Stride: [2]int{2, 4}, Ceil: true, Exclude: true})
		},
			"avg_pool{Stride:[2 4] End:[1 0] Dilation:[1 1] KH:3 KW:2 Uncounted:[1 0]}(x)"},
		{"AvgPool2d rounded up, padding counts", "avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.AvgPool2d(in.x, nn.Pool2d{Kernel: [2]int{3, 2}, Stride: [2]int{2, 4}, Ceil: true})
		},
			"avg_pool{Stride:[2 4] End:[1 0] Dilation:[1 1] KH:3 KW:2 CountPad:true Uncounted:[1 0]}(x)"},
		{"AvgPool2d that excludes padding", "avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.AvgPool2d(in.x, nn.Pool2d{Kernel: [2]int{2, 3}, Pad: [2]int{0, 1}, Exclude: true})
		},
			"avg_pool{Stride:[2 3] Begin:[0 1] End:[0 1] Dilation:[1 1] KH:2 KW:3}(x)"},
		{"MaxPool", "max pool", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.MaxPool(in.x, 3, 2, 1) },
			"max_pool{Stride:[2 2] Begin:[1 1] End:[1 1] Dilation:[1 1] K:3}(x)"},
		{"AvgPool", "avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.AvgPool(in.x, 3, 2, 1) },
			"avg_pool{Stride:[2 2] Begin:[1 1] End:[1 1] Dilation:[1 1] KH:3 KW:3 CountPad:true}(x)"},
		{"AdaptiveAvgPool", "adaptive avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.AdaptiveAvgPool(in.x, 4) },
			"adaptive_avg_pool{H:4 W:4}(x)"},
		{"AdaptiveAvgPool of equal fields", "adaptive avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.AdaptiveAvgPool(in.x, 3)
		},
			"avg_pool{Stride:[2 2] Dilation:[1 1] KH:2 KW:2}(x)"},
		{"AdaptiveAvgPool of the size", "", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.AdaptiveAvgPool(in.x, 6) },
			"x"},
		{"GlobalAvgPool", "global avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.GlobalAvgPool(in.x) },
			"reshape{To:[2 4 0 0]}(avg_pool{Stride:[1 1] Dilation:[1 1] KH:6 KW:6}(x))"},
		{"GlobalAvgPool of a rectangle", "global avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.GlobalAvgPool(wide(b, in)) },
			"reshape{To:[2 4 0 0]}(avg_pool{Stride:[1 1] Dilation:[1 1] KH:4 KW:9}(" + wideTree + "))"},
		{"GlobalMaxPool of a rectangle", "global max pool", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.GlobalMaxPool(wide(b, in)) },
			"reshape{To:[2 4 0 0]}(max_pool{Stride:[1 1] Dilation:[1 1] K:4 KW:9}(" + wideTree + "))"},
		{"AdaptiveAvgPool of a rectangle", "adaptive avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.AdaptiveAvgPool(b.Reshape(in.x, 2, 8, 3, 6), 3)
		},
			"avg_pool{Stride:[1 2] Dilation:[1 1] KH:1 KW:2}(reshape{To:[2 8 3 6]}(x))"},
		{"AdaptiveAvgPool of unequal columns", "adaptive avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.AdaptiveAvgPool(wide(b, in), 4)
		},
			"adaptive_avg_pool{H:4 W:4}(" + wideTree + ")"},
		{"AdaptiveAvgPool of unequal rows", "adaptive avg pool", 0, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.AdaptiveAvgPool(wide(b, in), 9)
		},
			"adaptive_avg_pool{H:9 W:9}(" + wideTree + ")"},
		{"GroupNorm of a rectangle", "group norm", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.GroupNorm(wide(b, in), 4, 0.001) },
			"row_norm{Count:8 Features:4 Area:36 Epsilon:0.001}(" + wideTree + ", row_stats{Count:8 Features:4 Area:36}(" + wideTree +
				"), at.weight, at.bias)"},
		{"GlobalMaxPool", "global max pool", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.GlobalMaxPool(in.x) },
			"reshape{To:[2 4 0 0]}(max_pool{Stride:[1 1] Dilation:[1 1] K:6 KW:6}(x))"},
	}...)
}
