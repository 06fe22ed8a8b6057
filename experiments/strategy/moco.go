package strategy

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name:    "moco_v2",
		Doc:     "a network learns to tell another view of an image from a queue of other images, as its moving average sees them",
		Loss:    "cross-entropy of finding a query's key among those of the queue (InfoNCE), mean over images",
		Example: viewsExample("strategy.queue: 1024 # fewer than there are images"),
		Paper:   "Chen et al. 2020, Improved Baselines with Momentum Contrastive Learning (arXiv 2003.04297); He et al. 2020 (arXiv 1911.05722)",
		Options: []option.Option{
			{Name: "hidden", Default: 2048, Min: 1, Max: 65536, Doc: "width of the projector's hidden layer"},
			{Name: "projection", Default: 128, Min: 1, Max: 65536, Doc: "width of what is compared"},
			{Name: "temperature", Default: 0.2, Above: true, Doc: "by which similarities are divided"},
			{Name: "queue", Default: 65536, Min: 1, Max: 1 << 24, Doc: "keys of earlier steps that are told from; at least a batch"},
			{Name: "tau", Default: 0.999, Max: 1, Doc: "share that the key encoder keeps of itself at a step"},
			{Name: "norm_groups", Default: 8, Min: 1, Max: 4096,
				Doc: "groups of a batch that batch norms normalise each by itself, the keys in another order: they stand for the paper's machines"},
		},
	}, moco, mocoProjector))
}

func mocoProjector(s option.Settings) projector {
	return func(g *Graph, b *nn.Builder, features nn.Tensor) nn.Tensor {
		return g.L2Normalize(g.MLP(b.Head("projector"), features, false, s.Int("hidden"), s.Int("projection")))
	}
}

func moco(s option.Settings, about About) (Phase, error) {
	groups, queue := s.Int("norm_groups"), s.Int("queue")
	if about.Batch%groups != 0 {
		return Phase{}, fmt.Errorf("strategy.norm_groups: a batch of %d images cannot be divided into %d groups", about.Batch, groups)
	}
	if err := queueHolds(s, about); err != nil {
		return Phase{}, err
	}
	return Phase{
		Streams: twoViews(),
		Scalars: map[string]func(At) float64{"tau": func(At) float64 { return s.Float("tau") }},
		Coupled: true, // the queue moves once a step
		Objective: func(g *Graph) Objective {
			project := func(b *nn.Builder, x nn.Tensor) nn.Tensor {
				return mocoProjector(s)(g, b, g.Backbone(b, x))
			}
			query := project(g.InGroups(groups), g.View("", 0))
			keys := g.otherGroups(groups, g.View("", 1), func(x nn.Tensor) nn.Tensor {
				return project(g.Follow("teacher", nn.Follow{Decay: g.Scalar("tau")}).InGroups(groups), x)
			})
			return Objective{Loss: g.instanceLoss(query, g.StopGradient(keys), queue, s.Float("temperature"))}
		},
	}, nil
}

// otherGroups encodes x in another order, so that the groups of its batch norms are others.
func (g *Graph) otherGroups(groups int, x nn.Tensor, encode func(nn.Tensor) nn.Tensor) nn.Tensor {
	if groups == 1 || g.Err() != nil {
		return encode(x)
	}
	order, back := g.Shuffle(x.Shape()[0])
	return g.GatherRows(encode(g.GatherRows(x, order)), back)
}

// instanceLoss is InfoNCE (He et al. 2020, equation 1): each query [n, d] is to find its key among the keys of the
// queue, which then takes the new ones in.
func (g *Graph) instanceLoss(query, keys nn.Tensor, length int, temperature float64) nn.Tensor {
	if g.Err() != nil {
		return nn.Tensor{}
	}
	others := g.similarities(query, g.queue(keys, length))
	logits := g.Scale(g.ConcatColumns(g.RowProducts(query, keys), others), 1/temperature)
	return g.Mean(g.RowSoftCrossEntropy(logits, g.first(query.Shape()[0], length+1)))
}

// first is a target [n, classes]: the first class of each row.
func (g *Graph) first(n, classes int) nn.Tensor {
	return g.OneHot(g.Zeros(n), classes)
}
