package nn

import (
	"fmt"

	"workbench/nn/op"
)

// Linear is x [n, in] → [n, out] with parameters "weight" [out, in] and "bias" [out], both U(±1/√in).
func (b *Builder) Linear(x Tensor, out int) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	if s := x.Shape(); len(s) == 2 {
		return b.LinearInit(x, out, FanInUniform(s[1]), FanInUniform(s[1]))
	}
	return b.Fail(fmt.Errorf("linear: input %v has %d axes, want 2; flatten it first", x.Shape(), len(x.Shape())))
}

// LinearInit is Linear with given initialisation.
func (b *Builder) LinearInit(x Tensor, out int, weight, bias Init) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	w := b.Param("weight", op.Shape{out, s[len(s)-1]}, Weight, weight)
	y := b.Apply(op.Linear{}, x, w, b.Param("bias", op.Shape{out}, Bias, bias))
	if b.err == nil {
		b.note("linear", y, int64(w.Shape().Size()))
	}
	return y
}

// ReLU is max(x, 0).
func (b *Builder) ReLU(x Tensor) Tensor { return b.noted("relu", b.Apply(op.ReLU{}, x)) }

// Add sums tensors of one shape.
func (b *Builder) Add(xs ...Tensor) Tensor {
	return b.noted("add", b.Apply(op.Sum{N: len(xs)}, xs...))
}

// Concat joins images along the channels.
func (b *Builder) Concat(xs ...Tensor) Tensor {
	return b.noted("concat", b.Apply(op.Concat{N: len(xs)}, xs...))
}

// Subsample is the parameter-free shortcut: every stride-th pixel, zeros for the channels that are missing.
func (b *Builder) Subsample(x Tensor, channels, stride int) Tensor {
	return b.noted("subsample", b.Apply(op.Subsample{Stride: stride, Channels: channels}, x))
}

// Flatten joins all axes but the first: [n, c, h, w] → [n, c·h·w].
func (b *Builder) Flatten(x Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	return b.noted("flatten", b.Apply(op.ReshapeTo(op.Shape{s[0], s[1:].Size()}), x))
}
