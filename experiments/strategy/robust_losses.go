package strategy

import (
	"fmt"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/option"
)

// leastSoftmax is where the authors' code of the losses below clamps probabilities (HanxunH/Active-Passive-Losses,
// loss.py).
const leastSoftmax = 1e-7

// noiseRobustLosses learn less from labels that the network finds unlikely, many of which are wrong.
var noiseRobustLosses = []labelLoss{
	{name: "gce", doc: "generalised cross-entropy, (1 − p^q)/q (Zhang and Sabuncu 2018, arXiv 1805.07836, equation 6)",
		options: []option.Option{{Name: "q", Default: 0.7, Min: 0.01, Max: 1, Later: true, // below, float32 cannot tell p^q from 1
			Doc: "of the gce loss: near 0 it is cross-entropy, at 1 the mean absolute error"}},
		build: plainLoss(func(g *Graph, s option.Settings, logits, targets nn.Tensor) nn.Tensor {
			q := s.Float("q")
			p := g.Clamp(g.Softmax(logits), leastSoftmax, 1)
			return g.Mean(g.RowSums(g.Mul(targets, g.Scale(g.without(g.Power(p, q)), 1/q))))
		})},
	{name: "sce", doc: "symmetric cross-entropy: cross-entropy, and that of the label given the answer (Wang et al. 2019, arXiv 1908.06112)",
		options: []option.Option{
			{Name: "sce_alpha", Default: 0.1, Max: 1e6, Later: true, Doc: "of the sce loss: weight of the cross-entropy"},
			{Name: "sce_beta", Default: 1.0, Max: 1e6, Later: true, Doc: "of the sce loss: weight of the reverse cross-entropy"},
			leastTarget,
		},
		build: weighed("sce_alpha", "sce_beta", func(g *Graph, s option.Settings, logits, targets nn.Tensor) nn.Tensor {
			return g.WeightedSum([]float64{s.Float("sce_alpha"), s.Float("sce_beta")},
				g.Mean(g.RowSoftCrossEntropy(logits, targets)), g.reverse(s, logits, targets))
		})},
	{name: "nce_rce", doc: "normalised and reverse cross-entropy, an active and a passive loss (Ma et al. 2020, arXiv 2006.13554)",
		options: []option.Option{
			{Name: "active", Default: 1.0, Max: 1e6, Later: true, Doc: "of the nce_rce loss: weight of the normalised cross-entropy"},
			{Name: "passive", Default: 1.0, Max: 1e6, Later: true, Doc: "of the nce_rce loss: weight of the reverse cross-entropy"},
			leastTarget,
		},
		build: weighed("active", "passive", func(g *Graph, s option.Settings, logits, targets nn.Tensor) nn.Tensor {
			said := g.LogSoftmax(logits)
			normalised := g.Div(g.RowSums(g.Mul(targets, said)), g.RowSums(said))
			return g.WeightedSum([]float64{s.Float("active"), s.Float("passive")}, g.Mean(normalised), g.reverse(s, logits, targets))
		})},
	{name: "bootstrap", doc: "the target is in part what the network itself says (soft bootstrapping, Reed et al. 2015, arXiv 1412.6596, " +
		"equation 6)",
		options: []option.Option{{Name: "believed", Default: 0.95, Max: 1, Later: true,
			Doc: "of the bootstrap loss: share of the target that is the label's (β of the paper); the rest is the answer's"}},
		build: plainLoss(func(g *Graph, s option.Settings, logits, targets nn.Tensor) nn.Tensor {
			return g.bootstrap(s.Float("believed"), logits, targets, g.Softmax(logits))
		})},
	{name: "bootstrap_hard", doc: "bootstrap, with the class that the network finds most likely (hard bootstrapping, equation 7)",
		options: []option.Option{{Name: "believed_hard", Default: 0.8, Max: 1, Later: true,
			Doc: "of the bootstrap_hard loss: share of the target that is the label's (β of the paper)"}},
		build: plainLoss(func(g *Graph, s option.Settings, logits, targets nn.Tensor) nn.Tensor {
			return g.bootstrap(s.Float("believed_hard"), logits, targets, g.OneHotMax(g.StopGradient(logits)))
		})},
	{name: "forward", doc: "forward correction: cross-entropy of what the answers become by a known noise of the labels (Patrini et al. " +
		"2017, arXiv 1609.03683, theorem 2)",
		options: []option.Option{
			{Name: "transition", Default: data.Symmetric, Choices: noiseKinds(), Later: true,
				Doc: "of the forward loss: the protocol by which labels are taken to be wrong, as in dataset.label_noise"},
			{Name: "transition_rate", Default: 0.4, Max: 1, Later: true,
				Doc: "of the forward loss: the rate at which they are taken to be wrong, as in dataset.label_noise_rate"},
		},
		build: forwardCorrected},
}

// leastTarget is shared by the losses with a reverse cross-entropy.
var leastTarget = option.Option{Name: "least_target", Default: 1e-4, Above: true, Max: 1, Later: true,
	Doc: "of the sce and nce_rce losses: what a target of 0 is taken for, whose logarithm cannot be taken: 1e-4 in the authors' code, " +
		"0.0183 = exp(−4) in their papers"}

// weighed is a plain loss of two parts, one of which at least has a weight.
func weighed(one, other string, of func(g *Graph, s option.Settings, logits, targets nn.Tensor) nn.Tensor) func(option.Settings,
	data.Info) (lossOf, error) {
	return func(s option.Settings, info data.Info) (lossOf, error) {
		if s.Float(one) == 0 && s.Float(other) == 0 {
			return nil, fmt.Errorf("strategy.%s and strategy.%s are both 0, so that nothing is learnt: want one above 0", one, other)
		}
		return plainLoss(of)(s, info)
	}
}

func noiseKinds() []string {
	names, _ := data.NoiseKinds()
	return names
}

// reverse is the reverse cross-entropy −Σ p·log y, mean over images, with targets y of at least least_target.
func (g *Graph) reverse(s option.Settings, logits, targets nn.Tensor) nn.Tensor {
	p := g.Clamp(g.Softmax(logits), leastSoftmax, 1)
	return g.Scale(g.Mean(g.RowSums(g.Mul(p, g.Log(g.Clamp(targets, s.Float("least_target"), 1))))), -1)
}

// bootstrap is −Σ (β·y + (1 − β)·z)·log p, mean over images, with targets y and own answers z. The gradient goes
// through z, as minimum entropy regularisation has it (Reed et al. 2015, section 3.2).
func (g *Graph) bootstrap(believed float64, logits, targets, own nn.Tensor) nn.Tensor {
	mixed := g.Add(g.Scale(targets, believed), g.Scale(own, 1-believed))
	return g.Scale(g.Mean(g.RowSums(g.Mul(mixed, g.LogSoftmax(logits)))), -1)
}

// forwardCorrected is −log (Tᵀp) at the label, mean over images, with T[i][j] the chance that class i is labelled j.
func forwardCorrected(s option.Settings, info data.Info) (lossOf, error) {
	transition, err := data.Noise{Kind: s.String("transition"), Rate: s.Float("transition_rate")}.Transition(info)
	if err != nil {
		return nil, err
	}
	return func(g *Graph, logits, targets nn.Tensor) nn.Tensor {
		k := g.Classes()
		noisy := g.Clamp(g.MatMul(g.Softmax(logits), g.Constant("transition", transition, k, k)), leastSoftmax, 1)
		return g.Scale(g.Mean(g.RowSums(g.Mul(targets, g.Log(noisy)))), -1)
	}, nil
}
