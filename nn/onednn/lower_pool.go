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
	register((*compiler).avgPool)
	register((*compiler).avgPoolBwd)
	registerPlain[op.AdaptiveAvgPool](func(c *compiler, s *plan.Step) error { return c.fieldMean(s, make([]int, 8)) })
	registerPlain[op.AdaptiveAvgPoolBwd](func(c *compiler, s *plan.Step) error { return c.fieldMean(s, make([]int, 8)) })
}

// avgKey identifies an average pooling. Its gradient does not read the input and finds the input's layout by this key.
type avgKey struct {
	pool       op.AvgPool
	n, c, h, w int
}

func avgKind(p op.AvgPool) C.int {
	if p.CountPad && p.Uncounted == [2]int{} {
		return C.WB_AVG_COUNT_PAD
	}
	return C.WB_AVG
}

// beyondLibrary reports whether some padding counts and some does not. The library counts all padding or none.
func beyondLibrary(p op.AvgPool) bool {
	return p.CountPad && p.Uncounted != [2]int{} && (p.Begin != [2]int{} || p.End != p.Uncounted)
}

func (c *compiler) avgPool(s *plan.Step, spec op.AvgPool) error {
	if beyondLibrary(spec) {
		return c.fieldMean(s, windowNumbers(spec, s.In[0].Shape))
	}
	x := c.get(s.In[0])
	pd, err := newPrimitive(C.wb_pool_fwd(avgKind(spec), 0, x.md.c, x.md.open(s.Out[0].Shape).c, window(spec.Window, spec.KH, spec.KW)))
	if err != nil {
		return err
	}
	shape := s.In[0].Shape
	c.averaged[avgKey{spec, shape[0], shape[1], shape[2], shape[3]}] = x.md
	c.add(&step{name: s.Name(), prim: pd, args: []argument{in(C.WB_ARG_SRC, x),
		out(C.WB_ARG_DST, c.define(s.Out[0], pd.mdOf(C.WB_DST, 0, s.Out[0].Shape)))}})
	return nil
}

func (c *compiler) avgPoolBwd(s *plan.Step, spec op.AvgPoolBwd) error {
	if beyondLibrary(spec.AvgPool) {
		return c.fieldMean(s, windowNumbers(spec.AvgPool, s.Out[0].Shape))
	}
	shape := s.Out[0].Shape
	mx := c.averaged[avgKey{spec.AvgPool, shape[0], shape[1], shape[2], shape[3]}]
	if mx == nil {
		mx = plainMD(shape)
	}
	k := window(spec.Window, spec.KH, spec.KW)
	hint, err := newPrimitive(C.wb_pool_fwd(avgKind(spec.AvgPool), 1, mx.c, mx.open(s.In[0].Shape).c, k))
	if err != nil {
		return err
	}
	defer hint.free()
	my := hint.mdOf(C.WB_DST, 0, s.In[0].Shape)
	pd, err := newPrimitive(C.wb_pool_bwd(hint.pd, avgKind(spec.AvgPool), mx.c, my.c, k))
	if err != nil {
		return err
	}
	dy, err := c.layoutAs(s.In[0], my)
	if err != nil {
		return err
	}
	c.add(&step{name: s.Name(), prim: pd, args: []argument{in(C.WB_ARG_DIFF_DST, dy), out(C.WB_ARG_DIFF_SRC, c.define(s.Out[0], mx))}})
	return nil
}

// windowNumbers describe a pooling window over images x for wb_field_mean.
func windowNumbers(p op.AvgPool, x op.Shape) []int {
	limit := [2]int{x[2] + p.End[0] - p.Uncounted[0], x[3] + p.End[1] - p.Uncounted[1]}
	return []int{p.Stride[0], p.Stride[1], p.Begin[0], p.Begin[1], p.KH, p.KW, limit[0], limit[1]}
}

// fieldMean averages fields of images, or spreads the gradient over them. "x" in the
// kernel's numbers is always the larger image.
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
