package strategy

import (
	"workbench/experiments/data"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name:    "supervised",
		Doc:     "cross-entropy between the network's answers and the labels of the training split",
		Loss:    "cross-entropy, mean over images; with label_smoothing that of smoothed targets",
		Mixes:   []string{""},
		Example: Example{Beside: "supervised", Base: []string{"augment: {pad: 2, flip: true}"}, Own: []string{"strategy.label_smoothing: 0.1"}},
		Options: []option.Option{
			{Name: "label_smoothing", Default: 0.0, Max: 1, Below: true,
				Doc: "share of the target that is spread over all classes (Szegedy et al. 2016, section 7)"},
		},
		Phases: func(s option.Settings, _ About) ([]Phase, error) {
			return []Phase{{
				Streams: []Stream{{Split: data.Train, Mixed: true}},
				Objective: func(g *Graph) Objective {
					logits := g.Network(g.Builder, g.View("", 0))
					if g.Mixed("") { // no answer to a mixed image is right or wrong
						return Objective{Loss: g.SoftClassifierLoss(logits, g.Shares("", s.Float("label_smoothing")))}
					}
					return Objective{Loss: g.ClassifierLoss(logits, g.Labels(""), s.Float("label_smoothing")), Logits: logits}
				},
			}}, nil
		},
	})
}
