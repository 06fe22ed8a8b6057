package nn

import (
	"fmt"

	"workbench/nn/op"
)

// Mul multiplies x by a factor of the same rank that is repeated along its axes of size 1: a gate [n, c, 1, 1] over the
// pixels of x [n, c, h, w], or a map [n, 1, h, w] over its channels.
func (b *Builder) Mul(x, factor Tensor) Tensor { return b.noted("mul", b.Apply(op.Mul{}, x, factor)) }

// Scale is by · x.
func (b *Builder) Scale(x Tensor, by float64) Tensor {
	return b.noted("scale", b.Apply(op.Scale{By: by}, x))
}

// Sub is x − y.
func (b *Builder) Sub(x, y Tensor) Tensor {
	return b.noted("sub", b.Apply(op.Sum{N: 2}, x, b.Apply(op.Scale{By: -1}, y)))
}

// StopGradient is x, through which no gradient flows back.
func (b *Builder) StopGradient(x Tensor) Tensor {
	return b.noted("stop gradient", b.Apply(op.StopGradient{}, x))
}

// ScaleGradient is x whose gradient is multiplied by the factor; −1 reverses the gradient.
func (b *Builder) ScaleGradient(x Tensor, by float64) Tensor {
	return b.noted("scale gradient", b.Apply(op.ScaleGradient{By: by}, x))
}

// Mean of all elements, a scalar.
func (b *Builder) Mean(x Tensor) Tensor { return b.noted("mean", b.Apply(op.Mean{}, x)) }

// WeightedSum adds scalar losses, each times its weight.
func (b *Builder) WeightedSum(weights []float64, losses ...Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	if len(weights) != len(losses) || len(losses) == 0 {
		return b.Fail(fmt.Errorf("weighted sum: got %d weights and %d losses, want as many, at least 1", len(weights), len(losses)))
	}
	terms := make([]Tensor, len(losses))
	for i, l := range losses {
		if l.Node() != nil && len(l.Shape()) > 0 {
			return b.Fail(fmt.Errorf("weighted sum: loss %d is %v, want a scalar", i, l.Shape()))
		}
		if terms[i] = l; weights[i] != 1 {
			terms[i] = b.Apply(op.Scale{By: weights[i]}, l)
		}
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return b.noted("weighted sum", b.Apply(op.Sum{N: len(terms)}, terms...))
}

// RowProducts is the scalar product of each row of x with that of y: [n, d] and [n, d] → [n, 1].
func (b *Builder) RowProducts(x, y Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	if len(s) != 2 {
		return b.Fail(fmt.Errorf("row products: input %v has %d axes, want 2", s, len(s)))
	}
	return b.noted("row products", b.Apply(op.MulReduceTo(op.Shape{s[0], 1}), x, y))
}
