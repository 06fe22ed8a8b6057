package zoo

import (
	"fmt"

	"workbench/nn"
)

const zhangShuffleNet = "Zhang, Zhou, Lin, Sun. ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices (CVPR 2018, arXiv 1707.01083)"

func init() {
	for _, g := range []int{1, 2, 3, 4, 8} {
		Register(shuffleV1(fmt.Sprintf("shufflenet_v1_1x_g%d", g), g, 1, 24))
	}
	Register(shuffleV1("shufflenet_v1_0.5x_g3", 3, 0.5, 12))
	Register(shuffleV1("shufflenet_v1_0.5x_g8", 8, 0.5, 16))
	Register(shuffleV1("shufflenet_v1_1.5x_g3", 3, 1.5, 24))
	Register(shuffleV1("shufflenet_v1_2x_g3", 3, 2, 48))
}

// shuffleWidths are the channels of the first stage by the number of groups, so that all cost about as much (table 1).
var shuffleWidths = map[int]int{1: 144, 2: 200, 3: 240, 4: 272, 8: 384}

// shuffleV1 has so many groups, s times table 1's channels, and a stem of so many (megvii-model/ShuffleNet-Series).
func shuffleV1(name string, groups int, s float64, stem int) Variant {
	own := []Option{
		{Name: "groups", Default: groups, Min: 1, Max: 8, Doc: "of the 1×1 convolutions: 1, 2, 3, 4 or 8, each with its own channels so that all cost about as much"},
		{Name: "width", Default: s, Min: 0.1, Max: 8, Doc: "factor of all channels but the stem's"},
		{Name: "stem_width", Default: stem, Min: 1, Max: 1024, Doc: "channels of the first convolution"},
		{Name: "shuffle", Default: true, Doc: "shuffle the channels after the first 1×1 convolution of a unit, so that groups meet"},
		{Name: "stem", Default: stemLarge, Choices: []string{stemLarge, stemSmall}, Doc: "large: stride 2 and max pooling; small: neither, for 32×32 images"},
	}
	own = append(own, append(attentionOptions(noAttention, 3), moduleOptions("relu", batchNorm)...)...)
	return Variant{
		Name: name, Family: "ShuffleNet", Paper: zhangShuffleNet, Year: 2017, Input: [3]int{3, 224, 224}, Classes: 1000,
		Options: own,
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			n := shuffleNetV1{newModules(s), s.Int("groups"), s.Bool("shuffle")}
			return n.build(b, x, classes, s)
		},
	}
}

type shuffleNetV1 struct {
	modules
	groups  int
	shuffle bool
}

func (n shuffleNetV1) build(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	first, ok := shuffleWidths[n.groups]
	if !ok {
		return b.Fail(fmt.Errorf("groups=%d: table 1 of the paper has channels for 1, 2, 3, 4 and 8 groups", n.groups))
	}
	width, stem := rounded(float64(first)*s.Float("width")), s.Int("stem_width")
	if width%4 != 0 || width/4%n.groups != 0 || (width-stem)%n.groups != 0 || width <= stem {
		return b.Fail(fmt.Errorf("groups=%d, width=%v and stem_width=%d give the first stage %d channels: want their quarter, and what the stem leaves of them, to be multiples of %d",
			n.groups, s.Float("width"), stem, width, n.groups))
	}
	x = shuffleStem(n.modules, b, x, s)
	for i, units := range []int{4, 8, 4} {
		stage := sequence{b: b.In(fmt.Sprintf("stage%d", i+2))}
		for j := range units {
			u := shuffleUnit{stage: i, out: width << i, stride: 1, firstGroups: n.groups}
			if j == 0 {
				u.stride = 2
			}
			if i+j == 0 {
				u.firstGroups = 1 // the stem has too few channels to divide
			}
			x = n.unit(stage.next(), x, u)
		}
	}
	return b.In("fc").Linear(b.In("avgpool").GlobalAvgPool(x), classes)
}

// shuffleStem is a 3×3 convolution of stride 2 and a max pooling, or for small images the convolution without stride.
func shuffleStem(m modules, b *nn.Builder, x nn.Tensor, s Settings) nn.Tensor {
	small := s.String("stem") == stemSmall
	x = m.convNormAct(b.In("conv1"), x, s.Int("stem_width"), window{3, stemStride(s), 1})
	if small {
		return x
	}
	return b.In("maxpool").MaxPool(x, 3, 2, 1)
}

// shuffleUnit is where a unit stands and how many groups its first convolution has.
type shuffleUnit struct{ stage, out, stride, firstGroups int }

// unit is figure 2b of the paper and, with stride 2, figure 2c, whose pooled input keeps its own channels.
func (n shuffleNetV1) unit(b *nn.Builder, x nn.Tensor, u shuffleUnit) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	out := u.out
	if u.stride == 2 {
		out -= x.Shape()[1]
	}
	y := n.act(b, n.normalize(b.In("bn1"), n.grouped(b.In("conv1"), x, u.out/4, window{1, 1, u.firstGroups})))
	if n.shuffle {
		y = b.In("shuffle").ChannelShuffle(y, n.groups)
	}
	y = n.normalize(b.In("bn2"), n.depthwise(b.In("conv2"), y, 3, u.stride))
	y = n.normalize(b.In("bn3"), n.grouped(b.In("conv3"), y, out, window{1, 1, n.groups}))
	y = n.attention.attend(b, y, u.stage)
	if u.stride == 2 {
		return n.act(b, b.Concat(b.In("shortcut").AvgPool(x, 3, 2, 1), y))
	}
	return n.act(b, b.Add(x, y))
}
