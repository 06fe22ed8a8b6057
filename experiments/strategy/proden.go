package strategy

import (
	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "proden",
		Doc:  "partial labels: of each image some classes of which one is right; the network's own answers tell them apart bit by bit",
		Loss: "cross-entropy with a target that is spread over an image's candidates as the network did when it last saw the image, " +
			"mean over images; confidence is the largest share of a target",
		Example: Example{Beside: "proden", Base: []string{"augment: {pad: 2, flip: true}"}, Own: []string{"strategy.candidate_rate: 0.5"},
			Others: []string{"strategy.candidate_rate: 0.5", "strategy.update: false # every candidate has the same share throughout"}},
		Paper: "Lv et al. 2020, Progressive Identification of True Labels for Partial-Label Learning (arXiv 2002.08053)",
		Options: []option.Option{candidateRate,
			{Name: "update", Default: true, Doc: "the targets follow the network's answers; false: all candidates keep the same share"},
		},
		Phases: proden,
	})
}

// candidateRate is how partial labels are.
var candidateRate = option.Option{Name: "candidate_rate", Default: 0.1, Max: 1, Below: true,
	Doc: "chance of every wrong class to be among an image's candidates, beside the right one (q); drawn by the run's seed"}

// partial is the stream of images with candidates for their labels.
func partial(s option.Settings, views ...View) Stream {
	return Stream{Split: data.Train, Views: views, Candidates: &data.Candidates{Rate: s.Float(candidateRate.Name)}}
}

func proden(s option.Settings, _ About) ([]Phase, error) {
	return []Phase{{
		Streams: []Stream{partial(s)},
		Objective: func(g *Graph) Objective {
			logits, candidates := g.Network(g.Builder, g.View("", 0)), g.Candidates("")
			target := g.Div(candidates, g.RowSums(candidates))
			if s.Bool("update") {
				targets := g.targetTable()
				target = g.rowsOr(targets, target)
				g.SetRows(targets, g.Rows(""), g.among(logits, candidates))
			}
			return Objective{Loss: g.SoftClassifierLoss(logits, target), Logits: logits,
				Record: map[string]nn.Tensor{"confidence": g.Mean(g.RowMax(target))}}
		},
	}}, nil
}

// targetTable has the target of every image of the main stream [images, classes]; zeros until its first step.
func (g *Graph) targetTable() nn.Tensor {
	return g.Head("memory").State("targets", nn.Init{}, g.Images(""), g.Classes())
}

// rowsOr are the rows of a table that belong to the batch, and rows of first where there are none yet, [n, classes].
func (g *Graph) rowsOr(table, first nn.Tensor) nn.Tensor {
	before := g.GatherRows(table, g.Rows(""))
	none := g.Constant("none", []float32{0}, 1, 1)
	known := g.Compare(op.Greater, g.RowSums(before), none)
	return g.Add(before, g.Mul(first, g.without(known)))
}

// among are the probabilities of classes if only candidates can be right: the softmax of logits [n, classes], divided
// by its sum over them. No gradient goes through it.
func (g *Graph) among(logits, candidates nn.Tensor) nn.Tensor {
	const never = 1e9 // so far below the others that the exponential is 0
	return g.Softmax(g.Add(g.StopGradient(logits), g.Scale(g.Plus(candidates, -1), never)))
}
