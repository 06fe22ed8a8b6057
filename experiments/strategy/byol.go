package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name:  "byol",
		Doc:   "a network learns to predict what its own moving average says of another view of the image",
		Loss:  "2 − 2·cos between prediction and target, summed over both directions, mean over images: 0 to 8",
		Paper: "Grill et al. 2020, Bootstrap Your Own Latent (arXiv 2006.07733)",
		Options: []option.Option{
			{Name: "hidden", Default: 4096, Min: 1, Max: 65536, Doc: "width of the hidden layer of projector and predictor"},
			{Name: "projection", Default: 256, Min: 1, Max: 65536, Doc: "width of what the projector gives and the predictor predicts"},
			{Name: "tau", Default: 0.99, Max: 1, Doc: "share that the teacher keeps of itself at a step, at the beginning"},
			{Name: "tau_end", Default: 1.0, Max: 1, Doc: "the same at the end; between them is half a cosine"},
		},
	}, byol, byolProjector))
}

func byolProjector(s option.Settings) projector {
	return func(g *Graph, b *nn.Builder, features nn.Tensor) nn.Tensor {
		return g.MLP(b.Head("projector"), features, true, s.Int("hidden"), s.Int("projection"))
	}
}

func byol(s option.Settings, _ About) (Phase, error) {
	return Phase{
		Streams: twoViews(),
		Scalars: map[string]func(At) float64{"tau": fromTo(s.Float("tau"), s.Float("tau_end"))},
		Coupled: true, // by batch norms of the heads
		Objective: func(g *Graph) Objective {
			hidden, out := s.Int("hidden"), s.Int("projection")
			project := func(b *nn.Builder, x nn.Tensor) nn.Tensor {
				return byolProjector(s)(g, b, g.Backbone(b, x))
			}
			student, teacher := g.Shared(), g.Follow("teacher", nn.Follow{Decay: g.Scalar("tau")})
			a, b := g.View("", 0), g.View("", 1)
			predict := func(x nn.Tensor) nn.Tensor {
				return g.MLP(student.Head("predictor"), project(student, x), true, hidden, out)
			}
			ofA, ofB := predict(a), predict(b)
			targetA, targetB := g.StopGradient(project(teacher, a)), g.StopGradient(project(teacher, b))
			return Objective{Loss: g.Add(g.regress(ofA, targetB), g.regress(ofB, targetA))}
		},
	}, nil
}

// regress is the mean over the rows of 2 − 2·cos, the squared distance of normalised rows (BYOL, equation 2).
func (g *Graph) regress(x, target nn.Tensor) nn.Tensor {
	return g.Mean(g.Plus(g.Scale(g.CosineSimilarity(x, target), -2), 2))
}
