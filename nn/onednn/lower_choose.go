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
	register(func(c *compiler, s *plan.Step, p op.Pointwise) error {
		return c.elements(s, (C.wb_kernel)(C.wb_pointwise), int(p.Kind), p.A, p.B)
	})
	register(func(c *compiler, s *plan.Step, p op.PointwiseBwd) error {
		return c.elements(s, (C.wb_kernel)(C.wb_pointwise_bwd), int(p.Kind), p.A, p.B)
	})
	register(func(c *compiler, s *plan.Step, v op.Compare) error {
		return c.elements(s, (C.wb_kernel)(C.wb_compare), int(v.Kind))
	})
	registerPlain[op.Smallest](func(c *compiler, s *plan.Step) error {
		return c.elements(s, (C.wb_kernel)(C.wb_smallest), 0, op.ShareSlack)
	})
	registerPlain[op.Stretch](func(c *compiler, s *plan.Step) error {
		return c.stretched(s, (C.wb_kernel)(C.wb_stretch), s.Out[0].Shape, s.In[0].Shape)
	})
	registerPlain[op.SumTo](func(c *compiler, s *plan.Step) error {
		return c.stretched(s, (C.wb_kernel)(C.wb_sum_to), s.In[0].Shape, s.Out[0].Shape)
	})
	registerPlain[op.MaxTo](func(c *compiler, s *plan.Step) error {
		return c.stretched(s, (C.wb_kernel)(C.wb_max_to), s.In[0].Shape, s.Out[0].Shape)
	})
	registerPlain[op.MaxToBwd](func(c *compiler, s *plan.Step) error {
		return c.stretched(s, (C.wb_kernel)(C.wb_max_to_bwd), s.In[0].Shape, s.In[1].Shape)
	})
	registerPlain[op.OneHotMax](func(c *compiler, s *plan.Step) error {
		return c.matrices(s, (C.wb_kernel)(C.wb_one_hot_max), 0)
	})
	registerPlain[op.OneHot](func(c *compiler, s *plan.Step) error {
		return c.byIndex(s, (C.wb_kernel)(C.wb_one_hot), 0)
	})
	registerPlain[op.GatherRows](func(c *compiler, s *plan.Step) error {
		return c.byIndex(s, (C.wb_kernel)(C.wb_gather_rows), 1)
	})
	registerPlain[op.ScatterRows](func(c *compiler, s *plan.Step) error {
		return c.byIndex(s, (C.wb_kernel)(C.wb_scatter_rows), 1)
	})
}

// elements adds a kernel over the elements of row-major operands, the first of which gives their number.
func (c *compiler) elements(s *plan.Step, f C.wb_kernel, kind int, num ...float64) error {
	in, err := c.plains(s.In)
	if err != nil {
		return err
	}
	c.call(s.Name(), call{f: f, in: in, out: c.define(s.Out[0], plainMD(s.Out[0].Shape)), dim: []int{s.In[0].Shape.Size(), kind}, num: num})
	return nil
}

// stretched adds a kernel that goes between a row-major tensor and a smaller one whose axes of size 1 are stretched.
func (c *compiler) stretched(s *plan.Step, f C.wb_kernel, large, small op.Shape) error {
	in, err := c.plains(s.In)
	if err != nil {
		return err
	}
	c.call(s.Name(), call{f: f, in: in, out: c.define(s.Out[0], plainMD(s.Out[0].Shape)), dim: stretchedNumbers(large, small)})
	return nil
}

// byIndex adds a kernel that finds rows by an int32 operand. Its numbers are the rows of the result, the elements of a
// row, and the rows of the first operand.
func (c *compiler) byIndex(s *plan.Step, f C.wb_kernel, ints int) error {
	in, err := c.plains(s.In)
	if err != nil {
		return err
	}
	y := s.Out[0].Shape
	k := call{f: f, ints: in[ints], out: c.define(s.Out[0], plainMD(y)), dim: []int{y[0], y.Size() / y[0], s.In[0].Shape[0]}}
	for i, b := range in {
		if i != ints {
			k.in = append(k.in, b)
		}
	}
	c.call(s.Name(), k)
	return nil
}
