package op_test

import (
	"math"
	"testing"

	G "gorgonia.org/gorgonia"

	"workbench/nn/op"
)

func init() {
	lossValues()
	distanceValues()
	lossShapes()
	lossGradients()
}

var (
	log2, log4, log43 = math.Log(2), math.Log(4), math.Log(4.0 / 3)
	twoRows           = tensorOf(op.Shape{2, 2}, 0, math.Log(3), 7, 7) // −log p is log 4 and log 4/3, then log 2 twice
	scalar            = op.Shape{}
	pair              = op.Shape{2}
)

func lossValues() {
	samples, classes := op.Weighted{SampleWeights: true}, op.Weighted{ClassWeights: true}
	targets := tensorOf(op.Shape{2, 2}, 0.25, 0.75, 1, 0)
	backwards := func(e op.CrossEntropy) op.Spec { return op.CrossEntropyBwd{CrossEntropy: e} }
	kernelCases = append(kernelCases, []kernelCase{
		{op.CrossEntropy{Ignore: true}, []operand{twoRows, intsOf(1, -1)}, tensorOf(scalar, log43)},
		{op.CrossEntropy{Ignore: true}, []operand{twoRows, intsOf(-1, -1)}, tensorOf(scalar, 0)},
		{op.CrossEntropy{Weighted: samples}, []operand{twoRows, intsOf(1, 0), tensorOf(pair, 1, 3)}, tensorOf(scalar, (log43+3*log2)/4)},
		{op.CrossEntropy{Weighted: classes}, []operand{twoRows, intsOf(1, 0), tensorOf(pair, 1, 3)}, tensorOf(scalar, (3*log43+log2)/4)},
		// torch.nn.functional.cross_entropy with weight and label_smoothing multiplies term k by the weight of class k and
		// divides by the weight of the label.
		{op.CrossEntropy{Smoothing: 0.5, Ignore: true, Weighted: classes}, []operand{twoRows, intsOf(1, -1), tensorOf(pair, 1, 3)},
			tensorOf(scalar, (0.5*3*log43+0.25*(log4+3*log43))/3)},
		{op.CrossEntropy{Weighted: op.Weighted{SampleWeights: true, ClassWeights: true}},
			[]operand{twoRows, intsOf(1, 0), tensorOf(pair, 2, 1), tensorOf(pair, 1, 3)},
			tensorOf(scalar, (6*log43+log2)/7)},
		{backwards(op.CrossEntropy{Ignore: true}), []operand{twoRows, intsOf(-1, 0), half}, tensorOf(op.Shape{2, 2}, 0, 0, -0.25, 0.25)},
		{backwards(op.CrossEntropy{Ignore: true}), []operand{twoRows, intsOf(-1, -1), half}, tensorOf(op.Shape{2, 2}, 0, 0, 0, 0)},
		{backwards(op.CrossEntropy{Weighted: samples}), []operand{twoRows, intsOf(1, 0), tensorOf(pair, 1, 3), half},
			tensorOf(op.Shape{2, 2}, 1.0/32, -1.0/32, -6.0/32, 6.0/32)},
		{op.SoftCrossEntropy{}, []operand{twoRows, targets}, tensorOf(scalar, (0.25*log4+0.75*log43+log2)/2)},
		{op.SoftCrossEntropy{Weighted: samples}, []operand{twoRows, targets, tensorOf(pair, 1, 3)},
			tensorOf(scalar, (0.25*log4+0.75*log43+3*log2)/4)},
		{op.SoftCrossEntropy{Weighted: classes}, []operand{twoRows, targets, tensorOf(pair, 1, 3)},
			tensorOf(scalar, (0.25*log4+2.25*log43+log2)/2)},
		{op.SoftCrossEntropyBwd{}, []operand{twoRows, tensorOf(op.Shape{2, 2}, 0, 2, 0.5, 0.5), half},
			tensorOf(op.Shape{2, 2}, 0.125, -0.125, 0, 0)},
		{op.KLDivergence{Temperature: 1}, []operand{tensorOf(op.Shape{1, 2}, 4, 4), tensorOf(op.Shape{1, 2}, 0, math.Log(3))},
			tensorOf(scalar, 0.25*math.Log(0.5)+0.75*math.Log(1.5))},
		{op.KLDivergence{Temperature: 2}, []operand{tensorOf(op.Shape{1, 2}, 4, 4),
			tensorOf(op.Shape{1, 2}, 0, 2*math.Log(3))}, tensorOf(scalar, 4*(0.25*math.Log(0.5)+0.75*math.Log(1.5)))},
		{op.KLDivergenceBwd{KLDivergence: op.KLDivergence{Temperature: 2}},
			[]operand{tensorOf(op.Shape{1, 2}, 4, 4), tensorOf(op.Shape{1, 2}, 0, 2*math.Log(3)), half},
			tensorOf(op.Shape{1, 2}, 0.25, -0.25)},
	}...)
}

