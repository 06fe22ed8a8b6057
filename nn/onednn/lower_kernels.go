//go:build !noonednn

package onednn

// #include <stdlib.h>
// #include "bridge.h"
// #include "kernels.h"
import "C"

import (
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// own adds a kernel of ours; arg is called when the buffers have addresses.
func (c *compiler) own(name string, reads, writes []*buffer, kernel func() *C.wb_op) {
	c.add(&step{name: name, impl: "workbench", reads: reads, writes: writes, kernel: kernel})
}

func (c *compiler) biasBwd(s *plan.Step) error {
	dy, _, err := c.blocked(s.In[0])
	if err != nil {
		return err
	}
	c.biasGradient(dy, s.In[0].Shape, s.Out[0])
	return nil
}

// biasGradient sums dy, in blocks of channels, over images and pixels.
func (c *compiler) biasGradient(dy *buffer, shape op.Shape, bias *plan.Value) {
	db := c.define(bias, plainMD(bias.Shape))
	c.own("bias_bwd", []*buffer{dy}, []*buffer{db}, func() *C.wb_op {
		arg := C.wb_bias_bwd_arg{db: float(db), dy: float(dy), n: C.int64_t(shape[0]), c: C.int64_t(shape[1]),
			area: C.int64_t(shape[2:].Size()), block: C.int64_t(max(dy.md.channelBlock(), 1))}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_bias_bwd), unsafe.Pointer(&arg), C.sizeof_wb_bias_bwd_arg)
	})
}

// lowerAssigns changes states after all steps: running statistics in place, anything else by a copy.
func (c *compiler) lowerAssigns() error {
	for _, a := range c.Assigns {
		to := c.get(a.State)
		maker := c.maker[a.Value]
		if spec, ok := maker.Spec.(op.BNRunning); ok && maker.In[0] == a.State {
			c.running(to, c.get(maker.In[1]), spec, a.State.Shape[0])
			continue
		}
		from, err := c.layoutAs(a.Value, to.md)
		if err != nil {
			return err
		}
		c.own("assign", []*buffer{from}, []*buffer{to}, func() *C.wb_op {
			arg := C.wb_copy_arg{to: to.data(), from: from.data(), bytes: C.size_t(to.md.size())}
			return C.wb_op_kernel((C.wb_kernel)(C.wb_copy), unsafe.Pointer(&arg), C.sizeof_wb_copy_arg)
		})
	}
	return nil
}

func (c *compiler) running(to, st *buffer, spec op.BNRunning, channels int) {
	c.own(spec.Name(), []*buffer{st, to}, []*buffer{to}, func() *C.wb_op {
		row := unsafe.Add(st.data(), floatBytes*channels*spec.Row)
		arg := C.wb_blend_arg{y: (*C.float)(to.data()), x: (*C.float)(to.data()), z: (*C.float)(row),
			a: C.float(1 - spec.Momentum), b: C.float(spec.Factor()), n: C.int64_t(channels)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_blend), unsafe.Pointer(&arg), C.sizeof_wb_blend_arg)
	})
}
