package strategy

import (
	"slices"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/option"
)

// crossEntropy is the loss of supervised training unless a study says another; see labelLosses.
const crossEntropy = "cross_entropy"

func init() {
	Register(Strategy{
		Name: "supervised",
		Doc:  "a loss between the network's answers and the labels of the training split, cross-entropy unless a study says another",
		Loss: "cross-entropy, mean over images; binary and focal: mean over classes and images; with label_smoothing those of smoothed " +
			"targets; option loss says what each is",
		Mixes: []string{""},
		Example: Example{Beside: "supervised", Base: []string{"augment: {pad: 2, flip: true}"},
			Own: []string{"strategy.label_smoothing: 0.1"}},
		Options: slices.Concat([]option.Option{{Name: "label_smoothing", Default: 0.0, Max: 1, Below: true,
			Doc: "share of the target that is spread over all classes (Szegedy et al. 2016, section 7)"}},
			lossOptions(), []option.Option{statisticsOption}),
		Phases: func(s option.Settings, a About) ([]Phase, error) {
			other, err := settledLoss(s, a.Info)
			if err != nil {
				return nil, err
			}
			return []Phase{{
				FixedStatistics: s.Bool(statisticsOption.Name),
				Streams:         []Stream{{Split: data.Train, Mixed: true}},
				Objective: func(g *Graph) Objective {
					logits := g.Network(g.Builder, g.View("", 0))
					if g.Mixed("") { // no answer to a mixed image is right or wrong
						return Objective{Loss: g.labelLoss(s, other, logits)}
					}
					return Objective{Loss: g.labelLoss(s, other, logits), Logits: logits}
				},
			}}, nil
		},
	})
}

// labelLoss is the loss of logits [n, classes] with the labels or shares of the main stream: another one, or nil for
// cross-entropy. Auxiliary classifiers have the same one.
func (g *Graph) labelLoss(s option.Settings, other lossOf, logits nn.Tensor) nn.Tensor {
	smoothing := s.Float("label_smoothing")
	if other != nil {
		targets := g.targets("", smoothing)
		return g.EveryClassifierLoss(logits, func(logits nn.Tensor) nn.Tensor { return other(g, logits, targets) })
	}
	if g.Mixed("") {
		return g.SoftClassifierLoss(logits, g.Shares("", smoothing))
	}
	return g.ClassifierLoss(logits, g.Labels(""), smoothing)
}

// targets are the shares of the classes [n, classes] of a stream's images, smoothed.
func (g *Graph) targets(stream string, smoothing float64) nn.Tensor {
	if g.Mixed(stream) {
		return g.Shares(stream, smoothing)
	}
	shares := g.OneHot(g.Labels(stream), g.Classes())
	if smoothing == 0 {
		return shares
	}
	return g.Plus(g.Scale(shares, 1-smoothing), smoothing/float64(g.Classes()))
}
