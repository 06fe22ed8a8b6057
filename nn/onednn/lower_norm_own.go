//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "norm.h"
import "C"

import (
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// ownNormName is the name of the implementation in profiles.
const ownNormName = "workbench:batch_norm"

// takesOwnNorm tells whether our own kernel computes batch norm of images of the layout, together with what follows it.
// It takes float32 in blocks of this processor's vectors, and either precision with channels last. There the library's
// is slow, and very slow if the channels do not fill vectors.
func takesOwnNorm(x *md) bool {
	b := vectorBlock()
	return b > 0 && (x.pixelwise() || x.channelBlock() == b && !x.half())
}

// norm is a batch norm. It reads its statistics if they are given, and writes them otherwise.
type norm struct {
	name           string
	in             *plan.Value
	sum            bool
	then           op.Spec
	epsilon        float64
	mean, variance *buffer
	given          bool
	operands       []*plan.Value // scale, shift, and with sum the shortcut
	y, map_        *plan.Value   // map_: what the gradient of the activation needs; nil: nobody wants it
}

// normShape describes images of the layout for our kernels.
func normShape(x *md, epsilon float64, then op.Spec) C.wb_batch_norm_shape {
	n := func(i int) C.int64_t { return C.int64_t(i) }
	after, _ := afterwards(then)
	s := C.wb_batch_norm_shape{n: n(x.dims[0]), channels: n(x.dims[1]), pixels: n(x.dims[2] * x.dims[3]), half: flag(x.half()),
		epsilon: C.double(epsilon), then: C.wb_then{activation: after.activation, slope: after.alpha}}
	if !x.pixelwise() {
		s.block = n(vectorBlock())
	}
	return s
}

func (c *compiler) ownNorm(n norm) error {
	x, scale, shift := c.placed(n.in), c.get(n.operands[0]), c.get(n.operands[1])
	shape := normShape(x.md, n.epsilon, n.then)
	reads, over, shortcut, f := []*buffer{x.buffer, scale, shift}, x.whole(), (*buffer)(nil), (C.wb_kernel)(C.wb_batch_norm)
	if n.sum {
		var err error
		if shortcut, err = c.layoutAs(n.operands[2], x.md); err != nil {
			return err
		}
		reads = append(reads, shortcut)
		if shortcut.at != x.at {
			over = shortcut
		}
	}
	y := c.target(n.y, x.md)
	shape.apart.x, shape.apart.y = C.int64_t(x.apart), C.int64_t(y.apart)
	slope, work := c.define(n.map_, plainMD(op.Shape{int(C.wb_batch_norm_map_floats(&shape))})), c.scratch(C.wb_batch_norm_floats(&shape))
	writes := []*buffer{y.buffer, slope, work}
	if n.given {
		reads, f = append(reads, n.mean, n.variance), (C.wb_kernel)(C.wb_batch_norm_apply)
	} else {
		writes = append(writes, n.mean, n.variance)
	}
	c.add(&step{name: n.name, impl: ownNormName, reads: reads, writes: writes, over: over, kernel: func() *C.wb_op {
		arg := C.wb_batch_norm_arg{s: shape, x: x.data(), scale: float(scale), shift: float(shift), y: y.data(), mean: float(n.mean),
			variance: float(n.variance), _map: float(slope), work: float(work)}
		if shortcut != nil {
			arg.shortcut = shortcut.data()
		}
		return C.wb_op_kernel(f, unsafe.Pointer(&arg), C.sizeof_wb_batch_norm_arg)
	}})
	return nil
}

func (c *compiler) ownNormBwd(s *plan.Step, spec plan.BatchNormBwd, mx *md) error {
	x, err := c.placedAs(s.In[0], mx)
	if err != nil {
		return err
	}
	dy, err := c.placedAs(s.In[3], mx)
	if err != nil {
		return err
	}
	dx, plus, err := c.summed(s, spec, mx)
	if err != nil {
		return err
	}
	channels := s.In[0].Shape[1]
	mean, variance := statistics(c.get(s.In[1]), channels)
	scale, slope, result, dshortcut := c.get(s.In[2]), (*buffer)(nil), (*buffer)(nil), (*buffer)(nil)
	reads, vector := []*buffer{x.buffer, dy.buffer, mean, variance, scale}, plainMD(op.Shape{channels})
	dscale, dshift, shape, over := c.define(s.Out[1], vector), c.define(s.Out[2], vector), normShape(mx, spec.Epsilon, spec.Then), dy.whole()
	shape.apart.x, shape.apart.dy, shape.apart.y = C.int64_t(x.apart), C.int64_t(dy.apart), C.int64_t(dx.apart)
	if plus != nil {
		reads = append(reads, plus)
	}
	work := c.scratch(C.wb_batch_norm_floats(&shape))
	writes := []*buffer{dx.buffer, dscale, dshift, work}
	switch {
	case spec.Sum:
		if result, err = c.layoutAs(s.In[4], mx); err != nil {
			return err
		}
		reads = append(reads, result)
		if s.Out[3] != nil {
			dshortcut = c.define(s.Out[3], mx)
			writes = append([]*buffer{dshortcut}, writes...)
		}
	case spec.Then != nil:
		slope = c.get(s.In[4])
		reads = append(reads, slope)
	}
	c.add(&step{name: spec.Name(), impl: ownNormName, reads: reads, writes: writes, over: over, kernel: func() *C.wb_op {
		arg := C.wb_batch_norm_bwd_arg{s: shape, x: x.data(), dy: dy.data(), mean: float(mean), variance: float(variance), scale: float(scale),
			_map: float(slope), dx: dx.data(), dscale: float(dscale), dshift: float(dshift), work: float(work)}
		if result != nil {
			arg.result = result.data()
		}
		if dshortcut != nil {
			arg.dshortcut = dshortcut.data()
		}
		if plus != nil {
			arg.plus = plus.data()
		}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_batch_norm_bwd), unsafe.Pointer(&arg), C.sizeof_wb_batch_norm_bwd_arg)
	}})
	return nil
}
