//go:build !noonednn

package onednn

// #include "bridge.h"
import "C"

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

const floatBytes = 4

// statistics views the rows of [2, c] statistics as the mean and the variance.
func statistics(st *buffer, channels int) (mean, variance *buffer) {
	vector := plainMD(op.Shape{channels})
	return &buffer{md: vector, at: st.at, offset: st.offset},
		&buffer{md: vector, at: st.at, offset: st.offset + floatBytes*channels}
}

func (c *compiler) batchNorm(s *plan.Step, spec plan.BatchNorm) error {
	x := c.get(s.In[0])
	pd, err := newPrimitive(C.wb_norm_fwd(1, flag(spec.ReLU), x.md.c, C.float(spec.Epsilon)))
	if err != nil {
		return err
	}
	st := c.define(s.Out[1], plainMD(s.Out[1].Shape))
	mean, variance := statistics(st, s.In[0].Shape[1])
	if takesLastNorm(x.md, pd) {
		defer pd.free()
		n := lastNorm{name: spec.Name(), relu: spec.ReLU, epsilon: spec.Epsilon, x: x, mean: mean, variance: variance,
			scale: c.get(s.In[1]), shift: c.get(s.In[2]), y: c.define(s.Out[0], x.md)}
		if spec.ReLU {
			n.chosen = c.define(s.Out[2], plainMD(op.Shape{2, s.In[0].Shape[1]}))
		}
		c.lastNorm(n)
		return nil
	}
	args := []argument{in(C.WB_ARG_SRC, x), in(C.WB_ARG_SCALE, c.get(s.In[1])), in(C.WB_ARG_SHIFT, c.get(s.In[2])),
		out(C.WB_ARG_DST, c.define(s.Out[0], x.md)), out(C.WB_ARG_MEAN, mean), out(C.WB_ARG_VARIANCE, variance)}
	if spec.ReLU {
		work := c.define(s.Out[2], pd.md(C.WB_WORKSPACE, 0))
		args = append(args, out(C.WB_ARG_WORKSPACE, work))
	}
	c.add(&step{name: spec.Name(), prim: pd, args: args})
	return nil
}

func (c *compiler) batchNormBwd(s *plan.Step, spec plan.BatchNormBwd) error {
	x := c.get(s.In[0])
	hint, err := newPrimitive(C.wb_norm_fwd(1, flag(spec.ReLU), x.md.c, C.float(spec.Epsilon)))
	if err != nil {
		return err
	}
	defer hint.free()
	if spec.ReLU && c.lastChosen(s.In[4], s.In[0].Shape[1]) || !spec.ReLU && takesLastNorm(x.md, hint) {
		return c.lastNormBwd(s, spec)
	}
	pd, err := newPrimitive(C.wb_norm_bwd(hint.pd, flag(spec.ReLU), x.md.c, C.float(spec.Epsilon)))
	if err != nil {
		return err
	}
	dy, err := c.layoutAs(s.In[3], x.md)
	if err != nil {
		return err
	}
	channels := op.Shape{s.In[0].Shape[1]}
	mean, variance := statistics(c.get(s.In[1]), channels[0])
	args := []argument{in(C.WB_ARG_SRC, x), in(C.WB_ARG_MEAN, mean), in(C.WB_ARG_VARIANCE, variance), in(C.WB_ARG_SCALE, c.get(s.In[2])),
		in(C.WB_ARG_DIFF_DST, dy), out(C.WB_ARG_DIFF_SRC, c.define(s.Out[0], x.md)),
		out(C.WB_ARG_DIFF_SCALE, c.define(s.Out[1], plainMD(channels))), out(C.WB_ARG_DIFF_SHIFT, c.define(s.Out[2], plainMD(channels)))}
	if C.wb_norm_bwd_takes_shift() != 0 {
		args = append(args, in(C.WB_ARG_SHIFT, c.get(s.In[2]))) // any vector does
	}
	if spec.ReLU {
		args = append(args, in(C.WB_ARG_WORKSPACE, c.get(s.In[4])))
	}
	c.add(&step{name: spec.Name(), prim: pd, args: args, over: dy})
	return nil
}

func (c *compiler) batchNormApply(s *plan.Step, spec plan.BatchNormApply) error {
	x := c.get(s.In[0])
	pd, err := newPrimitive(C.wb_norm_fwd(0, flag(spec.ReLU), x.md.c, C.float(spec.Epsilon)))
	if err != nil {
		return err
	}
	mean, variance := statistics(c.get(s.In[1]), s.In[0].Shape[1])
	if takesLastNorm(x.md, pd) {
		defer pd.free()
		c.lastNorm(lastNorm{name: spec.Name(), relu: spec.ReLU, epsilon: spec.Epsilon, x: x, mean: mean, variance: variance,
			scale: c.get(s.In[2]), shift: c.get(s.In[3]), y: c.define(s.Out[0], x.md), given: true})
		return nil
	}
	c.add(&step{name: spec.Name(), prim: pd, over: x, args: []argument{in(C.WB_ARG_SRC, x), in(C.WB_ARG_MEAN, mean),
		in(C.WB_ARG_VARIANCE, variance), in(C.WB_ARG_SCALE, c.get(s.In[2])), in(C.WB_ARG_SHIFT, c.get(s.In[3])),
		out(C.WB_ARG_DST, c.define(s.Out[0], x.md))}})
	return nil
}

func (c *compiler) batchNormInfer(s *plan.Step, spec plan.BatchNormInfer) error {
	x := c.get(s.In[0])
	pd, err := newPrimitive(C.wb_norm_fwd(0, flag(spec.ReLU), x.md.c, C.float(spec.Epsilon)))
	if err != nil {
		return err
	}
	if takesLastNorm(x.md, pd) {
		defer pd.free()
		c.lastNorm(lastNorm{name: spec.Name(), relu: spec.ReLU, epsilon: spec.Epsilon, x: x, mean: c.get(s.In[1]), variance: c.get(s.In[2]),
			scale: c.get(s.In[3]), shift: c.get(s.In[4]), y: c.define(s.Out[0], x.md), given: true})
		return nil
	}
	c.add(&step{name: spec.Name(), prim: pd, over: x, args: []argument{in(C.WB_ARG_SRC, x),
		in(C.WB_ARG_MEAN, c.get(s.In[1])), in(C.WB_ARG_VARIANCE, c.get(s.In[2])), in(C.WB_ARG_SCALE, c.get(s.In[3])),
		in(C.WB_ARG_SHIFT, c.get(s.In[4])), out(C.WB_ARG_DST, c.define(s.Out[0], x.md))}})
	return nil
}
