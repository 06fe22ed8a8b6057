package nn

import (
	"fmt"

	"workbench/nn/op"
)

// Conv2d is a convolution in full; Builder.Conv is the usual one.
type Conv2d struct {
	Out      int
	Kernel   [2]int // height, width
	Stride   int    // 0: 1
	Pad      [2]int // on both sides, vertical and horizontal
	Dilation int    // 0: 1
	Groups   int    // 0: 1
	Bias     bool
	Init     *Init // of the weights; nil: HeFanOut
}

// Conv is a k×k convolution without bias that keeps the size at stride 1 (padding k/2). Parameter "weight" [out, c, k, k].
func (b *Builder) Conv(x Tensor, out, k, stride int) Tensor {
	return b.Conv2d(x, Conv2d{Out: out, Kernel: [2]int{k, k}, Stride: stride, Pad: [2]int{k / 2, k / 2}})
}

// Conv2d convolves x [n, c, h, w]. Parameters "weight" [out, c/groups, kh, kw] and, with Bias, "bias" [out].
func (b *Builder) Conv2d(x Tensor, c Conv2d) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	stride, dilation, groups := max(c.Stride, 1), max(c.Dilation, 1), max(c.Groups, 1)
	if len(s) != 4 || c.Out < 1 {
		return b.Fail(fmt.Errorf("conv: input %v has %d axes and the output %d channels, want 4 axes and at least 1 channel", s, len(s), c.Out))
	}
	if s[1]%groups != 0 || c.Out%groups != 0 {
		return b.Fail(fmt.Errorf("conv: %d groups must divide the channels of input %v and the %d of the output", groups, s, c.Out))
	}
	w := op.Shape{c.Out, s[1] / groups, c.Kernel[0], c.Kernel[1]}
	init := HeFanOut(w)
	if c.Init != nil {
		init = *c.Init
	}
	spec := op.Conv{Groups: groups, Bias: c.Bias, Window: op.Window{
		Stride: [2]int{stride, stride}, Begin: c.Pad, End: c.Pad, Dilation: [2]int{dilation, dilation}}}
	in := []Tensor{x, b.Param("weight", w, Weight, init)}
	if c.Bias {
		in = append(in, b.Param("bias", op.Shape{c.Out}, Bias, Init{}))
	}
	y := b.Apply(spec, in...)
	if b.err == nil {
		o := y.Shape()
		b.note("conv", y, int64(o[1]*o[2]*o[3])*int64(w[1]*w[2]*w[3]))
	}
	return y
}

// BatchNorm normalises each channel of x [n, c, h, w] (Ioffe and Szegedy 2015) with ε 1e-5 and running momentum 0.1.
// Parameters "weight", "bias", "running_mean", "running_var" [c].
func (b *Builder) BatchNorm(x Tensor) Tensor { return b.batchNorm(x, Init{Constant: 1}) }

// BatchNormZero is BatchNorm whose scale starts at zero, for the last one of a residual branch (Goyal et al. 2017, section 5.1).
func (b *Builder) BatchNormZero(x Tensor) Tensor { return b.batchNorm(x, Init{}) }

func (b *Builder) batchNorm(x Tensor, scaleInit Init) Tensor {
	const epsilon, momentum = 1e-5, 0.1
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	if len(s) != 4 {
		return b.Fail(fmt.Errorf("batch norm: input %v has %d axes, want 4", s, len(s)))
	}
	if b.mode == Train && s[0]*s[2]*s[3] == 1 {
		return b.Fail(fmt.Errorf("batch norm: input %v has one value a channel, which has no variance in training; want a larger batch or image", s))
	}
	c := op.Shape{s[1]}
	scale := b.Param("weight", c, Scale, scaleInit)
	shift := b.Param("bias", c, Shift, Init{})
	mean := b.Param("running_mean", c, Running, Init{})
	variance := b.Param("running_var", c, Running, Init{Constant: 1})
	var y Tensor
	if b.mode == Infer {
		y = b.Apply(op.BNInfer{Epsilon: epsilon}, x, mean, variance, scale, shift)
	} else {
		st := b.Apply(op.BNStats{}, x)
		y = b.Apply(op.BNApply{Epsilon: epsilon}, x, st, scale, shift)
		for row, running := range []Tensor{mean, variance} {
			b.update(running, b.Apply(op.BNRunning{Momentum: momentum, Row: row, Count: s[0] * s[2] * s[3]}, running, st))
		}
	}
	b.note("batch norm", y, 0)
	return y
}

func (b *Builder) update(state, value Tensor) {
	if b.err != nil {
		return
	}
	for _, p := range b.params {
		if p.Node == state.node {
			b.updates = append(b.updates, Update{Param: p, Value: value.node})
		}
	}
}

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

// MaxPool takes the largest value under a k×k kernel.
func (b *Builder) MaxPool(x Tensor, k, stride, pad int) Tensor {
	return b.noted("max pool", b.Apply(op.MaxPool{Window: op.Square(stride, pad), K: k}, x))
}

// AvgPool takes the mean under a k×k kernel, padding counted as PyTorch does by default.
func (b *Builder) AvgPool(x Tensor, k, stride, pad int) Tensor {
	return b.noted("avg pool", b.Apply(op.AvgPool{Window: op.Square(stride, pad), KH: k, KW: k, CountPad: true}, x))
}

// AdaptiveAvgPool averages x [n, c, h, w] to [n, c, side, side]. It takes images whose height and width side divides,
// where all its kernels are equal and PyTorch's layer of that name gives the same; elsewhere it is an error.
func (b *Builder) AdaptiveAvgPool(x Tensor, side int) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	if len(s) != 4 || side < 1 || s[2]%side != 0 || s[3]%side != 0 {
		return b.Fail(fmt.Errorf("adaptive avg pool: input %v cannot be divided into %d×%d equal fields", s, side, side))
	}
	if s[2] == side && s[3] == side {
		return x
	}
	kh, kw := s[2]/side, s[3]/side
	w := op.Square(1, 0)
	w.Stride = [2]int{kh, kw}
	return b.noted("adaptive avg pool", b.Apply(op.AvgPool{Window: w, KH: kh, KW: kw}, x))
}

// GlobalAvgPool takes the mean of each channel: [n, c, h, w] → [n, c].
func (b *Builder) GlobalAvgPool(x Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	if len(s) != 4 {
		return b.Fail(fmt.Errorf("global average pool: input %v has %d axes, want 4", s, len(s)))
	}
	y := b.Apply(op.AvgPool{Window: op.Square(1, 0), KH: s[2], KW: s[3]}, x)
	return b.noted("global avg pool", b.Apply(op.ReshapeTo(op.Shape{s[0], s[1]}), y))
}

// Flatten joins all axes but the first: [n, c, h, w] → [n, c·h·w].
func (b *Builder) Flatten(x Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	return b.noted("flatten", b.Apply(op.ReshapeTo(op.Shape{s[0], s[1:].Size()}), x))
}

// CrossEntropy is the mean loss, a scalar in nats; see op.CrossEntropy.
func (b *Builder) CrossEntropy(logits, labels Tensor, smoothing float64) Tensor {
	return b.Apply(op.CrossEntropy{Smoothing: smoothing}, logits, labels)
}
