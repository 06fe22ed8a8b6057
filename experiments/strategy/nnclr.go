package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name: "nnclr",
		Doc:  "a network learns to tell, for the image of a queue that is nearest to a view, which image's other view belongs to it",
		Loss: "cross-entropy of finding the prediction that belongs to a nearest neighbour among those of the batch, mean of both " +
			"directions and over images",
		Example: viewsExample("strategy.queue: 1024"),
		Paper:   "Dwibedi et al. 2021, With a Little Help from My Friends (arXiv 2104.14548)",
		Options: []option.Option{
			{Name: "hidden", Default: 2048, Min: 1, Max: 65536, Doc: "width of the two hidden layers of the projector"},
			{Name: "projection", Default: 256, Min: 1, Max: 65536, Doc: "width of what is compared"},
			{Name: "predictor", Default: 4096, Min: 1, Max: 65536, Doc: "width of the predictor's hidden layer"},
			{Name: "temperature", Default: 0.1, Above: true, Doc: "by which similarities are divided"},
			{Name: "queue", Default: 98304, Min: 1, Max: 1 << 24,
				Doc: "projections of earlier steps among which neighbours are sought; at least a batch"},
			onePass(false),
		},
	}, nnCLR, nnCLRProjector))
}

func nnCLRProjector(s option.Settings) projector {
	return func(g *Graph, b *nn.Builder, features nn.Tensor) nn.Tensor {
		return g.normedMLP(b.Head("projector"), features, s.Int("hidden"), s.Int("hidden"), s.Int("projection"))
	}
}

func nnCLR(s option.Settings, about About) (Phase, error) {
	if err := queueHolds(s, about); err != nil {
		return Phase{}, err
	}
	return Phase{
		Streams: twoViews(),
		Coupled: true, // the queue moves once a step
		Objective: func(g *Graph) Objective {
			both := g.Shared()
			a, b := g.pair(both, s, nnCLRProjector(s))
			predict := func(x nn.Tensor) nn.Tensor {
				return g.L2Normalize(g.MLP(both.Head("predictor"), x, true, s.Int("predictor"), s.Int("projection")))
			}
			ofA, ofB := predict(a), predict(b)
			a, b = g.StopGradient(g.L2Normalize(a)), g.StopGradient(g.L2Normalize(b))
			queue := g.queue(a, s.Int("queue"))
			nearest := func(x nn.Tensor) nn.Tensor { return g.MatMul(g.OneHotMax(g.similarities(x, queue)), queue) }
			toB := g.ownLoss(nearest(a), ofB, s.Float("temperature"))
			toA := g.ownLoss(nearest(b), ofA, s.Float("temperature"))
			return Objective{Loss: g.WeightedSum([]float64{0.5, 0.5}, toB, toA)}
		},
	}, nil
}

// ownLoss is the mean cross-entropy of finding, for each row of x [n, d], the row of y [n, d] with its number.
func (g *Graph) ownLoss(x, y nn.Tensor, temperature float64) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	return g.CrossEntropy(g.Scale(g.similarities(x, y), 1/temperature), g.everyRow(x.Shape()[0]), 0)
}