func distanceValues() {
	x, target := tensorOf(pair, 0, 3), tensorOf(pair, 0.25, 1)
	row := tensorOf(op.Shape{2, 2}, 3, 4, 0, 0)
	unit := op.L2Normalize{Epsilon: 0.5}
	bce := op.PointLoss{Kind: op.BinaryCrossEntropy}
	// Logits of which exp overflows in either precision, or is 0.
	far, wide, narrow := tensorOf(pair, 1000, -1000), tensorOf(op.Shape{1, 2}, 1000, -1000), tensorOf(op.Shape{1, 2}, -1000, 1000)
	// Views 0 and 2 belong together, and so do 1 and 3. The diagonal must not count.
	views := tensorOf(op.Shape{4, 4}, 99, 0, math.Log(2), 0, 0, 99, 0, 0, 0, 0, 99, 0, 0, 0, 0, 99)
	kernelCases = append(kernelCases, []kernelCase{
		{op.Softmax{}, []operand{tensorOf(op.Shape{1, 3}, 0, 1000, 1000)}, tensorOf(op.Shape{1, 3}, 0, 0.5, 0.5)},
		{op.Softmax{Log: true}, []operand{twoRows}, tensorOf(op.Shape{2, 2}, -log4, -log43, -log2, -log2)},
		{op.SoftmaxBwd{}, []operand{tensorOf(op.Shape{1, 2}, 0.25, 0.75), tensorOf(op.Shape{1, 2}, 8, 0)}, tensorOf(op.Shape{1, 2}, 1.5, -1.5)},
		{op.SoftmaxBwd{Softmax: op.Softmax{Log: true}},
			[]operand{tensorOf(op.Shape{1, 2}, -log4, -log43), tensorOf(op.Shape{1, 2}, 8, 0)}, tensorOf(op.Shape{1, 2}, 6, -6)},
		{op.PointLoss{}, []operand{x, target}, tensorOf(scalar, (0.0625+4)/2)},
		{op.PointLossBwd{}, []operand{x, target, half}, tensorOf(pair, -0.125, 1)},
		{bce, []operand{x, target}, tensorOf(scalar, (log2+math.Log(1+math.Exp(-3)))/2)},
		{op.PointLossBwd{PointLoss: bce}, []operand{x, target, half}, tensorOf(pair, 0.0625, 0.25*(1/(1+math.Exp(-3))-1))},
		{bce, []operand{far, tensorOf(pair, 0, 1)}, tensorOf(scalar, 1000)},
		{bce, []operand{far, tensorOf(pair, 1, 0)}, tensorOf(scalar, 0)},
		{op.PointLossBwd{PointLoss: bce}, []operand{far, tensorOf(pair, 0, 1), half}, tensorOf(pair, 0.25, -0.25)},
		{op.SoftCrossEntropy{}, []operand{wide, tensorOf(op.Shape{1, 2}, 0, 1)}, tensorOf(scalar, 2000)},
		{op.KLDivergence{Temperature: 1}, []operand{wide, narrow}, tensorOf(scalar, 2000)},
		{op.NTXent{}, []operand{tensorOf(op.Shape{2, 2}, 99, 1000, -1000, 99)}, tensorOf(scalar, 0)},
		{unit, []operand{row}, tensorOf(op.Shape{2, 2}, 0.6, 0.8, 0, 0)},
		{op.L2NormalizeBwd{L2Normalize: unit}, []operand{row, tensorOf(op.Shape{2, 2}, 5, 0, 1, 2)}, tensorOf(op.Shape{2, 2}, 0.64, -0.48, 2, 4)},
		{op.NTXent{}, []operand{views}, tensorOf(scalar, (log2+3*math.Log(3))/4)},
		{op.NTXentBwd{}, []operand{tensorOf(op.Shape{2, 2}, 99, 1, 2, 99), half}, tensorOf(op.Shape{2, 2}, 0, 0, 0, 0)},
	}...)
}

