//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "direct.h"
import "C"

import (
	"unsafe"

	"workbench/nn/plan"
)

// ownDirect is the name of the implementation in profiles.
const ownDirect = "workbench:direct"

func (c *compiler) directBwdWeights(s *plan.Step, v *convolution) error {
	x, dy, err := c.gradientImages(s, blockedImage(v.x), blockedImage(v.y))
	if err != nil {
		return err
	}
	n := func(i int) C.int64_t { return C.int64_t(i) }
	arg := C.wb_direct_gradient_arg{n: n(v.x[0]), c: n(v.x[1]), h: n(v.x[2]), w: n(v.x[3]), oc: wholeBlocks(v.y[1]),
		oh: n(v.y[2]), ow: n(v.y[3]), kh: n(v.w[2]), kw: n(v.w[3]),
		stride: pairOf(v.Stride), dilation: pairOf(v.Dilation), begin: pairOf(v.Begin), threads: C.wb_threads()}
	dw, work := c.define(s.Out[0], blockedWeights(v.wDims)), c.scratch(C.wb_direct_gradient_floats(&arg))
	c.add(v.ownStep("conv_bwd_weights", ownDirect, []*buffer{x, dy}, []*buffer{dw, work}, func() *C.wb_op {
		arg.x, arg.dy, arg.dw, arg.work = float(x), float(dy), float(dw), float(work)
		return C.wb_op_kernel((C.wb_kernel)(C.wb_direct_gradient), unsafe.Pointer(&arg), C.sizeof_wb_direct_gradient_arg)
	}))
	return c.gradientOfBias(s, v, dy)
}
