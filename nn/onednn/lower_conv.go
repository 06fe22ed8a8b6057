//go:build !noonednn

package onednn

// #include "bridge.h"
import "C"

import (
	"workbench/nn/op"
	"workbench/nn/plan"
	"workbench/nn/plan/algorithms"
)

func init() {
	register((*compiler).conv)
	register(func(c *compiler, s *plan.Step, spec op.ConvBwdData) error { return c.convBwdData(s, spec.Conv) })
	register((*compiler).convBwdDataSum)
	register(func(c *compiler, s *plan.Step, spec op.ConvBwdWeights) error { return c.convBwdWeights(s, spec.Conv) })
	register(func(c *compiler, s *plan.Step, spec plan.ConvBwdWeights) error { return c.convBwdWeights(s, spec.Conv) })
}

func (c *compiler) conv(s *plan.Step, spec op.Conv) error {
	v := c.convolution(algorithms.Forward, spec, s.In[0].Shape, s.In[1].Shape, s.Out[0].Shape)
	switch v.ours {
	case byWinograd:
		return c.winograd(s, v, plan.Conv{Conv: spec})
	case byProduct:
		return c.product(s, v, plan.Conv{Conv: spec})
	case byChannel:
		return c.depthwise(s, v)
	}
	pd, err := v.forward(c.training, nothing)
	if err != nil {
		return err
	}
	if err := c.chooseConvWeights(s.In[1], v, pd.mdOf(C.WB_WEIGHTS, 0, v.wDims)); err != nil {
		return err
	}
	weights, err := c.convWeights(s, v, pd)
	if err != nil {
		return err
	}
	return c.convolve(s, v, pd, weights, nil)
}

// convWeights returns the arguments for weights and bias.
func (c *compiler) convWeights(s *plan.Step, v *convolution, pd *primitive) ([]argument, error) {
	args, err := c.operands(pd, []wanted{{C.WB_ARG_WEIGHTS, s.In[1], C.WB_WEIGHTS, 0, v.wDims}})
	if v.Bias {
		args = append(args, in(C.WB_ARG_BIAS, c.get(s.In[2])))
	}
	return args, err
}

// convolve adds the instruction. y is where the result goes; nil: to a buffer of its own.
func (c *compiler) convolve(s *plan.Step, v *convolution, pd *primitive, weights []argument, y *buffer) error {
	args, err := c.operands(pd, []wanted{{C.WB_ARG_SRC, s.In[0], C.WB_SRC, 0, v.x}})
	if err != nil {
		return err
	}
	if y == nil {
		y = c.define(s.Out[0], pd.mdOf(C.WB_DST, 0, v.y))
	}
	c.home[s.Out[0]] = y
	c.add(v.step("conv", pd, append(append(args, weights...), out(C.WB_ARG_DST, y))))
	return nil
}

// chooseConvWeights keeps trained weights in the layout in which their gradient is written, so that the update is a
// flat loop. Other weights are kept in the layout that the forward pass reads.
func (c *compiler) chooseConvWeights(w *plan.Value, v *convolution, forward *md) error {
	if w.Kind != plan.State || c.memory.states[w.Name].md != nil {
		return nil
	}
	if c.grad[w] == nil {
		if !forward.half() {
			c.choose(w, forward)
		} else {
			c.choose(w, v.mdw.plain())
		}
		return nil
	}
	gradient := c.convolution(algorithms.BackwardWeights, v.Conv, v.x, v.w, v.y)
	switch gradient.ours {
	case byWinograd, byProduct, bySum:
		c.choose(w, blockedWeights(v.wDims))
		return nil
	case byChannel:
		c.choose(w, v.depthwiseWeights())
		return nil
	case byTiles:
		c.choose(w, v.amxWeights())
		return nil
	}
	pd, err := gradient.backwardWeights(false)
	if err != nil {
		return err
	}
	defer pd.free()
	c.choose(w, pd.mdOf(C.WB_DIFF_WEIGHTS, 0, v.wDims))
	return nil
}