func lossShapes() {
	classes := op.Weighted{ClassWeights: true}
	shapeCases = append(shapeCases, []shapeCase{
		{op.CrossEntropy{Weighted: classes}, []op.Shape{{2, 3}, {2}}, []string{"cross_entropy: got 2 operands, want 3"}},
		{op.CrossEntropy{Weighted: classes}, []op.Shape{{2, 3}, {2}, {2}}, []string{"cross_entropy: weights of the classes is (2), want (3)"}},
		{op.CrossEntropy{Weighted: op.Weighted{SampleWeights: true}}, []op.Shape{{2, 3}, {2}, {3}},
			[]string{"cross_entropy: weights of the images is (3), want (2)"}},
		{op.SoftCrossEntropy{}, []op.Shape{{2, 3}, {2}}, []string{"soft_cross_entropy: targets is (2), want (2, 3)"}},
		{op.SoftCrossEntropy{}, []op.Shape{{2}, {2}}, []string{"soft_cross_entropy: logits (2) has 1 axes, want 2"}},
		{op.SoftCrossEntropyBwd{}, []op.Shape{{2, 3}, {2, 3}, {2}}, []string{"soft_cross_entropy_bwd: gradient is (2), want ()"}},
		{op.KLDivergence{}, []op.Shape{{2, 3}, {2, 3}}, []string{"kl_divergence: temperature 0, want above 0"}},
		{op.KLDivergence{Temperature: 1}, []op.Shape{{2, 3}, {2, 2}}, []string{"kl_divergence: teacher is (2, 2), want (2, 3)"}},
		{op.KLDivergenceBwd{KLDivergence: op.KLDivergence{Temperature: 1}}, []op.Shape{{2, 3}, {2, 3}, {2}},
			[]string{"kl_divergence_bwd: gradient is (2), want ()"}},
		{op.Softmax{}, []op.Shape{{}}, []string{"softmax: input () has no axis"}},
		{op.SoftmaxBwd{Softmax: op.Softmax{Log: true}}, []op.Shape{{2, 3}, {2}}, []string{"log_softmax_bwd: gradient is (2), want (2, 3)"}},
		{op.PointLoss{}, []op.Shape{{2, 3}, {2}}, []string{"squared_error: target is (2), want (2, 3)"}},
		{op.PointLoss{Kind: 7}, []op.Shape{{2, 3}, {2, 3}}, []string{"point loss 7 is unknown, want 0 to 1"}},
		{op.PointLossBwd{}, []op.Shape{{2, 3}, {2, 3}, {1}}, []string{"squared_error_bwd: gradient is (1), want ()"}},
		{op.L2Normalize{}, []op.Shape{{2, 3}}, []string{"l2_normalize: epsilon 0, want above 0"}},
		{op.L2Normalize{Epsilon: 1}, []op.Shape{{2, 3, 1}}, []string{"l2_normalize: input (2, 3, 1) has 3 axes, want 2"}},
		{op.L2NormalizeBwd{L2Normalize: op.L2Normalize{Epsilon: 1}}, []op.Shape{{2, 3}, {3}},
			[]string{"l2_normalize_bwd: gradient is (3), want (2, 3)"}},
		{op.NTXent{}, []op.Shape{{3, 3}}, []string{"nt_xent: similarities are (3, 3), want (2n, 2n)"}},
		{op.NTXentBwd{}, []op.Shape{{4, 4}, {1}}, []string{"nt_xent_bwd: gradient is (1), want ()"}},
	}...)
}

