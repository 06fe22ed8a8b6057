//go:build !noonednn

package onednn

// #include "bridge.h"
import "C"

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

func init() {
	registerPlain[op.Linear]((*compiler).linear)
	registerPlain[op.LinearBwdData]((*compiler).linearBwdData)
	registerPlain[op.LinearBwdWeights]((*compiler).linearBwdWeights)
	registerPlain[plan.LinearBwdWeights]((*compiler).linearBwdWeights)
}

// product is the geometry of one linear layer. Primitives choose its layouts.
type product struct{ mx, mw, mb, my *md }

func newProduct(x, w, y op.Shape) product {
	return product{anyMD(x), anyMD(w), plainMD(op.Shape{w[0]}), anyMD(y)}
}

func (v product) forward(training bool, after C.wb_after) (*primitive, error) {
	return newPrimitive(C.wb_linear_fwd(flag(training), v.mx.c, v.mw.c, v.mb.c, v.my.c, after))
}

func (v product) backwardData() (*primitive, error) {
	hint, err := v.forward(true, nothing)
	if err != nil {
		return nil, err
	}
	defer hint.free()
	return newPrimitive(C.wb_linear_bwd_data(hint.pd, v.mx.c, v.mw.c, v.my.c))
}

func (v product) backwardWeights(bias bool) (*primitive, error) {
	hint, err := v.forward(true, nothing)
	if err != nil {
		return nil, err
	}
	defer hint.free()
	var db *C.wb_md
	if bias {
		db = v.mb.c
	}
	return newPrimitive(C.wb_linear_bwd_weights(hint.pd, v.mx.c, v.mw.c, db, v.my.c))
}

func (c *compiler) linear(s *plan.Step) error {
	v := newProduct(s.In[0].Shape, s.In[1].Shape, s.Out[0].Shape)
	pd, err := v.forward(c.training, nothing)
	if err != nil {
		return err
	}
	return c.multiply(s, v, pd)
}

// multiply adds the instruction of a linear layer.
func (c *compiler) multiply(s *plan.Step, v product, pd *primitive) error {
	x, w, y := s.In[0], s.In[1], s.Out[0]
	if err := c.chooseLinearWeights(w, v, pd); err != nil {
		return err
	}
	args, err := c.operands(pd, []wanted{{C.WB_ARG_SRC, x, C.WB_SRC, 0, x.Shape}, {C.WB_ARG_WEIGHTS, w, C.WB_WEIGHTS, 0, w.Shape}})
	if err != nil {
		return err
	}
	args = append(args, in(C.WB_ARG_BIAS, c.get(s.In[2])), out(C.WB_ARG_DST, c.define(y, pd.mdOf(C.WB_DST, 0, y.Shape))))
	c.add(&step{name: "linear", prim: pd, args: args})
	return nil
}

// chooseLinearWeights is chooseConvWeights for linear layers.
func (c *compiler) chooseLinearWeights(w *plan.Value, v product, fwd *primitive) error {
	if w.Kind != plan.State || c.memory.states[w.Name].md != nil {
		return nil
	}
	if c.grad[w] == nil {
		c.choose(w, fwd.mdOf(C.WB_WEIGHTS, 0, w.Shape))
		return nil
	}
	pd, err := v.backwardWeights(false)
	if err != nil {
		return err
	}
	defer pd.free()
	c.choose(w, pd.mdOf(C.WB_DIFF_WEIGHTS, 0, w.Shape))
	return nil
}

func (c *compiler) linearBwdData(s *plan.Step) error {
	w, dy, dx := s.In[0], s.In[1], s.Out[0]
	pd, err := newProduct(dx.Shape, w.Shape, dy.Shape).backwardData()
	if err != nil {
		return err
	}
	args, err := c.operands(pd, []wanted{{C.WB_ARG_WEIGHTS, w, C.WB_WEIGHTS, 0, w.Shape}, {C.WB_ARG_DIFF_DST, dy, C.WB_DIFF_DST, 0, dy.Shape}})
	if err != nil {
		return err
	}
	args = append(args, out(C.WB_ARG_DIFF_SRC, c.define(dx, pd.mdOf(C.WB_DIFF_SRC, 0, dx.Shape))))
	c.add(&step{name: "linear_bwd_data", prim: pd, args: args})
	return nil
}

func (c *compiler) linearBwdWeights(s *plan.Step) error {
	x, dy, dw := s.In[0], s.In[1], s.Out[0]
	bias := len(s.Out) > 1
	pd, err := newProduct(x.Shape, dw.Shape, dy.Shape).backwardWeights(bias)
	if err != nil {
		return err
	}
	args, err := c.operands(pd, []wanted{{C.WB_ARG_SRC, x, C.WB_SRC, 0, x.Shape}, {C.WB_ARG_DIFF_DST, dy, C.WB_DIFF_DST, 0, dy.Shape}})
	if err != nil {
		return err
	}
	args = append(args, out(C.WB_ARG_DIFF_WEIGHTS, c.define(dw, pd.mdOf(C.WB_DIFF_WEIGHTS, 0, dw.Shape))))
	if bias {
		args = append(args, out(C.WB_ARG_DIFF_BIAS, c.define(s.Out[1], plainMD(s.Out[1].Shape))))
	}
	c.add(&step{name: "linear_bwd_weights", prim: pd, args: args})
	return nil
}
