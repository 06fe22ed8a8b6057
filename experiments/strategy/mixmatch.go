package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "mixmatch",
		Doc: "few labelled images; the network guesses shares of the classes for the others, and all are mixed with one another, " +
			"images and shares alike",
		Loss: "supervised + weight · consistency: cross-entropy of mixed labelled images, and squared distance of the probabilities of " +
			"mixed unlabelled ones from their shares; the weight grows over warm_up. There is no train/top1, as images are mixed",
		Example: fewExample(),
		Paper:   "Berthelot et al. 2019, MixMatch (arXiv 1905.02249)",
		Options: fewLabels(1, append(rampOptions(100),
			option.Option{Name: "views", Default: 2, Min: 1, Max: 8, Doc: "views of an unlabelled image, over which the guess is a mean (K)"},
			option.Option{Name: "temperature", Default: 0.5, Above: true, Max: 1000,
				Doc: "to whose inverse power the guess is taken, so that it becomes sharper (T)"},
			option.Option{Name: "alpha", Default: 0.5, Above: true, Max: 1000,
				Doc: "of Beta(alpha, alpha), from which a step's share is drawn"})...),
		Phases: mixMatch,
	})
}

// mixMatch follows microsoft/Semi-supervised-learning (semilearn/algorithms/mixmatch): guesses by a pass for each view,
// one share and one order a step over labelled images and all views, and then a pass for each batch of the mixed
// images, without interleaving. Batch norms use the statistics of each pass, and those of the mixed labelled images
// move the running statistics. The authors (google-research/mixmatch) interleave, and average the weights.
func mixMatch(s option.Settings, about About) ([]Phase, error) {
	streams, err := fewStreams(s, about, make([]View, s.Int("views"))...)
	if err != nil {
		return nil, err
	}
	return []Phase{{
		Streams: streams,
		Scalars: map[string]func(At) float64{"weight": rampWeight(s)},
		Coupled: true, // images are mixed with others of the batch
		Objective: func(g *Graph) Objective {
			x, own := g.View(labelled, 0), g.OneHot(g.Labels(labelled), g.Classes())
			guess, views := g.guess(s)
			answers := g.OneHotMax(guess)
			images, shares := []nn.Tensor{x}, []nn.Tensor{own}
			for _, view := range views {
				images, shares = append(images, view), append(shares, guess)
			}
			mixed, targets := g.mix(s.Float("alpha"), g.ConcatRows(images...), g.ConcatRows(shares...))
			logits, others := g.batchwise(mixed, x)
			wanted := g.parts(targets, logits, others)
			supervised := g.Mean(g.RowSoftCrossEntropy(logits, wanted[0]))
			apart := g.Sub(g.Softmax(others), wanted[1])
			squares := g.Mul(apart, apart)
			return Objective{
				Loss:   g.Add(supervised, g.weighted(squares)),
				Record: map[string]nn.Tensor{"supervised": supervised, "consistency": g.Mean(squares)},
				Ratios: g.precision(g.RowSums(answers), answers), // of all,
			}
		},
	}}, nil
}

// guess is what the network says of the unlabelled images [m, classes]: the mean of its probabilities over the views,
// made sharper. No gradient goes through it. The views are [m, c, h, w] each.
func (g *Graph) guess(s option.Settings) (shares nn.Tensor, views []nn.Tensor) {
	var said []nn.Tensor
	for k := range s.Int("views") {
		views = append(views, g.View(unlabelled, k))
		said = append(said, g.StopGradient(g.Softmax(g.Network(g.Shared().KeepStatistics(), views[k]))))
	}
	mean := said[0]
	if len(said) > 1 {
		mean = g.Scale(g.Add(said...), 1/float64(len(said)))
	}
	return g.sharper(mean, s.Float("temperature")), views
}

// sharper is p^(1/T) [n, classes] as a share of its sum over the classes, without the power, which vanishes where T is
// small.
func (g *Graph) sharper(p nn.Tensor, temperature float64) nn.Tensor {
	return g.Softmax(g.Scale(g.Log(g.Clamp(p, leastPositive, 1)), 1/temperature))
}

// mix averages images [n, c, h, w] with others of the batch, and their shares [n, classes] alike: λ of an image with
// 1 − λ of one that is drawn for it. λ is at least a half, so that most of an image stays itself.
func (g *Graph) mix(alpha float64, images, shares nn.Tensor) (mixed, targets nn.Tensor) {
	if g.Err() != nil {
		return nn.Tensor{}, nn.Tensor{}
	}
	order, _ := g.Shuffle(images.Shape()[0])
	own := g.Reshape(g.Share(alpha), 1, 1)
	of := func(x nn.Tensor, one ...int) nn.Tensor {
		return g.Add(g.Mul(x, g.Reshape(own, one...)), g.Mul(g.GatherRows(x, order), g.Reshape(g.without(own), one...)))
	}
	return of(images, 1, 1, 1, 1), of(shares, 1, 1)
}

// batchwise passes images through the network in batches of as many as the labelled ones x: the logits of the first
// batch, and of all others.
func (g *Graph) batchwise(images, x nn.Tensor) (first, others nn.Tensor) {
	if g.Err() != nil {
		return nn.Tensor{}, nn.Tensor{}
	}
	n, network := x.Shape()[0], g.Shared()
	var logits []nn.Tensor
	for from := 0; from < images.Shape()[0]; from += n {
		logits = append(logits, g.Network(network, g.Builder.Rows(images, from, n)))
		network = network.KeepStatistics()
	}
	return logits[0], g.ConcatRows(logits[1:]...)
}
