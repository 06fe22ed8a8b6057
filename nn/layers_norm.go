package nn

import (
	"fmt"

	"workbench/nn/op"
)

// BatchNorm2d has all settings of a batch norm. Builder.BatchNorm is the usual one.
type BatchNorm2d struct {
	Epsilon  float64 // added to the variance; 0: 1e-5
	Momentum float64 // of the running statistics, PyTorch's: 1 forgets at once; 0: 0.1
	Frozen   bool    // normalise with the running statistics in training too, and leave them as they are
	Zero     bool    // scale starts at zero
}

// BatchNorm normalises each channel of x [n, c, h, w], or each feature of [n, c] (Ioffe and Szegedy 2015) with ε 1e-5
// and running momentum 0.1. Parameters: "weight", "bias", "running_mean", "running_var", each [c].
func (b *Builder) BatchNorm(x Tensor) Tensor { return b.BatchNorm2d(x, BatchNorm2d{}) }

// BatchNormZero is BatchNorm whose scale starts at zero. It is for the last norm of a
// residual branch (Goyal et al. 2017, section 5.1).
func (b *Builder) BatchNormZero(x Tensor) Tensor { return b.BatchNorm2d(x, BatchNorm2d{Zero: true}) }

// BatchNorm2d normalises each channel of x [n, c, h, w] or [n, c]. Whether the scale and shift of a layer with Frozen
// are trained is decided by the training, as for all parameters. If both are among those that stay (see
// Builder.Freeze), the layer is frozen, too.
func (b *Builder) BatchNorm2d(x Tensor, n BatchNorm2d) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	if len(s) == 2 {
		y := b.BatchNorm2d(b.Apply(op.ReshapeTo(op.Shape{s[0], s[1], 1, 1}), x), n)
		return b.Apply(op.ReshapeTo(s), y)
	}
	if len(s) != 4 {
		return b.Fail(fmt.Errorf("batch norm: input %v has %d axes, want 4 or 2", s, len(s)))
	}
	if n.Epsilon < 0 || n.Momentum < 0 || n.Momentum > 1 {
		return b.Fail(fmt.Errorf("batch norm: epsilon %v and momentum %v, want at least 0 and 0 to 1", n.Epsilon, n.Momentum))
	}
	y := b.batchNorm(x, n)
	b.note("batch norm", y, 0)
	return y
}

// batchNorm uses the statistics of the batch, or the running ones.
func (b *Builder) batchNorm(x Tensor, n BatchNorm2d) Tensor {
	epsilon, momentum, start := n.Epsilon, n.Momentum, Init{Constant: 1}
	if epsilon == 0 {
		epsilon = 1e-5
	}
	if momentum == 0 {
		momentum = 0.1
	}
	if n.Zero {
		start = Init{}
	}
	if b.whole {
		momentum = 1
	}
	s := x.Shape()
	c := op.Shape{s[1]}
	scale := b.Param("weight", c, Scale, start)
	shift := b.Param("bias", c, Shift, Init{})
	mean := b.Param("running_mean", c, Running, Init{})
	variance := b.Param("running_var", c, Running, Init{Constant: 1})
	if !b.moving() || n.Frozen || b.fixed || b.frozen("weight", "bias") {
		return b.Apply(op.BNInfer{Epsilon: epsilon}, x, b.Now(mean), b.Now(variance), scale, shift)
	}
	groups := max(1, b.groups)
	if s[0]%groups != 0 {
		return b.Fail(fmt.Errorf("batch norm: %d images cannot be divided into %d groups", s[0], groups))
	}
	values := s[0] / groups * s[2] * s[3]
	if values == 1 {
		return b.Fail(fmt.Errorf("batch norm: input %v has one value a channel, which has no variance in training; "+
			"want a larger batch or image", s))
	}
	y, st := b.normed(x, scale, shift, epsilon, groups)
	for row, running := range []Tensor{mean, variance} {
		if b.keeps {
			break
		}
		b.Set(running, b.Apply(op.BNRunning{Momentum: momentum, Row: row, Count: values}, b.Now(running), st))
	}
	return y
}

