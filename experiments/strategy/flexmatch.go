package strategy

import (
	"math"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "flexmatch",
		Doc: "FixMatch with a threshold for each class, which is the lower the fewer of the unlabelled images the network has surely " +
			"taken for it",
		Loss:    matchLoss + "; threshold is the mean of those of the answers",
		Example: fewExample(lessMu),
		Paper:   "Zhang et al. 2021, FlexMatch (arXiv 2110.08263)",
		Options: matchOptions(option.Option{Name: "threshold_warm_up", Default: true,
			Doc: "images that were never sure count as a class of their own, so that thresholds begin at 0 and rise (the paper's equation 11)"}),
		Phases: flexMatch,
	})
}

// flexMatch follows microsoft/Semi-supervised-learning (semilearn/algorithms/flexmatch): a table keeps the last sure
// answer to each unlabelled image, −1 for none, and thresholds are those from before the step. Where all images have
// one class USB keeps its thresholds as they were, and here they follow.
func flexMatch(s option.Settings, about About) ([]Phase, error) {
	streams, err := matchStreams(s, about)
	if err != nil {
		return nil, err
	}
	return []Phase{{
		Streams: streams,
		Coupled: true, // labelled and unlabelled images share the statistics of a batch
		Objective: func(g *Graph) Objective {
			var limits nn.Tensor // of the answers, [m, 1]
			m := g.match(func(p, answers nn.Tensor) nn.Tensor {
				counts := g.sureCounts(p, answers, s.Float("threshold"))
				limits = g.RowSums(g.Mul(answers, g.classLimits(counts, s)))
				return g.Compare(op.GreaterEqual, g.RowMax(p), limits)
			})
			o := g.matched(s, m)
			o.Record["threshold"] = g.Mean(limits)
			return o
		},
	}}, nil
}

// classLimits are the thresholds of the classes [1, classes]: threshold · β/(2 − β), where β of a class is its count
// as a share of the largest (the paper's equations 6, 9, and the convex mapping of section 3.3).
func (g *Graph) classLimits(counts nn.Tensor, s option.Settings) nn.Tensor {
	most := counts
	if s.Bool("threshold_warm_up") {
		never := g.Plus(g.Scale(g.RowSums(counts), -1), float64(g.Images(unlabelled)))
		most = g.ConcatColumns(counts, never)
	}
	share := g.Mul(counts, g.Power(g.Clamp(g.RowMax(most), 1, math.MaxFloat32), -1))
	return g.Scale(g.Div(share, g.Plus(g.Scale(share, -1), 2)), s.Float("threshold"))
}

// sureCounts are how many unlabelled images have each class as their last sure answer [1, classes], before this step.
// After it, the answers whose probability p reaches the threshold are the last ones of their images.
func (g *Graph) sureCounts(p, answers nn.Tensor, threshold float64) nn.Tensor {
	memory := g.Head("memory")
	last := memory.State("labels", nn.Init{Constant: -1}, g.Images(unlabelled), 1)
	counts := memory.State("counts", nn.Init{}, 1, g.Classes())
	if g.Err() != nil {
		return nn.Tensor{}
	}
	classes := make([]float32, g.Classes())
	for i := range classes {
		classes[i] = float32(i)
	}
	numbers := g.Constant("classes", classes, 1, len(classes))
	sure, rows := g.atLeast(p, threshold), g.Rows(unlabelled)
	before := g.GatherRows(last, rows) // [m, 1]
	now := g.Add(before, g.Mul(g.Sub(g.RowSums(g.Mul(answers, numbers)), before), sure))
	g.SetRows(last, rows, now)
	had := g.Compare(op.Equal, g.Stretch(before, answers.Shape()...), numbers)
	g.Set(counts, g.Add(counts, g.ColumnSums(g.Mul(g.Sub(answers, had), sure))))
	return counts
}
