package strategy

import (
	"slices"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name:  "simsiam",
		Doc:   "a network learns to predict what it says itself of another view of the image, through which no gradient flows",
		Loss:  "minus the cosine between prediction and projection, mean of both directions and over images: −1 to 1",
		Paper: "Chen and He 2020, Exploring Simple Siamese Representation Learning (arXiv 2011.10566)",
		Options: []option.Option{
			{Name: "hidden", Default: 2048, Min: 1, Max: 65536, Doc: "width of the two hidden layers of the projector"},
			{Name: "projection", Default: 2048, Min: 1, Max: 65536, Doc: "width of what the projector gives and the predictor predicts"},
			{Name: "bottleneck", Default: 512, Min: 1, Max: 65536, Doc: "width of the predictor's hidden layer"},
			{Name: "stop_gradient", Default: true,
				Doc: "no gradient flows through what is predicted; without it the network collapses (section 4.1)"},
			{Name: "fix_predictor_lr", Default: false, Later: true,
				Doc: "the predictor keeps the highest learning rate over the whole pretraining (section 4.2; --fix-pred-lr in the authors' code)"},
		},
	}, simSiam, simSiamProjector))
}

func simSiamProjector(s option.Settings) projector {
	return func(g *Graph, b *nn.Builder, features nn.Tensor) nn.Tensor {
		hidden, out := s.Int("hidden"), s.Int("projection")
		return g.standardize(g.MLP(b.Head("projector"), features, true, hidden, hidden, out))
	}
}

func simSiam(s option.Settings, _ About) (Phase, error) {
	var rates []Rate
	if s.Bool("fix_predictor_lr") {
		rates = []Rate{{Match: pretrain + ".predictor.**", Factor: func(At) float64 { return 1 }}}
	}
	return Phase{
		Streams: twoViews(),
		Rates:   rates,
		Coupled: true, // by batch norms of the heads
		Objective: func(g *Graph) Objective {
			out := s.Int("projection")
			both := g.Shared()
			project := func(x nn.Tensor) nn.Tensor {
				return simSiamProjector(s)(g, both, g.Backbone(both, x))
			}
			predict := func(x nn.Tensor) nn.Tensor { return g.MLP(both.Head("predictor"), x, true, s.Int("bottleneck"), out) }
			a, b := project(g.View("", 0)), project(g.View("", 1))
			ofA, ofB := predict(a), predict(b)
			spread := g.spread(a)
			if s.Bool("stop_gradient") {
				a, b = g.StopGradient(a), g.StopGradient(b)
			}
			alike := g.Add(g.CosineSimilarity(ofA, b), g.CosineSimilarity(ofB, a))
			return Objective{Loss: g.Mean(g.Scale(alike, -0.5)), Record: map[string]nn.Tensor{"projection_spread": spread}}
		},
	}, nil
}

// standardize is a batch norm of x [n, d] without scale and shift. It has no running statistics: nothing that is
// evaluated reads them.
func (g *Graph) standardize(x nn.Tensor) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	n, d := x.Shape()[0], x.Shape()[1]
	scale := g.Constant("scale of a standardized column", slices.Repeat([]float32{1}, d), d)
	shift := g.Constant("shift of a standardized column", make([]float32, d), d)
	image := g.Reshape(x, n, d, 1, 1)
	y := g.Apply(op.BNApply{Epsilon: 1e-5}, image, g.Apply(op.BNStats{}, image), scale, shift)
	return g.Reshape(y, n, d)
}

// spread is the standard deviation of the columns of x [n, d], whose rows are normalised first, averaged over the
// columns: 0 where all rows are one, about 1/√d where they are independent (section 4.1).
func (g *Graph) spread(x nn.Tensor) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	n := float64(x.Shape()[0])
	rows := g.L2Normalize(x)
	apart := g.centred(rows)
	return g.Mean(g.Sqrt(g.Scale(g.ColumnSums(g.Mul(apart, apart)), 1/n)))
}
