package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "pseudo_label",
		Doc:  "few labelled images; of the others, what the network surely says of an image is its label",
		Loss: "supervised + weight · consistency: cross-entropy of the labelled images, and of the unlabelled ones, where those below " +
			"the threshold count as 0; the weight grows over warm_up",
		Example: fewExample(),
		Paper:   "Lee 2013, Pseudo-Label: The simple and efficient semi-supervised learning method for deep neural networks (ICML workshop)",
		Options: fewLabels(1, append([]option.Option{sureFrom("the network's answer; 0, as in the paper: every answer")}, rampOptions(1)...)...),
		Phases:  pseudoLabel,
	})
}

// pseudoLabel follows microsoft/Semi-supervised-learning (semilearn/algorithms/pseudolabel), whose threshold the paper
// does not have: batch norms use the statistics of each stream's own images, and those of the labelled ones move the
// running statistics.
func pseudoLabel(s option.Settings, about About) ([]Phase, error) {
	streams, err := fewStreams(s, about, View{})
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
			others := g.Network(network.KeepStatistics(), g.View(unlabelled, 0))
			sure, answers := g.sureAnswers(others, s.Float("threshold"))
			losses := g.Mul(g.RowSoftCrossEntropy(others, answers), sure)
			return Objective{
				Loss: g.Add(supervised, g.weighted(losses)), Logits: logits, Of: labelled,
				Record: map[string]nn.Tensor{"supervised": supervised, "consistency": g.Mean(losses), "sure": g.Mean(sure)},
				Ratios: g.precision(sure, answers),
			}
		},
	}}, nil
}
