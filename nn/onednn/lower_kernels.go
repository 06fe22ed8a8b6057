//go:build !noonednn

package onednn

// #include <stdlib.h>
// #include "bridge.h"
// #include "kernels.h"
import "C"

import (
	"fmt"
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// own adds a kernel of ours; arg is called when the buffers have addresses.
func (c *compiler) own(name string, reads, writes []*buffer, kernel func() *C.wb_op) {
	c.add(&step{name: name, impl: "workbench", reads: reads, writes: writes, kernel: kernel})
}

// crossEntropy is the loss, or with a third operand its gradient.
func (c *compiler) crossEntropy(s *plan.Step, smoothing float64) error {
	logits, err := c.plain(s.In[0])
	if err != nil {
		return err
	}
	reads := []*buffer{logits, c.get(s.In[1])}
	f := (C.wb_kernel)(C.wb_cross_entropy)
	if len(s.In) == 3 {
		reads, f = append(reads, c.get(s.In[2])), (C.wb_kernel)(C.wb_cross_entropy_bwd)
	}
	y := c.define(s.Out[0], plainMD(s.Out[0].Shape))
	shape := s.In[0].Shape
	c.own(s.Name(), reads, []*buffer{y}, func() *C.wb_op {
		arg := C.wb_cross_entropy_arg{out: (*C.float)(y.data()), logits: (*C.float)(logits.data()), labels: (*C.int32_t)(reads[1].data()),
			n: C.int64_t(shape[0]), classes: C.int64_t(shape[1]), smoothing: C.double(smoothing)}
		if len(reads) == 3 {
			arg.dy = (*C.float)(reads[2].data())
		}
		return C.wb_op_kernel(f, unsafe.Pointer(&arg), C.sizeof_wb_cross_entropy_arg)
	})
	return nil
}

func (c *compiler) biasBwd(s *plan.Step) error {
	dy, err := c.plain(s.In[0])
	if err != nil {
		return err
	}
	db, shape := c.define(s.Out[0], plainMD(s.Out[0].Shape)), s.In[0].Shape
	c.own(s.Name(), []*buffer{dy}, []*buffer{db}, func() *C.wb_op {
		arg := C.wb_bias_bwd_arg{db: (*C.float)(db.data()), dy: (*C.float)(dy.data()),
			n: C.int64_t(shape[0]), c: C.int64_t(shape[1]), area: C.int64_t(shape[2:].Size())}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_bias_bwd), unsafe.Pointer(&arg), C.sizeof_wb_bias_bwd_arg)
	})
	return nil
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

// lowerMoves adds the optimizer: one kernel over all parameters.
func (c *compiler) lowerMoves() error {
	if len(c.Moves) == 0 {
		return nil
	}
	sgd, ok := c.Rule.(optim.SGD)
	if !ok {
		return fmt.Errorf("the oneDNN backend has no kernel for the optimizer %s", c.Rule.Name())
	}
	rate := c.get(c.Rate)
	reads, writes := []*buffer{rate}, []*buffer(nil)
	var grads []*buffer
	for _, m := range c.Moves {
		w := c.get(m.Param)
		c.choose(m.Slots[0], w.md)
		g, err := c.layoutAs(m.Grad, w.md)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Param.Name, err)
		}
		if v := c.get(m.Slots[0]); !v.md.equal(w.md) {
			return fmt.Errorf("%s and %s are kept in different layouts", m.Param.Name, m.Slots[0].Name)
		}
		grads = append(grads, g)
		reads = append(reads, g)
		writes = append(writes, w, c.get(m.Slots[0]))
	}
	c.own(c.Rule.Name(), reads, writes, func() *C.wb_op {
		size := C.size_t(C.sizeof_wb_sgd_arg + len(grads)*C.sizeof_wb_tensor)
		arg := (*C.wb_sgd_arg)(C.calloc(1, size))
		defer C.free(unsafe.Pointer(arg))
		*arg = C.wb_sgd_arg{count: C.int(len(grads)), rate: (*C.float)(rate.data()), momentum: C.float(sgd.Momentum), nesterov: flag(sgd.Nesterov)}
		tensors := unsafe.Slice((*C.wb_tensor)(unsafe.Add(unsafe.Pointer(arg), C.sizeof_wb_sgd_arg)), len(grads))
		for i, m := range c.Moves {
			w, v := writes[2*i], writes[2*i+1]
			tensors[i] = C.wb_tensor{w: (*C.float)(w.data()), v: (*C.float)(v.data()), g: (*C.float)(grads[i].data()),
				n: C.int64_t(w.md.size() / floatBytes), decay: C.float(m.Decay)}
		}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_sgd), unsafe.Pointer(arg), size)
	})
	return nil
}
