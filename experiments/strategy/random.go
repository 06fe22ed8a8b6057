package strategy

import (
	"workbench/experiments/data"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name: "random",
		Doc: "a network whose weights stay as they were drawn, or as start: gave them; only the statistics of its batch norms are " +
			"estimated anew: what a pretraining must beat",
		Loss:    "mean square of a number that a layer of drawn weights makes of the features; nothing is learnt by it",
		Example: Example{Beside: "random", Base: []string{"augment: {flip: true}"}, Own: []string{"strategy.features: layer2"}},
		Paper:   "the row of random weights in the tables of Gidaris et al. 2018 (arXiv 1803.07728)",
	}, random, nil))
}

// random is a pretraining that teaches nothing. Its batches pass the network in training, so that the running
// statistics are those of the images: with those that a network is drawn with, its features say less than they could. A
// step has a loss, which reaches one layer; its rate is 0.
func random(option.Settings, About) (Phase, error) {
	return Phase{
		Streams: []Stream{{Split: data.Train}},
		Rates:   []Rate{{Match: "**", Factor: func(At) float64 { return 0 }}}, // whatever the study's, nothing moves
		Objective: func(g *Graph) Objective {
			features := g.StopGradient(g.Backbone(g.Builder, g.View("", 0)))
			told := g.Head("unused").Linear(features, 1)
			return Objective{Loss: g.Mean(g.Mul(told, told))}
		},
	}, nil
}
