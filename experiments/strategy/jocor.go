package strategy

import (
	"slices"

	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "jocor",
		Doc:  "two networks that are to agree; both learn from the images of a batch whose labels and whose agreement they find easy",
		Loss: "(1 − lambda) · cross_entropy + lambda · disagreement, each a mean over the images that are easy to both: the two " +
			"networks' cross-entropies in sum, and the divergence of each from the other",
		Example: noisyExample,
		Paper:   "Wei et al. 2020, Combating Noisy Labels by Agreement: JoCoR (arXiv 2003.02752)",
		Options: slices.Concat([]option.Option{
			{Name: "lambda", Default: 0.9, Max: 1, Doc: "share of the disagreement in the loss; the cross-entropies have the rest"}},
			forgetOptions),
		Phases: func(s option.Settings, about About) ([]Phase, error) {
			return forgetting(s, about, func(g *Graph) Objective { return g.jointly(s.Float("lambda")) })
		},
	})
}

// jointly is equation 1 of the paper on the images where it is smallest (equation 4). The gradient goes through both
// sides of both divergences, as the authors' code has it (hongxin001/JoCoR, algorithm/loss.py).
func (g *Graph) jointly(lambda float64) Objective {
	x, labels := g.View("", 0), g.Labels("")
	one, two := g.Network(g.Builder, x), g.Network(g.Twin("second"), x)
	entropies := g.Add(g.RowCrossEntropy(one, labels), g.RowCrossEntropy(two, labels))
	// KL(p‖q) + KL(q‖p) = Σ (p − q)·(log p − log q)
	apart := g.RowSums(g.Mul(g.Sub(g.Softmax(one), g.Softmax(two)), g.Sub(g.LogSoftmax(one), g.LogSoftmax(two))))
	easy := g.easy(g.Add(g.Scale(entropies, 1-lambda), g.Scale(apart, lambda)))
	entropy, disagreement := g.meanOfChosen(entropies, easy), g.meanOfChosen(apart, easy)
	return Objective{
		Loss:   g.WeightedSum([]float64{1 - lambda, lambda}, entropy, disagreement),
		Logits: one, Record: map[string]nn.Tensor{"cross_entropy": entropy, "disagreement": disagreement},
	}
}