// normed normalises each group of images by itself: image i is of group i mod groups. It returns the statistics [2, c]
// of a group, the mean over the groups, too.
func (b *Builder) normed(x, scale, shift Tensor, epsilon float64, groups int) (y, statistics Tensor) {
	if b.err != nil {
		return Tensor{}, Tensor{}
	}
	s := x.Shape()
	n, c := s[0]/groups, s[1]
	as := func(x Tensor, shape ...int) Tensor {
		if groups == 1 {
			return x
		}
		return b.Apply(op.ReshapeTo(shape), x)
	}
	each := func(x Tensor) Tensor { // once for each group
		if groups == 1 {
			return x
		}
		return as(b.Apply(op.StretchTo(op.Shape{groups, c}), as(x, 1, c)), groups*c)
	}
	x = as(x, n, groups*c, s[2], s[3]) // an image's groups are channels of one another
	st := b.Apply(op.BNStats{}, x)
	y = as(b.Apply(op.BNApply{Epsilon: epsilon}, x, st, each(scale), each(shift)), s...)
	if groups > 1 {
		sum := b.Apply(op.SumToShape(op.Shape{2, 1, c}), as(st, 2, groups, c))
		st = b.Apply(op.Scale{By: 1 / float64(groups)}, as(sum, 2, c))
	}
	return y, st
}

// LayerNorm normalises x over its last `axes` axes (Ba et al. 2016): for [n, d] and one axis, each row by itself.
// Parameters: "weight" and "bias" of the shape of those axes.
func (b *Builder) LayerNorm(x Tensor, axes int, epsilon float64) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	if axes < 1 || axes >= len(s) {
		return b.Fail(fmt.Errorf("layer norm: the last %d axes of input %v, want at least 1 and all but one at most", axes, s))
	}
	shape := append(op.Shape(nil), s[len(s)-axes:]...)
	rows := op.Rows{Count: s[:len(s)-axes].Size(), Features: shape.Size(), Area: 1}
	return b.noted("layer norm", b.rowNorm(x, rows, shape, epsilon))
}

// GroupNorm normalises the channels of x [n, c, h, w] in groups, image by image (Wu and He 2018).
// Parameters: "weight" and "bias", each [c].
func (b *Builder) GroupNorm(x Tensor, groups int, epsilon float64) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	if len(s) != 4 || groups < 1 || s[1]%groups != 0 {
		return b.Fail(fmt.Errorf("group norm: %d groups must divide the channels of input %v, which has 4 axes", groups, s))
	}
	return b.noted("group norm", b.rowNorm(x, op.Rows{Count: s[0] * groups, Features: s[1], Area: s[2] * s[3]}, op.Shape{s[1]}, epsilon))
}

// rowNorm has parameters of the given shape, which has as many elements as a row has features.
func (b *Builder) rowNorm(x Tensor, rows op.Rows, shape op.Shape, epsilon float64) Tensor {
	if !(epsilon > 0) {
		return b.Fail(fmt.Errorf("row norm: epsilon %v, want above 0", epsilon))
	}
	vector := func(name string, role Role, start Init) Tensor {
		p := b.Param(name, shape, role, start)
		if len(shape) == 1 {
			return p
		}
		return b.Apply(op.ReshapeTo(op.Shape{shape.Size()}), p)
	}
	scale, shift := vector("weight", Scale, Init{Constant: 1}), vector("bias", Shift, Init{})
	return b.Apply(op.RowNorm{Rows: rows, Epsilon: epsilon}, x, b.Apply(op.RowStats{Rows: rows}, x), scale, shift)
}

// LRN is local response normalisation over `size` neighbouring channels (Krizhevsky et al. 2012). The
// arguments are PyTorch's: alpha is divided by size.
func (b *Builder) LRN(x Tensor, size int, alpha, beta, k float64) Tensor {
	return b.noted("lrn", b.Apply(op.LRN{Size: size, Alpha: alpha, Beta: beta, K: k}, x))
}
