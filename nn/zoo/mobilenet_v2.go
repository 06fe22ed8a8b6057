package zoo

import "workbench/nn"

const sandlerMobileNet = "Sandler, Howard, Zhu, Zhmoginov, Chen. MobileNetV2: " +
	"Inverted Residuals and Linear Bottlenecks (CVPR 2018, arXiv 1801.04381)"

func init() {
	Register(mobileNetV2("mobilenet_v2", 1))
	Register(mobileNetV2("mobilenet_v2_1.4", 1.4))
}

// invertedStage is a row of table 2 of the paper: expansion t, channels c, blocks n and the stride s of the first one.
type invertedStage struct{ t, c, n, s int }

var mobileV2Stages = []invertedStage{{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1},
	{6, 160, 3, 2}, {6, 320, 1, 1}}

// mobileNetV2 is the paper's network with all channels multiplied by width. Parameters are named as torchvision's.
func mobileNetV2(name string, width float64) Variant {
	own := append(scalingOptions(), stemStrideOption, paddingOption,
		Option{Name: "expansion", Default: 6, Min: 1, Max: 64, Doc: "t of the paper, in all stages but the first, whose is 1"},
		dropoutOption, dropPathOption)
	own = invertedOptions(own, "relu6", noAttention, len(mobileV2Stages))
	return Variant{
		Name: name, Family: "MobileNet", Paper: sandlerMobileNet, Year: 2018, Input: [3]int{3, 224, 224}, Classes: 1000,
		Options: withDefaults(own, Settings{"width": width, "dropout": 0.2}), Build: buildMobileNetV2,
	}
}

func buildMobileNetV2(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	n := newInvertedNet(s)
	n.flat = true
	scaled := func(width int) int { return divisible(float64(width)*s.Float("width"), 8, 0.1) }
	layers := sequence{b: b.In("features")}
	x = n.mobileStem(layers.next(), resize(b, x, s), scaled(32), s)
	done, total := 0, 0
	for _, stage := range mobileV2Stages {
		total += repeats(stage.n, s.Float("depth"))
	}
	for i, stage := range mobileV2Stages {
		v := inverted{out: scaled(stage.c), k: 3, place: place{stage: i, stride: stage.s}, attention: n.attention}
		for range repeats(stage.n, s.Float("depth")) {
			if b.Err() != nil {
				return x
			}
			v.expanded, v.drop = x.Shape()[1], n.shortcut.drop(done, total)
			if stage.t > 1 {
				v.expanded *= s.Int("expansion")
			}
			l := layers.next()
			x = n.block(l, l.In("conv"), x, v)
			v.stride = 1
			done++
		}
	}
	last := divisible(1280*max(1, s.Float("width")), 8, 0.1)
	x = b.GlobalAvgPool(n.convNormAct(layers.next(), x, last, window{1, 1, 1}))
	x = b.In("classifier").In("0").Dropout(x, s.Float("dropout"))
	return head(b.In("classifier").In("1"), x, classes, normalHundredth)
}
