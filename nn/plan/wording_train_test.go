package plan_test

import (
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	norm := func(b *nn.Builder, name string, x nn.Tensor) nn.Tensor { return b.In(name).BatchNorm(x) }
	conv := func(b *nn.Builder, name string, x nn.Tensor) nn.Tensor {
		return b.In(name).Conv2d(x, nn.Conv2d{Out: 3, Kernel: [2]int{1, 1}})
	}
	weights := func(p *nn.Param) bool { return p.Role == nn.Weight }
	wordingCases = append(wordingCases, []wordingCase{
		{"everything that surrounds the steps", nn.Train, plan.Training{
			Decay: func(p *nn.Param) float64 { return map[bool]float64{true: 0.5}[p.Role == nn.Weight] },
			Scale: func(p *nn.Param) float64 { return map[bool]float64{true: 2, false: 3}[p.Role == nn.Weight] },
			Slots: "phase", Averaging: plan.Averaging{Decay: 0.5}, Gradients: plan.Gradients{MicroBatches: 2},
		}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			queue, decay := b.State("queue", nn.Init{}, 4, 3), b.Input("decay", 1)
			z := b.GlobalAvgPool(norm(b, "bn", x))
			b.SetRows(queue, b.Labels("at", 2), z)
			b.Follow("copy", nn.Follow{Decay: decay}).In("fc").Linear(z, 2)
			return b.In("fc").Linear(z, 2)
		}, `
			0 = bn_stats(x)
			1 = bn_apply{Epsilon:1e-05}(x, 0, bn.weight, bn.bias)
			2 = bn_running{Momentum:0.1 Count:32}(bn.running_mean, 0)
			3 = bn_running{Momentum:0.1 Row:1 Count:32}(bn.running_var, 0)
			4 = avg_pool{Stride:[1 1] Dilation:[1 1] KH:4 KW:4}(1)
			5 = reshape{To:[2 3 0 0]}(4)
			6 = linear(5, fc.weight, fc.bias)
			7 = mean(6)
			8 = mean_bwd{To:[2 2 0 0]}(one)
			9 = linear_bwd_data(fc.weight, 8)
			10 = linear_bwd_weights(5, 8)
			11 = bias_bwd(8)
			12 = reshape{To:[2 3 1 1]}(9)
			13 = avg_pool_bwd{Stride:[1 1] Dilation:[1 1] KH:4 KW:4 H:4 W:4}(12)
			14 = bn_reduce{Epsilon:1e-05}(x, 0, 13)
			15 = row(14)
			16 = row{Index:1}(14)
			loss is 7
			bn.running_mean := 2
			bn.running_var := 3
			queue := 5 rows at
			bn.weight by 15, slots [optim/phase/momentum/bn.weight], sum optim/phase/sum/bn.weight, decay 0, scale 3
			bn.bias by 16, slots [optim/phase/momentum/bn.bias], sum optim/phase/sum/bn.bias, decay 0, scale 3
			fc.weight by 10, slots [optim/phase/momentum/fc.weight], sum optim/phase/sum/fc.weight, decay 0.5, scale 2
			fc.bias by 11, slots [optim/phase/momentum/fc.bias], sum optim/phase/sum/fc.bias, decay 0, scale 3
			ema/bn.weight follows bn.weight, decay -
			ema/bn.bias follows bn.bias, decay -
			ema/fc.weight follows fc.weight, decay -
			ema/fc.bias follows fc.bias, decay -
			ema/bn.running_mean follows bn.running_mean, decay -
			ema/bn.running_var follows bn.running_var, decay -
			copy.fc.weight follows fc.weight, decay decay
			copy.fc.bias follows fc.bias, decay decay
		`, `
			0, 0', - = batch_norm{Epsilon:1e-05}(x, bn.weight, bn.bias)
			1 = bn_running{Momentum:0.1 Count:32}(bn.running_mean, 0')
			2 = bn_running{Momentum:0.1 Row:1 Count:32}(bn.running_var, 0')
			3 = avg_pool{Stride:[1 1] Dilation:[1 1] KH:4 KW:4}(0)
			4 = reshape{To:[2 3 0 0]}(3)
			5 = linear(4, fc.weight, fc.bias)
			6 = mean(5)
			7 = mean_bwd{To:[2 2 0 0]}(one)
			8 = linear_bwd_data(fc.weight, 7)
			9, 9' = linear_bwd_weights(4, 7)
			10 = reshape{To:[2 3 1 1]}(8)
			11 = avg_pool_bwd{Stride:[1 1] Dilation:[1 1] KH:4 KW:4 H:4 W:4}(10)
			-, 12', 12'' = batch_norm_bwd{Epsilon:1e-05}(x, 0', bn.weight, 11)
			loss is 6
			bn.running_mean := 1
			bn.running_var := 2
			queue := 4 rows at
			bn.weight by 12', slots [optim/phase/momentum/bn.weight], sum optim/phase/sum/bn.weight, decay 0, scale 3
			bn.bias by 12'', slots [optim/phase/momentum/bn.bias], sum optim/phase/sum/bn.bias, decay 0, scale 3
			fc.weight by 9, slots [optim/phase/momentum/fc.weight], sum optim/phase/sum/fc.weight, decay 0.5, scale 2
			fc.bias by 9', slots [optim/phase/momentum/fc.bias], sum optim/phase/sum/fc.bias, decay 0, scale 3
			ema/bn.weight follows bn.weight, decay -
			ema/bn.bias follows bn.bias, decay -
			ema/fc.weight follows fc.weight, decay -
			ema/fc.bias follows fc.bias, decay -
			ema/bn.running_mean follows bn.running_mean, decay -
			ema/bn.running_var follows bn.running_var, decay -
			copy.fc.weight follows fc.weight, decay decay
			copy.fc.bias follows fc.bias, decay decay
		`},
		{"batch norm and ReLU", nn.Train, plan.Training{}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.ReLU(norm(b, "bn", conv(b, "conv", x)))
		}, ``, `
			0 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, conv.weight)
			1, 1', 1'' = batch_norm{Epsilon:1e-05 Then:relu}(0, bn.weight, bn.bias)
			2 = bn_running{Momentum:0.1 Count:32}(bn.running_mean, 1')
			3 = bn_running{Momentum:0.1 Row:1 Count:32}(bn.running_var, 1')
			4 = mean(1)
			5 = mean_bwd{To:[2 3 4 4]}(one)
			6, 6', 6'' = batch_norm_bwd{Epsilon:1e-05 Then:relu}(0, 1', bn.weight, 5, 1'')
			7 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(x, 6)
			loss is 4
			bn.running_mean := 2
			bn.running_var := 3
			conv.weight by 7, slots [optim/momentum/conv.weight], sum -, decay 0, scale 1
			bn.weight by 6', slots [optim/momentum/bn.weight], sum -, decay 0, scale 1
			bn.bias by 6'', slots [optim/momentum/bn.bias], sum -, decay 0, scale 1
		`},
		{"batch norm and SiLU", nn.Train, plan.Training{}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.SiLU(norm(b, "bn", conv(b, "conv", x)))
		}, ``, `
			0 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, conv.weight)
			1, 1', 1'' = batch_norm{Epsilon:1e-05 Then:silu}(0, bn.weight, bn.bias)
			2 = bn_running{Momentum:0.1 Count:32}(bn.running_mean, 1')
			3 = bn_running{Momentum:0.1 Row:1 Count:32}(bn.running_var, 1')
			4 = mean(1)
			5 = mean_bwd{To:[2 3 4 4]}(one)
			6, 6', 6'' = batch_norm_bwd{Epsilon:1e-05 Then:silu}(0, 1', bn.weight, 5, 1'')
			7 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(x, 6)
			loss is 4
			bn.running_mean := 2
			bn.running_var := 3
			conv.weight by 7, slots [optim/momentum/conv.weight], sum -, decay 0, scale 1
			bn.weight by 6', slots [optim/momentum/bn.weight], sum -, decay 0, scale 1
			bn.bias by 6'', slots [optim/momentum/bn.bias], sum -, decay 0, scale 1
		`},
		{"residual block", nn.Train, plan.Training{Moves: weights}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			x = conv(b, "a", x)
			return b.ReLU(b.Add(norm(b, "bn", conv(b, "b", x)), x))
		}, `
			0 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, a.weight)
			1 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(0, b.weight)
			2 = bn_stats(1)
			3 = bn_apply{Epsilon:1e-05}(1, 2, bn.weight, bn.bias)
			4 = bn_running{Momentum:0.1 Count:32}(bn.running_mean, 2)
			5 = bn_running{Momentum:0.1 Row:1 Count:32}(bn.running_var, 2)
			6 = sum{N:2}(3, 0)
			7 = relu(6)
			8 = mean(7)
			9 = mean_bwd{To:[2 3 4 4]}(one)
			10 = relu_bwd(7, 9)
			11 = bn_reduce{Epsilon:1e-05}(1, 2, 10)
			12 = bn_bwd_data{Epsilon:1e-05}(1, 2, bn.weight, 11, 10)
			13 = conv_bwd_data{Stride:[1 1] Dilation:[1 1] Groups:1 H:4 W:4}(b.weight, 12)
			14 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(0, 12)
			15 = sum{N:2}(10, 13)
			16 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(x, 15)
			loss is 8
			bn.running_mean := 4
			bn.running_var := 5
			a.weight by 16, slots [optim/momentum/a.weight], sum -, decay 0, scale 1
			b.weight by 14, slots [optim/momentum/b.weight], sum -, decay 0, scale 1
		`, `
			0 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, a.weight)
			1 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(0, b.weight)
			2, 2', 2'' = batch_norm{Epsilon:1e-05 Sum:true Then:relu}(1, bn.weight, bn.bias, 0)
			3 = bn_running{Momentum:0.1 Count:32}(bn.running_mean, 2')
			4 = bn_running{Momentum:0.1 Row:1 Count:32}(bn.running_var, 2')
			5 = mean(2)
			6 = mean_bwd{To:[2 3 4 4]}(one)
			7, -, -, 7''' = batch_norm_bwd{Epsilon:1e-05 Sum:true Then:relu}(1, 2', bn.weight, 6, 2)
			8 = conv_bwd_data{Stride:[1 1] Dilation:[1 1] Groups:1 H:4 W:4}(b.weight, 7, 7''')
			9 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(0, 7)
			10 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(x, 8)
			loss is 5
			bn.running_mean := 3
			bn.running_var := 4
			a.weight by 10, slots [optim/momentum/a.weight], sum -, decay 0, scale 1
			b.weight by 9, slots [optim/momentum/b.weight], sum -, decay 0, scale 1
		`},
		{"batch norm beside another reader", nn.Train, plan.Training{Moves: weights}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			x = conv(b, "a", x)
			return b.Concat(b.ReLU(norm(b, "bn", x)), x)
		}, ``, `
			0 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, a.weight)
			1, 1', 1'' = batch_norm{Epsilon:1e-05 Then:relu}(0, bn.weight, bn.bias)
			2 = bn_running{Momentum:0.1 Count:32}(bn.running_mean, 1')
			3 = bn_running{Momentum:0.1 Row:1 Count:32}(bn.running_var, 1')
			4 = concat{N:2}(1, 0)
			5 = mean(4)
			6 = mean_bwd{To:[2 6 4 4]}(one)
			7 = channels{Count:3}(6)
			8 = channels{From:3 Count:3}(6)
			9, -, - = batch_norm_bwd{Epsilon:1e-05 Then:relu Plus:true}(0, 1', bn.weight, 7, 1'', 8)
			10 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(x, 9)
			loss is 5
			bn.running_mean := 2
			bn.running_var := 3
			a.weight by 10, slots [optim/momentum/a.weight], sum -, decay 0, scale 1
		`},
		{"pooling and biases", nn.Train, plan.Training{}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			x = b.In("conv").Conv2d(x, nn.Conv2d{Out: 2, Kernel: [2]int{3, 1}, Bias: true})
			return b.Sigmoid(b.In("fc").Linear(b.Flatten(b.MaxPool(b.ReLU(x), 2, 2, 0)), 2))
		}, ``, `
			0 = fused_conv{Stride:[1 1] Dilation:[1 1] Groups:1 Bias:true Then:relu}(x, conv.weight, conv.bias)
			1, 1' = max_pool{Stride:[2 2] Dilation:[1 1] K:2}(0)
			2 = reshape{To:[2 4 0 0]}(1)
			3 = fused_linear{Then:sigmoid}(2, fc.weight, fc.bias)
			4 = mean(3)
			5 = mean_bwd{To:[2 2 0 0]}(one)
			6 = sigmoid_bwd{Kind:sigmoid}(3, 5)
			7 = linear_bwd_data(fc.weight, 6)
			8, 8' = linear_bwd_weights(2, 6)
			9 = reshape{To:[2 2 1 2]}(7)
			10 = max_pool_bwd{Stride:[2 2] Dilation:[1 1] K:2}(1', 9)
			11 = relu_bwd(0, 10)
			12, 12' = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 Bias:true KH:3 KW:1}(x, 11)
			loss is 4
			conv.weight by 12, slots [optim/momentum/conv.weight], sum -, decay 0, scale 1
			conv.bias by 12', slots [optim/momentum/conv.bias], sum -, decay 0, scale 1
			fc.weight by 8, slots [optim/momentum/fc.weight], sum -, decay 0, scale 1
			fc.bias by 8', slots [optim/momentum/fc.bias], sum -, decay 0, scale 1
		`},
		{"two poolings of one image", nn.Train, plan.Training{}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			x = conv(b, "a", x)
			return b.Concat(b.MaxPool(x, 3, 1, 1), b.MaxPool2d(x, nn.Pool2d{Kernel: [2]int{1, 3}, Stride: [2]int{1, 1}, Pad: [2]int{0, 1}}))
		}, ``, `
			0 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, a.weight)
			1, 1' = max_pool{Stride:[1 1] Begin:[1 1] End:[1 1] Dilation:[1 1] K:3}(0)
			2, 2' = max_pool{Stride:[1 1] Begin:[0 1] End:[0 1] Dilation:[1 1] K:1 KW:3}(0)
			3 = concat{N:2}(1, 2)
			4 = mean(3)
			5 = mean_bwd{To:[2 6 4 4]}(one)
			6 = channels{Count:3}(5)
			7 = channels{From:3 Count:3}(5)
			8 = max_pool_bwd{Stride:[1 1] Begin:[0 1] End:[0 1] Dilation:[1 1] K:1 KW:3}(2', 7)
			9 = max_pool_bwd{Stride:[1 1] Begin:[1 1] End:[1 1] Dilation:[1 1] K:3}(1', 6)
			10 = sum{N:2}(8, 9)
			11 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(x, 10)
			loss is 4
			a.weight by 11, slots [optim/momentum/a.weight], sum -, decay 0, scale 1
		`},
		{"convolutions of one image", nn.Train, plan.Training{}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			x = conv(b, "a", x)
			return b.Add(conv(b, "b", x), conv(b, "c", x))
		}, `
			0 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, a.weight)
			1 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(0, b.weight)
			2 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(0, c.weight)
			3 = sum{N:2}(1, 2)
			4 = mean(3)
			5 = mean_bwd{To:[2 3 4 4]}(one)
			6 = conv_bwd_data{Stride:[1 1] Dilation:[1 1] Groups:1 H:4 W:4}(c.weight, 5)
			7 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(0, 5)
			8 = conv_bwd_data{Stride:[1 1] Dilation:[1 1] Groups:1 H:4 W:4}(b.weight, 5)
			9 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(0, 5)
			10 = sum{N:2}(6, 8)
			11 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(x, 10)
			loss is 4
			a.weight by 11, slots [optim/momentum/a.weight], sum -, decay 0, scale 1
			b.weight by 9, slots [optim/momentum/b.weight], sum -, decay 0, scale 1
			c.weight by 7, slots [optim/momentum/c.weight], sum -, decay 0, scale 1
		`, `
			0 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, a.weight)
			1 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(0, b.weight)
			2 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(0, c.weight)
			3 = sum{N:2}(1, 2)
			4 = mean(3)
			5 = mean_bwd{To:[2 3 4 4]}(one)
			6 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(0, 5)
			7 = conv_bwd_data{Stride:[1 1] Dilation:[1 1] Groups:1 H:4 W:4}(b.weight, 5)
			8 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(0, 5)
			9 = conv_bwd_data{Stride:[1 1] Dilation:[1 1] Groups:1 H:4 W:4}(c.weight, 5, 7)
			10 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(x, 9)
			loss is 4
			a.weight by 10, slots [optim/momentum/a.weight], sum -, decay 0, scale 1
			b.weight by 8, slots [optim/momentum/b.weight], sum -, decay 0, scale 1
			c.weight by 6, slots [optim/momentum/c.weight], sum -, decay 0, scale 1
		`},
		{"a norm that is frozen", nn.Train, plan.Training{Moves: weights}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.ReLU(b.In("bn").BatchNorm2d(conv(b, "conv", x), nn.BatchNorm2d{Frozen: true}))
		}, ``, `
			0 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, conv.weight)
			1 = batch_norm_infer{Epsilon:1e-05 ReLU:true}(0, bn.running_mean, bn.running_var, bn.weight, bn.bias)
			2 = mean(1)
			3 = mean_bwd{To:[2 3 4 4]}(one)
			4 = relu_bwd(1, 3)
			5 = bn_infer_bwd{Epsilon:1e-05}(bn.running_var, bn.weight, 4)
			6 = conv_bwd_weights{Stride:[1 1] Dilation:[1 1] Groups:1 KH:1 KW:1}(x, 5)
			loss is 2
			conv.weight by 6, slots [optim/momentum/conv.weight], sum -, decay 0, scale 1
		`},

		{"inference, convolution to the end", nn.Infer, plan.Training{}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := b.In("a").Conv2d(x, nn.Conv2d{Out: 3, Kernel: [2]int{1, 1}, Bias: true})
			return b.Activate("leaky_relu", b.Add(x, b.In("bn").BatchNorm2d(y, nn.BatchNorm2d{Epsilon: 0.5})))
		}, `
			0 = conv{Stride:[1 1] Dilation:[1 1] Groups:1 Bias:true}(x, a.weight, a.bias)
			1 = bn_infer{Epsilon:0.5}(0, bn.running_mean, bn.running_var, bn.weight, bn.bias)
			2 = sum{N:2}(x, 1)
			3 = leaky_relu{Kind:leaky_relu Alpha:0.01}(2)
			y is 3
		`, `
			0 = fused_conv{Stride:[1 1] Dilation:[1 1] Groups:1 Bias:true Norm:true Epsilon:0.5 Sum:true Then:leaky_relu}(x, \
			a.weight, a.bias, bn.running_mean, bn.running_var, bn.weight, bn.bias, x)
			y is 0
		`},
		{"inference, norms apart", nn.Infer, plan.Training{}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.Tanh(norm(b, "c", b.MaxPool(b.ReLU(norm(b, "bn", x)), 2, 2, 0)))
		}, ``, `
			0 = batch_norm_infer{Epsilon:1e-05 ReLU:true}(x, bn.running_mean, bn.running_var, bn.weight, bn.bias)
			1 = max_pool{Stride:[2 2] Dilation:[1 1] K:2}(0)
			2 = batch_norm_infer{Epsilon:1e-05}(1, c.running_mean, c.running_var, c.weight, c.bias)
			3 = tanh{Kind:tanh}(2)
			y is 3
		`},
		{"inference, sums", nn.Infer, plan.Training{}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := b.Sigmoid(x)
			return b.ReLU(b.Add(conv(b, "a", x), b.ReLU(b.Add(x, y)), y))
		}, ``, `
			0 = sigmoid{Kind:sigmoid}(x)
			1 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, a.weight)
			2 = sum_relu{N:2}(x, 0)
			3 = sum_relu{N:3}(1, 2, 0)
			y is 3
		`},
		{"inference, linear", nn.Infer, plan.Training{}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.In("c").Linear(b.ReLU(b.In("b").Linear(b.SiLU(b.In("a").Linear(b.Flatten(x), 4)), 3)), 2)
		}, ``, `
			0 = reshape{To:[2 48 0 0]}(x)
			1 = fused_linear{Then:silu}(0, a.weight, a.bias)
			2 = fused_linear{Then:relu}(1, b.weight, b.bias)
			3 = linear(2, c.weight, c.bias)
			y is 3
		`},
		{"inference, a norm of what is no state", nn.Infer, plan.Training{}, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			c := b.Param("c", op.Shape{3}, nn.Weight, nn.Init{})
			return b.Apply(op.BNInfer{Epsilon: 1}, conv(b, "a", x), c, c, b.Scale(c, 2), c)
		}, ``, `
			0 = conv{Stride:[1 1] Dilation:[1 1] Groups:1}(x, a.weight)
			1 = scale{By:2}(c)
			2 = batch_norm_infer{Epsilon:1}(0, c, c, 1, c)
			y is 2
		`},
	}...)
}
