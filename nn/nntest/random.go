package nntest

import (
	"fmt"
	"math/rand/v2"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/rng"
)

// randoms are small graphs drawn from fixed seeds. They put layers next to each other that no hand-made list would.
func randoms() []network {
	var all []network
	for i := range uint64(40) {
		r := rng.New(seed, "nntest/random", i)
		image := op.Shape{1 + r.IntN(4), 1 + r.IntN(18), 5 + r.IntN(9), 5 + r.IntN(9)}
		all = append(all, network{name: fmt.Sprintf("%d %v", i, image), image: image, state: i%2 == 0, steps: 1, smoothing: 0.05, tolerance: 5e-4,
			build: func(b *nn.Builder, x nn.Tensor) nn.Tensor { return randomNet(b, x, rng.New(seed, "nntest/layers", i)) }})
	}
	return all
}

func randomNet(b *nn.Builder, x nn.Tensor, r *rand.Rand) nn.Tensor {
	seen := []nn.Tensor{x}
	for i := range 5 + r.IntN(6) {
		x = randomLayer(b.In(fmt.Sprint(i)), x, seen, r)
		seen = append(seen, x)
	}
	if r.IntN(2) == 0 {
		return b.In("fc").Linear(b.GlobalAvgPool(x), 5)
	}
	return b.In("fc").Linear(b.Flatten(x), 5)
}

// randomLayer adds one layer that fits x. It may add to x or join to x an earlier value of the same shape.
func randomLayer(b *nn.Builder, x nn.Tensor, seen []nn.Tensor, r *rand.Rand) nn.Tensor {
	s := x.Shape()
	roomy := s[2] >= 3 && s[3] >= 3
	switch r.IntN(14) {
	case 0:
		return b.ReLU(x)
	case 1:
		if s[0]*s[2]*s[3] >= 16 { // the variance of few values is too sensitive to compare
			return b.ReLU(b.BatchNorm(x))
		}
	case 2:
		if s[0]*s[2]*s[3] >= 16 {
			return b.BatchNorm(x)
		}
	case 3:
		if roomy {
			return b.MaxPool(x, 2+r.IntN(2), 1+r.IntN(2), r.IntN(2))
		}
	case 4:
		if roomy {
			return b.AvgPool(x, 2+r.IntN(2), 1+r.IntN(2), r.IntN(2))
		}
	case 5:
		return b.Concat(x, partner(seen, x, r, func(p op.Shape) bool { return p[2] == s[2] && p[3] == s[3] }))
	case 6:
		return b.Add(x, partner(seen, x, r, s.Equal))
	case 7:
		return b.Subsample(x, s[1]+r.IntN(3), 1+r.IntN(2))
	case 8, 9, 10, 11, 12:
		return randomOperator(b, x, r)
	}
	return randomConv(b, x, r)
}

// partner is an earlier value that fits, or x itself.
func partner(seen []nn.Tensor, x nn.Tensor, r *rand.Rand, fits func(op.Shape) bool) nn.Tensor {
	for _, i := range r.Perm(len(seen)) {
		if fits(seen[i].Shape()) {
			return seen[i]
		}
	}
	return x
}

func randomConv(b *nn.Builder, x nn.Tensor, r *rand.Rand) nn.Tensor {
	k := 1 + 2*r.IntN(2)
	c := nn.Conv2d{Kernel: [2]int{k, k}, Pad: [2]int{k / 2, k / 2}, Stride: 1 + r.IntN(2), Groups: 1, Bias: r.IntN(2) == 0}
	if k == 3 && r.IntN(4) == 0 {
		c.Dilation, c.Pad = 2, [2]int{2, 2}
	}
	c.Out = 1 + r.IntN(20)
	for g := 2; g <= x.Shape()[1] && r.IntN(2) == 0; g++ {
		if x.Shape()[1]%g == 0 {
			c.Groups, c.Out = g, g*(1+r.IntN(3))
			break
		}
	}
	return b.Conv2d(x, c)
}
