package plan_test

import (
	"strings"
	"testing"

	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// recomputeCases are the steps of programs whose backward pass repeats what the forward pass does not keep.
var recomputeCases = map[string]struct {
	how    plan.Recomputation
	fuse   bool
	build  func(b *nn.Builder, x nn.Tensor) nn.Tensor
	wanted string
}{
	"cheap": {plan.RecomputeCheap, false, twoBlocks, `
		0 = conv{}(x, a.weight)
		1 = bn_stats(0)
		2 = bn_apply{Epsilon:1e-05}(0, 1, a.bn.weight, a.bn.bias)
		3 = bn_running{Momentum:0.1 Count:32}(a.bn.running_mean, 1)
		4 = bn_running{Momentum:0.1 Row:1 Count:32}(a.bn.running_var, 1)
		5 = relu(2)
		6 = conv{}(5, b.weight)
		7 = bn_stats(6)
		8 = bn_apply{Epsilon:1e-05}(6, 7, b.bn.weight, b.bn.bias)
		9 = bn_running{Momentum:0.1 Count:32}(b.bn.running_mean, 7)
		10 = bn_running{Momentum:0.1 Row:1 Count:32}(b.bn.running_var, 7)
		11 = relu(8)
		12 = avg_pool{Stride:[1 1] Dilation:[1 1] KH:4 KW:4}(11)
		13 = reshape{To:[2 3 0 0]}(12)
		14 = linear(13, fc.weight, fc.bias)
		15 = mean(14)
		16 = mean_bwd{To:[2 2 0 0]}(one)
		17 = linear_bwd_data(fc.weight, 16)
		18 = bn_apply{Epsilon:1e-05}(6, 7, b.bn.weight, b.bn.bias) again 8
		19 = relu(18) again 11
		20 = avg_pool{Stride:[1 1] Dilation:[1 1] KH:4 KW:4}(19) again 12
		21 = reshape{To:[2 3 0 0]}(20) again 13
		22 = linear_bwd_weights(21, 16)
		23 = bias_bwd(16)
		24 = reshape{To:[2 3 1 1]}(17)
		25 = avg_pool_bwd{Stride:[1 1] Dilation:[1 1] KH:4 KW:4 H:4 W:4}(24)
		26 = relu_bwd(19, 25)
		27 = bn_reduce{Epsilon:1e-05}(6, 7, 26)
		28 = bn_bwd_data{Epsilon:1e-05}(6, 7, b.bn.weight, 27, 26)
		29 = row(27)
		30 = row{Index:1}(27)
		31 = conv_bwd_data{ H:4 W:4}(b.weight, 28)
		32 = bn_apply{Epsilon:1e-05}(0, 1, a.bn.weight, a.bn.bias) again 2
		33 = relu(32) again 5
		34 = conv_bwd_weights{ KH:1 KW:1}(33, 28)
		35 = relu_bwd(33, 31)
		36 = bn_reduce{Epsilon:1e-05}(0, 1, 35)
		37 = bn_bwd_data{Epsilon:1e-05}(0, 1, a.bn.weight, 36, 35)
		38 = row(36)
		39 = row{Index:1}(36)
		40 = conv_bwd_weights{ KH:1 KW:1}(x, 37)
	`},
	"cheap, fused": {plan.RecomputeCheap, true, twoBlocks, `
		0 = conv{}(x, a.weight)
		1, 1', 1'' = batch_norm{Epsilon:1e-05 Then:relu}(0, a.bn.weight, a.bn.bias)
		2 = bn_running{Momentum:0.1 Count:32}(a.bn.running_mean, 1')
		3 = bn_running{Momentum:0.1 Row:1 Count:32}(a.bn.running_var, 1')
		4 = conv{}(1, b.weight)
		5, 5', 5'' = batch_norm{Epsilon:1e-05 Then:relu}(4, b.bn.weight, b.bn.bias)
		6 = bn_running{Momentum:0.1 Count:32}(b.bn.running_mean, 5')
		7 = bn_running{Momentum:0.1 Row:1 Count:32}(b.bn.running_var, 5')
		8 = avg_pool{Stride:[1 1] Dilation:[1 1] KH:4 KW:4}(5)
		9 = reshape{To:[2 3 0 0]}(8)
		10 = linear(9, fc.weight, fc.bias)
		11 = mean(10)
		12 = mean_bwd{To:[2 2 0 0]}(one)
		13 = linear_bwd_data(fc.weight, 12)
		14 = batch_norm_apply{Epsilon:1e-05 Then:relu}(4, 5', b.bn.weight, b.bn.bias) again 5
		15 = avg_pool{Stride:[1 1] Dilation:[1 1] KH:4 KW:4}(14) again 8
		16 = reshape{To:[2 3 0 0]}(15) again 9
		17, 17' = linear_bwd_weights(16, 12)
		18 = reshape{To:[2 3 1 1]}(13)
		19 = avg_pool_bwd{Stride:[1 1] Dilation:[1 1] KH:4 KW:4 H:4 W:4}(18)
		20, 20', 20'' = batch_norm_bwd{Epsilon:1e-05 Then:relu}(4, 5', b.bn.weight, 19, 5'')
		21 = conv_bwd_data{ H:4 W:4}(b.weight, 20)
		22 = batch_norm_apply{Epsilon:1e-05 Then:relu}(0, 1', a.bn.weight, a.bn.bias) again 1
		23 = conv_bwd_weights{ KH:1 KW:1}(22, 20)
		24, 24', 24'' = batch_norm_bwd{Epsilon:1e-05 Then:relu}(0, 1', a.bn.weight, 21, 1'')
		25 = conv_bwd_weights{ KH:1 KW:1}(x, 24)
	`},
	"cheap, concatenations": {plan.RecomputeCheap, true, denseBlock, `
		0 = conv{}(x, a.weight)
		1 = relu(0)
		2 = conv{}(1, b.weight)
		3 = concat{N:2}(0, 2)
		4 = relu(3)
		5 = conv{}(4, c.weight)
		6 = concat{N:2}(3, 5)
		7 = mean(6)
		8 = mean_bwd{To:[2 9 4 4]}(one)
		9 = channels{Count:6}(8)
		10 = channels{From:6 Count:3}(8)
		11 = conv_bwd_data{ H:4 W:4}(c.weight, 10)
		12 = conv_bwd_weights{ KH:1 KW:1}(4, 10)
		13 = relu_bwd(4, 11)
		14 = sum{N:2}(9, 13)
		15 = channels{Count:3}(14)
		16 = channels{From:3 Count:3}(14)
		17 = conv_bwd_data{ H:4 W:4}(b.weight, 16)
		18 = conv_bwd_weights{ KH:1 KW:1}(1, 16)
		19 = relu_bwd(1, 17)
		20 = sum{N:2}(15, 19)
		21 = conv_bwd_weights{ KH:1 KW:1}(x, 20)
	`},
	"segments": {plan.RecomputeSegments, false, chain, `
		0 = conv{}(x, a.weight)
		1 = tanh{Kind:tanh}(0)
		2 = conv{}(1, b.weight)
		3 = tanh{Kind:tanh}(2)
		4 = conv{}(3, c.weight)
		5 = tanh{Kind:tanh}(4)
		6 = conv{}(5, d.weight)
		7 = tanh{Kind:tanh}(6)
		8 = mean(7)
		9 = mean_bwd{To:[2 3 4 4]}(one)
		10 = tanh_bwd{Kind:tanh}(7, 9)
		11 = conv_bwd_data{ H:4 W:4}(d.weight, 10)
		12 = tanh{Kind:tanh}(4) again 5
		13 = conv_bwd_weights{ KH:1 KW:1}(12, 10)
		14 = tanh_bwd{Kind:tanh}(12, 11)
		15 = conv_bwd_data{ H:4 W:4}(c.weight, 14)
		16 = tanh{Kind:tanh}(2) again 3
		17 = conv_bwd_weights{ KH:1 KW:1}(16, 14)
		18 = tanh_bwd{Kind:tanh}(16, 15)
		19 = conv_bwd_data{ H:4 W:4}(b.weight, 18)
		20 = conv{}(x, a.weight) again 0
		21 = tanh{Kind:tanh}(20) again 1
		22 = conv_bwd_weights{ KH:1 KW:1}(21, 18)
		23 = tanh_bwd{Kind:tanh}(21, 19)
		24 = conv_bwd_weights{ KH:1 KW:1}(x, 23)
	`},
}

func point(b *nn.Builder, name string, x nn.Tensor) nn.Tensor {
	return b.In(name).Conv2d(x, nn.Conv2d{Out: 3, Kernel: [2]int{1, 1}})
}

func twoBlocks(b *nn.Builder, x nn.Tensor) nn.Tensor {
	for _, name := range []string{"a", "b"} {
		x = b.ReLU(b.In(name).In("bn").BatchNorm(point(b, name, x)))
	}
	return b.In("fc").Linear(b.GlobalAvgPool(x), 2)
}

func denseBlock(b *nn.Builder, x nn.Tensor) nn.Tensor {
	x = point(b, "a", x)
	for _, name := range []string{"b", "c"} {
		x = b.Concat(x, point(b, name, b.ReLU(x)))
	}
	return x
}

func chain(b *nn.Builder, x nn.Tensor) nn.Tensor {
	for _, name := range []string{"a", "b", "c", "d"} {
		x = b.Tanh(point(b, name, x))
	}
	return x
}

func TestRepeatedStepsInWords(t *testing.T) {
	for name, c := range recomputeCases {
		b := nn.NewBuilder(nn.Train, false)
		y := c.build(b, b.Input("x", 2, 3, 4, 4))
		p, err := plan.LowerTraining(b, nil, plan.Training{Loss: b.Mean(y), Optimizer: optim.SGD{}})
		if err != nil {
			t.Fatal(err)
		}
		if c.fuse {
			plan.Fuse(p)
		}
		p.Recompute = c.how
		recompute(t, p)
		steps, _, _ := strings.Cut(wording(p), "\nloss is")
		steps = strings.ReplaceAll(steps, "{Stride:[1 1] Dilation:[1 1] Groups:1", "{")
		if want := dedent(c.wanted); steps != want {
			t.Errorf("%s: the steps are\n%s\nwant\n%s", name, steps, want)
		}
	}
}
