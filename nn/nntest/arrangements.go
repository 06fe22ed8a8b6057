package nntest

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/op"
)

// arrangements move elements, multiply matrices or leave samples out.
func arrangements() []operator {
	// The channels are divisible by 2 and by 3; see shuffle.
	wide := []op.Shape{{2, 96, 3, 3}, {1, 12, 5, 2}, {3, 48, 1, 1}, {2, 6, 4, 4}}
	matrices := []op.Shape{{3, 7}, {1, 40}, {5, 1}, {6, 6}}
	shuffle := operator{"channel shuffle", wide, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		return b.ChannelShuffle(b.ReLU(b.ChannelShuffle(x, 2)), 3)
	}}
	split := operator{"split", wide, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
		half := x.Shape()[1] / 2
		parts := b.Split(x, half, x.Shape()[1]-half)
		return b.Concat(b.ReLU(parts[1]), parts[0])
	}}
	slice := operator{"channels", wide, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Channels(x, 1, 4) }}
	path := operator{"drop path", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Add(x, b.DropPath(b.ReLU(x), 0.5)) }}
	axes := operator{"transpose", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor { return b.Transpose(x, 0, 2, 3, 1) }}
	all := []operator{shuffle, shuffle.between(), split, split.between(), slice, slice.between(), path, path.between(), axes,
		{"transpose back and forth, blocked", images, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			y := b.Transpose(b.In("before").Conv(x, 20, 3, 1), 2, 3, 0, 1)
			return b.In("after").Conv(b.Transpose(y, 2, 3, 0, 1), 3, 1, 1)
		}},
		{"rows", matrices, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			n := x.Shape()[0]
			return b.Rows(b.ConcatRows(b.Rows(x, n/2, n-n/2), b.ReLU(b.Rows(x, 0, n-n/2))), 0, n)
		}},
	}
	return append(all, matrixProducts(matrices)...)
}

// matrixProducts multiply x by a parameter in every combination of transposes, alone and in batches.
func matrixProducts(shapes []op.Shape) []operator {
	var all []operator
	for i := range 4 {
		how := op.MatMul{TransA: i%2 == 1, TransB: i/2 == 1}
		all = append(all, operator{fmt.Sprintf("matmul %+v", how), shapes, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			return product(b, x, how)
		}}, operator{fmt.Sprintf("batched matmul %+v", how), shapes, func(b *nn.Builder, x nn.Tensor) nn.Tensor {
			s := x.Shape()
			twice := b.Reshape(b.ConcatRows(x, b.ReLU(x)), 2, s[0], s[1])
			return b.Rows(b.Reshape(product(b, twice, how), 2*s[0], 6), 0, s[0])
		}})
	}
	return all
}

// product multiplies x by a parameter such that x's rows stay rows of the result, which has 6 columns.
func product(b *nn.Builder, x nn.Tensor, how op.MatMul) nn.Tensor {
	s := append(op.Shape(nil), x.Shape()...)
	last := len(s) - 1
	if how.TransA {
		axes := []int{0, 1, 2}[:len(s)]
		axes[last], axes[last-1] = axes[last-1], axes[last]
		x = b.Transpose(x, axes...)
	}
	w := append(s[:last-1:last-1], s[last], 6)
	if how.TransB {
		w[last], w[last-1] = w[last-1], w[last]
	}
	return b.MatMulTransposed(x, b.Param("factor", w, nn.Weight, nn.Init{Normal: 1}), how)
}
