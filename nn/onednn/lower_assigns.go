//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "kernels.h"
import "C"

import (
	"fmt"
	"slices"
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	register((*compiler).runningNow)
}

// runningNow computes a new running statistic only if a layer of the same step reads it; lowerAssigns puts it into the
// state in place.
func (c *compiler) runningNow(s *plan.Step, spec op.BNRunning) error {
	if !c.readNow(s.Out[0]) {
		return nil
	}
	old, y := c.get(s.In[0]), c.define(s.Out[0], plainMD(s.Out[0].Shape))
	c.running(y, old, c.get(s.In[1]), spec)
	return nil
}

// readNow tells whether a step needs the value of a running statistic, and not only the statistic that follows it.
func (c *compiler) readNow(v *plan.Value) bool {
	for _, s := range c.Program.Steps {
		_, running := s.Spec.(op.BNRunning)
		for i, in := range s.In {
			if in == v && (!running || i != 0 || c.readNow(s.Out[0])) {
				return true
			}
		}
	}
	for _, out := range c.Outputs {
		if out == v {
			return true
		}
	}
	for _, a := range c.Assigns { // another state takes it
		if a.Value == v && !c.follows(v, a.State) {
			return true
		}
	}
	return false
}

// lowerAssigns changes states after all steps: running statistics in place, any other state by a copy.
func (c *compiler) lowerAssigns() error {
	for _, a := range c.Assigns {
		to := c.get(a.State)
		if c.runInPlace(a, to) {
			continue
		}
		if a.Rows != nil {
			if err := c.assignRows(a, to); err != nil {
				return err
			}
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

// follows tells whether a value is what running statistics make of the state.
func (c *compiler) follows(v, state *plan.Value) bool {
	for v != state {
		maker := c.maker[v]
		if maker == nil {
			return false
		}
		if _, running := maker.Spec.(op.BNRunning); !running {
			return false
		}
		v = maker.In[0]
	}
	return true
}

// runInPlace moves a running statistic once for each input of its layer, in their order. It tells whether the
// assignment is one of a running statistic.
func (c *compiler) runInPlace(a plan.Assign, state *buffer) bool {
	if !c.follows(a.Value, a.State) {
		return false
	}
	var chain []*plan.Step
	for v := a.Value; v != a.State; v = c.maker[v].In[0] {
		chain = append(chain, c.maker[v])
	}
	for _, s := range slices.Backward(chain) {
		c.running(state, state, c.get(s.In[1]), s.Spec.(op.BNRunning))
	}
	return true
}

// assignRows copies rows into a state, which lies row by row.
func (c *compiler) assignRows(a plan.Assign, to *buffer) error {
	from, err := c.layoutAs(a.Value, plainMD(a.Value.Shape))
	if err != nil {
		return err
	}
	if !to.md.isPlain() {
		return fmt.Errorf("state %s is not laid out row by row", a.State.Name)
	}
	rows := c.get(a.Rows)
	c.own("assign rows", []*buffer{from, rows, to}, []*buffer{to}, func() *C.wb_op {
		arg := C.wb_rows_arg{to: float(to), from: float(from), rows: ints(rows), n: C.int64_t(a.Value.Shape[0]),
			size: C.int64_t(a.Value.Shape.Size() / a.Value.Shape[0])}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_set_rows), unsafe.Pointer(&arg), C.sizeof_wb_rows_arg)
	})
	return nil
}

// running is the running statistic after the batch's statistics st [2, c]; to may be old.
func (c *compiler) running(to, old, st *buffer, spec op.BNRunning) {
	channels := int(to.md.dims[0])
	c.own(spec.Name(), []*buffer{st, old}, []*buffer{to}, func() *C.wb_op {
		row := unsafe.Add(st.data(), floatBytes*channels*spec.Row)
		arg := C.wb_blend_arg{y: (*C.float)(to.data()), x: (*C.float)(old.data()), z: (*C.float)(row),
			a: C.float(1 - spec.Momentum), b: C.float(spec.Factor()), n: C.int64_t(channels)}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_blend), unsafe.Pointer(&arg), C.sizeof_wb_blend_arg)
	})
}
