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

// needsOwnDepthwise tells whether the convolution is of each channel alone and the library has nothing for the gradient of the
// weights but what it does with any groups: matrix products, its reference loops, or in bfloat16 a kernel that is slower still.
func (v *convolution) needsOwnDepthwise() bool {
	if vectorBlock() == 0 || !v.depthwise() {
		return false
	}
	pd, err := v.backwardWeights(v.Bias)
	if err != nil {
		return true
	}
	defer pd.free()
	return !pd.depthwise()
}

// lastDepthwise lets a depthwise convolution in bfloat16 take channels last, as all others do, where the library has a kernel: left
// to itself it takes blocks.
func (v *convolution) lastDepthwise(d algorithms.Direction) {
	open := *v
	v.mx, v.my = newTypedMD(v.x, C.WB_CHANNELS_LAST, true), newTypedMD(v.y, C.WB_CHANNELS_LAST, true)
	var pd *primitive
	var err error
	switch d {
	case algorithms.Forward:
		pd, err = v.forward(true, nothing)
	case algorithms.BackwardData:
		pd, err = v.backwardData()
	default:
		pd, err = v.backwardWeights(v.Bias)
	}
	if err == nil {
		defer pd.free()
	}
	if err != nil || !pd.depthwise() {
		*v = open
	}
}

// depthwise tells whether the primitive is made for convolutions of each channel alone.
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

func (c *compiler) depthwiseBwdWeights(s *plan.Step, v *convolution) error {
	half, block := c.BFloat16, vectorBlock()
	layout, last := imageLayout(block), half && v.x[1]%block == 0
	if last {
		layout = C.WB_CHANNELS_LAST
	}
	x, dy, err := c.gradientImages(s, newTypedMD(v.x, layout, half), newTypedMD(v.y, layout, half))
	if err != nil {
		return err
	}
	n := func(i int) C.int64_t { return C.int64_t(i) }
	dw := c.define(s.Out[0], v.depthwiseWeights())
	c.add(v.ownStep("conv_bwd_weights", ownDepthwise, []*buffer{x, dy}, []*buffer{dw}, func() *C.wb_op {
		arg := C.wb_depthwise_gradient_arg{x: x.data(), dy: dy.data(), dw: float(dw), n: n(v.x[0]), c: wholeBlocks(v.x[1]),
			h: n(v.x[2]), w: n(v.x[3]), oh: n(v.y[2]), ow: n(v.y[3]), kh: n(v.w[2]), kw: n(v.w[3]),
			stride: pairOf(v.Stride), dilation: pairOf(v.Dilation), begin: pairOf(v.Begin), half: flag(half), last: flag(last)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_depthwise_gradient), unsafe.Pointer(&arg), C.sizeof_wb_depthwise_gradient_arg)
	}))
	return c.gradientOfBias(s, v, dy)
}
