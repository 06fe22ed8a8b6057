//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "last.h"
import "C"

import (
	"strings"
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// Images with channels last, as the library wants them in bfloat16: its batch norm is slower there than ours, by far where channels
// are no whole vectors, and it multiplies no gates.

// ownLast is the name of the implementation in profiles.
const ownLast = "workbench:channels_last"

// pixelwise tells whether m is of images whose pixels have their channels side by side.
func (m *md) pixelwise() bool {
	return len(m.dims) == 4 && m.equal(newTypedMD(m.dims, C.WB_CHANNELS_LAST, m.half()))
}

// channelsLast tells whether m is pixelwise and not row-major, as images of one pixel or channel are as well.
func (m *md) channelsLast() bool { return m.pixelwise() && m.channelBlock() == 0 }

// takesLastNorm tells whether batch norm of the layout is ours: of bfloat16 with channels last, and of float32 where the library has
// no kernel of whole vectors.
func takesLastNorm(x *md, library *primitive) bool {
	return x.pixelwise() && (x.half() || library.slow() || strings.Contains(library.name(), "nspc"))
}

func pixels(x op.Shape) C.int64_t { return C.int64_t(x[0] * x[2] * x[3]) }

// lastNorm lowers a batch norm of x, with statistics that it writes or, given, reads.
type lastNorm struct {
	name           string
	relu           bool
	epsilon        float64
	x              *buffer
	mean, variance *buffer
	scale, shift   *buffer
	y, chosen      *buffer // chosen: where it leaves what the gradient of ReLU needs
	given          bool
}

func (c *compiler) lastNorm(n lastNorm) {
	channels := n.x.md.dims[1]
	reads, writes, f := []*buffer{n.x, n.scale, n.shift}, []*buffer{n.y}, (C.wb_kernel)(C.wb_last_norm)
	statistics := []*buffer{n.mean, n.variance}
	if n.given {
		reads, f = append(reads, statistics...), (C.wb_kernel)(C.wb_last_norm_apply)
	} else {
		writes = append(writes, statistics...)
	}
	if n.chosen == nil {
		n.chosen = c.scratch(C.int64_t(2 * channels))
	}
	work := c.scratch(C.wb_last_norm_floats(C.int64_t(channels)))
	c.add(&step{name: n.name, impl: ownLast, reads: reads, writes: append(writes, n.chosen, work), over: n.x, kernel: func() *C.wb_op {
		arg := C.wb_last_norm_arg{pixels: pixels(n.x.md.dims), channels: C.int64_t(channels), half: flag(n.x.md.half()), relu: flag(n.relu),
			epsilon: C.double(n.epsilon), x: n.x.data(), scale: float(n.scale), shift: float(n.shift), y: n.y.data(), mean: float(n.mean),
			variance: float(n.variance), _map: float(n.chosen), work: float(work)}
		return C.wb_op_kernel(f, unsafe.Pointer(&arg), C.sizeof_wb_last_norm_arg)
	}})
}

// lastChosen tells whether what a forward pass left for ReLU's gradient is lastNorm's.
func (c *compiler) lastChosen(v *plan.Value, channels int) bool {
	m := c.get(v).md
	return m.isPlain() && op.Shape(m.dims).Equal(op.Shape{2, channels})
}

func (c *compiler) lastNormBwd(s *plan.Step, spec plan.BatchNormBwd) error {
	x, err := c.layoutAs(s.In[0], newTypedMD(s.In[0].Shape, C.WB_CHANNELS_LAST, c.get(s.In[0]).md.half()))
	if err != nil {
		return err
	}
	dy, err := c.layoutAs(s.In[3], x.md)
	if err != nil {
		return err
	}
	channels := s.In[0].Shape[1]
	mean, variance := statistics(c.get(s.In[1]), channels)
	scale, chosen := c.get(s.In[2]), (*buffer)(nil)
	reads := []*buffer{x, dy, mean, variance, scale}
	if spec.ReLU {
		chosen = c.get(s.In[4])
		reads = append(reads, chosen)
	}
	vector := plainMD(op.Shape{channels})
	dx, dscale, dshift := c.define(s.Out[0], x.md), c.define(s.Out[1], vector), c.define(s.Out[2], vector)
	work := c.scratch(C.wb_last_norm_floats(C.int64_t(channels)))
	c.add(&step{name: spec.Name(), impl: ownLast, reads: reads, writes: []*buffer{dx, dscale, dshift, work}, over: dy, kernel: func() *C.wb_op {
		arg := C.wb_last_norm_bwd_arg{pixels: pixels(s.In[0].Shape), channels: C.int64_t(channels), half: flag(x.md.half()), relu: flag(spec.ReLU),
			epsilon: C.double(spec.Epsilon), x: x.data(), dy: dy.data(), mean: float(mean), variance: float(variance), scale: float(scale),
			_map: float(chosen), dx: dx.data(), dscale: float(dscale), dshift: float(dshift), work: float(work)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_last_norm_bwd), unsafe.Pointer(&arg), C.sizeof_wb_last_norm_bwd_arg)
	}})
	return nil
}

// lastBias sums the gradient of a bias over images in bfloat16 and pixels.
func (c *compiler) lastBias(v, bias *plan.Value) error {
	dy, err := c.layoutAs(v, newTypedMD(v.Shape, C.WB_CHANNELS_LAST, true))
	if err != nil {
		return err
	}
	channels := C.int64_t(v.Shape[1])
	db, work := c.define(bias, plainMD(bias.Shape)), c.scratch(C.wb_last_norm_floats(channels))
	c.add(&step{name: "bias_bwd", impl: ownLast, reads: []*buffer{dy}, writes: []*buffer{db, work}, kernel: func() *C.wb_op {
		arg := C.wb_last_bias_arg{pixels: pixels(v.Shape), channels: channels, half: 1, dy: dy.data(), db: float(db), work: float(work)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_last_bias), unsafe.Pointer(&arg), C.sizeof_wb_last_bias_arg)
	}})
	return nil
}

// gatesLast tells whether images, in bfloat16 and with channels last, are multiplied by a number for each channel.
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

// lastGateReduce is the gate's gradient from images in bfloat16.
func (c *compiler) lastGateReduce(s *plan.Step) {
	x, dy, shape, gate := c.get(s.In[0]), c.get(s.In[1]), s.In[0].Shape, s.Out[0].Shape
	dgate, work := c.define(s.Out[0], plainMD(gate)), c.scratch(C.wb_last_gate_floats(C.int64_t(shape[0]), C.int64_t(shape[1])))
	c.add(&step{name: s.Name(), impl: ownLast, reads: []*buffer{x, dy}, writes: []*buffer{dgate, work}, kernel: func() *C.wb_op {
		arg := C.wb_last_gate_reduce_arg{n: C.int64_t(shape[0]), pixels: C.int64_t(shape[2] * shape[3]), channels: C.int64_t(shape[1]), half: 1,
			own: flag(gate[0] == shape[0]), x: x.data(), dy: dy.data(), dgate: float(dgate), work: float(work)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_last_gate_reduce), unsafe.Pointer(&arg), C.sizeof_wb_last_gate_reduce_arg)
	}})
}
