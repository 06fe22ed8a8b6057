//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "amx.h"
import "C"

import (
	"sync"
	"unsafe"

	"workbench/nn/plan"
)

// amxTiles is the name of the implementation in profiles.
const amxTiles = "workbench:amx"

// hasAMX tells whether the library uses the processor's tiles and the operating system lets us use them.
var hasAMX = sync.OnceValue(func() bool {
	return C.wb_processor_has(C.WB_AVX512_CORE_AMX) != 0 && C.wb_amx_permitted() != 0
})

// suitsAMX tells whether our tiles compute the gradient of the weights: in bfloat16, for kernels of 1×1 and 3×3 pixels
// without dilation. Fewer channels would be padded to 16. At 16 channels, stride 1 and many pixels there is more to
// pack than to multiply, and oneDNN 2.6 is 1.3 times as fast. For the other 35 shapes of the standard set that were
// tried, the library takes 1 to 24 times as long.
func (c *compiler) suitsAMX(v *convolution) bool {
	fewest, kernel, one := 24, [2]int{v.w[2], v.w[3]}, [2]int{1, 1}
	if v.Stride != one {
		fewest = 16
	}
	in, out := v.x[1]/v.Groups, v.y[1]/v.Groups
	whole := v.Groups == 1 || in%16 == 0 && out%16 == 0
	return c.BFloat16 && c.Rules != nil && hasAMX() && whole && min(in, out) >= fewest &&
		(kernel == one || kernel == [2]int{3, 3}) && max(v.Stride[0], v.Stride[1]) <= 2 && v.Dilation == one
}

// amxShape is the convolution for the kernel.
func (v *convolution) amxShape() C.wb_amx_shape {
	n := func(i int) C.int64_t { return C.int64_t(i) }
	return C.wb_amx_shape{n: n(v.x[0]), c: n(v.x[1] / v.Groups), h: n(v.x[2]), w: n(v.x[3]), oc: n(v.y[1] / v.Groups),
		oh: n(v.y[2]), ow: n(v.y[3]), groups: n(v.Groups), kh: n(v.w[2]), kw: n(v.w[3]),
		stride: pairOf(v.Stride), dilation: pairOf(v.Dilation), begin: pairOf(v.Begin), threads: C.wb_threads()}
}

// amxWeights is the layout in which the gradient is written.
func (v *convolution) amxWeights() *md { return newMD(v.wDims, C.WB_WEIGHTS_IO16) }

func (c *compiler) amxBwdWeights(s *plan.Step, v *convolution) error {
	x, dy, err := c.gradientImages(s, newTypedMD(v.x, C.WB_CHANNELS_LAST, true), newTypedMD(v.y, C.WB_CHANNELS_LAST, true))
	if err != nil {
		return err
	}
	shape := v.amxShape()
	dw, work := c.define(s.Out[0], v.amxWeights()), c.scratch((C.wb_amx_work_bytes(&shape)+floatBytes-1)/floatBytes)
	c.add(v.ownStep("conv_bwd_weights", amxTiles, []*buffer{x, dy}, []*buffer{dw, work}, func() *C.wb_op {
		arg := C.wb_amx_gradient_arg{s: shape, x: (*C.uint16_t)(x.data()), dy: (*C.uint16_t)(dy.data()), dw: float(dw), work: work.data()}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_amx_gradient), unsafe.Pointer(&arg), C.sizeof_wb_amx_gradient_arg)
	}))
	return c.gradientOfBias(s, v, dy)
}
