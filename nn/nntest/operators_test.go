package nntest

import (
	"testing"

	"workbench/nn/op"
	"workbench/nn/plan"
)

// Likely mistakes in the operators beside those of plain convolutional networks.
func TestTheSuiteFindsMistakesInOperators(t *testing.T) {
	tests := map[string]func(*plan.Program){
		"sigmoid for hard sigmoid": steps(func(a op.Activation) op.Activation {
			if a.Kind == op.HardSigmoid {
				a.Kind = op.Sigmoid
			}
			return a
		}),
		"GELU by tanh": steps(func(a op.Activation) op.Activation {
			if a.Kind == op.GELU {
				a.Kind = op.GELUTanh
			}
			return a
		}),
		"no slope below zero, backward": steps(func(a op.ActivationBwd) op.ActivationBwd { a.Alpha = 0; return a }),
		"channels shuffled by other groups": steps(func(s op.ChannelShuffle) op.ChannelShuffle {
			if s.Groups == 2 || s.Groups == 3 {
				s.Groups = 5 - s.Groups
			}
			return s
		}),
		"channels of a slice one to the left": steps(func(c op.Channels) op.Channels { c.From = max(0, c.From-1); return c }),
		"gradient of a slice misplaced":       steps(func(c op.ChannelsBwd) op.ChannelsBwd { c.From = max(0, c.From-1); return c }),
		"drop path draws another mask":        steps(func(d op.DropPath) op.DropPath { d.Stream++; return d }),
		"lrn with alpha undivided":            steps(func(l op.LRN) op.LRN { l.Alpha *= float64(l.Size); return l }),
		"lrn with alpha undivided, backward":  steps(func(l op.LRNBwd) op.LRNBwd { l.Alpha *= float64(l.Size); return l }),
		"row norm's epsilon":                  steps(func(r op.RowNorm) op.RowNorm { r.Epsilon = 1e-3; return r }),
		"row norm's epsilon, backward":        steps(func(r op.RowNormBwd) op.RowNormBwd { r.Epsilon = 1e-3; return r }),
		"frozen norm's epsilon, backward":     steps(func(b op.BNInferBwd) op.BNInferBwd { b.Epsilon = 1e-5; return b }),
		"frozen norm's epsilon, reduction":    steps(func(b op.BNInferReduce) op.BNInferReduce { b.Epsilon = 0.1; return b }),
		"rounded up padding counted":          steps(func(p op.AvgPool) op.AvgPool { p.Uncounted = [2]int{}; return p }),
		"rounded up padding counted, backward": steps(func(p op.AvgPoolBwd) op.AvgPoolBwd {
			p.Uncounted = [2]int{}
			return p
		}),
		"difference is a sum": steps(func(s op.Scale) op.Scale {
			if s.By == -1 {
				s.By = 1
			}
			return s
		}),
		"factors of products exchanged": swapOperands[op.MatMul],
	}
	find(t, operators(), tests)
}

func TestTheSuiteFindsMistakesInLosses(t *testing.T) {
	find(t, losses(), map[string]func(*plan.Program){
		"distillation without T²":                   steps(func(k op.KLDivergence) op.KLDivergence { k.Temperature = 1; return k }),
		"distillation at another temperature":       steps(func(k op.KLDivergenceBwd) op.KLDivergenceBwd { k.Temperature = 2; return k }),
		"squared error for binary cross-entropy":    steps(func(op.PointLoss) op.PointLoss { return op.PointLoss{} }),
		"the other's gradient":                      steps(func(p op.PointLossBwd) op.PointLossBwd { p.Kind = 1 - p.Kind; return p }),
		"softmax for its logarithm":                 steps(func(op.Softmax) op.Softmax { return op.Softmax{} }),
		"softmax for its logarithm, backward":       steps(func(op.SoftmaxBwd) op.SoftmaxBwd { return op.SoftmaxBwd{} }),
		"rows that are not normalised":              steps(func(l op.L2Normalize) op.L2Normalize { l.Epsilon = 100; return l }),
		"rows that are not normalised, backward":    steps(func(l op.L2NormalizeBwd) op.L2NormalizeBwd { l.Epsilon = 100; return l }),
		"smoothing with weights left out":           steps(func(e op.CrossEntropy) op.CrossEntropy { e.Smoothing = 0; return e }),
		"smoothing with weights left out, backward": steps(func(e op.CrossEntropyBwd) op.CrossEntropyBwd { e.Smoothing = 0; return e }),
		"weights of the images for nothing":         dropWeights,
	})
}

// dropWeights makes the soft cross-entropy forget its weights.
func dropWeights(p *plan.Program) {
	for _, s := range p.Steps {
		if e, ok := s.Spec.(op.SoftCrossEntropy); ok && e.SampleWeights {
			s.Spec, s.In = op.SoftCrossEntropy{}, s.In[:2]
		}
	}
}
