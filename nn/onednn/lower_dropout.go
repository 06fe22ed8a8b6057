//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "kernels.h"
import "C"

import (
	"hash/fnv"
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	register((*compiler).dropout)
	register((*compiler).dropPath)
}

func (c *compiler) dropout(s *plan.Step, spec op.Dropout) error {
	x, err := c.plain(s.In[0])
	if err != nil {
		return err
	}
	c.mask(s, (C.wb_kernel)(C.wb_dropout), x, C.wb_dropout_arg{p: C.float(spec.P), stream: C.uint64_t(spec.Stream),
		n: C.int64_t(x.elements())})
	return nil
}

// dropPath works in any layout, because samples are the outermost axis of all layouts.
func (c *compiler) dropPath(s *plan.Step, spec op.DropPath) error {
	x, n := c.get(s.In[0]), s.In[0].Shape[0]
	c.mask(s, (C.wb_kernel)(C.wb_drop_path), x, C.wb_dropout_arg{p: C.float(spec.P), stream: C.uint64_t(spec.Stream),
		n: C.int64_t(n), sample: C.int64_t(x.md.size() / x.md.elementBytes() / n), half: flag(x.md.half())})
	return nil
}

func (c *compiler) mask(s *plan.Step, f C.wb_kernel, x *buffer, arg C.wb_dropout_arg) {
	key, y := c.get(s.In[1]), c.define(s.Out[0], x.md)
	purpose := fnv.New64a()
	purpose.Write([]byte(s.Name()))
	arg.name, arg.scale = C.uint64_t(purpose.Sum64()), 1/(1-arg.p)
	c.own(s.Name(), []*buffer{x, key}, []*buffer{y}, func() *C.wb_op {
		arg := arg
		arg.y, arg.x, arg.key = (*C.float)(y.data()), (*C.float)(x.data()), (*C.int32_t)(key.data())
		return C.wb_op_kernel(f, unsafe.Pointer(&arg), C.sizeof_wb_dropout_arg)
	})
}
