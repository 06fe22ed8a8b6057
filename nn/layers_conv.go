package nn

import (
	"fmt"

	"workbench/nn/op"
)

// Conv2d has all settings of a convolution. Builder.Conv is the usual convolution.
type Conv2d struct {
	Out      int
	Kernel   [2]int  // height, width
	Stride   int     // 0: 1
	Strides  [2]int  // vertical and horizontal, where they differ; 0: Stride
	Pad      [2]int  // vertical and horizontal, on both sides
	PadEnd   *[2]int // below and to the right, where it differs; nil: Pad
	Same     bool    // instead of Pad, TensorFlow's SAME: ⌈size/stride⌉ results
	Dilation int     // 0: 1
	Groups   int     // 0: 1
	Bias     bool
	Init     *Init // of the weights; nil: HeFanOut
	BiasInit Init
}

// window is the window over images of the shape, which must have 4 axes.
func (c Conv2d) window(image op.Shape) op.Window {
	stride, dilation := max(c.Stride, 1), max(c.Dilation, 1)
	w := op.Window{Stride: [2]int{stride, stride}, Begin: c.Pad, End: c.Pad, Dilation: [2]int{dilation, dilation}}
	for d, s := range c.Strides {
		if s > 0 {
			w.Stride[d] = s
		}
	}
	if c.PadEnd != nil {
		w.End = *c.PadEnd
	}
	if c.Same {
		w = w.Same(image, c.Kernel[0], c.Kernel[1])
	}
	return w
}

// Conv is a k×k convolution without bias that keeps the size at stride 1 (padding
// k/2). Parameter: "weight" [out, c, k, k].
func (b *Builder) Conv(x Tensor, out, k, stride int) Tensor {
	return b.Conv2d(x, Conv2d{Out: out, Kernel: [2]int{k, k}, Stride: stride, Pad: [2]int{k / 2, k / 2}})
}

// Conv2d convolves x [n, c, h, w]. Parameters: "weight" [out, c/groups, kh, kw] and, with Bias, "bias" [out].
func (b *Builder) Conv2d(x Tensor, c Conv2d) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	groups := max(c.Groups, 1)
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
	spec := op.Conv{Groups: groups, Bias: c.Bias, Window: c.window(s)}
	if c.Same && c.Pad != [2]int{} || c.Same && c.PadEnd != nil {
		return b.Fail(fmt.Errorf("conv: got padding %v and SAME, which computes it; want one of them", c.Pad))
	}
	in := []Tensor{x, b.Param("weight", w, Weight, init)}
	if c.Bias {
		in = append(in, b.Param("bias", op.Shape{c.Out}, Bias, c.BiasInit))
	}
	y := b.Apply(spec, in...)
	if b.err == nil {
		o := y.Shape()
		b.note("conv", y, int64(o[1]*o[2]*o[3])*int64(w[1]*w[2]*w[3]))
	}
	return y
}

// Depthwise convolves each channel of x by itself with a k×k kernel, padded by k/2. Parameter: "weight" [c, 1, k, k].
func (b *Builder) Depthwise(x Tensor, k, stride int) Tensor {
	if b.err != nil {
		return Tensor{}
	}
	s := x.Shape()
	if len(s) != 4 {
		return b.Fail(fmt.Errorf("conv: input %v has %d axes, want 4", s, len(s)))
	}
	return b.Conv2d(x, Conv2d{Out: s[1], Groups: s[1], Kernel: [2]int{k, k}, Stride: stride, Pad: [2]int{k / 2, k / 2}})
}
