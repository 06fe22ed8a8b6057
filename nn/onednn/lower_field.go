//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "kernels_call.h"
import "C"

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

// windowNumbers describe a pooling window over images x for wb_field_mean.
func windowNumbers(p op.AvgPool, x op.Shape) []int {
	limit := [2]int{x[2] + p.End[0] - p.Uncounted[0], x[3] + p.End[1] - p.Uncounted[1]}
	return []int{p.Stride[0], p.Stride[1], p.Begin[0], p.Begin[1], p.KH, p.KW, limit[0], limit[1]}
}

// fieldMean averages fields of images, or spreads the gradient over them: the larger image is always "x" in the numbers.
func (c *compiler) fieldMean(s *plan.Step, window []int) error {
	from, block, err := c.blocked(s.In[0])
	if err != nil {
		return err
	}
	f, x, y := (C.wb_kernel)(C.wb_field_mean), s.In[0].Shape, s.Out[0].Shape
	switch s.Spec.(type) {
	case op.AvgPoolBwd, op.AdaptiveAvgPoolBwd:
		f, x, y = (C.wb_kernel)(C.wb_field_mean_bwd), y, x
	}
	planes := x[0] * ((x[1] + block - 1) / block)
	c.call(s.Name(), call{f: f, in: []*buffer{from}, out: c.define(s.Out[0], blockedMD(s.Out[0].Shape, block)),
		dim: append([]int{planes, block, x[2], x[3], y[2], y[3]}, window...)})
	return nil
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
