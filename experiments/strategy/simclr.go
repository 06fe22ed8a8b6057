package strategy

import (
	"fmt"

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
			{Name: "head", Default: nonlinearHead, Choices: []string{nonlinearHead, linearHead, noHead}, Later: true,
				Doc: "projector between the features and what is compared (figure 8): nonlinear: a hidden layer, ReLU and a second one; " +
					"linear: one layer; none: the features themselves are compared"},
			{Name: "hidden", Default: hiddenWidth, Min: 1, Max: 65536, Doc: "width of the projector's hidden layer"},
			{Name: "projection", Default: projectionWidth, Min: 1, Max: 65536, Doc: "width of what is compared"},
			{Name: "temperature", Default: 0.1, Above: true, Doc: "by which similarities are divided; on CIFAR-10 the paper has 0.5"},
			{Name: "head_norm", Default: false,
				Doc: "a batch norm behind each layer of the projector, as lightly has it, and the authors' code without the last one's shift; " +
					"the paper's text has none"},
			onePass(true),
		},
	}, simCLR, simCLRProjector))
}

// These are the projectors that figure 8 of SimCLR compares, and the widths of the usual one.
const (
	nonlinearHead, linearHead, noHead = "nonlinear", "linear", "none"
	hiddenWidth, projectionWidth      = 2048, 128
)

// checkHead refuses widths and norms of layers that the head does not have.
func checkHead(s option.Settings) error {
	head := s.String("head")
	switch {
	case head != nonlinearHead && s.Int("hidden") != hiddenWidth:
		return fmt.Errorf("strategy.hidden: the width of a hidden layer, which strategy.head=%s has not", head)
	case head == noHead && s.Int("projection") != projectionWidth:
		return fmt.Errorf("strategy.projection: the width of a projector, and strategy.head=none has none: the features are compared")
	case head == noHead && s.Bool("head_norm"):
		return fmt.Errorf("strategy.head_norm: strategy.head=none has no layers to normalise")
	}
	return nil
}

func simCLRProjector(s option.Settings) projector {
	widths := []int{s.Int("hidden"), s.Int("projection")}
	if s.String("head") == linearHead {
		widths = widths[1:]
	}
	return func(g *Graph, b *nn.Builder, features nn.Tensor) nn.Tensor {
		switch {
		case s.String("head") == noHead:
			return features
		case s.Bool("head_norm"):
			return g.normedMLP(b.Head("projector"), features, widths...)
		}
		return g.MLP(b.Head("projector"), features, false, widths...)
	}
}

func simCLR(s option.Settings, _ About) (Phase, error) {
	if err := checkHead(s); err != nil {
		return Phase{}, err
	}
	return Phase{
		Streams: twoViews(),
		Coupled: true, // every view is compared with all others
		Objective: func(g *Graph) Objective {
			a, b := g.pair(g.Shared(), s, simCLRProjector(s))
			return Objective{Loss: g.NTXent(g.ConcatRows(a, b), s.Float("temperature"))}
		},
	}, nil
}
