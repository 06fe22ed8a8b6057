package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "pi_model",
		Doc:  "few labelled images; of the others the network must say of one view what it says of another",
		Loss: "supervised + weight · consistency: cross-entropy of the labelled images, and squared distance of the probabilities of " +
			"two views; the weight grows over warm_up",
		Example: fewExample(),
		Paper:   "Laine and Aila 2017, Temporal ensembling for semi-supervised learning (arXiv 1610.02242)",
		Options: fewLabels(1, rampOptions(10)...),
		Phases:  piModel,
	})
}

// piModel follows microsoft/Semi-supervised-learning (semilearn/algorithms/pimodel): no gradient goes through the first
// view, batch norms use the statistics of each view's own images, and those of the labelled ones move the running
// statistics. In the paper both views learn, labelled images take part, and the weight grows by another curve.
func piModel(s option.Settings, about About) ([]Phase, error) {
	streams, err := fewStreams(s, about, View{}, View{})
	if err != nil {
		return nil, err
	}
	return []Phase{{
		Streams: streams,
		Scalars: map[string]func(At) float64{"weight": rampWeight(s)},
		Objective: func(g *Graph) Objective {
			network := g.Shared()
			logits := g.Network(network, g.View(labelled, 0))
			supervised := g.ClassifierLoss(logits, g.Labels(labelled), 0)
			network = network.KeepStatistics()
			target := g.StopGradient(g.Softmax(g.Network(network, g.View(unlabelled, 0))))
			apart := g.Sub(g.Softmax(g.Network(network, g.View(unlabelled, 1))), target)
			squares := g.Mul(apart, apart)
			return Objective{
				Loss: g.Add(supervised, g.weighted(squares)), Logits: logits, Of: labelled,
				Record: map[string]nn.Tensor{"supervised": supervised, "consistency": g.Mean(squares)},
			}
		},
	}}, nil
}
