package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name:  "simclr",
		Doc:   "a network learns to tell another view of an image from the views of all other images of the batch",
		Loss:  "cross-entropy of finding an image's other view among all views of the batch (NT-Xent), mean over views",
		Paper: "Chen et al. 2020, A Simple Framework for Contrastive Learning of Visual Representations (arXiv 2002.05709)",
		Options: []option.Option{
			{Name: "hidden", Default: 2048, Min: 1, Max: 65536, Doc: "width of the projector's hidden layer"},
			{Name: "projection", Default: 128, Min: 1, Max: 65536, Doc: "width of what is compared"},
			{Name: "temperature", Default: 0.1, Above: true, Doc: "by which similarities are divided; on CIFAR-10 the paper has 0.5"},
			{Name: "head_norm", Default: false,
				Doc: "a batch norm behind each layer of the projector, as lightly has it, and the authors' code without the last one's shift; " +
					"the paper's text has none"},
			onePass(true),
		},
	}, simCLR, simCLRProjector))
}

func simCLRProjector(s option.Settings) projector {
	return func(g *Graph, b *nn.Builder, features nn.Tensor) nn.Tensor {
		if s.Bool("head_norm") {
			return g.normedMLP(b.Head("projector"), features, s.Int("hidden"), s.Int("projection"))
		}
		return g.MLP(b.Head("projector"), features, false, s.Int("hidden"), s.Int("projection"))
	}
}

func simCLR(s option.Settings, _ About) (Phase, error) {
	return Phase{
		Streams: twoViews(),
		Coupled: true, // every view is compared with all others
		Objective: func(g *Graph) Objective {
			a, b := g.pair(g.Shared(), s, simCLRProjector(s))
			return Objective{Loss: g.NTXent(g.ConcatRows(a, b), s.Float("temperature"))}
		},
	}, nil
}
