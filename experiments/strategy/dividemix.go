package strategy

import (
	"math"

	"workbench/experiments/data"
	"workbench/experiments/metric"
	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

// Phases of DivideMix: two networks learn from all labels, and then from those that are taken to be right.
const (
	warmUpPhase = "warm_up"
	dividePhase = "divide"
)

func init() {
	Register(Strategy{
		Name: "dividemix",
		Doc: "two networks; by their losses each divides the images for the other into those whose labels are taken to be right and " +
			"those whose labels are guessed, and learns by MixMatch",
		Loss: "sum over the two networks: in warm_up of cross-entropy (first, second); in divide of " +
			"supervised + weight · consistency + penalty: cross-entropy of mixed images whose labels are taken to be right, " +
			"squared distance of the others' probabilities from the " +
			"guesses, and the divergence of even answers from the mean answer. kept is the share of labels taken to be right, " +
			"found_precision and found_recall say how that agrees with the set's own labels. There is no train/top1 in divide",
		Example: Example{Beside: noisyExample.Beside, Data: noisyExample.Data, Base: noisyExample.Base},
		Paper:   "Li et al. 2020, DivideMix: Learning with Noisy Labels as Semi-supervised Learning (arXiv 2002.07394)",
		Options: []option.Option{
			{Name: "confidence_penalty", Default: false,
				Doc: "in warm_up the networks' entropy is raised, as in the paper for labels of asymmetric noise"},
			{Name: "p_threshold", Default: 0.5, Max: 1, Doc: "probability above which a label is taken to be right (tau)"},
			{Name: "lambda_u", Default: 25.0,
				Doc: "weight of the guessed images' loss, once it has been ramped up; the paper has 0 for 20 % and 25 for 50 % of symmetric " +
					"noise on CIFAR-10, and 0 for asymmetric"},
			{Name: "ramp_epochs", Default: 16, Min: 1, Max: 10000, Doc: "epochs of divide over which that weight grows evenly from 0"},
			{Name: "temperature", Default: 0.5, Above: true, Max: 1000,
				Doc: "to whose inverse power labels and guesses are taken, so that they become sharper (T)"},
			{Name: "alpha", Default: 4.0, Above: true, Max: 1000, Doc: "of Beta(alpha, alpha), from which a step's share is drawn"},
		},
		Main: warmUpPhase, Later: []string{dividePhase},
		Set:    map[string]map[string]any{dividePhase: {"epochs": 20}},
		Metric: func(option.Settings) string { return metric.Final + "/" + metric.TestTop1 },
		Phases: divideMix,
	})
}

// divideMix follows LiJunnan1992/DivideMix (Train_cifar.py) but for what a step reads. The authors draw as many images
// with labels that are taken to be right as others, train one network for an epoch and then the other, and change the
// length of an epoch with the division. Here a step reads a batch of all images, of which each network takes some as
// the one and some as the other; both losses are means over their images, so that they count as much as in equal
// batches. Both networks learn in each step, from the same images, order and share, and what one says to the other is
// of before the step. With an optimizer without a common norm that is as two optimizers would do it.
func divideMix(s option.Settings, _ About) ([]Phase, error) {
	answers := func(g *Graph, x nn.Tensor) Answers {
		one, two := g.Network(g.Builder, x), g.Network(g.Twin("second"), x)
		return Answers{Logits: g.Add(one, two), Embeddings: func() nn.Tensor { return g.ConcatColumns(one, two) },
			Read: func() nn.Tensor { return g.ConcatColumns(g.Backbone(g.Shared(), x), g.Backbone(g.Twin("second"), x)) }}
	}
	return []Phase{
		{Name: warmUpPhase, Streams: []Stream{{Split: data.Train}}, Answers: answers,
			Objective: func(g *Graph) Objective { return g.warmedUp(s.Bool("confidence_penalty")) }},
		{Name: dividePhase, Streams: []Stream{{Split: data.Train, Views: []View{{}, {}}}}, Answers: answers, Keep: true,
			Coupled: true, // images are mixed with others of the batch
			Scalars: map[string]func(At) float64{"weight": func(at At) float64 {
				return s.Float("lambda_u") * min(1, at.Epoch/float64(s.Int("ramp_epochs")))
			}},
			Objective: func(g *Graph) Objective { return g.divided(s) }, Between: divide(s.Float("p_threshold"))},
	}, nil
}

// warmedUp trains both networks with all labels.
func (g *Graph) warmedUp(penalised bool) Objective {
	x, labels := g.View("", 0), g.Labels("")
	one, two := g.Network(g.Builder, x), g.Network(g.Twin("second"), x)
	of := func(logits nn.Tensor) nn.Tensor {
		loss := g.CrossEntropy(logits, labels, 0)
		if !penalised {
			return loss
		}
		return g.Sub(loss, g.Mean(g.RowSoftCrossEntropy(logits, g.Softmax(logits)))) // minus the entropy
	}
	first, second := of(one), of(two)
	return Objective{Loss: g.Add(first, second), Logits: one, Record: map[string]nn.Tensor{"first": first, "second": second}}
}

// divided trains both networks with the labels that the other one takes to be right, and with guesses in place of the
// others.
func (g *Graph) divided(s option.Settings) Objective {
	views := []nn.Tensor{g.View("", 0), g.View("", 1)}
	networks := []*nn.Builder{g.Shared(), g.Twin("second")}
	told := make([]nn.Tensor, 2) // what each network, as it is before the step, says to the other [n, classes]
	for k, network := range networks {
		told[k] = g.saidOf(network.Inference(), views)
	}
	memory := g.In("memory")
	var both [2]Objective
	for k, network := range networks {
		table := memory.State(rightBy[1-k], nn.Init{Constant: 1}, g.Images(""), 1)
		both[k] = g.mixMatched(s, network, views, g.GatherRows(table, g.Rows("")), told[1-k])
	}
	sum := func(part string) nn.Tensor { return g.Add(both[0].Record[part], both[1].Record[part]) }
	return Objective{Loss: g.Add(both[0].Loss, both[1].Loss), Record: map[string]nn.Tensor{
		"supervised": sum("supervised"), "consistency": sum("consistency"), "penalty": sum("penalty"), "kept": g.Scale(sum("kept"), 0.5),
		"found_precision": g.Mean(memory.State("precision", nn.Init{}, 1)), "found_recall": g.Mean(memory.State("recall", nn.Init{}, 1)),
	}}
}

// rightBy are tables with the probability that an image's label is right [images, 1], by the loss of each network.
var rightBy = [2]string{"right_by_first", "right_by_second"}

// saidOf is the mean of a network's probabilities over views, [n, classes]. No gradient goes through it.
func (g *Graph) saidOf(network *nn.Builder, views []nn.Tensor) nn.Tensor {
	var said []nn.Tensor
	for _, view := range views {
		said = append(said, g.StopGradient(g.Softmax(g.Network(network, view))))
	}
	return g.Scale(g.Add(said...), 1/float64(len(said)))
}

// mixMatched is the loss of one network, by the probabilities that labels are right [n, 1] and by what the other
// network says [n, classes].
func (g *Graph) mixMatched(s option.Settings, network *nn.Builder, views []nn.Tensor, right, told nn.Tensor) Objective {
	if g.Err() != nil {
		return Objective{}
	}
	threshold := g.Constant("p_threshold", []float32{float32(s.Float("p_threshold"))}, 1, 1)
	kept := g.Compare(op.Greater, right, threshold)
	said := g.saidOf(network, views)
	refined := g.Add(g.Mul(g.OneHot(g.Labels(""), g.Classes()), right), g.Mul(said, g.without(right)))
	guess := g.Scale(g.Add(said, told), 0.5)
	shares := g.sharper(g.Add(g.Mul(refined, kept), g.Mul(guess, g.without(kept))), s.Float("temperature"))

	mixed, targets := g.mix(s.Float("alpha"), g.ConcatRows(views...), g.ConcatRows(shares, shares))
	logits := g.Network(network, mixed)
	p, labelled := g.Softmax(logits), g.ConcatRows(kept, kept)
	supervised := g.Mean(g.meanOfAny(g.RowSoftCrossEntropy(logits, targets), labelled))
	apart := g.Sub(p, targets)
	classes := float64(g.Classes())
	consistency := g.meanOfAny(g.Scale(g.RowSums(g.Mul(apart, apart)), 1/classes), g.without(labelled))
	mean := g.Scale(g.ColumnSums(p), 0.5/float64(views[0].Shape()[0])) // answer
	// Σ prior·log(prior/mean) of an even prior.
	penalty := g.Mean(g.Plus(g.Scale(g.Log(g.Clamp(mean, leastPositive, 1)), -1), -math.Log(classes)))
	return Objective{
		Loss:   g.Add(supervised, g.weighted(consistency), penalty),
		Record: map[string]nn.Tensor{"supervised": supervised, "consistency": g.Mean(consistency), "penalty": penalty, "kept": g.Mean(kept)},
	}
}

// meanOfAny is the mean of values [n, 1] where chosen [n, 1] is 1, and 0 where none is, [1, 1].
func (g *Graph) meanOfAny(values, chosen nn.Tensor) nn.Tensor {
	return g.Div(g.Total(g.Mul(values, chosen)), g.Clamp(g.Total(chosen), 1, math.MaxFloat32))
}
