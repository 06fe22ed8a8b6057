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

func init() {
	registerPlain[op.Reshape]((*compiler).reshape)
	register(func(c *compiler, s *plan.Step, spec op.Subsample) error { return c.subsample(s, spec.Stride) })
	register(func(c *compiler, s *plan.Step, spec op.SubsampleBwd) error { return c.subsampleBwd(s, spec.Stride) })
}

// reshape views the row-major elements under other axes. Images of one pixel whose
// channels fill blocks are row-major already.
func (c *compiler) reshape(s *plan.Step) error {
	x, shape := c.get(s.In[0]), s.In[0].Shape
	if len(shape) != 4 || shape[2]*shape[3] != 1 || x.md.channelBlock() == 0 || shape[1]%x.md.channelBlock() != 0 {
		var err error
		if x, err = c.plain(s.In[0]); err != nil {
			return err
		}
	}
	c.home[s.Out[0]] = &buffer{md: plainMD(s.Out[0].Shape), at: x.at, offset: x.offset}
	return nil
}

// blocked returns the value in a layout of whole channel blocks that the shortcut
// kernels take, and the size of a block.
func (c *compiler) blocked(v *plan.Value) (*buffer, int, error) {
	b := c.get(v)
	if block := b.md.channelBlock(); block > 0 {
		return b, block, nil
	}
	b, err := c.plain(v)
	return b, 1, err
}

func blockedMD(shape op.Shape, block int) *md {
	return newMD(shape, imageLayout(block))
}

func (c *compiler) subsample(s *plan.Step, stride int) error {
	if x := c.get(s.In[0]); x.md.channelsLast() {
		c.addShortcut(s.Name(), (C.wb_kernel)(C.wb_subsample_last), x, c.define(s.Out[0], imagesLike(x.md, s.Out[0].Shape)),
			shortcutArg(s.In[0].Shape, s.Out[0].Shape, stride, 1))
		return nil
	}
	x, block, err := c.blocked(s.In[0])
	if err != nil {
		return err
	}
	y := c.define(s.Out[0], blockedMD(s.Out[0].Shape, block).typed(x.md.half()))
	c.addShortcut(s.Name(), (C.wb_kernel)(C.wb_subsample), x, y, shortcutArg(s.In[0].Shape, s.Out[0].Shape, stride, block))
	return nil
}

func (c *compiler) subsampleBwd(s *plan.Step, stride int) error {
	if dy := c.get(s.In[0]); dy.md.channelsLast() {
		c.addShortcut(s.Name(), (C.wb_kernel)(C.wb_subsample_last_bwd), dy, c.define(s.Out[0], imagesLike(dy.md, s.Out[0].Shape)),
			shortcutArg(s.Out[0].Shape, s.In[0].Shape, stride, 1))
		return nil
	}
	dy, block, err := c.blocked(s.In[0])
	if err != nil {
		return err
	}
	dx := c.define(s.Out[0], blockedMD(s.Out[0].Shape, block).typed(dy.md.half()))
	c.addShortcut(s.Name(), (C.wb_kernel)(C.wb_subsample_bwd), dy, dx, shortcutArg(s.Out[0].Shape, s.In[0].Shape, stride, block))
	return nil
}

func shortcutArg(large, small op.Shape, stride, block int) C.wb_subsample_arg {
	n := func(i int) C.int64_t { return C.int64_t(i) }
	return C.wb_subsample_arg{n: n(large[0]), c: n(large[1]), h: n(large[2]), w: n(large[3]),
		oc: n(small[1]), oh: n(small[2]), ow: n(small[3]), stride: n(stride), block: n(block)}
}

func (c *compiler) addShortcut(name string, f C.wb_kernel, from, to *buffer, arg C.wb_subsample_arg) {
	c.add(&step{name: name, impl: "workbench", reads: []*buffer{from}, writes: []*buffer{to}, kernel: func() *C.wb_op {
		arg.from, arg.to, arg.size = (*C.char)(from.data()), (*C.char)(to.data()), C.int64_t(from.md.elementBytes())
		return C.wb_op_kernel(f, unsafe.Pointer(&arg), C.sizeof_wb_subsample_arg)
	}})
}
