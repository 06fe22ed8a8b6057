package nntest

import (
	"fmt"
	"math/rand/v2"

	"workbench/nn"
	"workbench/nn/op"
)

// modern has the layers that later architectures brought: squeeze and excitation, split and shuffled channels, smooth
// activations, stochastic depth, a frozen norm and a group norm.
func modern(b *nn.Builder, x nn.Tensor) nn.Tensor {
	x = b.HardSwish(b.In("bn0").BatchNorm(b.In("stem").Conv2d(x, nn.Conv2d{Out: 16, Kernel: [2]int{3, 3}, Stride: 2, Same: true})))
	for i := range 2 {
		b := b.In(fmt.Sprint("block", i))
		halves := b.Split(x, 8, 8)
		y := b.SiLU(b.In("bn1").BatchNorm(b.In("expand").Conv(halves[1], 24, 1, 1)))
		y = b.In("gn").GroupNorm(b.In("depthwise").Depthwise(y, 5, 1), 3, 1e-5)
		y = excite(b.In("se"), y)
		y = b.In("bn2").BatchNorm2d(b.In("project").Conv(y, 8, 1, 1), nn.BatchNorm2d{Momentum: 0.01, Epsilon: 1e-3})
		x = b.ChannelShuffle(b.Concat(halves[0], b.Add(halves[1], b.DropPath(y, 0.3))), 2)
	}
	x = b.In("bn3").BatchNorm2d(b.MaxPool2d(x, nn.Pool2d{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Ceil: true}),
		nn.BatchNorm2d{Frozen: true})
	return b.In("fc").Linear(b.GELU(b.Flatten(b.AdaptiveAvgPool(x, 2))), 10)
}

// excite multiplies the channels of x by gates that a small network computes from the channels' means (Hu et al. 2018).
func excite(b *nn.Builder, x nn.Tensor) nn.Tensor {
	s := x.Shape()
	means := b.Reshape(b.GlobalAvgPool(x), s[0], s[1], 1, 1)
	hidden := b.ReLU(b.In("fc1").Conv(means, 1+s[1]/4, 1, 1))
	return b.Mul(x, b.Sigmoid(b.In("fc2").Conv(hidden, s[1], 1, 1)))
}

// randomOperator adds one of the layers beside those of plain convolutional networks. It
// adds none if the drawn layer does not fit x.
func randomOperator(b *nn.Builder, x nn.Tensor, r *rand.Rand) nn.Tensor {
	s := x.Shape()
	roomy := s[2] >= 3 && s[3] >= 3
	switch r.IntN(10) {
	case 0:
		return excite(b, x)
	case 1:
		if s[1]%2 == 0 {
			return b.ChannelShuffle(x, 2)
		}
	case 2:
		if s[1] > 1 {
			parts := b.Split(x, s[1]/2, s[1]-s[1]/2)
			return b.Concat(b.SiLU(parts[1]), parts[0])
		}
	case 3:
		return b.DropPath(x, 0.3)
	case 4:
		if s[1]*s[2]*s[3] >= 16 {
			return b.GroupNorm(x, 1, 1e-5)
		}
	case 5:
		return b.LRN(x, 3, 0.1, 0.75, 1)
	case 6:
		if roomy {
			return b.AvgPool2d(x, nn.Pool2d{Kernel: [2]int{2, 3}, Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Ceil: true, Exclude: r.IntN(2) == 0})
		}
	case 7:
		if roomy {
			return b.AdaptiveAvgPool(x, 2+r.IntN(2))
		}
	case 8:
		return b.BatchNorm2d(x, nn.BatchNorm2d{Frozen: true})
	}
	names := op.ActivationNames()
	return b.Activate(names[r.IntN(len(names))], x)
}
