package zoo

import (
	"fmt"
	"math"

	"workbench/nn"
)

const howardMobileNet = "Howard et al. MobileNets: Efficient Convolutional Neural Networks for Mobile Vision " +
	"Applications (arXiv 1704.04861, 2017)"

func init() {
	for _, m := range []struct {
		width float64
		side  int
	}{{1, 224}, {0.75, 224}, {0.5, 224}, {0.25, 224}, {1, 192}, {1, 160}, {1, 128}, {0.5, 160}} {
		text := fmt.Sprintf("%.2f", m.width)
		if m.width == 1 {
			text = "1.0"
		}
		Register(mobileNetV1(fmt.Sprintf("mobilenet_v1_%s_%d", text, m.side), m.side, mobileStages, Settings{"width": m.width}))
	}
	Register(mobileNetV1("mobilenet_v1_full_conv", 224, mobileStages, Settings{"convolution": dense}))
	shallow := []mobileStage{{64, 1, 1}, {128, 2, 2}, {256, 2, 2}, {512, 1, 2}, {1024, 2, 2}}
	Register(mobileNetV1("mobilenet_v1_shallow", 224, shallow, nil)) // table 5: without the five 14×14×512
	Register(mobileMini())
}

// mobileStage is count layers of equal width, of which the first has the stride.
type mobileStage struct{ width, count, stride int }

// mobileStages is table 1 of the paper.
var mobileStages = []mobileStage{{64, 1, 1}, {128, 2, 2}, {256, 2, 2}, {512, 6, 2}, {1024, 2, 2}}

var (
	widthOption      = Option{Name: "width", Default: 1.0, Min: 0.01, Max: 16, Doc: "factor of all channels"}
	resolutionOption = Option{Name: "resolution", Default: 0, Max: 4096, Doc: "side to which the images are brought before the first layer " +
		"by means over areas, as PyTorch's interpolate does in mode area: a larger side repeats pixels; 0: as they are"}
)

// scalingOptions are the factors of a network that can be scaled (MobileNet's α and ρ; EfficientNet's w, d and r).
func scalingOptions() []Option {
	return []Option{
		widthOption,
		{Name: "depth", Default: 1.0, Min: 0.01, Max: 16, Doc: "factor of the number of layers of each stage, rounded up"},
		resolutionOption,
	}
}

// resize brings the images to the resolution, if there is one.
func resize(b *nn.Builder, x nn.Tensor, s Settings) nn.Tensor {
	if side := s.Int("resolution"); side > 0 {
		return b.In("resize").AdaptiveAvgPool(x, side)
	}
	return x
}

// repeats is the number of layers of a stage that is scaled in depth.
func repeats(count int, depth float64) int { return int(math.Ceil(float64(count) * depth)) }

func mobileNetV1(name string, side int, stages []mobileStage, defaults Settings) Variant {
	own := append(scalingOptions(), stemStrideOption, paddingOption,
		Option{Name: "convolution", Default: separable, Choices: []string{dense, separable},
			Doc: "separable: 3×3 of each channel, then 1×1, both normalised; dense: one 3×3 (table 4 of the paper)"})
	common := common{activation: "relu", norm: batchNorm, attention: noAttention, stages: len(stages), convolution: separable,
		shortcut: chainShortcut("each layer but the first"), downsample: stridedDownsample}
	return Variant{
		Name: name, Family: "MobileNet", Paper: howardMobileNet, Year: 2017, Input: [3]int{3, side, side}, Classes: 1000,
		Options: withDefaults(common.options(own...), defaults), chained: true,
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			return mobileV1{newSeparable(s), 32, stages}.build(b, x, classes, s)
		},
	}
}

// mobileMini is for quick studies: the first convolution leaves a quarter of the pixels, and six layers follow.
func mobileMini() Variant {
	stages := []mobileStage{{32, 2, 1}, {64, 2, 2}, {128, 2, 2}}
	v := mobileNetV1("mobilenet_mini", 32, stages, nil)
	v.Paper, v.Classes = howardMobileNet+", reduced for quick studies", 10
	v.Build = func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
		return mobileV1{newSeparable(s), 16, stages}.build(b, x, classes, s)
	}
	return v
}

type mobileV1 struct {
	modules
	stem   int // channels of the first convolution
	stages []mobileStage
}

func (n mobileV1) build(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	scaled := func(width int) int { return max(1, rounded(float64(width)*s.Float("width"))) }
	n.shortcut.zeros = true
	layers, done, total := sequence{b: b.In("features")}, 0, 0
	for _, stage := range n.stages {
		total += repeats(stage.count, s.Float("depth"))
	}
	x = n.mobileStem(layers.next(), resize(b, x, s), scaled(n.stem), s)
	for i, stage := range n.stages {
		p := place{stage: i, width: scaled(stage.width), stride: stage.stride}
		for range repeats(stage.count, s.Float("depth")) {
			done++
			p.drop = n.shortcut.drop(done, total)
			x = n.layer(layers.next(), x, p)
			p.stride = 1
		}
	}
	x = b.In("dropout").Dropout(b.In("avgpool").GlobalAvgPool(x), s.Float("dropout"))
	return head(b.In("fc"), x, classes, torchDefault)
}

// layer adds a 3×3 convolution of each channel and a 1×1 convolution of all (figure 3, right), or a dense 3×3
// convolution.
func (n mobileV1) layer(b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	y := n.attendAt(sePre, b, x, p.stage)
	if !n.alone {
		y = n.convNorm(b, y, p.width, window{3, n.striding(p.stride), 1})
		p.act = b.In("2")
		return n.chain(b, x, n.shrink(b, y, p.stride), p)
	}
	dw, pw := b.In("depthwise"), b.In("pointwise")
	y = n.act(dw, n.normalize(dw.In("1"), n.depthwise(dw.In("0"), y, 3, n.striding(p.stride))))
	p.act = pw.In("2")
	return n.chain(b, x, n.convNorm(pw, n.shrink(dw, y, p.stride), p.width, window{1, 1, 1}), p)
}
