//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "kernels.h"
// #include "kernels_call.h"
import "C"

import (
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	registerPlain[op.BiasBwd]((*compiler).biasBwd)
}

// own adds a kernel of ours. kernel is called when the buffers have addresses.
func (c *compiler) own(name string, reads, writes []*buffer, kernel func() *C.wb_op) {
	c.add(&step{name: name, impl: "workbench", reads: reads, writes: writes, kernel: kernel})
}

// call is a kernel of ours that takes a wb_call.
type call struct {
	f    C.wb_kernel
	in   []*buffer
	ints *buffer // the int32 operand, nil if there is none
	out  *buffer
	dim  []int
	num  []float64
	over *buffer // the operand that the result may overwrite; nil: none
}

func (c *compiler) call(name string, k call) {
	reads := k.in
	if k.ints != nil {
		reads = append(reads[:len(reads):len(reads)], k.ints)
	}
	c.add(&step{name: name, impl: "workbench", reads: reads, writes: []*buffer{k.out}, over: k.over, kernel: func() *C.wb_op {
		arg := C.wb_call{out: (*C.float)(k.out.data())}
		for i, b := range k.in {
			arg.in[i] = (*C.float)(b.data())
		}
		if k.ints != nil {
			arg.ints = (*C.int32_t)(k.ints.data())
		}
		for i, d := range k.dim {
			arg.dim[i] = C.int64_t(d)
		}
		for i, v := range k.num {
			arg.num[i] = C.double(v)
		}
		return C.wb_op_kernel(k.f, unsafe.Pointer(&arg), C.sizeof_wb_call)
	}})
}

// elements is the number of floats in the buffer, padding included.
func (b *buffer) elements() int { return b.md.size() / floatBytes }

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
