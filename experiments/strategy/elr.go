package strategy

import (
	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name:    "elr",
		Doc:     "cross-entropy, held to what the network said of each image before it could learn wrong labels by heart",
		Loss:    "cross_entropy + lambda · regularizer, each a mean over images; the second is below 0, and so can be the loss",
		Example: noisyExample,
		Paper:   "Liu et al. 2020, Early-Learning Regularization Prevents Memorization of Noisy Labels (arXiv 2007.00151)",
		Options: []option.Option{
			{Name: "beta", Default: 0.7, Max: 1, Below: true, Doc: "share that the memory of an image keeps of itself each time"},
			{Name: "lambda", Default: 3.0, Doc: "weight of the regularisation"},
		},
		Phases: elr,
	})
}

// leastProbability is where the authors' code (shengliu66/ELR, model/loss.py) clamps probabilities.
const leastProbability = 1e-4

func elr(s option.Settings, _ About) ([]Phase, error) {
	return []Phase{{
		Streams: []Stream{{Split: data.Train}},
		Objective: func(g *Graph) Objective {
			logits := g.Network(g.Builder, g.View("", 0))
			entropy := g.ClassifierLoss(logits, g.Labels(""), 0)
			said := g.Clamp(g.Softmax(logits), leastProbability, 1-leastProbability)
			fixed := g.StopGradient(said)
			memory := g.Head("memory").State("targets", nn.Init{}, g.Images(""), g.Classes())
			before := g.GatherRows(memory, g.Rows(""))
			now := g.Add(g.Scale(before, s.Float("beta")), g.Scale(g.Div(fixed, g.RowSums(fixed)), 1-s.Float("beta")))
			g.SetRows(memory, g.Rows(""), now)
			apart := g.Plus(g.Scale(g.RowSums(g.Mul(now, said)), -1), 1) // 1 − ⟨target, prediction⟩
			regular := g.Mean(g.Log(apart))
			return Objective{
				Loss:   g.WeightedSum([]float64{1, s.Float("lambda")}, entropy, regular),
				Logits: logits, Record: map[string]nn.Tensor{"cross_entropy": entropy, "regularizer": regular},
			}
		},
	}}, nil
}
