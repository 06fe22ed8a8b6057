//go:build !noonednn

package onednn

// #include "bridge.h"
// #include "kernels_call.h"
import "C"

import (
	"fmt"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// lowerOperator is lower for the operators beside those of plain convolutional networks, family by family.
func (c *compiler) lowerOperator(s *plan.Step) error {
	switch spec := s.Spec.(type) {
	case op.BiasBwd:
		return c.biasBwd(s)
	case op.Activation:
		return c.activation(s, spec)
	case op.ActivationBwd:
		return c.activationBwd(s, spec)
	case op.Scale:
		return c.scale(s, spec)
	case op.StopGradient, op.ScaleGradient:
		return c.identity(s)
	case op.Mean, op.MeanBwd:
		return c.mean(s)
	case op.Mul:
		return c.mul(s)
	case op.MulReduce:
		return c.mulReduce(s)
	case op.ChannelsBwd:
		return c.channelsBwd(s, spec)
	case op.ChannelShuffle:
		return c.channelShuffle(s, spec)
	case op.Transpose:
		return c.transpose(s, spec)
	case op.MatMul:
		return c.matMul(s, spec)
	case op.Subsample:
		return c.subsample(s, spec.Stride)
	case op.SubsampleBwd:
		return c.subsampleBwd(s, spec.Stride)
	case op.Dropout:
		return c.dropout(s, spec)
	case op.DropPath:
		return c.dropPath(s, spec)
	case op.AdaptiveAvgPool, op.AdaptiveAvgPoolBwd:
		return c.fieldMean(s, make([]int, 8))
	}
	return c.lowerNorm(s)
}

func (c *compiler) lowerNorm(s *plan.Step) error {
	switch spec := s.Spec.(type) {
	case plan.BatchNormApply:
		return c.batchNormApply(s, spec)
	case plan.BatchNormInfer:
		return c.batchNormInfer(s, spec)
	case op.LRN:
		return c.lrn(s, (C.wb_kernel)(C.wb_lrn), spec)
	case op.LRNBwd:
		return c.lrn(s, (C.wb_kernel)(C.wb_lrn_bwd), spec.LRN)
	case op.RowStats:
		return c.rowNorm(s, (C.wb_kernel)(C.wb_row_stats), op.RowNorm{Rows: spec.Rows})
	case op.RowNorm:
		return c.rowNorm(s, (C.wb_kernel)(C.wb_row_norm), spec)
	case op.RowNormBwd:
		return c.rowNorm(s, (C.wb_kernel)(C.wb_row_norm_bwd), spec.RowNorm)
	case op.RowNormReduce:
		return c.rowNorm(s, (C.wb_kernel)(C.wb_row_norm_reduce), spec.RowNorm)
	case op.BNInferBwd:
		return c.frozenBwd(s, spec)
	case op.BNInferReduce:
		return c.frozenReduce(s, spec)
	case op.Row:
		return c.row(s, spec)
	}
	return c.lowerLoss(s)
}

func (c *compiler) lowerLoss(s *plan.Step) error {
	switch spec := s.Spec.(type) {
	case op.CrossEntropy:
		return c.entropy(s, (C.wb_kernel)(C.wb_entropy), hard(spec))
	case op.CrossEntropyBwd:
		return c.entropy(s, (C.wb_kernel)(C.wb_entropy_bwd), hard(spec.CrossEntropy))
	case op.SoftCrossEntropy:
		return c.entropy(s, (C.wb_kernel)(C.wb_entropy), entropy{Weighted: spec.Weighted})
	case op.SoftCrossEntropyBwd:
		return c.entropy(s, (C.wb_kernel)(C.wb_entropy_bwd), entropy{Weighted: spec.Weighted})
	case op.KLDivergence:
		return c.matrices(s, (C.wb_kernel)(C.wb_kl_divergence), spec.Temperature)
	case op.KLDivergenceBwd:
		return c.matrices(s, (C.wb_kernel)(C.wb_kl_divergence_bwd), spec.Temperature)
	case op.PointLoss:
		return c.matrices(s, pointLosses[spec.Kind].value, 0)
	case op.PointLossBwd:
		return c.matrices(s, pointLosses[spec.Kind].slope, 0)
	case op.L2Normalize:
		return c.matrices(s, (C.wb_kernel)(C.wb_l2_normalize), spec.Epsilon)
	case op.L2NormalizeBwd:
		return c.matrices(s, (C.wb_kernel)(C.wb_l2_normalize_bwd), spec.Epsilon)
	case op.NTXent:
		return c.matrices(s, (C.wb_kernel)(C.wb_nt_xent), 0)
	case op.NTXentBwd:
		return c.matrices(s, (C.wb_kernel)(C.wb_nt_xent_bwd), 0)
	case op.Softmax:
		return c.softmax(s, spec)
	case op.SoftmaxBwd:
		return c.softmaxBwd(s, spec)
	}
	return fmt.Errorf("the oneDNN backend has no lowering for it")
}
