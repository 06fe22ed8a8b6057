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

// cifarRow is a published network of section 4.2: widths 16, 32, 64.
func cifarRow(prefix, family, shortcut string, depth int) Variant {
	return Variant{
		Name: fmt.Sprintf("%s%d_cifar", prefix, depth), Family: family, Paper: heResNet, Year: 2015,
		Input: [3]int{3, 32, 32}, Classes: 10, Options: residualOptions(shortcut),
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			return cifarResNet{depth: depth, width: 16, stem: 1}.build(b, x, classes, s)
		},
	}
}

// cifarFamily is the same network with depth and width as options; stem is the stride of the first convolution.
func cifarFamily(name, form string, width, stem int) Variant {
	sizes := []Option{
		{Name: "depth", Default: 20, Min: 8, Max: 2402, Doc: "weight layers, 6n+2: three stages of n blocks"},
		{Name: "width", Default: width, Min: 1, Max: 4096, Doc: "channels of the first stage; the next two have twice and four times as many"},
	}
	return Variant{
		Name: name, Family: "ResNet-CIFAR", Paper: heResNet + ", " + form, Year: 2015,
		Input: [3]int{3, 32, 32}, Classes: 10, Options: append(sizes, residualOptions(identity)...),
		Build: func(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
			return cifarResNet{depth: s.Int("depth"), width: s.Int("width"), stem: stem}.build(b, x, classes, s)
		},
	}
}

type cifarResNet struct {
	depth, width int
	stem         int // stride of the first convolution
}

func (c cifarResNet) build(b *nn.Builder, x nn.Tensor, classes int, s Settings) nn.Tensor {
	r, err := newResidual(s)
	if err != nil {
		return b.Fail(err)
	}
	blocks, err := blocksPerStage(c.depth)
	if err != nil {
		return b.Fail(err)
	}
	x = b.ReLU(b.In("bn1").BatchNorm(b.In("conv1").Conv(x, c.width, 3, c.stem)))
	x = r.stage(b.In("layer1"), x, blocks, c.width, 1)
	x = r.stage(b.In("layer2"), x, blocks, 2*c.width, 2)
	x = r.stage(b.In("layer3"), x, blocks, 4*c.width, 2)
	return b.In("fc").Linear(b.In("avgpool").GlobalAvgPool(x), classes)
}

// blocksPerStage solves depth = 6n + 2: three stages of n blocks of two layers, the first convolution and the classifier.
func blocksPerStage(depth int) (int, error) {
	n := (depth - 2) / 6
	switch {
	case n < 1:
		return 0, fmt.Errorf("depth %d is too small: want 6n+2, at least 8", depth)
	case depth != 6*n+2:
		return 0, fmt.Errorf("depth %d is not 6n+2: the nearest are %d and %d", depth, 6*n+2, 6*n+8)
	}
	return n, nil
}
