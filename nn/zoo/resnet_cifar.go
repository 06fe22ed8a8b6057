package zoo

import (
	"fmt"

	"workbench/nn"
)

func init() {
	for _, depth := range []int{20, 32, 44, 56, 110, 1202} {
		Register(cifarRow("resnet", "ResNet-CIFAR", identity, depth))
	}
	for _, depth := range []int{20, 32, 44, 56, 110} {
		Register(cifarRow("plain", "Plain-CIFAR", plain, depth))
	}
	Register(cifarFamily("resnet_cifar", "section 4.2, any depth and width", 16, 1))
	Register(cifarFamily("resnet_mini", "reduced for quick studies: a quarter of the pixels, half the width", 8, 2))
}

// cifarRow is a published network of section 4.2.
func cifarRow(prefix, family, shortcut string, depth int) Variant {
	return smallResNet{name: fmt.Sprintf("%s%d_cifar", prefix, depth), family: family, paper: heResNet, year: 2015,
		blocks: (depth - 2) / 6, defaults: Settings{"shortcut": shortcut}}.variant()
}

// wideCIFAR is a network of depth 6n+4: the first convolution, three projections, and in each stage n pre-activated
// blocks of two layers, k times as wide (WRN, table 1).
func wideCIFAR(depth, k int) Variant {
	return smallResNet{name: fmt.Sprintf("wrn_%d_%d", depth, k), family: "WideResNet", paper: zagoruykoWide, year: 2016,
		blocks: (depth - 4) / 6, widen: k, defaults: Settings{"preactivation": true, "shortcut": projection}}.variant()
}

// resNeXtCIFAR is a network of depth 9n+2: n bottlenecks in each stage, from 64 channels on (section 5.3).
func resNeXtCIFAR(depth int, t template) Variant {
	return smallResNet{name: fmt.Sprintf("resnext%d_%s_cifar", depth, t), family: "ResNeXt-CIFAR", paper: xieResNeXt, year: 2016,
		bottlenecks: true, blocks: (depth - 2) / 9, width: 64, own: bottleneckOptions(t.c, t.d),
		defaults: Settings{"shortcut": projection}}.variant()
}

// smallResNet is a residual network for 32×32 images. It has three stages of equally many blocks, whose widths double.
type smallResNet struct {
	name, family, paper string
	year                int
	bottlenecks         bool
	kernels             []int // of a block's convolutions where they are all as wide as the stage; nil means 3, 3
	blocks              int   // of each stage
	width               int   // of the first convolution; 0 means 16
	widen               int   // quotient of the first stage's width and the first convolution's; 0 means 1
	stem                int   // stride of the first convolution; 0 means 1
	own                 []Option
	defaults            Settings
}

func (n smallResNet) variant() Variant {
	return Variant{
		Name: n.name, Family: n.family, Paper: n.paper, Year: n.year, Input: [3]int{3, 32, 32}, Classes: 10,
		Options: withDefaults(residualOptions(n.own, identity, 3), n.defaults), Build: n.build,
	}
}

func (n smallResNet) build(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	r, err := newResidual(s)
	if err != nil {
		return b.Fail(err)
	}
	width := n.width
	if width == 0 {
		width = 16
	}
	x = r.ungrouped().conv(b.In("conv1"), x, width, 3, max(1, n.stem))
	if !r.preactivation {
		x = r.act(b, r.normalize(b.In("bn1"), x))
	}
	kind := basicBlocks
	switch {
	case n.bottlenecks:
		kind = bottlenecks
	case n.kernels != nil:
		kind = stacks(n.kernels...)
	}
	x = r.stages(b, x, r.ordered(kind), width*max(1, n.widen), []int{n.blocks, n.blocks, n.blocks})
	if r.preactivation {
		x = r.act(b, r.normalize(b.In("bn1"), x))
	}
	return head(b.In("fc"), b.In("avgpool").GlobalAvgPool(x), classes, torchDefault)
}

// cifarFamily is the same network with block, depth and width as options. stem is the stride of the first convolution.
func cifarFamily(name, form string, width, stem int) Variant {
	own := []Option{
		{Name: "depth", Default: 20, Min: 8, Max: 2402, Doc: "weight layers, those of projections not counted: 6n+2 for three stages " +
			"of n basic blocks, 9n+2 for bottlenecks, 3ln+2 for blocks of l convolutions. Wide ResNet counts the projections, and so two more"},
		{Name: "width", Default: width, Min: 1, Max: 4096,
			Doc: "channels of the first convolution and of the first stage, before a bottleneck's expansion; the next two have twice and " +
				"four times as many"},
		widenOption,
		{Name: "block", Default: basicKind, Choices: append([]string{basicKind, bottleneckKind}, stackNames...),
			Doc: "basic: two 3×3 convolutions; bottleneck: 1×1, 3×3 and 1×1 to four times the width; B(M): convolutions as wide as " +
				"the stage with the kernels M (Wide ResNet, tables 2 and 3, whose B(3,3) is basic)"},
	}
	net := smallResNet{name: name, family: "ResNet-CIFAR", paper: heResNet + ", " + form, year: 2015, stem: stem,
		own: append(own, bottleneckOptions(1, 0)...)}
	v := net.variant()
	v.Build = func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
		sized, err := net.sized(s)
		if err != nil {
			return b.Fail(err)
		}
		return sized.build(b, x, classes, s)
	}
	return v
}

// sized returns the network with the depth, width and block of the settings.
func (n smallResNet) sized(s Settings) (smallResNet, error) {
	layers, kind := 2, s.String("block")
	switch kind {
	case bottleneckKind:
		n.bottlenecks, layers = true, 3
	case basicKind:
	default:
		n.kernels = kernelsOf(kind)
		layers = len(n.kernels)
	}
	if !n.bottlenecks && (s.Int("group_width") != 0 || s.String("stride_in") != "3x3") {
		return n, fmt.Errorf("group_width and stride_in are of bottlenecks, got block=%s, whose convolutions have the stage's width", kind)
	}
	var err error
	n.width, n.widen = s.Int("width"), s.Int(widenOption.Name)
	if n.blocks, err = blocksPerStage(s.Int("depth"), layers); err != nil && n.kernels != nil {
		err = fmt.Errorf("block=%s: %w", kind, err)
	}
	return n, err
}

// blocksPerStage solves depth = 3·layers·n + 2 for n. A network has three stages of n blocks of so many layers, the
// first convolution and the classifier.
func blocksPerStage(depth, layers int) (int, error) {
	each := 3 * layers
	n := (depth - 2) / each
	switch {
	case n < 1:
		return 0, fmt.Errorf("depth %d is too small: want %dn+2, at least %d", depth, each, each+2)
	case depth != each*n+2:
		return 0, fmt.Errorf("depth %d is not %dn+2: the nearest are %d and %d", depth, each, each*n+2, each*n+each+2)
	}
	return n, nil
}
