package nntest

import (
	"workbench/nn"
	"workbench/nn/op"
)

// norms are the normalisations other than batch norm with the batch's statistics.
func norms() []operator {
	wide := []op.Shape{{2, 32, 3, 3}, {3, 8, 5, 2}, {1, 20, 2, 2}}
	frozen := operator{"frozen batch norm", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.BatchNorm2d(x, nn.BatchNorm2d{Frozen: true, Epsilon: 1e-3})
	}}
	rectified := operator{"frozen batch norm and relu", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.ReLU(b.BatchNorm2d(x, nn.BatchNorm2d{Frozen: true, Epsilon: 1e-3}))
	}}
	group := operator{"group norm", wide, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.GroupNorm(x, 4, 1e-5) }}
	lrn := operator{"lrn", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.LRN(x, 5, 0.5, 0.75, 2) }}
	return []operator{frozen, frozen.between(), rectified.between(), group, group.between(), lrn, lrn.between(),
		{"lrn, another power", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.LRN(x, 3, 0.5, 0.6, 1) }},
		{"batch norm, other momentum and epsilon", wide, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return b.BatchNorm2d(x, nn.BatchNorm2d{Momentum: 0.3, Epsilon: 0.01})
		}},
		{"layer norm", []op.Shape{{3, 40}, {1, 7}, {64, 5}}, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.LayerNorm(x, 1, 1e-5) }},
		{"layer norm over images", wide, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.LayerNorm(x, 3, 1e-5) }},
	}
}
