//go:build !noonednn

package onednn

// #include "bridge.h"
import "C"

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	register((*compiler).batchNorm)
	register((*compiler).batchNormBwd)
	register((*compiler).batchNormApply)
	register((*compiler).batchNormInfer)
}

const floatBytes = 4

// statistics views the rows of [2, c] statistics as the mean and the variance.
func statistics(st *buffer, channels int) (mean, variance *buffer) {
	vector := plainMD(op.Shape{channels})
	return &buffer{md: vector, at: st.at, offset: st.offset},
		&buffer{md: vector, at: st.at, offset: st.offset + floatBytes*channels}
}

// normed is what the gradient of a batch norm needs to know: the layout of x, and
// whether our own kernel computed the batch norm.
type normed struct {
	x   *md
	own bool
}

// libraryTakes tells whether the library computes the batch norm together with what follows it.
func libraryTakes(sum bool, then op.Spec) bool {
	_, relu := then.(op.ReLU)
	return !sum && (then == nil || relu)
}

func (c *compiler) batchNorm(s *plan.Step, spec plan.BatchNorm) error {
	x := c.placed(s.In[0])
	own := takesOwnNorm(x.md)
	c.normed[s.Out[1]] = normed{x.md, own}
	if own {
		n := norm{name: spec.Name(), in: s.In[0], sum: spec.Sum, then: spec.Then, epsilon: spec.Epsilon, operands: s.In[1:],
			y: s.Out[0], map_: s.Out[2]}
		n.mean, n.variance = statistics(c.define(s.Out[1], plainMD(s.Out[1].Shape)), s.In[0].Shape[1])
		return c.ownNorm(n)
	}
	if !libraryTakes(spec.Sum, spec.Then) {
		steps := spec.Apart(s)
		err := c.apart(steps)
		if spec.Then != nil && err == nil {
			c.home[s.Out[2]] = c.get(spec.Kept(steps))
		}
		return err
	}
	pd, err := newPrimitive(C.wb_norm_fwd(1, flag(spec.Then != nil), x.md.c, C.float(spec.Epsilon)))
	if err != nil {
		return err
	}
	mean, variance := statistics(c.define(s.Out[1], plainMD(s.Out[1].Shape)), s.In[0].Shape[1])
	args := []argument{in(C.WB_ARG_SRC, x.buffer), in(C.WB_ARG_SCALE, c.get(s.In[1])), in(C.WB_ARG_SHIFT, c.get(s.In[2])),
		out(C.WB_ARG_DST, c.define(s.Out[0], x.md)), out(C.WB_ARG_MEAN, mean), out(C.WB_ARG_VARIANCE, variance)}
	if spec.Then != nil {
		work := c.define(s.Out[2], pd.md(C.WB_WORKSPACE, 0))
		args = append(args, out(C.WB_ARG_WORKSPACE, work))
	}
	c.add(&step{name: spec.Name(), prim: pd, args: args})
	return nil
}

func (c *compiler) batchNormBwd(s *plan.Step, spec plan.BatchNormBwd) error {
	forward := c.normed[s.In[1]]
	if forward.own {
		return c.ownNormBwd(s, spec, forward.x)
	}
	if spec.Plus || !libraryTakes(spec.Sum, spec.Then) {
		return c.apart(spec.Apart(s))
	}
	relu := flag(spec.Then != nil)
	x, err := c.layoutAs(s.In[0], forward.x)
	if err != nil {
		return err
	}
	hint, err := newPrimitive(C.wb_norm_fwd(1, relu, x.md.c, C.float(spec.Epsilon)))
	if err != nil {
		return err
	}
	defer hint.free()
	pd, err := newPrimitive(C.wb_norm_bwd(hint.pd, relu, x.md.c, C.float(spec.Epsilon)))
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
	if spec.Then != nil {
		args = append(args, in(C.WB_ARG_WORKSPACE, c.get(s.In[4])))
	}
	c.add(&step{name: spec.Name(), prim: pd, args: args, over: dy})
	return nil
}

func (c *compiler) batchNormApply(s *plan.Step, spec plan.BatchNormApply) error {
	mean, variance := statistics(c.get(s.In[1]), s.In[0].Shape[1])
	n := norm{name: spec.Name(), in: s.In[0], sum: spec.Sum, then: spec.Then, epsilon: spec.Epsilon, mean: mean,
		variance: variance, given: true, operands: s.In[2:], y: s.Out[0]}
	switch {
	case takesOwnNorm(c.placed(s.In[0]).md):
		return c.ownNorm(n)
	case !libraryTakes(spec.Sum, spec.Then):
		return c.apart(spec.Apart(s))
	}
	return c.normGiven(n)
}

func (c *compiler) batchNormInfer(s *plan.Step, spec plan.BatchNormInfer) error {
	n := norm{name: spec.Name(), in: s.In[0], epsilon: spec.Epsilon, mean: c.get(s.In[1]), variance: c.get(s.In[2]), given: true,
		operands: s.In[3:], y: s.Out[0]}
	if spec.ReLU {
		n.then = op.ReLU{}
	}
	if takesOwnNorm(c.placed(s.In[0]).md) {
		return c.ownNorm(n)
	}
	return c.normGiven(n)
}

// normGiven is the library's batch norm with given statistics.
func (c *compiler) normGiven(n norm) error {
	x := c.get(n.in)
	pd, err := newPrimitive(C.wb_norm_fwd(0, flag(n.then != nil), x.md.c, C.float(n.epsilon)))
	if err != nil {
		return err
	}
	c.add(&step{name: n.name, prim: pd, over: x, args: []argument{in(C.WB_ARG_SRC, x), in(C.WB_ARG_MEAN, n.mean),
		in(C.WB_ARG_VARIANCE, n.variance), in(C.WB_ARG_SCALE, c.get(n.operands[0])), in(C.WB_ARG_SHIFT, c.get(n.operands[1])),
		out(C.WB_ARG_DST, c.define(n.y, x.md))}})
	return nil
}
