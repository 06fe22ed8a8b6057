package nn_test

import (
	"workbench/nn"
	"workbench/nn/op"
)

func init() {
	layerCases = append(layerCases, []layerCase{
		{"Linear", "linear", 6, func(b *nn.Builder, in inputs) nn.Tensor { return b.Linear(in.m, 2) },
			"linear(m, at.weight, at.bias)"},
		{"LinearInit", "linear", 6, func(b *nn.Builder, in inputs) nn.Tensor { return b.LinearInit(in.m, 2, nn.Init{}, nn.Init{}) },
			"linear(m, at.weight, at.bias)"},
		{"ReLU", "relu", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.ReLU(in.x) },
			"relu(x)"},
		{"Add", "add", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Add(in.x, in.y, in.x) },
			"sum{N:3}(x, y, x)"},
		{"Concat", "concat", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Concat(in.x, in.y) },
			"concat{N:2}(x, y)"},
		{"Subsample", "subsample", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Subsample(in.x, 6, 2) },
			"subsample{Stride:2 Channels:6}(x)"},
		{"Flatten", "flatten", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Flatten(in.x) },
			"reshape{To:[2 144 0 0]}(x)"},
		{"Activate relu", "relu", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Activate("relu", in.x) },
			"relu(x)"},
		{"Activate leaky_relu", "leaky_relu", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Activate("leaky_relu", in.x) },
			"leaky_relu{Kind:leaky_relu Alpha:0.01}(x)"},
		{"Activate silu", "silu", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Activate("silu", in.x) },
			"silu{Kind:silu}(x)"},
		{"ReLU6", "relu6", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.ReLU6(in.x) },
			"relu6(x)"},
		{"LeakyReLU", "leaky_relu", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.LeakyReLU(in.x, 0.2) },
			"leaky_relu{Kind:leaky_relu Alpha:0.2}(x)"},
		{"Sigmoid", "sigmoid", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Sigmoid(in.x) },
			"sigmoid{Kind:sigmoid}(x)"},
		{"HardSigmoid", "hard_sigmoid", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.HardSigmoid(in.x) },
			"hard_sigmoid{Kind:hard_sigmoid}(x)"},
		{"SiLU", "silu", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.SiLU(in.x) },
			"silu{Kind:silu}(x)"},
		{"HardSwish", "hard_swish", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.HardSwish(in.x) },
			"hard_swish{Kind:hard_swish}(x)"},
		{"Tanh", "tanh", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Tanh(in.x) },
			"tanh{Kind:tanh}(x)"},
		{"GELU", "gelu", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.GELU(in.x) },
			"gelu{Kind:gelu}(x)"},
		{"GELUTanh", "gelu_tanh", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.GELUTanh(in.x) },
			"gelu_tanh{Kind:gelu_tanh}(x)"},
		{"Channels", "channels", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Channels(in.x, 1, 2) },
			"channels{From:1 Count:2}(x)"},
		{"Split", "channels", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Split(in.x, 1, 2, 1)[2] },
			"channels{From:3 Count:1}(x)"},
		{"ChannelShuffle", "channel shuffle", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.ChannelShuffle(in.x, 2) },
			"channel_shuffle{Groups:2}(x)"},
		{"Rows", "rows", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Rows(in.x, 1, 1) },
			"reshape{To:[1 4 6 6]}(channels{From:1 Count:1}(reshape{To:[1 2 144 1]}(x)))"},
		{"Rows of a matrix", "rows", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Rows(in.m, 0, 1) },
			"reshape{To:[1 3 0 0]}(channels{Count:1}(reshape{To:[1 2 3 1]}(m)))"},
		{"ConcatRows", "concat rows", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.ConcatRows(in.m, in.n, in.m) },
			"reshape{To:[6 3 0 0]}(concat{N:3}(reshape{To:[1 2 3 1]}(m), reshape{To:[1 2 3 1]}(n), reshape{To:[1 2 3 1]}(m)))"},
		{"ConcatColumns", "concat columns", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.ConcatColumns(in.m, in.n) },
			"reshape{To:[2 6 0 0]}(concat{N:2}(reshape{To:[2 3 1 1]}(m), reshape{To:[2 3 1 1]}(n)))"},
		{"Reshape", "reshape", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Reshape(in.x, 4, 2, 36) },
			"reshape{To:[4 2 36 0]}(x)"},
		{"Transpose", "transpose", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Transpose(in.x, 0, 2, 3, 1) },
			"transpose{Axes:[0 2 3 1] Rank:4}(x)"},
		{"MatMul", "matmul", 6, func(b *nn.Builder, in inputs) nn.Tensor { return b.MatMul(in.m, b.Transpose(in.n, 1, 0)) },
			"matmul(m, transpose{Axes:[1 0 0 0] Rank:2}(n))"},
		{"MatMul to a column", "matmul", 2, func(b *nn.Builder, in inputs) nn.Tensor { return b.MatMul(b.Transpose(in.n, 1, 0), in.column) },
			"matmul(transpose{Axes:[1 0 0 0] Rank:2}(n), column)"},
		{"MatMulTransposed", "matmul", 6, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.MatMulTransposed(in.m, in.n, op.MatMul{TransA: true})
		},
			"matmul{TransA:true}(m, n)"},
		{"Conv", "conv", 2592, func(b *nn.Builder, in inputs) nn.Tensor { return b.Conv(in.x, 8, 3, 2) },
			"conv{Stride:[2 2] Begin:[1 1] End:[1 1] Dilation:[1 1] Groups:1}(x, at.weight)"},
		{"Conv of a large kernel", "conv", 28800, func(b *nn.Builder, in inputs) nn.Tensor { return b.Conv(in.x, 8, 5, 1) },
			"conv{Stride:[1 1] Begin:[2 2] End:[2 2] Dilation:[1 1] Groups:1}(x, at.weight)"},
		{"Conv2d", "conv", 144, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.Conv2d(in.x, nn.Conv2d{Out: 6, Kernel: [2]int{3, 1}, Stride: 2, Strides: [2]int{0, 3}, Pad: [2]int{1, 0},
				Dilation: 2, Groups: 2, Bias: true})
		},
			"conv{Stride:[2 3] Begin:[1 0] End:[1 0] Dilation:[2 2] Groups:2 Bias:true}(x, at.weight, at.bias)"},
		{"Conv2d defaults", "conv", 2304, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.Conv2d(in.x, nn.Conv2d{Out: 8, Kernel: [2]int{1, 3}})
		},
			"conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, at.weight)"},
		{"Conv2d padded at the end", "conv", 8640, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.Conv2d(in.x, nn.Conv2d{Out: 8, Kernel: [2]int{3, 3}, Pad: [2]int{1, 0}, PadEnd: &[2]int{0, 2}})
		},
			"conv{Stride:[1 1] Begin:[1 0] End:[0 2] Dilation:[1 1] Groups:1}(x, at.weight)"},
		{"Conv2d SAME", "conv", 1728, func(b *nn.Builder, in inputs) nn.Tensor {
			return b.Conv2d(in.x, nn.Conv2d{Out: 8, Kernel: [2]int{3, 2}, Stride: 2, Same: true})
		},
			"conv{Stride:[2 2] End:[1 0] Dilation:[1 1] Groups:1}(x, at.weight)"},
		{"Depthwise", "conv", 900, func(b *nn.Builder, in inputs) nn.Tensor { return b.Depthwise(in.x, 5, 2) },
			"conv{Stride:[2 2] Begin:[2 2] End:[2 2] Dilation:[1 1] Groups:4}(x, at.weight)"},
		{"Dropout", "dropout", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Dropout(in.x, 0.25) },
			"dropout{P:0.25 Stream:1}(x, key)"},
		{"Dropout of nothing", "", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.Dropout(in.x, 0) }, "x"},
		{"DropPath of nothing", "", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.DropPath(in.x, 0) }, "x"},
		{"DropPath", "drop path", 0, func(b *nn.Builder, in inputs) nn.Tensor { return b.DropPath(in.x, 0.25) },
			"drop_path{P:0.25 Stream:1}(x, key)"},
	}...)
}
