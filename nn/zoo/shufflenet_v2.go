package zoo

import (
	"fmt"

	"workbench/nn"
)

const maShuffleNet = "Ma, Zhang, Zheng, Sun. ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design (ECCV 2018, arXiv 1807.11164)"

func init() {
	Register(shuffleV2("shufflenet_v2_x0_5", 48, 1024))
	Register(shuffleV2("shufflenet_v2_x1_0", 116, 1024))
	Register(shuffleV2("shufflenet_v2_x1_5", 176, 1024))
	Register(shuffleV2("shufflenet_v2_x2_0", 244, 2048))
}

// shuffleV2 is a column of table 5 of the paper: channels of its first stage and of the last convolution. Parameters are
// named as torchvision's.
func shuffleV2(name string, width, last int) Variant {
	own := []Option{
		{Name: "stem_width", Default: 24, Min: 1, Max: 1024, Doc: "channels of the first convolution"},
		{Name: "shuffle", Default: true, Doc: "shuffle the channels after a unit, so that its halves meet"},
		{Name: "stem", Default: stemLarge, Choices: []string{stemLarge, stemSmall}, Doc: "large: stride 2 and max pooling; small: neither, for 32×32 images"},
	}
	own = append(own, append(attentionOptions(noAttention, 3), moduleOptions("relu", batchNorm)...)...)
	return Variant{
		Name: name, Family: "ShuffleNet", Paper: maShuffleNet, Year: 2018, Input: [3]int{3, 224, 224}, Classes: 1000,
		Options: own,
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			n := shuffleNetV2{newModules(s), s.Bool("shuffle")}
			n.start = torchDefault
			x = shuffleStem(n.modules, b, x, s)
			for i, units := range []int{4, 8, 4} {
				x = n.stage(b.In(fmt.Sprintf("stage%d", i+2)), x, place{stage: i, width: width << i}, units)
			}
			x = n.convNormAct(b.In("conv5"), x, last, window{1, 1, 1})
			return b.In("fc").Linear(b.In("avgpool").GlobalAvgPool(x), classes)
		},
	}
}

type shuffleNetV2 struct {
	modules
	shuffle bool
}

func (n shuffleNetV2) stage(b *nn.Builder, x nn.Tensor, p place, units int) nn.Tensor {
	layers := sequence{b: b}
	x = n.halve(layers.next(), x, p)
	for range units - 1 {
		x = n.unit(layers.next(), x, p)
	}
	return x
}

// unit leaves half of the channels as they are (figure 3c of the paper).
func (n shuffleNetV2) unit(b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	parts := b.In("split").Split(x, p.width/2, p.width/2)
	return n.join(b, parts[0], n.branch(b.In("branch2"), parts[1], p, 1))
}

// halve halves the pixels in both of its branches (figure 3d).
func (n shuffleNetV2) halve(b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	left := b.In("branch1")
	y := n.normalize(left.In("1"), n.depthwise(left.In("0"), x, 3, 2))
	y = n.act(left, n.normalize(left.In("3"), n.conv(left.In("2"), y, p.width/2, 1, 1)))
	return n.join(b, y, n.branch(b.In("branch2"), x, p, 2))
}

func (n shuffleNetV2) branch(b *nn.Builder, x nn.Tensor, p place, stride int) nn.Tensor {
	y := n.act(b, n.normalize(b.In("1"), n.conv(b.In("0"), x, p.width/2, 1, 1)))
	y = n.normalize(b.In("4"), n.depthwise(b.In("3"), y, 3, stride))
	y = n.act(b, n.normalize(b.In("6"), n.conv(b.In("5"), y, p.width/2, 1, 1)))
	return n.attention.attend(b, y, p.stage)
}

func (n shuffleNetV2) join(b *nn.Builder, left, right nn.Tensor) nn.Tensor {
	y := b.Concat(left, right)
	if n.shuffle {
		y = b.In("shuffle").ChannelShuffle(y, 2)
	}
	return y
}
