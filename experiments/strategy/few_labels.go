package strategy

import (
	"fmt"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

// What strategies have in common that learn from a few labelled images and from many without labels.

// Streams of semi-supervised strategies.
const (
	labelled   = "labelled"
	unlabelled = "unlabelled"
)

// fewLabels are the options that all of them have, before their own. mu is the paper's.
func fewLabels(mu int, own ...option.Option) []option.Option {
	return append([]option.Option{
		{Name: "labels", Default: 4000, Min: 1, Max: 1 << 24,
			Doc: "labelled images, as many of each class; labels of others teach nothing"},
		{Name: "mu", Default: mu, Min: 1, Max: 64, Doc: "unlabelled images of a step, in units of the batch, which is of labelled ones"},
	}, own...)
}

// sureFrom is the option for the probability from which on an answer is a label.
func sureFrom(what string) option.Option {
	return option.Option{Name: "threshold", Default: 0.95, Max: 1, Doc: "probability from which on " + what + " is a label"}
}

// rampOptions say how the weight of the unlabelled images' loss grows.
func rampOptions(weight float64) []option.Option {
	return []option.Option{
		{Name: "lambda_u", Default: weight, Doc: "weight of the unlabelled images' loss, when it has been ramped up"},
		{Name: "warm_up", Default: 0.4, Max: 1, Doc: "share of the steps over which that weight grows evenly from 0"},
	}
}

// rampWeight is lambda_u of a step, ramped up over warm_up.
func rampWeight(s option.Settings) func(At) float64 {
	return func(at At) float64 { return s.Float("lambda_u") * rampUp(at, s.Float("warm_up")) }
}

// rampUp grows evenly from 0 to 1 over a share of the steps.
func rampUp(at At, share float64) float64 {
	if share == 0 {
		return 1
	}
	return min(1, at.Done()/share)
}

// weighted is the mean of x [n, d], times the scalar weight.
func (g *Graph) weighted(x nn.Tensor) nn.Tensor {
	return g.Mean(g.Mul(x, g.Reshape(g.Scalar("weight"), 1, 1)))
}

// fewStreams are the labelled images, as the study augments them, and all images without their labels in some views.
// An epoch is one of the unlabelled images: of the labelled ones there may be fewer than a batch.
func fewStreams(s option.Settings, about About, views ...View) ([]Stream, error) {
	classes := len(about.Info.Classes)
	if s.Int("labels")%classes != 0 {
		return nil, fmt.Errorf("strategy.labels: %d labels cannot be as many of each of %d classes; want a multiple", s.Int("labels"), classes)
	}
	return []Stream{
		{Name: unlabelled, Split: data.Train, Ratio: s.Int("mu"), Views: views},
		{Name: labelled, Split: data.Train, Subset: data.Subset{PerClass: s.Int("labels") / classes}},
	}, nil
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
	return g.atLeast(p, threshold), g.OneHotMax(p)
}

// atLeast is 1 for rows of probabilities p [n, classes] whose largest is at least the threshold, else 0, [n, 1].
func (g *Graph) atLeast(p nn.Tensor, threshold float64) nn.Tensor {
	return g.Compare(op.GreaterEqual, g.RowMax(p), g.Constant("threshold", []float32{float32(threshold)}, 1, 1))
}

// precision of answers [n, classes], targets of one class, to the unlabelled images: of those that are sure (1 of
// [n, 1]) and whose class the set knows, the share that is right. It is measured alone: nothing learns from it.
func (g *Graph) precision(sure, answers nn.Tensor) map[string]Ratio {
	truth := g.OneHot(g.Truth(unlabelled), g.Classes())
	return map[string]Ratio{"precision": {
		Part: g.Mean(g.Mul(g.RowSums(g.Mul(answers, truth)), sure)),
		Of:   g.Mean(g.Mul(g.RowSums(truth), sure)),
	}}
}
