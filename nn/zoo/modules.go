package zoo

import (
	"slices"

	"workbench/nn"
	"workbench/nn/op"
)

// These are the names of the normalisations that a network can be built with.
const (
	batchNorm = "batch"
	groupNorm = "group"
	layerNorm = "layer"
	noNorm    = "none"
)

// modules are the parts that papers exchange within one architecture, chosen once for the whole network. Every family
// has the switches for them.
type modules struct {
	activation string
	norm       string
	batch      nn.BatchNorm2d // ε and momentum of batch norm
	start      start          // of convolutions, set by the family; nil means heFanOut
	kernels
	attention  attention
	shortcut   shortcut
	downsample string // byStride, byAverage or byMax
}

// common holds a family's own forms of the switches that every family has.
type common struct {
	activation, norm string
	attention        string
	stages           int    // number of stages that can have attention
	convolution      string // dense or separable
	shortcut         Option
	downsample       Option
}

// options returns the family's own switches and the common ones. A common switch that is among its own stays as it is
// there. Common switches that families have not always had are marked as later ones.
func (c common) options(own ...Option) []Option {
	all := slices.Clone(own)
	kernels := convolutionOptions
	if kernels[0].Default = c.convolution; c.convolution == separable {
		kernels[0].Doc = separableDoc
	}
	shared := slices.Concat(later(kernels[:]...), later(c.shortcut, dropPathOption, c.downsample, dropoutOption),
		attentionOptions(c.attention, c.stages), later(sePositionOption), gateOptions(sigmoid), moduleOptions(c.activation, c.norm))
	for _, o := range shared {
		if !slices.ContainsFunc(own, func(mine Option) bool { return mine.Name == o.Name }) {
			all = append(all, o)
		}
	}
	return all
}

// later marks switches that came when the family had already been in use without them.
func later(options ...Option) []Option {
	marked := slices.Clone(options)
	for i := range marked {
		marked[i].Later = true
	}
	return marked
}

// moduleOptions are the switches of what follows a convolution.
func moduleOptions(activation, norm string) []Option {
	return []Option{
		{Name: "activation", Default: activation, Choices: append([]string{"relu"}, op.ActivationNames()...),
			Doc: "what follows a convolution or normalisation"},
		{Name: "norm", Default: norm, Choices: []string{batchNorm, groupNorm, layerNorm, noNorm},
			Doc: "over a batch's pixels, over 32 groups of an image's channels, over an image; none: biases instead"},
		{Name: "bn_epsilon", Default: 1e-5, Min: 1e-12, Max: 1, Doc: "ε that batch norm adds to the variance"},
		{Name: "bn_momentum", Default: 0.1, Min: 1e-6, Max: 1,
			Doc: "share of the newest batch in batch norm's running statistics: PyTorch's momentum, 1 less TensorFlow's"},
	}
}

// dropoutOption is for families without a dropout of their own. It drops what the classifier reads.
var dropoutOption = Option{Name: "dropout", Default: 0.0, Max: 0.99,
	Doc: "probability that an input of the classifier is dropped in training"}

// newModules reads the switches that every family has.
func newModules(s Settings) modules {
	m := modules{activation: s.String("activation"), norm: s.String("norm"), kernels: newKernels(s),
		attention: newAttention(s), shortcut: newShortcut(s), downsample: s.String("downsample")}
	m.batch = nn.BatchNorm2d{Epsilon: s.Float("bn_epsilon"), Momentum: s.Float("bn_momentum")}
	return m
}

func (m modules) act(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Activate(m.activation, x) }

// normalize adds the network's normalisation of x [n, c, h, w]. If it has none, it returns x.
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
