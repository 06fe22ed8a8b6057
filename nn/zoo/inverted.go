package zoo

import "workbench/nn"

// inverted is a residual block that is wide inside: a 1×1 convolution to more channels, a convolution of each channel
// alone, and a 1×1 convolution back to few (Sandler et al. 2018, figure 3b). The last convolution has no activation,
// which makes it a linear bottleneck.
type inverted struct {
	expanded, out, k int
	place
	attention attention // after the convolution of each channel, if its position is the standard one
}

// invertedOptions are the switches of networks of these blocks, behind the network's own.
func invertedOptions(own []Option, activation, attention string, stages int) []Option {
	around := shortcutOption(identity, "identity: between bottlenecks of one shape (MobileNetV2, figure 6b); "+
		"projection: 1×1 convolutions where the shape changes, too; projection_all: everywhere; none: a plain network",
		identity, projection, projectionsAll, plain)
	common := common{activation: activation, norm: batchNorm, attention: attention, stages: stages, convolution: separable,
		shortcut: around, downsample: stridedDownsample}
	return common.options(append(own, around,
		Option{Name: "linear_bottleneck", Default: true, Doc: "no activation after a block's last convolution (MobileNetV2, figure 6a)"})...)
}

// invertedNet tells how the blocks of one network are made.
type invertedNet struct {
	modules
	linear bool
	flat   bool // name the last convolution and its normalisation as torchvision's MobileNetV2 does
	// numbered makes the standard attention one of a block's numbered layers, as in torchvision's MobileNetV3 and
	// EfficientNet.
	numbered bool
}

func newInvertedNet(s Settings) invertedNet {
	return invertedNet{modules: newSeparable(s), linear: s.Bool("linear_bottleneck")}
}

// block adds an inverted residual block below b on x [n, c, h, w]. Its convolutions are below layersAt.
func (n invertedNet) block(b, layersAt *nn.Builder, x nn.Tensor, v inverted) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	in, layers := x.Shape()[1], sequence{b: layersAt}
	n.modules.attention = v.attention
	y := n.attendAt(sePre, b, x, v.stage)
	if v.expanded != in {
		y = n.convNormAct(layers.next(), y, v.expanded, window{1, 1, 1})
	}
	dw := layers.next()
	y = n.act(dw, n.normalize(dw.In("1"), n.depthwise(dw.In("0"), y, v.k, n.striding(v.stride))))
	y = n.shrink(dw, y, v.stride)
	if n.numbered && v.attention.position == seStandard && v.attention.in(v.stage) {
		y = v.attention.weigh(layers.next(), y)
	} else {
		y = n.attendAt(seStandard, b, y, v.stage)
	}
	return n.join(b, x, n.project(&layers, y, v.out), v.place)
}

func (n invertedNet) project(layers *sequence, x nn.Tensor, out int) nn.Tensor {
	last := layers.next()
	if n.flat {
		x = n.normalize(layers.next(), n.conv(last, x, out, 1, 1))
	} else {
		x = n.convNorm(last, x, out, window{1, 1, 1})
	}
	if n.linear {
		return x
	}
	return n.act(last, x)
}
