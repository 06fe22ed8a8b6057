package zoo

import (
	"fmt"

	"workbench/nn"
)

func init() {
	Register(seRow("seresnet18", basicBlocks, nil, 2, 2, 2, 2))
	Register(seRow("seresnet34", basicBlocks, nil, 3, 4, 6, 3))
	Register(seRow("seresnet50", bottlenecks, bottleneckOptions(1, 0), 3, 4, 6, 3))
	Register(seRow("seresnet101", bottlenecks, bottleneckOptions(1, 0), 3, 4, 23, 3))
	Register(seRow("seresnet152", bottlenecks, bottleneckOptions(1, 0), 3, 8, 36, 3))
	Register(seRow("seresnext50_32x4d", bottlenecks, bottleneckOptions(32, 4), 3, 4, 6, 3))
	Register(seRow("seresnext101_32x4d", bottlenecks, bottleneckOptions(32, 4), 3, 4, 23, 3))
	Register(largeResNet{name: "senet154", family: "SENet", paper: huSENet, year: 2017,
		add: blocks{after: senetBottleneck}, counts: []int{3, 8, 36, 3},
		own: bottleneckOptions(64, 4), stemWidth: 64, defaults: Settings{"attention": squeezeExcite, "stem": stemDeep}}.variant())
	for _, depth := range []int{20, 56, 110} {
		Register(smallResNet{name: fmt.Sprintf("seresnet%d_cifar", depth), family: "SENet-CIFAR", paper: huSENet, year: 2017,
			blocks: (depth - 2) / 6, defaults: Settings{"attention": squeezeExcite}}.variant())
	}
	Register(smallResNet{name: "sewrn_16_8_cifar", family: "SENet-CIFAR", paper: huSENet, year: 2017, widen: 8,
		blocks: 2, defaults: Settings{"attention": squeezeExcite, "shortcut": projection, "preactivation": true}}.variant())
}

// seRow is a residual network with squeeze and excitation in every block.
func seRow(name string, add blocks, own []Option, counts ...int) Variant {
	return largeResNet{name: name, family: "SENet", paper: huSENet, year: 2017, add: add, counts: counts, own: own,
		defaults: Settings{"attention": squeezeExcite}}.variant()
}

// senetBottleneck is the block of SENet-154 (appendix of the paper). Its first 1×1 convolution has half as many
// channels, and projections are 3×3 where the pixels are halved.
func senetBottleneck(r residual, b *nn.Builder, x nn.Tensor, p place) nn.Tensor {
	r.shortcut.kernel = 3
	return r.narrowed(b, x, p, r.inner(p)/2)
}
