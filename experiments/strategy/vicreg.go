package strategy

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name: "vicreg",
		Doc:  "what a network says of two views is alike, while every dimension keeps its spread and none follows another",
		Loss: "sim · invariance + std · variance + cov · covariance: squared difference of the views; how far deviations are " +
			"below 1, mean of the views; squared covariances of two dimensions, summed over the views",
		Paper: "Bardes et al. 2022, VICReg (arXiv 2105.04906); the mean in variance is the authors' code's, the paper has the sum",
		Options: []option.Option{
			{Name: "hidden", Default: 8192, Min: 1, Max: 65536, Doc: "width of the two hidden layers of the projector"},
			{Name: "projection", Default: 8192, Min: 1, Max: 65536, Doc: "width of what is compared; the loss needs memory for its square"},
			{Name: "sim", Default: 25.0, Doc: "weight of invariance"},
			{Name: "std", Default: 25.0, Doc: "weight of variance"},
			{Name: "cov", Default: 1.0, Doc: "weight of covariance"},
			onePass(false),
		},
	}, vicReg, expander))
}

func vicReg(s option.Settings, about About) (Phase, error) {
	if about.Batch < 2 {
		return Phase{}, fmt.Errorf("strategy.name: vicreg takes variances over a batch, which has %d image; want at least 2", about.Batch)
	}
	return Phase{
		Streams: twoViews(),
		Coupled: true, // variances and covariances are over the batch
		Objective: func(g *Graph) Objective {
			a, b := g.pair(g.Shared(), s, expander(s))
			invariance := g.MeanSquaredError(a, b)
			shortA, togetherA := g.variances(a)
			shortB, togetherB := g.variances(b)
			variance := g.WeightedSum([]float64{0.5, 0.5}, shortA, shortB)
			covariance := g.Add(togetherA, togetherB)
			return Objective{
				Loss:   g.WeightedSum([]float64{s.Float("sim"), s.Float("std"), s.Float("cov")}, invariance, variance, covariance),
				Record: map[string]nn.Tensor{"invariance": invariance, "variance": variance, "covariance": covariance},
			}
		},
	}, nil
}

// variances of the columns of x [n, d]: how far their deviations are below 1, a mean, and their squared covariances
// with other columns, summed and divided by d (equations 1 to 4).
func (g *Graph) variances(x nn.Tensor) (short, together nn.Tensor) {
	if g.Err() != nil {
		return nn.Tensor{}, nn.Tensor{}
	}
	n, d := float64(x.Shape()[0]), float64(x.Shape()[1])
	x = g.centred(x)
	variance := g.Scale(g.ColumnSums(g.Mul(x, x)), 1/(n-1))
	deviation := g.Sqrt(g.Plus(variance, 1e-4))
	all := g.Scale(g.columnProducts(x, x), 1/(n-1))
	short = g.Mean(g.ReLU(g.Plus(g.Scale(deviation, -1), 1)))
	return short, g.Mean(g.Scale(g.Sub(g.squares(all), g.squares(variance)), 1/d))
}
