//go:build !noonednn

package onednn

// #include "bridge.h"
import "C"

import (
	"errors"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// In bfloat16 programs the images between convolutions are bfloat16, and so are the copies of the
// convolutions' weights that are read. The weights themselves, their gradients, statistics, losses and most of
// what our own kernels read and write stay float32.

// errNoBFloat16 is the error on a processor without the instructions.
var errNoBFloat16 = errors.New("precision bf16 needs a processor with AVX512_BF16, which this one has not: use float32")

func hasBFloat16() bool { return C.wb_processor_has(C.WB_AVX512_CORE_BF16) != 0 }

// anyMD is a layout, which the primitive chooses, for an image or for weights that a convolution reads.
func (c *compiler) anyMD(dims []int) *md { return newTypedMD(dims, C.WB_ANY, c.BFloat16) }

// knowsHalf tells whether the lowering of the step takes bfloat16 operands.
func (c *compiler) knowsHalf(s *plan.Step) bool {
	switch spec := s.Spec.(type) {
	case op.Activation:
		return spec.Kind != op.Sigmoid && inLibrary(spec.Kind)
	case op.ActivationBwd:
		return spec.Kind != op.Sigmoid && inLibrary(spec.Kind)
	case op.AvgPool:
		return !beyondLibrary(spec)
	case op.AvgPoolBwd:
		return !beyondLibrary(spec.AvgPool)
	case op.Mul:
		return c.gatesLast(s.In[0], s.In[1].Shape)
	case op.MulReduce:
		return c.gatesLast(s.In[0], s.Out[0].Shape) && c.gatesLast(s.In[1], s.Out[0].Shape)
	case op.Conv, plan.Conv, op.ConvBwdData, plan.ConvBwdData, op.ConvBwdWeights, plan.ConvBwdWeights,
		plan.BatchNorm, plan.BatchNormApply, plan.BatchNormBwd, plan.BatchNormInfer,
		op.Sum, plan.SumReLU, op.ReLU, op.ReLUBwd, op.MaxPool, plan.MaxPool, plan.MaxPoolBwd, op.Concat, op.Channels,
		op.ChannelsBwd, op.ChannelShuffle, op.DropPath, op.Subsample, op.SubsampleBwd:
		return true
	}
	return false
}

// single shows the step its operands in float32, until restore is called, if its lowering takes no bfloat16.
func (c *compiler) single(s *plan.Step) (restore func(), err error) {
	hidden := map[*plan.Value]*buffer{}
	restore = func() {
		for v, b := range hidden {
			c.home[v] = b
		}
	}
	if c.knowsHalf(s) {
		return restore, nil
	}
	for _, v := range s.In {
		b := c.home[v]
		if b == nil || v.Shape == nil || !b.md.half() {
			continue
		}
		shown, err := c.layoutAs(v, b.md.typed(false))
		if err != nil {
			return restore, err
		}
		hidden[v], c.home[v] = b, shown
	}
	return restore, nil
}
