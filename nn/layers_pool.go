package nn

import (
	"fmt"

	"workbench/nn/op"
)

// Pool2d has all settings of a pooling. Builder.MaxPool and AvgPool are the usual ones.
type Pool2d struct {
	Kernel  [2]int // height, width
	Stride  [2]int // vertical, horizontal; 0: the kernel's
	Pad     [2]int // on both sides
	Ceil    bool   // round the size of the result up
	Exclude bool   // averages leave padding out of the count
}

// window is the window over images x, which must have 4 axes. added is the padding that rounding up the size needs.
func (p Pool2d) window(x op.Shape) (w op.Window, added [2]int) {
	w = op.Window{Stride: p.Stride, Begin: p.Pad, End: p.Pad, Dilation: [2]int{1, 1}}
	for d, s := range p.Stride {
		if s == 0 {
			w.Stride[d] = p.Kernel[d]
		}
	}
	if p.Ceil {
		return w.RoundedUp(x, p.Kernel[0], p.Kernel[1])
	}
	return w, added
}

// MaxPool2d takes the largest value under the kernel.
func (b *Builder) MaxPool2d(x Tensor, p Pool2d) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	if s := x.Shape(); len(s) != 4 {
		return b.Fail(fmt.Errorf("max pool: input %v has %d axes, want 4", s, len(s)))
	}
	w, _ := p.window(x.Shape())
	return b.noted("max pool", b.Apply(op.MaxPool{Window: w, K: p.Kernel[0], KW: p.Kernel[1]}, x))
}

// AvgPool2d takes the mean under the kernel.
func (b *Builder) AvgPool2d(x Tensor, p Pool2d) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	if s := x.Shape(); len(s) != 4 {
		return b.Fail(fmt.Errorf("avg pool: input %v has %d axes, want 4", s, len(s)))
	}
	w, added := p.window(x.Shape())
	spec := op.AvgPool{Window: w, KH: p.Kernel[0], KW: p.Kernel[1], CountPad: !p.Exclude, Uncounted: added}
	return b.noted("avg pool", b.Apply(spec, x))
}

// MaxPool takes the largest value under a k×k kernel.
func (b *Builder) MaxPool(x Tensor, k, stride, pad int) Tensor {
	return b.noted("max pool", b.Apply(op.MaxPool{Window: op.Square(stride, pad), K: k}, x))
}

// AvgPool takes the mean under a k×k kernel. Padding counts, as in PyTorch's default.
func (b *Builder) AvgPool(x Tensor, k, stride, pad int) Tensor {
	return b.noted("avg pool", b.Apply(op.AvgPool{Window: op.Square(stride, pad), KH: k, KW: k, CountPad: true}, x))
}

// AdaptiveAvgPool averages x [n, c, h, w] to [n, c, side, side], as PyTorch's layer of that name does. Where there are
// more fields than pixels, fields share pixels: [1, 1] becomes side×side copies.
func (b *Builder) AdaptiveAvgPool(x Tensor, side int) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	if len(s) != 4 || side < 1 {
		return b.Fail(fmt.Errorf("adaptive avg pool: input %v cannot be divided into %d×%d fields, want 4 axes and at least 1 field",
			s, side, side))
	}
	if s[2]%side != 0 || s[3]%side != 0 {
		return b.noted("adaptive avg pool", b.Apply(op.AdaptiveAvgPool{H: side, W: side}, x))
	}
	if s[2] == side && s[3] == side {
		return x
	}
	kh, kw := s[2]/side, s[3]/side // all fields are equal: an ordinary pooling
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

// GlobalMaxPool takes the largest value of each channel: [n, c, h, w] → [n, c].
func (b *Builder) GlobalMaxPool(x Tensor) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	if len(s) != 4 {
		return b.Fail(fmt.Errorf("global max pool: input %v has %d axes, want 4", s, len(s)))
	}
	y := b.Apply(op.MaxPool{Window: op.Square(1, 0), K: s[2], KW: s[3]}, x)
	return b.noted("global max pool", b.Apply(op.ReshapeTo(op.Shape{s[0], s[1]}), y))
}
