package zoo

import (
	"fmt"

	"workbench/nn"
)

const hePreActivation = "He, Zhang, Ren, Sun. Identity Mappings in Deep Residual Networks (ECCV 2016, arXiv 1603.05027)"

func init() {
	Register(smallResNet{name: "preresnet110_cifar", family: "PreAct-ResNet", paper: hePreActivation, year: 2016,
		blocks: 18, defaults: Settings{"preactivation": true}}.variant())
	Register(preBottleneckRow("preresnet164_cifar", 18))
	Register(preBottleneckRow("preresnet1001_cifar", 111))
}

func preBottleneckRow(name string, blocks int) Variant {
	return smallResNet{name: name, family: "PreAct-ResNet", paper: hePreActivation, year: 2016, bottlenecks: true, blocks: blocks,
		own: bottleneckOptions(1, 0), defaults: Settings{"preactivation": true, "shortcut": projection}}.variant()
}

// blocks are a kind of residual block in two orders: with its normalisations and activations after the convolutions and
// before them.
type blocks struct {
	after, before block // before is nil where nobody has defined it
}

var (
	basicBlocks = stacks(3, 3)
	bottlenecks = blocks{bottleneck, preBottleneck}
)

// ordered returns the block in the network's order.
func (r residual) ordered(kind blocks) block {
	switch {
	case !r.preactivation:
		return kind.after
	case kind.before != nil:
		return kind.before
	}
	return func(_ residual, b *nn.Builder, _ nn.Tensor, _ place) nn.Tensor {
		return b.Fail(fmt.Errorf("preactivation=true is of basic blocks and bottlenecks " +
			"(He et al. 2016, figure 4 and table 3), not of this network's"))
	}
}

// preBottleneck is bottleneck with normalisation and activation before each convolution.
func preBottleneck(r residual, b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	stride1, stride3 := r.strides(p)
	first := r.act(b, r.normalize(b.In("bn1"), x))
	y := r.attendAt(sePre, b, first, p.stage)
	y = r.conv(b.In("conv1"), y, r.inner(p), 1, stride1)
	y = r.act(b, r.normalize(b.In("bn2"), y))
	y = r.grouped(b.In("conv2"), y, r.inner(p), window{3, stride3, 1})
	y = r.act(b, r.normalize(b.In("bn3"), y))
	y = b.In("dropout").Dropout(y, r.dropout)
	y = r.conv(b.In("conv3"), y, 4*p.width, 1, 1)
	return r.merge(b, r.origin(b, x, first, y, p.stride), y, p)
}

// origin returns where the shortcut of a pre-activated block begins: at its input x or, for a projection, at the first
// activation.
func (r residual) origin(b *nn.Builder, x, first, y nn.Tensor, stride int) nn.Tensor {
	if r.shortcut.kind != identity && r.transforms(b, x, y, stride) {
		return first
	}
	return x
}
