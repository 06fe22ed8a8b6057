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
	register(func(c *compiler, s *plan.Step, spec op.RowStats) error {
		return c.rowNorm(s, (C.wb_kernel)(C.wb_row_stats), op.RowNorm{Rows: spec.Rows})
	})
	register(func(c *compiler, s *plan.Step, spec op.RowNorm) error {
		return c.rowNorm(s, (C.wb_kernel)(C.wb_row_norm), spec)
	})
	register(func(c *compiler, s *plan.Step, spec op.RowNormBwd) error {
		return c.rowNorm(s, (C.wb_kernel)(C.wb_row_norm_bwd), spec.RowNorm)
	})
	register(func(c *compiler, s *plan.Step, spec op.RowNormReduce) error {
		return c.rowNorm(s, (C.wb_kernel)(C.wb_row_norm_reduce), spec.RowNorm)
	})
	register((*compiler).frozenBwd)
	register((*compiler).frozenReduce)
	register((*compiler).row)
}

// rowNorm lowers any of the operators of layer and group norm.
func (c *compiler) rowNorm(s *plan.Step, f C.wb_kernel, spec op.RowNorm) error {
	in, err := c.plains(s.In)
	if err != nil {
		return err
	}
	c.call(s.Name(), call{f: f, in: in, out: c.define(s.Out[0], plainMD(s.Out[0].Shape)),
		dim: []int{spec.Count, s.In[0].Shape.Size() / spec.Count, spec.Features, spec.Area}, num: []float64{spec.Epsilon}})
	return nil
}

// row views one row of a matrix.
func (c *compiler) row(s *plan.Step, spec op.Row) error {
	m, err := c.plain(s.In[0])
	if err != nil {
		return err
	}
	n := s.Out[0].Shape[0]
	c.home[s.Out[0]] = &buffer{md: plainMD(op.Shape{n}), at: m.at, offset: m.offset + floatBytes*n*spec.Index}
	return nil
}

func (c *compiler) frozenBwd(s *plan.Step, spec op.BNInferBwd) error {
	dy, block, err := c.blocked(s.In[2])
	if err != nil {
		return err
	}
	vectors, err := c.plains(s.In[:2])
	if err != nil {
		return err
	}
	n, channels, area := folded(s.In[2].Shape)
	c.call(s.Name(), call{f: (C.wb_kernel)(C.wb_norm_frozen_bwd), in: append(vectors, dy), out: c.define(s.Out[0], dy.md), over: dy,
		dim: []int{n, channels, area, block}, num: []float64{spec.Epsilon}})
	return nil
}

func (c *compiler) frozenReduce(s *plan.Step, spec op.BNInferReduce) error {
	x, block, err := c.blocked(s.In[0])
	if err != nil {
		return err
	}
	dy, err := c.layoutAs(s.In[3], x.md)
	if err != nil {
		return err
	}
	vectors, err := c.plains(s.In[1:3])
	if err != nil {
		return err
	}
	n, channels, area := folded(s.In[0].Shape)
	c.call(s.Name(), call{f: (C.wb_kernel)(C.wb_norm_frozen_reduce), in: []*buffer{x, vectors[0], vectors[1], dy},
		out: c.define(s.Out[0], plainMD(s.Out[0].Shape)), dim: []int{n, channels, area, block}, num: []float64{spec.Epsilon}})
	return nil
}
