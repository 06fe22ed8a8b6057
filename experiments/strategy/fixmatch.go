package strategy

import (
	"fmt"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "fixmatch",
		Doc: "few labelled images; for the others, what the network surely says of them it must also say when they are changed " +
			"strongly",
		Loss: "supervised + lambda_u · consistency: cross-entropy of the labelled images, and of the unlabelled ones, " +
			"where those below the threshold count as 0",
		Example: fewExample("4", "strategy.labels: 16", "strategy.mu: 3 # 7 in the paper, which costs more than twice as much"),
		Paper:   "Sohn et al. 2020, FixMatch (arXiv 2001.07685)",
		Options: []option.Option{
			{Name: "labels", Default: 4000, Min: 1, Max: 1 << 24,
				Doc: "labelled images, as many of each class; labels of others are not read"},
			{Name: "mu", Default: 7, Min: 1, Max: 64, Doc: "unlabelled images of a step, in units of the batch, which is of labelled ones"},
			{Name: "threshold", Default: 0.95, Max: 1, Doc: "probability from which on the network's answer to a weak view is a label"},
			{Name: "lambda_u", Default: 1.0, Doc: "weight of the unlabelled images' loss"},
			{Name: "strong", Default: 3, Min: 1, Max: 14,
				Doc: "random changes of the strong view (RandAugment with random strength), before cutout"},
		},
		Phases: fixMatch,
	})
}

// Streams of semi-supervised strategies.
const (
	labelled   = "labelled"
	unlabelled = "unlabelled"
)

func fixMatch(s option.Settings, about About) ([]Phase, error) {
	perClass, err := labelsPerClass(s, about)
	if err != nil {
		return nil, err
	}
	return []Phase{{
		Streams: []Stream{
			// An epoch is one of the unlabelled images: of the labelled ones there may be fewer than a batch.
			{Name: unlabelled, Split: data.Train, Ratio: s.Int("mu"),
				Views: []View{{}, {Add: map[string]any{"fixmatch_strong": s.Int("strong")}}}},
			{Name: labelled, Split: data.Train, Subset: data.Subset{PerClass: perClass}},
		},
		Coupled: true, // labelled and unlabelled images share the statistics of a batch
		Objective: func(g *Graph) Objective {
			x := g.View(labelled, 0)
			weak, strong := g.View(unlabelled, 0), g.View(unlabelled, 1)
			parts := g.parts(g.Network(g.Builder, g.ConcatRows(x, weak, strong)), x, weak, strong)
			supervised := g.CrossEntropy(parts[0], g.Labels(labelled), 0)
			sure, answer := g.sureAnswers(parts[1], s.Float("threshold"))
			consistent := g.Mean(g.Mul(g.RowSoftCrossEntropy(parts[2], answer), sure))
			return Objective{
				Loss:   g.WeightedSum([]float64{1, s.Float("lambda_u")}, supervised, consistent),
				Logits: parts[0], Of: labelled,
				Record: map[string]nn.Tensor{"supervised": supervised, "consistency": consistent, "sure": g.Mean(sure)},
			}
		},
	}}, nil
}

// labelsPerClass is how many labelled images there are of each class.
func labelsPerClass(s option.Settings, about About) (int, error) {
	classes := len(about.Info.Classes)
	if s.Int("labels")%classes != 0 {
		return 0, fmt.Errorf("strategy.labels: %d labels cannot be as many of each of %d classes; want a multiple", s.Int("labels"), classes)
	}
	return s.Int("labels") / classes, nil
}

// parts cuts the rows of y into as many as each of the xs has.
func (g *Graph) parts(y nn.Tensor, xs ...nn.Tensor) []nn.Tensor {
	all := make([]nn.Tensor, len(xs))
	from := 0
	for i, x := range xs {
		if g.Err() != nil {
			return all
		}
		n := x.Shape()[0]
		all[i] = g.Builder.Rows(y, from, n)
		from += n
	}
	return all
}

// sureAnswers are the answers of logits [n, classes] as targets of one class, and 1 for those whose probability is at
// least the threshold, else 0, [n, 1]. No gradient goes through them.
func (g *Graph) sureAnswers(logits nn.Tensor, threshold float64) (sure, answers nn.Tensor) {
	p := g.Softmax(g.StopGradient(logits))
	limit := g.Constant("threshold", []float32{float32(threshold)}, 1, 1)
	return g.Compare(op.GreaterEqual, g.RowMax(p), limit), g.OneHotMax(p)
}
