//go:build !noonednn

package onednn

import (
	"workbench/nn/op"
	"workbench/nn/plan"
)

// lower adds the instructions of one step. Layers of plain convolutional networks are in lowerLayer, the rest in lowerOperator.
func (c *compiler) lower(s *plan.Step) error {
	if c.BFloat16 {
		restore, err := c.single(s)
		if err != nil {
			return err
		}
		defer restore()
	}
	if done, err := c.widened(s); done || err != nil {
		return err
	}
	return c.lowerLayer(s)
}

func (c *compiler) lowerLayer(s *plan.Step) error {
	switch spec := s.Spec.(type) {
	case op.Conv:
		return c.conv(s, spec)
	case plan.Conv:
		return c.fusedConv(s, spec)
	case op.ConvBwdData:
		return c.convBwdData(s, spec.Conv)
	case plan.ConvBwdData:
		return c.convBwdDataSum(s, spec)
	case op.ConvBwdWeights:
		return c.convBwdWeights(s, spec.Conv)
	case plan.ConvBwdWeights:
		return c.convBwdWeights(s, spec.Conv)
	case op.Linear:
		return c.linear(s)
	case plan.Linear:
		return c.fusedLinear(s, spec)
	case op.LinearBwdData:
		return c.linearBwdData(s)
	case op.LinearBwdWeights, plan.LinearBwdWeights:
		return c.linearBwdWeights(s)
	case plan.BatchNorm:
		return c.batchNorm(s, spec)
	case plan.BatchNormBwd:
		return c.batchNormBwd(s, spec)
	case op.BNRunning:
		return nil // done in place by lowerAssigns
	case op.Sum:
		return c.sum(s, false)
	case plan.SumReLU:
		return c.sum(s, true)
	case op.ReLU:
		return c.relu(s)
	case op.ReLUBwd:
		return c.reluBwd(s)
	case op.MaxPool:
		return c.maxPool(s, spec, nil)
	case plan.MaxPool:
		return c.maxPool(s, spec.MaxPool, s.Out[1])
	case plan.MaxPoolBwd:
		return c.maxPoolBwd(s, spec)
	case op.AvgPool:
		return c.avgPool(s, spec)
	case op.AvgPoolBwd:
		return c.avgPoolBwd(s, spec)
	case op.Reshape:
		return c.reshape(s)
	case op.Concat:
		return c.concat(s)
	case op.Channels:
		return c.channels(s, spec)
	}
	return c.lowerOperator(s)
}
