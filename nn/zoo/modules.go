package zoo

import (
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
	batch      nn.BatchNorm2d // ε and momentum of batch norm; set by the family
	start      start          // of convolutions; nil: heFanOut; set by the family
	attention  attention
}

// moduleOptions are the switches of every network, with the family's own activation and normalisation.
func moduleOptions(activation, norm string) []Option {
	return []Option{
		{Name: "activation", Default: activation, Choices: append([]string{"relu"}, op.ActivationNames()...),
			Doc: "what follows a convolution or normalisation"},
		{Name: "norm", Default: norm, Choices: []string{batchNorm, groupNorm, layerNorm, noNorm},
			Doc: "batch: over a batch's pixels (Ioffe and Szegedy 2015); group: over an image's pixels and a 32nd of its channels (Wu and He 2018); layer: over an image; none: convolutions have biases instead"},
	}
}

// newModules reads the switches.
func newModules(s Settings) modules {
	return modules{activation: s.String("activation"), norm: s.String("norm"), attention: newAttention(s)}
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
	c := nn.Conv2d{Out: out, Kernel: [2]int{w.k, w.k}, Stride: w.stride, Pad: [2]int{w.k / 2, w.k / 2}, Groups: w.groups}
	return m.convolve(b, x, c)
}

// convolve x [n, c, h, w] with weights that begin as the network's.
func (m modules) convolve(b *nn.Builder, x nn.Tensor, c nn.Conv2d) nn.Tensor {
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
	return m.grouped(b, x, c, window{k, stride, c})
}

// convNormAct is a convolution "0", its normalisation "1" and an activation, as torchvision names the three.
func (m modules) convNormAct(b *nn.Builder, x nn.Tensor, out int, w window) nn.Tensor {
	return m.act(b.In("2"), m.convNorm(b, x, out, w))
}

func (m modules) convNorm(b *nn.Builder, x nn.Tensor, out int, w window) nn.Tensor {
	return m.normalize(b.In("1"), m.grouped(b.In("0"), x, out, w))
}
