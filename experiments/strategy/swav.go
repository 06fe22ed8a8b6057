package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name: "swav",
		Doc: "a network learns to say of one view by which prototypes the other is sorted, where a batch is sorted evenly; two views " +
			"of full size, without the paper's small crops and queue",
		Loss:  "cross-entropy of the scores of one view with how the other is sorted, mean of both directions and over images",
		Paper: "Caron et al. 2020, Unsupervised Learning of Visual Features by Contrasting Cluster Assignments (arXiv 2006.09882)",
		Options: []option.Option{
			{Name: "hidden", Default: 2048, Min: 1, Max: 65536, Doc: "width of the projector's hidden layer"},
			{Name: "projection", Default: 128, Min: 1, Max: 65536, Doc: "width of what is sorted, at length one"},
			{Name: "prototypes", Default: 3000, Min: 1, Max: 1 << 24,
				Doc: "by which images are sorted; they are brought to length one where they are read, not after each step as in the authors' code"},
			{Name: "frozen_steps", Default: 313, Max: 1 << 24,
				Doc: "first steps in which prototypes stay as they begin, but for weight decay, which their direction feels with adam and " +
					"rmsprop only"},
			{Name: "temperature", Default: 0.1, Above: true, Doc: "by which scores are divided"},
			{Name: "epsilon", Default: 0.05, Min: 0.025, Max: 100, Doc: "how evenly an image may be sorted by several prototypes"},
			{Name: "iterations", Default: 3, Min: 1, Max: 100, Doc: "of Sinkhorn and Knopp's algorithm"},
			onePass(true),
		},
	}, swav, swavProjector))
}

func swavProjector(s option.Settings) projector {
	return func(g *Graph, b *nn.Builder, features nn.Tensor) nn.Tensor {
		return g.L2Normalize(g.MLP(b.Head("projector"), features, true, s.Int("hidden"), s.Int("projection")))
	}
}

func swav(s option.Settings, _ About) (Phase, error) {
	return Phase{
		Streams: twoViews(),
		Scalars: map[string]func(At) float64{"moves": func(at At) float64 {
			return after(float64(at.Step), float64(s.Int("frozen_steps")))
		}},
		Coupled: true, // a batch is sorted evenly
		Objective: func(g *Graph) Objective {
			both := g.Shared()
			a, b := g.pair(both, s, swavProjector(s))
			w := g.prototypes(both, a, s.Int("prototypes"))
			ofA, ofB := g.similarities(a, w), g.similarities(b, w)
			sorted := func(scores nn.Tensor) nn.Tensor { return g.sinkhorn(scores, s.Float("epsilon"), s.Int("iterations")) }
			return Objective{Loss: g.swapped(ofA, ofB, sorted(ofA), sorted(ofB), s.Float("temperature"))}
		},
	}, nil
}

// sinkhorn sorts a batch by its scores [n, k]: rows become distributions, and columns nearly as large as one another
// (section 3.1). Scores are of vectors of length one. The largest is taken from all, which changes nothing in the
// result, so that no exponential is infinite; by the least epsilon none is zero. No gradient flows.
func (g *Graph) sinkhorn(scores nn.Tensor, epsilon float64, iterations int) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	n, k := float64(scores.Shape()[0]), float64(scores.Shape()[1])
	scores = g.StopGradient(scores)
	q := g.Exp(g.Scale(g.AddStretched(scores, g.Scale(g.MaxTo(scores, 1, 1), -1)), 1/epsilon))
	for range iterations {
		q = g.Scale(g.Div(q, g.ColumnSums(q)), n/k)
		q = g.Div(q, g.RowSums(q))
	}
	return q
}
