package zoo

import (
	"fmt"
	"math"

	"workbench/nn"
)

const tanEfficientNet = "Tan, Le. EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (ICML 2019, arXiv 1905.11946)"

func init() {
	large := Settings{"bn_epsilon": 1e-3, "bn_momentum": 0.01} // as torchvision has them
	for i, n := range []efficientNet{
		{1.0, 1.0, 224, 0.2, nil},
		{1.0, 1.1, 240, 0.2, nil},
		{1.1, 1.2, 260, 0.3, nil},
		{1.2, 1.4, 300, 0.3, nil},
		{1.4, 1.8, 380, 0.4, nil},
		{1.6, 2.2, 456, 0.4, large},
		{1.8, 2.6, 528, 0.5, large},
		{2.0, 3.1, 600, 0.5, large},
	} {
		Register(n.variant(fmt.Sprintf("efficientnet_b%d", i)))
	}
}

// efficientNet is B0 scaled by factors of width and depth, for images of the side. The larger networks drop more inputs
// of the classifier. The factors are those of the authors' code, rounded from the paper's α^φ, β^φ, γ^φ. Parameters are
// named as torchvision's. The authors' networks (tf_efficientnet_b0 to b7 in timm) are these with padding=same,
// bn_epsilon=1e-3 and bn_momentum=0.01.
type efficientNet struct {
	width, depth float64
	side         int
	dropout      float64
	defaults     Settings
}

// mbStage is a row of table 1 of the paper: expansion t, kernel k, the first block's stride s, channels c and blocks n.
type mbStage struct{ t, k, s, c, n int }

var mbStages = []mbStage{{1, 3, 1, 16, 1}, {6, 3, 2, 24, 2}, {6, 5, 2, 40, 2}, {6, 3, 2, 80, 3}, {6, 5, 1, 112, 3},
	{6, 5, 2, 192, 4}, {6, 3, 1, 320, 1}}

func (n efficientNet) variant(name string) Variant {
	own := append(scalingOptions(), stemStrideOption, paddingOption,
		dropoutOption, dropPathOption)
	own = withDefaults(invertedOptions(own, "silu", squeezeExcite, len(mbStages)),
		Settings{"width": n.width, "depth": n.depth, "se_reduction": 4, "dropout": n.dropout, "drop_path": 0.2})
	return Variant{
		Name: name, Family: "EfficientNet", Paper: tanEfficientNet, Year: 2019, Input: [3]int{3, n.side, n.side}, Classes: 1000,
		Options: withDefaults(own, n.defaults), Build: n.build,
	}
}

func (n efficientNet) build(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	net := newInvertedNet(s)
	net.numbered = true
	scaled := func(width int) int { return divisible(float64(width)*s.Float("width"), 8, 0.1) }
	layers := sequence{b: b.In("features")}
	x = net.mobileStem(layers.next(), resize(b, x, s), scaled(32), s)
	done, total := 0, 0
	for _, stage := range mbStages {
		total += repeats(stage.n, s.Float("depth"))
	}
	for i, stage := range mbStages {
		blocks := sequence{b: layers.next()}
		v := inverted{out: scaled(stage.c), k: stage.k, place: place{stage: i, stride: stage.s}, attention: net.attention}
		for range repeats(stage.n, s.Float("depth")) {
			v.drop = net.shortcut.drop(done, total)
			x = mbConv(net, blocks.next(), x, mbBlock{v, stage.t})
			v.stride = 1
			done++
		}
	}
	x = net.convNormAct(layers.next(), x, 4*scaled(320), window{1, 1, 1})
	x = b.In("classifier").In("0").Dropout(b.GlobalAvgPool(x), s.Float("dropout"))
	return head(b.In("classifier").In("1"), x, classes, fanOutUniform)
}

// mbBlock is a block with its expansion t.
type mbBlock struct {
	inverted
	t int
}

// mbConv adds an inverted residual block. Its squeeze and excitation has the network's activation. In its standard
// position, between the convolutions, it has as many hidden channels as if it weighed the block's input.
func mbConv(net invertedNet, b *nn.Builder, x nn.Tensor, v mbBlock) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	in := x.Shape()[1]
	v.expanded = divisible(float64(in*v.t), 8, 0.1)
	v.attention.family = &gated{inner: net.activation, hidden: func(channels, reduction int) int {
		if v.attention.position == seStandard {
			channels = in
		}
		return max(1, channels/reduction)
	}}
	return net.block(b, b.In("block"), x, v.inverted)
}

// fanOutUniform is U(±1/√out) without biases, the start of the classifier of torchvision's EfficientNet.
func fanOutUniform(_, fanOut int) (weight, bias nn.Init) {
	return nn.Init{Uniform: 1 / math.Sqrt(float64(fanOut))}, nn.Init{}
}
