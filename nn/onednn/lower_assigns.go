//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "kernels.h"
import "C"

import (
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	registerPlain[op.BNRunning](func(*compiler, *plan.Step) error { return nil }) // lowerAssigns does it in place
}

// lowerAssigns changes states after all steps: running statistics in place, any other state by a copy.
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
