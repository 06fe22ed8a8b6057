package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name: "supcon",
		Doc:  "a network learns from labels to have all views of a class alike, and those of other classes apart",
		Loss: "minus the log-likelihood of finding a view of the same class among all other views of the batch, mean over these " +
			"and over all views, times temperature / base_temperature",
		Paper: "Khosla et al. 2020, Supervised Contrastive Learning (arXiv 2004.11362), equation 2",
		Options: []option.Option{
			{Name: "hidden", Default: 2048, Min: 1, Max: 65536, Doc: "width of the projector's hidden layer"},
			{Name: "projection", Default: 128, Min: 1, Max: 65536, Doc: "width of what is compared"},
			{Name: "temperature", Default: 0.1, Above: true, Doc: "by which similarities are divided"},
			{Name: "base_temperature", Default: 0.07, Above: true,
				Doc: "by which the temperature is divided for the loss's scale, as in the authors' code; the temperature itself: equation 2"},
			onePass(true),
		},
	}, supCon, supConProjector))
}

func supConProjector(s option.Settings) projector {
	return func(g *Graph, b *nn.Builder, features nn.Tensor) nn.Tensor {
		return g.L2Normalize(g.MLP(b.Head("projector"), features, false, s.Int("hidden"), s.Int("projection")))
	}
}

func supCon(s option.Settings, _ About) (Phase, error) {
	return Phase{
		Streams: twoViews(),
		Coupled: true, // every view is compared with all others
		Objective: func(g *Graph) Objective {
			a, b := g.pair(g.Shared(), s, supConProjector(s))
			class := g.OneHot(g.Labels(""), g.Classes())
			t := s.Float("temperature")
			likelihood := g.likelihoodOfClass(g.ConcatRows(a, b), g.ConcatRows(class, class), t)
			return Objective{Loss: g.Scale(likelihood, -t/s.Float("base_temperature"))}
		},
	}, nil
}

// itself is what the similarity of a view with itself is lowered by, so that a softmax leaves it out.
const itself = 1e9

// likelihoodOfClass is the mean log-likelihood of finding, for each row of z [n, d], another row of its class, which is
// 1 in class [n, classes], among all other rows.
func (g *Graph) likelihoodOfClass(z, class nn.Tensor, temperature float64) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	n := z.Shape()[0]
	self := g.OneHot(g.everyRow(n), n)
	same := g.Sub(g.similarities(class, class), self)
	likely := g.LogSoftmax(g.Add(g.Scale(g.similarities(z, z), 1/temperature), g.Scale(self, -itself)))
	return g.Mean(g.Div(g.RowSums(g.Mul(same, likely)), g.RowSums(same)))
}
