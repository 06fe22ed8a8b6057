//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "last.h"
import "C"

import (
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// Images with channels last, which is the layout that the library prefers in
// bfloat16. It has no multiplication by gates there.

// ownLast is the name of the implementation in profiles.
const ownLast = "workbench:channels_last"

// pixelwise tells whether m is of images in which the channels of a pixel lie side by side.
func (m *md) pixelwise() bool {
	return len(m.dims) == 4 && m.equal(newTypedMD(m.dims, C.WB_CHANNELS_LAST, m.half()))
}

// channelsLast tells whether m is pixelwise but not row-major. Images of one pixel or of one channel are both.
func (m *md) channelsLast() bool { return m.pixelwise() && m.channelBlock() == 0 }

func pixels(x op.Shape) C.int64_t { return C.int64_t(x[0] * x[2] * x[3]) }

// lastBias computes the gradient of a bias: the sum over images, in bfloat16, and pixels.
func (c *compiler) lastBias(v, bias *plan.Value) error {
	dy, err := c.layoutAs(v, newTypedMD(v.Shape, C.WB_CHANNELS_LAST, true))
	if err != nil {
		return err
	}
	channels := C.int64_t(v.Shape[1])
	db, work := c.define(bias, plainMD(bias.Shape)), c.scratch(C.wb_last_bias_floats(channels))
	c.add(&step{name: "bias_bwd", impl: ownLast, reads: []*buffer{dy}, writes: []*buffer{db, work}, kernel: func() *C.wb_op {
		arg := C.wb_last_bias_arg{pixels: pixels(v.Shape), channels: channels, half: 1, dy: dy.data(), db: float(db), work: float(work)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_last_bias), unsafe.Pointer(&arg), C.sizeof_wb_last_bias_arg)
	}})
	return nil
}

// gatesLast tells whether images, in bfloat16 and with channels last, are multiplied by one number for each channel.
func (c *compiler) gatesLast(x *plan.Value, gate op.Shape) bool {
	b := c.home[x]
	return b != nil && b.md.half() && b.md.pixelwise() && isGate(x.Shape, gate) && !x.Shape.Equal(gate)
}

// lastGate multiplies images in bfloat16 by one number for each channel.
func (c *compiler) lastGate(s *plan.Step) error {
	x := c.get(s.In[0])
	gate, err := c.plain(s.In[1])
	if err != nil {
		return err
	}
	y, shape := c.define(s.Out[0], x.md), s.In[0].Shape
	c.add(&step{name: s.Name(), impl: ownLast, reads: []*buffer{x, gate}, writes: []*buffer{y}, over: x, kernel: func() *C.wb_op {
		arg := C.wb_last_gate_arg{n: C.int64_t(shape[0]), pixels: C.int64_t(shape[2] * shape[3]), channels: C.int64_t(shape[1]), half: 1,
			own: flag(s.In[1].Shape[0] == shape[0]), x: x.data(), gate: float(gate), y: y.data()}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_last_gate), unsafe.Pointer(&arg), C.sizeof_wb_last_gate_arg)
	}})
	return nil
}

// lastGateReduce computes the gate's gradient from images in bfloat16.
func (c *compiler) lastGateReduce(s *plan.Step) {
	x, dy, shape, gate := c.get(s.In[0]), c.get(s.In[1]), s.In[0].Shape, s.Out[0].Shape
	dgate, work := c.define(s.Out[0], plainMD(gate)), c.scratch(C.wb_last_gate_floats(C.int64_t(shape[0]), C.int64_t(shape[1])))
	c.add(&step{name: s.Name(), impl: ownLast, reads: []*buffer{x, dy}, writes: []*buffer{dgate, work}, kernel: func() *C.wb_op {
		arg := C.wb_last_gate_reduce_arg{n: C.int64_t(shape[0]), pixels: C.int64_t(shape[2] * shape[3]), channels: C.int64_t(shape[1]), half: 1,
			own: flag(gate[0] == shape[0]), x: x.data(), dy: dy.data(), dgate: float(dgate), work: float(work)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_last_gate_reduce), unsafe.Pointer(&arg), C.sizeof_wb_last_gate_reduce_arg)
	}})
}
