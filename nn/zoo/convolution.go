package zoo

import (
	"fmt"

	"workbench/nn"
)

// These are the names of the kinds of convolution.
const (
	dense     = "dense"
	separable = "separable"
)

// convolutionOptions are the switches of which channels a network's k×k convolutions see.
var convolutionOptions = [...]Option{
	{Name: "convolution", Default: dense, Choices: []string{dense, separable},
		Doc: "separable: k×k of each channel, then 1×1 of all, in the place of each dense k×k"},
	{Name: "cardinality", Default: 1, Min: 1, Max: 4096,
		Doc: "groups of the k×k convolutions behind the stem (C of ResNeXt), or of each group that they have as published; " +
			"1 with convolution=separable"},
	{Name: "shuffle", Default: false,
		Doc: "shuffle the channels after each k×k convolution of groups (ShuffleNet, section 3.1)"},
}

// convolutionOption is for families that have had the switch from the start; see Option.Later.
var convolutionOption = convolutionOptions[0]

// separableDoc describes the switch convolution for networks that are made of separable convolutions.
const separableDoc = "separable: k×k of each channel, which a 1×1 of all follows; dense: k×k of all channels in its place"

// paddingOption is for networks that were published for TensorFlow.
var paddingOption = Option{Name: "padding", Default: "symmetric", Choices: []string{"symmetric", "same"},
	Doc: "of convolutions: symmetric: half a kernel on every side, as in PyTorch; " +
		"same: TensorFlow's, which at stride 2 pads even sizes below and to the right alone"}

// kernels tells which channels a network's k×k convolutions see and how they pad.
type kernels struct {
	separable   bool // divide k×k convolutions into one of each channel and a 1×1
	alone       bool // depthwise convolves each channel alone
	cardinality int  // groups of k×k convolutions, within a convolution's own groups
	shuffle     bool // shuffle the channels after each k×k convolution of groups
	same        bool // pad as TensorFlow does
}

// newKernels reads the switches of the convolutions.
func newKernels(s Settings) kernels {
	k := kernels{cardinality: s.Int("cardinality"), shuffle: s.Bool("shuffle"), separable: s.String("convolution") == separable}
	if _, declared := s["padding"]; declared {
		k.same = s.String("padding") == "same"
	}
	k.alone = k.separable
	return k
}

// newSeparable reads the switches of a network whose blocks say which convolutions are of each channel alone. The other
// convolutions stay dense.
func newSeparable(s Settings) modules {
	m := newModules(s)
	m.separable = false
	return m
}

// ungrouped returns the modules of a stem, whose input is the image, and of shortcuts. The cardinality is only for what
// is between.
func (m modules) ungrouped() modules {
	m.cardinality = 1
	return m
}

// onImage returns the modules of a chain's first layer: no shortcut goes around it, and no attention weighs the image
// before it.
func (m modules) onImage() modules {
	m = m.ungrouped()
	m.shortcut.kind = plain
	if m.attention.position == sePre {
		m.attention.kind = noAttention
	}
	return m
}

// conv adds a k×k convolution that keeps the size at stride 1. It has a bias if nothing normalises it.
func (m modules) conv(b *nn.Builder, x nn.Tensor, out, k, stride int) nn.Tensor {
	return m.grouped(b, x, out, window{k, stride, 1})
}

// window is a k×k kernel, its stride, and the number of groups into which the channels are divided whatever the
// cardinality.
type window struct{ k, stride, groups int }

func (m modules) grouped(b *nn.Builder, x nn.Tensor, out int, w window) nn.Tensor {
	return m.convolve(b, x, m.padded(nn.Conv2d{Out: out, Kernel: [2]int{w.k, w.k}, Stride: w.stride, Groups: w.groups}))
}

// padded returns the convolution with the padding that keeps sizes at stride 1.
func (m modules) padded(c nn.Conv2d) nn.Conv2d {
	if m.same {
		c.Same = true
	} else {
		c.Pad = [2]int{c.Kernel[0] / 2, c.Kernel[1] / 2}
	}
	return c
}

// convolve adds a convolution of x [n, c, h, w] whose weights start as the network says. A separable one is two layers.
func (m modules) convolve(b *nn.Builder, x nn.Tensor, c nn.Conv2d) nn.Tensor {
	switch {
	case b.Err() != nil:
		return x
	case c.Kernel == [2]int{1, 1}:
		return m.initialised(b, x, c)
	case m.separable:
		return m.divide(b, x, c)
	}
	in := x.Shape()[1]
	c.Groups = max(1, c.Groups) * m.cardinality
	if m.cardinality > 1 && (in%c.Groups != 0 || c.Out%c.Groups != 0) {
		return b.Fail(fmt.Errorf("cardinality=%d: a %d×%d convolution of %d groups reads %d channels and gives %d; want multiples of %d",
			m.cardinality, c.Kernel[0], c.Kernel[1], c.Groups, in, c.Out, c.Groups))
	}
	y := m.initialised(b, x, c)
	if m.shuffle && c.Groups > 1 {
		y = b.In("shuffle").ChannelShuffle(y, c.Groups)
	}
	return y
}

// divide adds a depthwise separable convolution in place of a dense one.
func (m modules) divide(b *nn.Builder, x nn.Tensor, c nn.Conv2d) nn.Tensor {
	if c.Groups > 1 {
		return b.Fail(fmt.Errorf("convolution=separable divides a convolution that has %d groups already", c.Groups))
	}
	each, all := c, nn.Conv2d{Out: c.Out, Kernel: [2]int{1, 1}, Bias: c.Bias}
	each.Out, each.Groups, each.Bias = x.Shape()[1], x.Shape()[1], false
	return m.initialised(b.In("pointwise"), m.initialised(b.In("depthwise"), x, each), all)
}

// initialised adds the convolution c with the network's start.
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

// depthwise adds a k×k convolution of each channel alone or, with convolution=dense, of all channels.
func (m modules) depthwise(b *nn.Builder, x nn.Tensor, k, stride int) nn.Tensor {
	if b.Err() != nil {
		return x
	}
	c := x.Shape()[1]
	if !m.alone {
		return m.conv(b, x, c, k, stride)
	}
	return m.initialised(b, x, m.padded(nn.Conv2d{Out: c, Kernel: [2]int{k, k}, Stride: stride, Groups: c}))
}

// convNormAct adds a convolution "0", its normalisation "1" and an activation "2", as torchvision names the three.
func (m modules) convNormAct(b *nn.Builder, x nn.Tensor, out int, w window) nn.Tensor {
	return m.act(b.In("2"), m.convNorm(b, x, out, w))
}

func (m modules) convNorm(b *nn.Builder, x nn.Tensor, out int, w window) nn.Tensor {
	return m.normalize(b.In("1"), m.grouped(b.In("0"), x, out, w))
}