// wanted is an operand that is to be in the layout that the primitive chose.
type wanted struct {
	arg          C.int
	v            *plan.Value
	which, index C.int
	dims         []int
}

func (c *compiler) operands(pd *primitive, ws []wanted) ([]argument, error) {
	var args []argument
	for _, w := range ws {
		b, err := c.layoutAs(w.v, pd.mdOf(w.which, w.index, w.dims))
		if err != nil {
			return nil, err
		}
		args = append(args, in(w.arg, b))
	}
	return args, nil
}

func (c *compiler) convBwdData(s *plan.Step, spec op.Conv) error {
	w, dy, dx := s.In[0], s.In[1], s.Out[0]
	v := c.convolution(algorithms.BackwardData, spec, dx.Shape, w.Shape, dy.Shape)
	switch v.ours {
	case byWinograd:
		return c.winogradBwdData(s, v)
	case byProduct:
		return c.productBwdData(s, v)
	case byChannel:
		return c.depthwiseBwdData(s, v)
	}
	pd, err := v.backwardData()
	if err != nil {
		return err
	}
	args, err := c.operands(pd, []wanted{{C.WB_ARG_WEIGHTS, w, C.WB_WEIGHTS, 0, v.wDims}, {C.WB_ARG_DIFF_DST, dy, C.WB_DIFF_DST, 0, dy.Shape}})
	if err != nil {
		return err
	}
	args = append(args, out(C.WB_ARG_DIFF_SRC, c.define(dx, pd.mdOf(C.WB_DIFF_SRC, 0, dx.Shape))))
	c.add(v.step("conv_bwd_data", pd, args))
	return nil
}

// convBwdDataSum adds the other gradient inside our own kernels, whose results pass through
// registers anyway. The library cannot do that.
func (c *compiler) convBwdDataSum(s *plan.Step, spec plan.ConvBwdData) error {
	v := c.convolution(algorithms.BackwardData, spec.Conv, s.Out[0].Shape, s.In[0].Shape, s.In[1].Shape)
	switch {
	case v.ours == byWinograd:
		return c.winogradBwdData(s, v)
	case v.ours == byProduct && v.Stride == [2]int{1, 1}:
		return c.productBwdData(s, v)
	}
	return c.apart(spec.Apart(s))
}

func (c *compiler) convBwdWeights(s *plan.Step, spec op.Conv) error {
	x, dy, dw := s.In[0], s.In[1], s.Out[0]
	bias := len(s.Out) > 1
	v := c.convolution(algorithms.BackwardWeights, spec, x.Shape, dw.Shape, dy.Shape)
	switch v.ours {
	case byWinograd:
		return c.winogradBwdWeights(s, v)
	case byProduct:
		return c.productBwdWeights(s, v)
	case bySum:
		return c.directBwdWeights(s, v)
	case byChannel:
		return c.depthwiseBwdWeights(s, v)
	case byTiles:
		return c.amxBwdWeights(s, v)
	}
	pd, err := v.backwardWeights(bias)
	if err != nil {
		return err
	}
	args, err := c.operands(pd, []wanted{{C.WB_ARG_SRC, x, C.WB_SRC, 0, x.Shape}, {C.WB_ARG_DIFF_DST, dy, C.WB_DIFF_DST, 0, dy.Shape}})
	if err != nil {
		return err
	}
	args = append(args, out(C.WB_ARG_DIFF_WEIGHTS, c.define(dw, pd.mdOf(C.WB_DIFF_WEIGHTS, 0, v.wDims))))
	if bias {
		args = append(args, out(C.WB_ARG_DIFF_BIAS, c.define(s.Out[1], plainMD(s.Out[1].Shape))))
	}
	c.add(v.step("conv_bwd_weights", pd, args))
	return nil
}