// weightedLoss differentiates a loss by its logits. The fixed operands behind them are made positive.
func weightedLoss(name string, s op.Spec, ints []int32, fixed ...op.Shape) gradientCase {
	c := gradientCase{name: name, spec: s, in: append([]op.Shape{{4, 5}}, fixed...), ints: ints, fixed: len(fixed)}
	c.whole = func(g *op.Graph, in []*G.Node) (*G.Node, error) {
		args := in[:1:1]
		if ints != nil {
			args = append(args, in[len(in)-1])
		}
		for _, n := range in[1 : 1+len(fixed)] {
			p, err := g.Apply(op.Activation{Kind: op.Sigmoid}, n)
			if err != nil {
				return nil, err
			}
			args = append(args, p)
		}
		return g.Apply(s, args...)
	}
	return c
}

func lossGradients() {
	samples, classes := op.Weighted{SampleWeights: true}, op.Weighted{ClassWeights: true}
	both := op.Weighted{SampleWeights: true, ClassWeights: true}
	labels, some := []int32{0, 4, 2, 2}, []int32{0, -1, 2, -1}
	gradientCases = append(gradientCases, []gradientCase{
		weightedLoss("cross-entropy, ignored labels", op.CrossEntropy{Ignore: true, Smoothing: 0.2}, some),
		weightedLoss("cross-entropy, weights of images", op.CrossEntropy{Weighted: samples}, labels, op.Shape{4}),
		weightedLoss("cross-entropy, weights of classes, smoothing", op.CrossEntropy{Weighted: classes, Smoothing: 0.2}, labels, op.Shape{5}),
		weightedLoss("cross-entropy, everything", op.CrossEntropy{Weighted: both, Smoothing: 0.2, Ignore: true}, some, op.Shape{4}, op.Shape{5}),
		weightedLoss("soft cross-entropy", op.SoftCrossEntropy{}, nil, op.Shape{4, 5}),
		weightedLoss("soft cross-entropy, everything", op.SoftCrossEntropy{Weighted: both}, nil, op.Shape{4, 5}, op.Shape{4}, op.Shape{5}),
		weightedLoss("kl divergence", op.KLDivergence{Temperature: 3}, nil, op.Shape{4, 5}),
		weightedLoss("binary cross-entropy", op.PointLoss{Kind: op.BinaryCrossEntropy}, nil, op.Shape{4, 5}),
		{name: "squared error", spec: op.PointLoss{}, in: []op.Shape{{2, 3, 2, 1}, {2, 3, 2, 1}}},
		pool("softmax", op.Softmax{}, op.Shape{3, 4}),
		pool("log softmax", op.Softmax{Log: true}, op.Shape{2, 3, 4}),
		pool("l2 normalize", op.L2Normalize{Epsilon: 1e-12}, op.Shape{3, 4}),
		pool("l2 normalize, short rows", op.L2Normalize{Epsilon: 100}, op.Shape{3, 4}),
		pool("nt-xent", op.NTXent{}, op.Shape{6, 6}),
	}...)
}

func TestLabelRanges(t *testing.T) {
	in := []op.Shape{{2, 10}, {2}}
	for _, c := range []struct {
		e   op.CrossEntropy
		low int
	}{{op.CrossEntropy{}, 0}, {op.CrossEntropy{Ignore: true}, -1}} {
		if operand, low, end := c.e.LabelRange(in); operand != 1 || low != c.low || end != 10 {
			t.Errorf("%+v: operand %d from %d to below %d, want 1 from %d to below 10", c.e, operand, low, end, c.low)
		}
	}
}
