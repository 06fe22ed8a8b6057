//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "kernels_call.h"
import "C"

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	register(func(c *compiler, s *plan.Step, spec op.LRN) error { return c.lrn(s, (C.wb_kernel)(C.wb_lrn), spec) })
	register(func(c *compiler, s *plan.Step, spec op.LRNBwd) error {
		return c.lrn(s, (C.wb_kernel)(C.wb_lrn_bwd), spec.LRN)
	})
}

// lrn is local response normalisation, or with a second operand its gradient.
func (c *compiler) lrn(s *plan.Step, f C.wb_kernel, spec op.LRN) error {
	x, block, err := c.blocked(s.In[0])
	if err != nil {
		return err
	}
	in := []*buffer{x}
	if len(s.In) == 2 {
		dy, err := c.layoutAs(s.In[1], x.md)
		if err != nil {
			return err
		}
		in = append(in, dy)
	}
	n, channels, area := folded(s.In[0].Shape)
	c.call(s.Name(), call{f: f, in: in, out: c.define(s.Out[0], x.md),
		dim: []int{n, channels, area, block, spec.Size}, num: []float64{spec.Alpha / float64(spec.Size), spec.Beta, spec.K}})
	return nil
}
