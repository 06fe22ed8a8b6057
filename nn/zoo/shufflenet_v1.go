package zoo

import (
	"fmt"

	"workbench/nn"
)

const zhangShuffleNet = "Zhang, Zhou, Lin, Sun. ShuffleNet: An Extremely Efficient Convolutional Neural Network for " +
	"Mobile Devices (CVPR 2018, arXiv 1707.01083)"

func init() {
	for _, g := range []int{1, 2, 3, 4, 8} {
		Register(shuffleV1(fmt.Sprintf("shufflenet_v1_1x_g%d", g), g, 1, 24))
	}
	Register(shuffleV1("shufflenet_v1_0.5x_g3", 3, 0.5, 12))
	Register(shuffleV1("shufflenet_v1_0.5x_g8", 8, 0.5, 16))
	Register(shuffleV1("shufflenet_v1_1.5x_g3", 3, 1.5, 24))
	Register(shuffleV1("shufflenet_v1_2x_g3", 3, 2, 48))
}

// shuffleWidths are the channels of the first stage by the number of groups. They are chosen so that all networks cost
// about as much (table 1).
var shuffleWidths = map[int]int{1: 144, 2: 200, 3: 240, 4: 272, 8: 384}

// shuffleV1 is a network of so many groups, with s times the channels of table 1 and so many channels in its stem
// (megvii-model/ShuffleNet-Series).
func shuffleV1(name string, groups int, s float64, stem int) Variant {
	own := []Option{
		{Name: "groups", Default: groups, Min: 1, Max: 8,
			Doc: "of the 1×1 convolutions: 1, 2, 3, 4 or 8, each with its own channels so that all cost about as much"},
		{Name: "width", Default: s, Min: 0.1, Max: 8, Doc: "factor of all channels but the stem's"},
		{Name: "stem_width", Default: stem, Min: 1, Max: 1024, Doc: "channels of the first convolution"},
		{Name: "shuffle", Default: true, Doc: "shuffle the channels after the first 1×1 convolution of a unit, so that groups meet"},
		shuffleStemOption,
	}
	common := common{activation: "relu", norm: batchNorm, attention: noAttention, stages: 3, convolution: separable,
		shortcut: shortcutOption(identity, "identity: added, or where the pixels are halved concatenated "+
			"(figures 2b and 2c); none: a plain network", identity, plain),
		downsample: downsampleOption("how a shortcut halves the pixels: average, max: by a pooling of 3×3; "+
			"stride: every second pixel is taken", byAverage)}
	return Variant{
		Name: name, Family: "ShuffleNet", Paper: zhangShuffleNet, Year: 2017, Input: [3]int{3, 224, 224}, Classes: 1000,
		Options: common.options(own...), grouped: alwaysGrouped,
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			n := shuffleNetV1{newSeparable(s), s.Int("groups")}
			return n.build(b, x, classes, s)
		},
	}
}

type shuffleNetV1 struct {
	modules
	groups int
}

func (n shuffleNetV1) build(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	first, ok := shuffleWidths[n.groups]
	if !ok {
		return b.Fail(fmt.Errorf("groups=%d: table 1 of the paper has channels for 1, 2, 3, 4 and 8 groups", n.groups))
	}
	width, stem := rounded(float64(first)*s.Float("width")), s.Int("stem_width")
	if width%4 != 0 || width/4%n.groups != 0 || (width-stem)%n.groups != 0 || width <= stem {
		return b.Fail(fmt.Errorf("groups=%d, width=%v and stem_width=%d give the first stage %d channels: "+
			"want their quarter, and what the stem leaves of them, to be multiples of %d",
			n.groups, s.Float("width"), stem, width, n.groups))
	}
	if n.downsample != byAverage && n.shortcut.kind == plain {
		return b.Fail(fmt.Errorf("downsample=%s is of shortcuts, got shortcut=none", n.downsample))
	}
	x = shuffleStem(n.modules, b, x, s)
	done := 0
	for i, units := range shuffleUnits {
		stage := sequence{b: b.In(fmt.Sprintf("stage%d", i+2))}
		for j := range units {
			done++
			u := shuffleUnit{place{stage: i, width: width << i, stride: 1, drop: n.shortcut.drop(done, 16)}, n.groups}
			if j == 0 {
				u.stride = 2
			}
			if i+j == 0 {
				u.firstGroups = 1 // the stem has too few channels to divide
			}
			x = n.unit(stage.next(), x, u)
		}
	}
	x = b.In("dropout").Dropout(b.In("avgpool").GlobalAvgPool(x), s.Float("dropout"))
	return head(b.In("fc"), x, classes, torchDefault)
}

// alwaysGrouped is for networks whose own shuffle has groups to mix.
func alwaysGrouped(Settings) bool { return true }

// shuffleUnits are the numbers of units of the three stages, 16 together.
var shuffleUnits = [3]int{4, 8, 4}

var shuffleStemOption = stemOption("3×3 of stride 2 and max pooling", "neither stride nor pooling")

// shuffleStem adds a 3×3 convolution of stride 2 and a max pooling or, for small images, the convolution without
// stride.
func shuffleStem(m modules, b *nn.Builder, x nn.Tensor, s Settings) nn.Tensor {
	x = m.mobileStem(b.In("conv1"), x, s.Int("stem_width"), s)
	if s.String("stem") == stemSmall {
		return x
	}
	return b.In("maxpool").MaxPool(x, 3, 2, 1)
}

// shuffleUnit tells where a unit stands and how many groups its first convolution has.
type shuffleUnit struct {
	place
	firstGroups int
}

// unit adds figure 2b of the paper or, with stride 2, figure 2c, in which the pooled input keeps its own channels.
func (n shuffleNetV1) unit(b *nn.Builder, x nn.Tensor, u shuffleUnit) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	out, concatenates := u.width, u.stride == 2 && n.shortcut.kind != plain
	if concatenates {
		out -= x.Shape()[1]
	}
	y := n.attendAt(sePre, b, x, u.stage)
	y = n.act(b, n.normalize(b.In("bn1"), n.grouped(b.In("conv1"), y, u.width/4, window{1, 1, u.firstGroups})))
	if n.shuffle {
		y = b.In("shuffle").ChannelShuffle(y, n.groups)
	}
	y = n.normalize(b.In("bn2"), n.depthwise(b.In("conv2"), y, 3, u.stride))
	y = n.normalize(b.In("bn3"), n.grouped(b.In("conv3"), y, out, window{1, 1, n.groups}))
	y = n.attendAt(seStandard, b, y, u.stage)
	if !concatenates {
		u.act = b
		return n.join(b, x, y, u.place)
	}
	y = n.act(b, n.beside(b, b, n.halved(b.In("shortcut"), x), y, u.place))
	return n.attendAt(sePost, b, y, u.stage)
}

// halved returns the shortcut of figure 2c. In the paper it is an average pooling that counts its padding.
func (n shuffleNetV1) halved(b *nn.Builder, x nn.Tensor) nn.Tensor {
	if n.downsample == byAverage {
		return b.AvgPool(x, 3, 2, 1)
	}
	return pooled(n.downsample, b, x, nn.Pool2d{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Pad: [2]int{1, 1}})
}
