package zoo

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/op"
)

// Names of the normalisations that a network can be built with.
const (
	batchNorm = "batch"
	groupNorm = "group"
	layerNorm = "layer"
	noNorm    = "none"
)

// modules are what papers exchange within one architecture, chosen once for the whole network. Every family has these switches.
type modules struct {
	activation string
	norm       string
	separable  bool           // divide k×k convolutions into one of each channel and a 1×1
	same       bool           // pad as TensorFlow does
	batch      nn.BatchNorm2d // ε and momentum of batch norm
	start      start          // of convolutions; nil: heFanOut; set by the family
	attention  attention
}

// moduleOptions are the switches of every network, with the family's own activation and normalisation.
func moduleOptions(activation, norm string) []Option {
	return []Option{
		{Name: "activation", Default: activation, Choices: append([]string{"relu"}, op.ActivationNames()...),
			Doc: "what follows a convolution or normalisation"},
		{Name: "norm", Default: norm, Choices: []string{batchNorm, groupNorm, layerNorm, noNorm},
			Doc: "over a batch's pixels, over 32 groups of an image's channels, over an image; none: biases instead"},
		{Name: "bn_epsilon", Default: 1e-5, Min: 1e-12, Max: 1, Doc: "ε that batch norm adds to the variance"},
		{Name: "bn_momentum", Default: 0.1, Min: 1e-6, Max: 1, Doc: "share of the newest batch in batch norm's running statistics: PyTorch's momentum, 1 less TensorFlow's"},
	}
}

// Names of the kinds of convolution.
const (
	dense     = "dense"
	separable = "separable"
)

// convolutionOption is for networks that are not made of separable convolutions in the first place.
var convolutionOption = Option{Name: "convolution", Default: dense, Choices: []string{dense, separable},
	Doc: "separable: k×k of each channel, then 1×1 of all, in the place of each dense k×k"}

// paddingOption is for networks that were published for TensorFlow.
var paddingOption = Option{Name: "padding", Default: "symmetric", Choices: []string{"symmetric", "same"},
	Doc: "of convolutions: symmetric: half a kernel on every side, as in PyTorch; same: TensorFlow's, which at stride 2 pads even sizes below and to the right alone"}

// newModules reads the switches.
func newModules(s Settings) modules {
	m := modules{activation: s.String("activation"), norm: s.String("norm"), attention: newAttention(s)}
	m.batch = nn.BatchNorm2d{Epsilon: s.Float("bn_epsilon"), Momentum: s.Float("bn_momentum")}
	if _, declared := s["padding"]; declared {
		m.same = s.String("padding") == "same"
	}
	if _, declared := s["convolution"]; declared {
		m.separable = s.String("convolution") == separable
	}
	return m
}

func (m modules) act(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Activate(m.activation, x) }

// normalize x [n, c, h, w]; without a normalisation it is x.
func (m modules) normalize(b *nn.Builder, x nn.Tensor) nn.Tensor {
	switch {
	case b.Err() != nil || m.norm == noNorm:
		return x
	case m.norm == groupNorm:
		return b.GroupNorm(x, commonDivisor(32, x.Shape()[1]), 1e-5)
	case m.norm == layerNorm:
		return b.GroupNorm(x, 1, 1e-5)
	}
	return b.BatchNorm2d(x, m.batch)
}

func commonDivisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// conv is a k×k convolution that keeps the size at stride 1. It has a bias if nothing normalises it.
func (m modules) conv(b *nn.Builder, x nn.Tensor, out, k, stride int) nn.Tensor {
	return m.grouped(b, x, out, window{k, stride, 1})
}

// window is a k×k kernel, its stride, and into how many groups the channels are divided.
type window struct{ k, stride, groups int }

func (m modules) grouped(b *nn.Builder, x nn.Tensor, out int, w window) nn.Tensor {
	return m.convolve(b, x, m.padded(nn.Conv2d{Out: out, Kernel: [2]int{w.k, w.k}, Stride: w.stride, Groups: w.groups}))
}

// padded is the convolution with the padding that keeps sizes at stride 1.
func (m modules) padded(c nn.Conv2d) nn.Conv2d {
	if m.same {
		c.Same = true
	} else {
		c.Pad = [2]int{c.Kernel[0] / 2, c.Kernel[1] / 2}
	}
	return c
}

// convolve x [n, c, h, w] with weights that begin as the network's, in one step or two.
func (m modules) convolve(b *nn.Builder, x nn.Tensor, c nn.Conv2d) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	if m.separable && c.Kernel != [2]int{1, 1} {
		if c.Groups > 1 {
			return b.Fail(fmt.Errorf("convolution=separable divides a convolution that has %d groups already", c.Groups))
		}
		each, all := c, nn.Conv2d{Out: c.Out, Kernel: [2]int{1, 1}, Bias: c.Bias}
		each.Out, each.Groups, each.Bias = x.Shape()[1], x.Shape()[1], false
		return m.initialised(b.In("pointwise"), m.initialised(b.In("depthwise"), x, each), all)
	}
	return m.initialised(b, x, c)
}

// initialised is the convolution c with the network's start.
func (m modules) initialised(b *nn.Builder, x nn.Tensor, c nn.Conv2d) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	begin, area := m.start, c.Kernel[0]*c.Kernel[1]
	if begin == nil {
		begin = heFanOut
	}
	weight, bias := begin(x.Shape()[1]/max(1, c.Groups)*area, c.Out*area)
	c.Bias, c.Init, c.BiasInit = c.Bias || m.norm == noNorm, &weight, bias
	return b.Conv2d(x, c)
}

func (m modules) depthwise(b *nn.Builder, x nn.Tensor, k, stride int) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	c := x.Shape()[1]
	return m.initialised(b, x, m.padded(nn.Conv2d{Out: c, Kernel: [2]int{k, k}, Stride: stride, Groups: c}))
}

// convNormAct is a convolution "0", its normalisation "1" and an activation, as torchvision names the three.
func (m modules) convNormAct(b *nn.Builder, x nn.Tensor, out int, w window) nn.Tensor {
	return m.act(b.In("2"), m.convNorm(b, x, out, w))
}

func (m modules) convNorm(b *nn.Builder, x nn.Tensor, out int, w window) nn.Tensor {
	return m.normalize(b.In("1"), m.grouped(b.In("0"), x, out, w))
}
