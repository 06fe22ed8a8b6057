//go:build !noonednn

package onednn

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// lowered are the operators that programs have once nn/plan has fused them. Batch norm's own steps (op.BNStats,
// op.BNApply and their gradients) are not among them: plan.Fuse replaces them all.
var lowered = []any{
	op.Conv{}, op.ConvBwdData{}, op.ConvBwdWeights{}, plan.Conv{}, plan.ConvBwdData{}, plan.ConvBwdWeights{},
	op.Linear{}, op.LinearBwdData{}, op.LinearBwdWeights{}, plan.Linear{}, plan.LinearBwdWeights{}, op.BiasBwd{},
	plan.BatchNorm{}, plan.BatchNormBwd{}, plan.BatchNormApply{}, plan.BatchNormInfer{}, op.BNRunning{},
	op.BNInferBwd{}, op.BNInferReduce{}, op.Row{},
	op.RowStats{}, op.RowNorm{}, op.RowNormBwd{}, op.RowNormReduce{}, op.LRN{}, op.LRNBwd{},
	op.Sum{}, plan.SumReLU{}, op.ReLU{}, op.ReLUBwd{}, op.Activation{}, op.ActivationBwd{},
	op.MaxPool{}, plan.MaxPool{}, plan.MaxPoolBwd{}, op.AvgPool{}, op.AvgPoolBwd{}, op.AdaptiveAvgPool{}, op.AdaptiveAvgPoolBwd{},
	op.Reshape{}, op.Concat{}, op.Channels{}, op.ChannelsBwd{}, op.ChannelShuffle{}, op.Transpose{}, op.Subsample{}, op.SubsampleBwd{},
	op.Scale{}, op.StopGradient{}, op.ScaleGradient{}, op.Mean{}, op.MeanBwd{}, op.Mul{}, op.MulReduce{}, op.MatMul{},
	op.Dropout{}, op.DropPath{}, op.Softmax{}, op.SoftmaxBwd{},
	op.CrossEntropy{}, op.CrossEntropyBwd{}, op.SoftCrossEntropy{}, op.SoftCrossEntropyBwd{},
	op.KLDivergence{}, op.KLDivergenceBwd{}, op.PointLoss{}, op.PointLossBwd{},
	op.L2Normalize{}, op.L2NormalizeBwd{}, op.NTXent{}, op.NTXentBwd{},
	op.Pointwise{}, op.PointwiseBwd{}, op.Stretch{}, op.SumTo{}, op.MaxTo{}, op.MaxToBwd{},
	op.Compare{}, op.OneHotMax{}, op.OneHot{}, op.Smallest{}, op.GatherRows{}, op.ScatterRows{},
}

func TestEveryOperatorHasALowering(t *testing.T) {
	for _, spec := range lowered {
		if lowerings[reflect.TypeOf(spec)] == nil {
			t.Errorf("%T has no lowering", spec)
		}
	}
	if len(lowerings) != len(lowered) {
		t.Errorf("%d operators have a lowering, the test lists %d", len(lowerings), len(lowered))
	}
}

func TestAnOperatorWithoutALoweringIsAnError(t *testing.T) {
	for _, spec := range []any{op.BNStats{}, struct{ op.Conv }{}, nil} {
		if err := new(compiler).lowerByType(&plan.Step{Spec: spec}); !errors.Is(err, errNoLowering) {
			t.Errorf("%T: got error %v, want %v", spec, err, errNoLowering)
		}
	}
}

func TestASecondLoweringPanics(t *testing.T) {
	defer func() {
		if got, _ := recover().(string); !strings.Contains(got, "op.Conv has a lowering already") {
			t.Errorf("registering op.Conv again: got %q, want a panic that names it", got)
		}
	}()
	registerPlain[op.Conv](func(*compiler, *plan.Step) error { return nil })
}
