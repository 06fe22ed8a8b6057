package nn

import "workbench/nn/op"

// Dropout zeroes elements with probability p in training and does nothing in inference.
func (b *Builder) Dropout(x Tensor, p float64) Tensor {
	return b.drop("dropout", x, p, func(stream uint64) op.Spec { return op.Dropout{P: p, Stream: stream} })
}

// DropPath zeroes whole samples with probability p in training and does nothing in inference. On the branch
// of a residual block it is stochastic depth.
func (b *Builder) DropPath(x Tensor, p float64) Tensor {
	return b.drop("drop path", x, p, func(stream uint64) op.Spec { return op.DropPath{P: p, Stream: stream} })
}

// drop adds a layer that draws random numbers from the key. The first such layer adds the key as an input.
func (b *Builder) drop(kind string, x Tensor, p float64, layer func(stream uint64) op.Spec) Tensor {
	if b.err != nil || !b.moving() || p == 0 {
		return x
	}
	if b.key == nil {
		key, err := b.graph.IntLeaf("key", 4)
		if err != nil {
			return b.Fail(err)
		}
		b.key = key
	}
	b.drops++
	return b.noted(kind, b.Apply(layer(b.drops), x, Tensor{b.key}))
}
