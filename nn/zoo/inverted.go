package zoo

import "workbench/nn"

// inverted is a residual block that is wide inside: 1×1 to more channels, a convolution of each channel alone, 1×1 back to few
// (Sandler et al. 2018, figure 3b). The last convolution has no activation: a linear bottleneck.
type inverted struct {
	expanded, out, k, stride int
	gate                     *gate   // after the convolution of each channel; nil: none
	drop                     float64 // probability that the branch is dropped in training
	stage                    int     // for attention that is chosen by stages
}

// invertedOptions are the switches of networks of these blocks.
func invertedOptions() []Option {
	return []Option{
		{Name: "shortcut", Default: identity, Choices: []string{identity, plain}, Doc: "identity: between bottlenecks of one shape (MobileNetV2, figure 6b); none: a plain network"},
		{Name: "linear_bottleneck", Default: true, Doc: "no activation after a block's last convolution (MobileNetV2, figure 6a)"},
	}
}

// invertedNet is how the blocks of one network are made.
type invertedNet struct {
	modules
	shortcut, linear bool
	flat             bool // name the last convolution and its normalisation as torchvision's MobileNetV2 does
}

func newInvertedNet(s Settings) invertedNet {
	return invertedNet{modules: newModules(s), shortcut: s.String("shortcut") == identity, linear: s.Bool("linear_bottleneck")}
}

// block adds an inverted residual block below b on x [n, c, h, w].
func (n invertedNet) block(b, layersAt *nn.Builder, x nn.Tensor, v inverted) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	in, layers := x.Shape()[1], sequence{b: layersAt}
	y := x
	if v.expanded != in {
		y = n.convNormAct(layers.next(), y, v.expanded, window{1, 1, 1})
	}
	dw := layers.next()
	y = n.act(dw, n.normalize(dw.In("1"), n.depthwise(dw.In("0"), y, v.k, v.stride)))
	if v.gate != nil {
		y = v.gate.apply(layers.next(), y)
	}
	y = n.project(&layers, n.attention.attend(b, y, v.stage), v.out)
	if v.stride != 1 || in != v.out || !n.shortcut {
		return y
	}
	return b.Add(x, b.In("stochastic_depth").DropPath(y, v.drop))
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
