package zoo

import (
	"fmt"

	"workbench/nn"
)

const maShuffleNet = "Ma, Zhang, Zheng, Sun. ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture " +
	"Design (ECCV 2018, arXiv 1807.11164)"

func init() {
	Register(shuffleV2("shufflenet_v2_x0_5", 48, 1024))
	Register(shuffleV2("shufflenet_v2_x1_0", 116, 1024))
	Register(shuffleV2("shufflenet_v2_x1_5", 176, 1024))
	Register(shuffleV2("shufflenet_v2_x2_0", 244, 2048))
}

// shuffleV2 is a column of table 5 of the paper, with the channels of its first stage and of the last convolution.
// Parameters are named as torchvision's.
func shuffleV2(name string, width, last int) Variant {
	own := []Option{
		{Name: "stem_width", Default: 24, Min: 1, Max: 1024, Doc: "channels of the first convolution"},
		{Name: "shuffle", Default: true, Doc: "shuffle the channels after a unit, so that its halves meet"},
		shuffleStemOption,
	}
	common := common{activation: "relu", norm: batchNorm, attention: noAttention, stages: 3, convolution: separable,
		shortcut: shortcutOption(channelSplit, "split: half of the channels pass a unit by (figure 3c); "+
			"identity: what the unit reads is added to its result, too (the form for deep networks, appendix)",
			channelSplit, identity),
		downsample: stridedDownsample}
	return Variant{
		Name: name, Family: "ShuffleNet", Paper: maShuffleNet, Year: 2018, Input: [3]int{3, 224, 224}, Classes: 1000,
		Options: common.options(own...), grouped: alwaysGrouped,
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			n := shuffleNetV2{newSeparable(s)}
			n.start = torchDefault
			x = shuffleStem(n.modules, b, x, s)
			done := 0
			for i, units := range shuffleUnits {
				layers := sequence{b: b.In(fmt.Sprintf("stage%d", i+2))}
				for j := range units {
					done++
					p := place{stage: i, width: width << i, stride: 1, drop: n.shortcut.drop(done, 16)}
					if j == 0 {
						p.stride = 2
					}
					x = n.unit(layers.next(), x, p)
				}
			}
			x = n.convNormAct(b.In("conv5"), x, last, window{1, 1, 1})
			x = b.In("dropout").Dropout(b.In("avgpool").GlobalAvgPool(x), s.Float("dropout"))
			return head(b.In("fc"), x, classes, torchDefault)
		},
	}
}

// channelSplit is ShuffleNet v2's shortcut, in which half of the channels pass a unit by.
const channelSplit = "split"

type shuffleNetV2 struct{ modules }

// unit leaves half of the channels as they are (figure 3c of the paper) or, with stride 2, halves the pixels of all
// channels in both of its branches (figure 3d).
func (n shuffleNetV2) unit(b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	var left nn.Tensor
	if p.stride == 2 {
		left = n.left(b.In("branch1"), x, p)
	} else {
		parts := b.In("split").Split(x, p.width/2, p.width/2)
		left, x = parts[0], parts[1]
	}
	y := n.right(b.In("branch2"), x, p)
	if n.passes(b, x, y, p.stride) { // the right half has a shortcut of its own
		y = b.Concat(left, y)
	} else {
		y = n.beside(b, b, left, y, p)
	}
	if n.shuffle {
		y = b.In("shuffle").ChannelShuffle(y, 2)
	}
	return n.attendAt(sePost, b, y, p.stage)
}

// left halves the pixels beside the other branch.
func (n shuffleNetV2) left(b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	y := n.normalize(b.In("1"), n.depthwise(b.In("0"), x, 3, n.striding(2)))
	return n.act(b, n.normalize(b.In("3"), n.conv(b.In("2"), n.shrink(b, y, 2), p.width/2, 1, 1)))
}

// right is the branch of three convolutions. If what it reads goes around it, that is added before the activation.
func (n shuffleNetV2) right(b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	y := n.attendAt(sePre, b, x, p.stage)
	y = n.act(b, n.normalize(b.In("1"), n.conv(b.In("0"), y, p.width/2, 1, 1)))
	y = n.normalize(b.In("4"), n.depthwise(b.In("3"), y, 3, n.striding(p.stride)))
	y = n.normalize(b.In("6"), n.conv(b.In("5"), n.shrink(b, y, p.stride), p.width/2, 1, 1))
	if n.passes(b, x, y, p.stride) {
		y = b.In("drop_path").DropPath(n.attendAt(seStandard, b, y, p.stage), p.drop)
		return n.act(b, b.Add(y, n.attendAt(seIdentity, b, x, p.stage)))
	}
	return n.attendAt(seStandard, b, n.act(b, y), p.stage)
}
