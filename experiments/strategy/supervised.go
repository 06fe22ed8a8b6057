package strategy

import (
	"fmt"
	"math"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/option"
)

// Losses of supervised training.
const (
	crossEntropy = "cross_entropy"
	binaryLoss   = "binary"
	focalLoss    = "focal"
)

func init() {
	Register(Strategy{
		Name: "supervised",
		Doc:  "a loss between the network's answers and the labels of the training split, cross-entropy unless a study says another",
		Loss: "cross-entropy, mean over images; binary: of a yes or no for each class, mean over classes and images; focal: that with the " +
			"sure answers weighted down; with label_smoothing those of smoothed targets",
		Mixes: []string{""},
		Example: Example{Beside: "supervised", Base: []string{"augment: {pad: 2, flip: true}"},
			Own: []string{"strategy.label_smoothing: 0.1"}},
		Options: []option.Option{
			{Name: "label_smoothing", Default: 0.0, Max: 1, Below: true,
				Doc: "share of the target that is spread over all classes (Szegedy et al. 2016, section 7)"},
			{Name: "loss", Default: crossEntropy, Choices: []string{crossEntropy, binaryLoss, focalLoss}, Later: true,
				Doc: "binary: each class is a yes or no of its own (Wightman et al. 2021, ResNet strikes back, arXiv 2110.00476, section 2); " +
					"focal: binary, with the answers that are right for sure weighted down (Lin et al. 2017, arXiv 1708.02002, equation 5)"},
			{Name: "gamma", Default: 2.0, Max: 100, Later: true,
				Doc: "of the focal loss: a class's loss is weighted by (1 − p)^gamma, p of the right answer"},
			{Name: "alpha", Default: 0.25, Max: 1, Later: true, Doc: "of the focal loss: weight of the image's own class, others have 1 − alpha"},
			statisticsOption,
		},
		Phases: func(s option.Settings, _ About) ([]Phase, error) {
			if loss := s.String("loss"); loss != focalLoss && (s.Float("gamma") != 2 || s.Float("alpha") != 0.25) {
				return nil, fmt.Errorf("gamma and alpha are of the focal loss, and strategy.loss is %s: they have no effect", loss)
			}
			return []Phase{{
				FixedStatistics: s.Bool(statisticsOption.Name),
				Streams:         []Stream{{Split: data.Train, Mixed: true}},
				Objective: func(g *Graph) Objective {
					logits := g.Network(g.Builder, g.View("", 0))
					if g.Mixed("") { // no answer to a mixed image is right or wrong
						return Objective{Loss: g.labelLoss(s, logits)}
					}
					return Objective{Loss: g.labelLoss(s, logits), Logits: logits}
				},
			}}, nil
		},
	})
}

// labelLoss is the loss that settings name, between logits [n, classes] and the labels or shares of the main stream.
// Auxiliary classifiers have the same one.
func (g *Graph) labelLoss(s option.Settings, logits nn.Tensor) nn.Tensor {
	smoothing := s.Float("label_smoothing")
	if s.String("loss") != crossEntropy {
		targets := g.targets("", smoothing)
		return g.EveryClassifierLoss(logits, func(logits nn.Tensor) nn.Tensor {
			if s.String("loss") == binaryLoss {
				return g.Mean(g.Add(g.yes(logits, targets), g.no(logits, targets)))
			}
			return g.focal(logits, targets, s.Float("gamma"), s.Float("alpha"))
		})
	}
	if g.Mixed("") {
		return g.SoftClassifierLoss(logits, g.Shares("", smoothing))
	}
	return g.ClassifierLoss(logits, g.Labels(""), smoothing)
}

// targets are the shares of the classes [n, classes] of a stream's images, smoothed.
func (g *Graph) targets(stream string, smoothing float64) nn.Tensor {
	if g.Mixed(stream) {
		return g.Shares(stream, smoothing)
	}
	shares := g.OneHot(g.Labels(stream), g.Classes())
	if smoothing == 0 {
		return shares
	}
	return g.Plus(g.Scale(shares, 1-smoothing), smoothing/float64(g.Classes()))
}

// yes and no are the parts of the binary cross-entropy of logits x [n, classes] with targets y: −y·log σ(x) and
// −(1 − y)·log(1 − σ(x)).
func (g *Graph) yes(x, y nn.Tensor) nn.Tensor { return g.Mul(y, g.softplus(g.Scale(x, -1))) }

func (g *Graph) no(x, y nn.Tensor) nn.Tensor { return g.Mul(g.without(y), g.softplus(x)) }

// without is 1 − y.
func (g *Graph) without(y nn.Tensor) nn.Tensor { return g.Plus(g.Scale(y, -1), 1) }

// softplus is log(1 + eˣ) without overflow: the part above 0 of x, and what is left at −|x|.
func (g *Graph) softplus(x nn.Tensor) nn.Tensor {
	return g.Add(g.Clamp(x, 0, math.MaxFloat32), g.Log(g.Plus(g.Exp(g.Scale(g.Abs(x), -1)), 1)))
}

// focal is the focal loss as torchvision's sigmoid_focal_loss has it, mean over classes and images.
func (g *Graph) focal(x, y nn.Tensor, gamma, alpha float64) nn.Tensor {
	weight := g.Plus(g.Scale(y, 2*alpha-1), 1-alpha) // alpha of the own class, 1 − alpha of others
	loss := g.Mul(weight, g.Add(g.yes(x, y), g.no(x, y)))
	if gamma == 0 {
		return g.Mean(loss)
	}
	// 1 − p is what σ(x) and σ(−x) give the wrong answer: y·σ(−x) + (1 − y)·σ(x).
	wrong := g.Add(g.Mul(y, g.Exp(g.Scale(g.softplus(x), -1))), g.Mul(g.without(y), g.Exp(g.Scale(g.softplus(g.Scale(x, -1)), -1))))
	return g.Mean(g.Mul(loss, g.Power(wrong, gamma)))
}
