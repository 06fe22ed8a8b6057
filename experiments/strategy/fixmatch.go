package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "fixmatch",
		Doc: "few labelled images; for the others, what the network surely says of them it must also say when they are changed " +
			"strongly",
		Loss:    matchLoss,
		Example: fewExample(lessMu),
		Paper:   "Sohn et al. 2020, FixMatch (arXiv 2001.07685)",
		Options: matchOptions(),
		Phases:  fixMatch,
	})
}

// matchLoss is the loss of FixMatch and its successors.
const matchLoss = "supervised + lambda_u · consistency: cross-entropy of the labelled images, and of the unlabelled ones, " +
	"where those below the threshold count as 0"

// lessMu is a line of their examples.
const lessMu = "strategy.mu: 3 # 7 in the paper, which costs more than twice as much"

func fixMatch(s option.Settings, about About) ([]Phase, error) {
	streams, err := matchStreams(s, about)
	if err != nil {
		return nil, err
	}
	return []Phase{{
		Streams: streams,
		Coupled: true, // labelled and unlabelled images share the statistics of a batch
		Objective: func(g *Graph) Objective {
			return g.matched(s, g.match(func(p, _ nn.Tensor) nn.Tensor { return g.atLeast(p, s.Float("threshold")) }))
		},
	}}, nil
}
