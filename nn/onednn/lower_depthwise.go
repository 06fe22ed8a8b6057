//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "depthwise.h"
import "C"

import (
	"strings"
	"unsafe"

	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

// ownDepthwise is the name of the implementation in profiles.
const ownDepthwise = "workbench:depthwise"

// needsOwnDepthwise tells whether our own kernels compute the depthwise convolution in the direction. In bfloat16, and
// with vectors of 16 floats (where their speed was not measured), they do so only where the library has no depthwise
// kernel. There it would use what it has for any groups: matrix products, its reference loops, or in bfloat16 a kernel
// that is slower still. Our forward kernel adds no bias, so a convolution with bias is the library's.
func (v *convolution) needsOwnDepthwise(d algorithms.Direction) bool {
	if vectorBlock() == 0 || !v.depthwise() || d == algorithms.Forward && v.Bias {
		return false
	}
	if vectorBlock() == 8 && !v.mx.half() && v.ownDepthwiseWins(d) {
		return true
	}
	pd, err := v.inDirection(d)
	if err != nil {
		return true
	}
	defer pd.free()
	return !pd.depthwise()
}

// ownDepthwiseWins says where our kernels are faster on AVX2 than the library's depthwise kernels. At the shapes of the
// standard set's networks, for images of 64² and 224², our gradient of images has 1.0 to 4.4 times the library's speed.
// Our forward pass has 1.0 to 1.6 times its speed at stride 1 on results at least 7 pixels wide, and 0.6 to 1.6 times
// elsewhere. The gradient of weights stays with the library where it has a depthwise kernel, because ours has only
// blocks of channels to share among threads.
func (v *convolution) ownDepthwiseWins(d algorithms.Direction) bool {
	switch d {
	case algorithms.BackwardData:
		return true
	case algorithms.Forward:
		return v.Stride == [2]int{1, 1} && v.y[3] >= 7
	}
	return false
}

// lastDepthwise makes a depthwise convolution in bfloat16 take channels last, as all other convolutions do, where the
// library has a kernel for it. Left to choose, the library would take blocks.
func (v *convolution) lastDepthwise(d algorithms.Direction) {
	open := *v
	v.mx, v.my = newTypedMD(v.x, C.WB_CHANNELS_LAST, true), newTypedMD(v.y, C.WB_CHANNELS_LAST, true)
	pd, err := v.inDirection(d)
	if err == nil {
		defer pd.free()
	}
	if err != nil || !pd.depthwise() {
		*v = open
	}
}

// depthwise tells whether the primitive is made for depthwise convolutions.
func (p *primitive) depthwise() bool { return strings.Contains(p.name(), "dw") }

func (v *convolution) depthwise() bool {
	return v.Groups > 1 && v.Groups == v.x[1] && v.Groups == v.y[1]
}

// depthwiseWeights is the layout in which the gradient is written: whole blocks of channels.
func (v *convolution) depthwiseWeights() *md {
	if vectorBlock() == 16 {
		return newMD(v.wDims, C.WB_WEIGHTS_G16)
	}
	return newMD(v.wDims, C.WB_WEIGHTS_G8)
}

// lastInDepthwise tells whether our kernels read and write images with channels last. They do so in bfloat16 if the
// channels fill blocks, because all convolutions there take that layout. Otherwise images are in blocks.
func (c *compiler) lastInDepthwise(v *convolution) bool {
	return c.BFloat16 && v.x[1]%vectorBlock() == 0
}

func (c *compiler) depthwiseImages(v *convolution) (mx, my *md) {
	layout := imageLayout(vectorBlock())
	if c.lastInDepthwise(v) {
		layout = C.WB_CHANNELS_LAST
	}
	return newTypedMD(v.x, layout, c.BFloat16), newTypedMD(v.y, layout, c.BFloat16)
}

// depthwiseShape describes the convolution for our kernels, with whole blocks of channels.
func (v *convolution) depthwiseShape(half, last bool) C.wb_depthwise_shape {
	n := func(i int) C.int64_t { return C.int64_t(i) }
	return C.wb_depthwise_shape{n: n(v.x[0]), c: wholeBlocks(v.x[1]), h: n(v.x[2]), w: n(v.x[3]), oh: n(v.y[2]), ow: n(v.y[3]), kh: n(v.w[2]),
		kw: n(v.w[3]), stride: pairOf(v.Stride), dilation: pairOf(v.Dilation), begin: pairOf(v.Begin), half: flag(half), last: flag(last),
		threads: C.wb_threads()}
}

func (c *compiler) depthwise(s *plan.Step, v *convolution) error {
	mx, my := c.depthwiseImages(v)
	if err := c.chooseConvWeights(s.In[1], v, v.depthwiseWeights()); err != nil {
		return err
	}
	x, err := c.layoutAs(s.In[0], mx)
	if err != nil {
		return err
	}
	weights, err := c.layoutAs(s.In[1], v.depthwiseWeights())
	if err != nil {
		return err
	}
	shape, y := v.depthwiseShape(c.BFloat16, c.lastInDepthwise(v)), c.define(s.Out[0], my)
	c.add(v.ownStep("conv", ownDepthwise, []*buffer{x, weights}, []*buffer{y}, func() *C.wb_op {
		arg := C.wb_depthwise_arg{s: shape, x: x.data(), weights: float(weights), y: y.data()}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_depthwise), unsafe.Pointer(&arg), C.sizeof_wb_depthwise_arg)
	}))
	return nil
}

func (c *compiler) depthwiseBwdData(s *plan.Step, v *convolution) error {
	mx, my := c.depthwiseImages(v)
	weights, err := c.layoutAs(s.In[0], v.depthwiseWeights())
	if err != nil {
		return err
	}
	dy, err := c.layoutAs(s.In[1], my)
	if err != nil {
		return err
	}
	shape, dx := v.depthwiseShape(c.BFloat16, c.lastInDepthwise(v)), c.define(s.Out[0], mx)
	c.add(v.ownStep("conv_bwd_data", ownDepthwise, []*buffer{weights, dy}, []*buffer{dx}, func() *C.wb_op {
		arg := C.wb_depthwise_bwd_data_arg{s: shape, dy: dy.data(), weights: float(weights), dx: dx.data()}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_depthwise_bwd_data), unsafe.Pointer(&arg), C.sizeof_wb_depthwise_bwd_data_arg)
	}))
	return nil
}

func (c *compiler) depthwiseBwdWeights(s *plan.Step, v *convolution) error {
	mx, my := c.depthwiseImages(v)
	x, dy, err := c.gradientImages(s, mx, my)
	if err != nil {
		return err
	}
	shape, dw := v.depthwiseShape(c.BFloat16, c.lastInDepthwise(v)), c.define(s.Out[0], v.depthwiseWeights())
	c.add(v.ownStep("conv_bwd_weights", ownDepthwise, []*buffer{x, dy}, []*buffer{dw}, func() *C.wb_op {
		arg := C.wb_depthwise_bwd_weights_arg{s: shape, x: x.data(), dy: dy.data(), dw: float(dw)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_depthwise_bwd_weights), unsafe.Pointer(&arg), C.sizeof_wb_depthwise_bwd_weights_arg)
	}))
	return c.gradientOfBias(s, v, dy)
}
