//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "pool.h"
import "C"

import (
	"unsafe"

	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	register(func(c *compiler, s *plan.Step, spec op.MaxPool) error { return c.maxPool(s, spec, nil) })
	register(func(c *compiler, s *plan.Step, spec plan.MaxPool) error { return c.maxPool(s, spec.MaxPool, s.Out[1]) })
	register((*compiler).maxPoolBwd)
}

// maxPool leaves a workspace if work is not nil.
func (c *compiler) maxPool(s *plan.Step, spec op.MaxPool, work *plan.Value) error {
	if ownPool(c.get(s.In[0]).md, spec) {
		c.ownMaxPool(s, spec, work)
		return nil
	}
	x, y, k := c.get(s.In[0]), c.get(s.In[0]).md.open(s.Out[0].Shape), window(spec.Window, spec.K, spec.Width())
	pd, err := newPrimitive(C.wb_pool_fwd(C.WB_MAX, flag(work != nil), x.md.c, y.c, k))
	if err != nil {
		return err
	}
	args := []argument{in(C.WB_ARG_SRC, x), out(C.WB_ARG_DST, c.define(s.Out[0], pd.mdOf(C.WB_DST, 0, s.Out[0].Shape)))}
	if work != nil {
		args = append(args, out(C.WB_ARG_WORKSPACE, c.define(work, pd.md(C.WB_WORKSPACE, 0))))
		c.pooled[work] = x.md
	}
	c.add(&step{name: s.Name(), prim: pd, args: args})
	return nil
}

func (c *compiler) maxPoolBwd(s *plan.Step, spec plan.MaxPoolBwd) error {
	mx, k := c.pooled[s.In[0]], window(spec.Window, spec.K, spec.Width())
	if ownPool(mx, spec.MaxPool) {
		return c.ownMaxPoolBwd(s, spec.MaxPool, mx)
	}
	hint, err := newPrimitive(C.wb_pool_fwd(C.WB_MAX, 1, mx.c, mx.open(s.In[1].Shape).c, k))
	if err != nil {
		return err
	}
	defer hint.free()
	my := hint.mdOf(C.WB_DST, 0, s.In[1].Shape)
	pd, err := newPrimitive(C.wb_pool_bwd(hint.pd, C.WB_MAX, mx.c, my.c, k))
	if err != nil {
		return err
	}
	dy, err := c.layoutAs(s.In[1], my)
	if err != nil {
		return err
	}
	c.add(&step{name: s.Name(), prim: pd, args: []argument{in(C.WB_ARG_DIFF_DST, dy), in(C.WB_ARG_WORKSPACE, c.get(s.In[0])),
		out(C.WB_ARG_DIFF_SRC, c.define(s.Out[0], mx))}})
	return nil
}

// ownPoolName is the name of the implementation in profiles.
const ownPoolName = "workbench:max_pool"

// ownPool tells whether our own kernel pools images of the layout.
func ownPool(x *md, spec op.MaxPool) bool {
	const most = 256 // pixels of the kernel that a byte tells apart
	b := vectorBlock()
	return b > 0 && (x.channelBlock() == b || x.channelsLast() && x.dims[1]%b == 0) && spec.K*spec.Width() <= most
}

// poolShape describes, for our kernels, the pooling of images of the layout to the height and width of y.
func poolShape(spec op.MaxPool, mx *md, y op.Shape) C.wb_pool_shape {
	n, x := func(i int) C.int64_t { return C.int64_t(i) }, mx.dims
	return C.wb_pool_shape{n: n(x[0]), c: wholeBlocks(x[1]), h: n(x[2]), w: n(x[3]), oh: n(y[2]), ow: n(y[3]), kh: n(spec.K),
		kw: n(spec.Width()), stride: pairOf(spec.Stride), begin: pairOf(spec.Begin), half: flag(mx.half()),
		last: flag(mx.channelsLast())}
}

// ownMaxPool leaves a workspace of a byte for each result: which pixel under the kernel was chosen.
func (c *compiler) ownMaxPool(s *plan.Step, spec op.MaxPool, work *plan.Value) {
	x := c.get(s.In[0])
	y := c.define(s.Out[0], imagesLike(x.md, s.Out[0].Shape))
	writes, chosen := []*buffer{y}, (*buffer)(nil)
	if work != nil {
		chosen = c.define(work, plainMD(op.Shape{(y.md.size()/y.md.elementBytes() + floatBytes - 1) / floatBytes}))
		c.pooled[work] = x.md
		writes = append(writes, chosen)
	}
	c.add(&step{name: s.Name(), impl: ownPoolName, reads: []*buffer{x}, writes: writes, kernel: func() *C.wb_op {
		arg := C.wb_max_pool_arg{s: poolShape(spec, x.md, s.Out[0].Shape), x: x.data(), y: y.data()}
		if chosen != nil {
			arg.chosen = (*C.uint8_t)(chosen.data())
		}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_max_pool), unsafe.Pointer(&arg), C.sizeof_wb_max_pool_arg)
	}})
}

func (c *compiler) ownMaxPoolBwd(s *plan.Step, spec op.MaxPool, mx *md) error {
	chosen, dx := c.get(s.In[0]), c.define(s.Out[0], mx)
	dy, err := c.layoutAs(s.In[1], imagesLike(mx, s.In[1].Shape))
	if err != nil {
		return err
	}
	c.add(&step{name: s.Name(), impl: ownPoolName, reads: []*buffer{chosen, dy}, writes: []*buffer{dx}, kernel: func() *C.wb_op {
		arg := C.wb_max_pool_bwd_arg{s: poolShape(spec, mx, s.In[1].Shape), chosen: (*C.uint8_t)(chosen.data()), dy: dy.data(), dx: dx.data()}
		return C.wb_op_kernel((C.wb_kernel)(C.wb_max_pool_bwd), unsafe.Pointer(&arg), C.sizeof_wb_max_pool_bwd_arg)
	}})
	return nil
}
