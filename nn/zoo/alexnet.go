package zoo

import (
	"fmt"
	"strings"

	"workbench/nn"
)

const (
	krizhevskyAlexNet = "Krizhevsky, Sutskever, Hinton. ImageNet Classification with Deep Convolutional Neural Networks (NIPS 2012)"
	krizhevskyTrick   = "Krizhevsky. One weird trick for parallelizing convolutional neural networks (arXiv 1404.5997, 2014)"
)

func init() {
	Register(alexNet2012("alexnet_2012", 2))
	Register(alexNet2012("alexnet_2012_one_tower", 1))
	Register(alexNet{
		name: "alexnet", family: "AlexNet", paper: krizhevskyTrick, year: 2014, side: 224, dropInput: true,
		start: torchDefault, hidden: torchDefault,
		convs: []alexConv{{64, 11, 4, 2, 1, 0}, {192, 5, 1, 2, 1, 0}, {384, 3, 1, 1, 1, 0}, {256, 3, 1, 1, 1, 0}, {256, 3, 1, 1, 1, 0}},
	}.variant())
}

// alexNet2012 is the original network. With two groups it is as on the paper's two GPUs, which met only before the
// third convolution and in the linear layers.
func alexNet2012(name string, groups int) Variant {
	return alexNet{
		name: name, family: "AlexNet", paper: krizhevskyAlexNet, year: 2012, side: 227, response: true, start: normalHundredth, hidden: hiddenOne,
		convs: []alexConv{{96, 11, 4, 0, 1, 0}, {256, 5, 1, 2, groups, 1}, {384, 3, 1, 1, 1, 0}, {384, 3, 1, 1, groups, 1},
			{256, 3, 1, 1, groups, 1}},
	}.variant()
}

// hiddenOne starts biases at one, so that the ReLUs of the first steps see positive inputs (AlexNet, section 5).
func hiddenOne(_, _ int) (weight, bias nn.Init) { return nn.Init{Normal: 0.01}, nn.Init{Constant: 1} }

// alexConv is a convolution; with k 0 it is the three of a deep stem. bias is what its biases start at, beside what the
// network's start says.
type alexConv struct {
	out, k, stride, pad, groups int
	bias                        float64
}

// alexNet is five convolutions, of which the first two and the last are pooled, and three linear layers. Parameters are
// named as torchvision's.
type alexNet struct {
	name, family, paper string
	year, side          int
	convs               []alexConv
	response            bool // local response normalisation after the first two convolutions
	ceil                bool // overlapping pooling rounds sizes up
	dropInput           bool
	start, hidden       start
}

func (n alexNet) variant() Variant {
	own := []Option{
		stemOption("as published", "a first kernel of 5×5 and no strides but the poolings' (which leave pool=3)"),
		{Name: "pooling", Default: "overlapping", Choices: []string{"overlapping", "disjoint"},
			Doc: "overlapping: 3×3 of stride 2 (AlexNet, section 3.4); disjoint: 2×2 of stride 2"},
		{Name: "response_norm", Default: n.response, Doc: "local response normalisation after the first two convolutions (AlexNet, section 3.3)"},
		{Name: "removed", Default: "none", Choices: []string{"none", "conv3", "conv4", "conv3+conv4"},
			Doc: "convolutions left out (AlexNet, section 7: depth matters)"},
		convolutionOption,
	}
	common := common{activation: "relu", norm: noNorm, attention: noAttention, stages: len(n.convs), convolution: dense,
		shortcut: chainShortcut("each convolution behind the first that keeps the size"),
		downsample: downsampleOption("how pixels are halved behind conv1, conv2 and conv5: max, average: by a pooling; "+
			"stride: the convolution has twice the stride, and no pooling follows", byMax)}
	return Variant{
		Name: n.name, Family: n.family, Paper: n.paper, Year: n.year, Input: [3]int{3, n.side, n.side}, Classes: 1000,
		Options: common.options(append(own, classifierOptions(6)...)...), Build: n.build, chained: true,
		grouped: func(Settings) bool { return n.convs[1].groups > 1 },
	}
}

func (n alexNet) build(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	m := newModules(s)
	m.shortcut.zeros = true
	if m.downsample == byStride && s.String("pooling") != "overlapping" {
		return b.Fail(fmt.Errorf("pooling=%s is of poolings, downsample=stride has none", s.String("pooling")))
	}
	layers := sequence{b: b.In("features")}
	for i, c := range n.convs {
		name := fmt.Sprintf("conv%d", i+1)
		if strings.Contains(s.String("removed"), name) {
			continue
		}
		switch kind := s.String("stem"); {
		case kind == stemSmall:
			c.k = min(c.k, 5)
			c.stride, c.pad = 1, c.k/2
		case kind == stemDeep && i == 0:
			c.k = 0
		}
		halves := i < 2 || i == 4
		if halves && m.downsample == byStride {
			c.stride *= 2
		}
		x = n.layer(m, &layers, x, c, place{stage: i, stride: c.stride, drop: m.shortcut.drop(i, len(n.convs)-1)})
		if i < 2 && s.Bool("response_norm") {
			x = layers.next().LRN(x, 5, 5e-4, 0.75, 2) // LRN divides α by the 5 channels; the paper does not divide its 1e-4
		}
		if halves {
			x = n.pool(m.downsample, layers.next(), x, s.String("pooling"))
		}
	}
	x = b.In("avgpool").AdaptiveAvgPool(x, s.Int("pool"))
	h := hiddenClassifier{width: s.Int("hidden"), dropout: s.Float("dropout"), dropInput: n.dropInput, activation: m.activation,
		start: n.start, hidden: n.hidden}
	return h.build(b.In("classifier"), b.Flatten(x), classes)
}

// layer adds a convolution with biases, a normalisation if there is one, an activation, and what stands around them.
func (n alexNet) layer(m modules, layers *sequence, x nn.Tensor, c alexConv, p place) nn.Tensor {
	m.start = func(fanIn, fanOut int) (weight, bias nn.Init) {
		weight, bias = n.start(fanIn, fanOut)
		bias.Constant += c.bias
		return weight, bias
	}
	if p.stage == 0 {
		m = m.onImage()
	}
	at := layers.b.In(fmt.Sprintf("conv%d", p.stage+1))
	y := m.attendAt(sePre, at, x, p.stage)
	if c.k == 0 {
		y = deepStem{c.out / 2, c.out, c.stride}.add(m, layers.next(), y)
	} else {
		y = m.convolve(layers.next(), y, nn.Conv2d{Out: c.out, Kernel: [2]int{c.k, c.k}, Stride: c.stride,
			Pad: [2]int{c.pad, c.pad}, Groups: c.groups, Bias: true})
	}
	if m.norm != noNorm {
		y = m.normalize(layers.next(), y)
	}
	p.act = layers.next()
	return m.chain(at, x, y, p)
}

// pool halves the pixels unless a stride does.
func (n alexNet) pool(how string, b *nn.Builder, x nn.Tensor, kind string) nn.Tensor {
	p := nn.Pool2d{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Ceil: n.ceil}
	switch {
	case how == byStride:
		return x
	case kind == "disjoint" && how == byMax:
		return b.MaxPool(x, 2, 2, 0)
	case kind == "disjoint":
		p = nn.Pool2d{Kernel: [2]int{2, 2}}
	}
	return pooled(how, b, x, p)
}
