package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name: "barlow_twins",
		Doc:  "what a network says of two views agrees in every dimension, and no two dimensions say the same",
		Loss: "scale · (invariance + lambda · redundancy): squared differences of the views' cross-correlation from 1 on the " +
			"diagonal and from 0 beside it, summed",
		Paper: "Zbontar et al. 2021, Barlow Twins (arXiv 2103.03230)",
		Options: []option.Option{
			{Name: "hidden", Default: 8192, Min: 1, Max: 65536, Doc: "width of the two hidden layers of the projector"},
			{Name: "projection", Default: 8192, Min: 1, Max: 65536, Doc: "width of what is correlated; the loss needs memory for its square"},
			{Name: "lambda", Default: 0.0051, Doc: "weight of redundancy"},
			{Name: "scale", Default: 1.0, Above: true,
				Doc: "of the whole loss; solo-learn has 0.025, on CIFAR 0.1; without LARS a sum over so many dimensions wants a small one"},
			onePass(false),
		},
	}, barlowTwins, expander))
}

// expander is a projector of two hidden layers with batch norms and a linear one.
func expander(s option.Settings) projector {
	return func(g *Graph, b *nn.Builder, features nn.Tensor) nn.Tensor {
		return g.MLP(b.Head("projector"), features, true, s.Int("hidden"), s.Int("hidden"), s.Int("projection"))
	}
}

func barlowTwins(s option.Settings, _ About) (Phase, error) {
	return Phase{
		Streams: twoViews(),
		Coupled: true, // correlations are over the batch
		Objective: func(g *Graph) Objective {
			a, b := g.pair(g.Shared(), s, expander(s))
			on, off := g.crossCorrelation(g.standardize(a), g.standardize(b))
			return Objective{
				Loss:   g.WeightedSum([]float64{s.Float("scale"), s.Float("scale") * s.Float("lambda")}, on, off),
				Record: map[string]nn.Tensor{"invariance": on, "redundancy": off},
			}
		},
	}, nil
}

// crossCorrelation of standardized x and y [n, d], whose rows are two views of one image: the squared differences of
// its diagonal from 1, and of all else from 0 (algorithm 1). The latter are those of the whole matrix without the
// diagonal's, so that no mask of d² is needed.
func (g *Graph) crossCorrelation(x, y nn.Tensor) (on, off nn.Tensor) {
	if g.Err() != nil {
		return nn.Tensor{}, nn.Tensor{}
	}
	n := float64(x.Shape()[0])
	all := g.Scale(g.columnProducts(x, y), 1/n)
	diagonal := g.Scale(g.ColumnSums(g.Mul(x, y)), 1/n)
	return g.Mean(g.squares(g.Plus(diagonal, -1))), g.Mean(g.Sub(g.squares(all), g.squares(diagonal)))
}
