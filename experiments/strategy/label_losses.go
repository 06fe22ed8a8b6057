package strategy

import (
	"fmt"
	"math"
	"slices"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/option"
)

// labelLoss is a loss between logits [n, classes] and targets [n, classes]: rows of zeros with a one, or shares.
type labelLoss struct {
	name    string
	doc     string // with its source
	options []option.Option
	build   func(s option.Settings, info data.Info) (lossOf, error)
}

// lossOf adds a loss [1] to a graph.
type lossOf func(g *Graph, logits, targets nn.Tensor) nn.Tensor

// labelLosses are the losses of supervised training beside cross-entropy: each is in the file of its kind.
var labelLosses = slices.Concat(classwiseLosses, noiseRobustLosses)

// lossOptions are the choice of a loss and the settings of all of them, each once.
func lossOptions() []option.Option {
	choice := option.Option{Name: "loss", Default: crossEntropy, Choices: []string{crossEntropy}, Later: true}
	var own []option.Option
	for i, l := range labelLosses {
		if i > 0 {
			choice.Doc += "; "
		}
		choice.Doc += l.name + ": " + l.doc
		choice.Choices = append(choice.Choices, l.name)
		for _, o := range l.options {
			if _, known := option.Find(own, o.Name); !known {
				own = append(own, o)
			}
		}
	}
	return append([]option.Option{choice}, own...)
}

// settledLoss is the loss that settings name, nil for cross-entropy. A setting of another loss is an error.
func settledLoss(s option.Settings, info data.Info) (lossOf, error) {
	name := s.String("loss")
	var chosen labelLoss
	if i := slices.IndexFunc(labelLosses, func(l labelLoss) bool { return l.name == name }); i >= 0 {
		chosen = labelLosses[i]
	}
	for _, l := range labelLosses {
		for _, o := range l.options {
			if _, own := option.Find(chosen.options, o.Name); !own && s[o.Name] != o.Default {
				return nil, fmt.Errorf("%s is of the %s loss, and strategy.loss is %s: it has no effect", o.Name, l.name, name)
			}
		}
	}
	if chosen.build == nil {
		return nil, nil
	}
	return chosen.build(s, info)
}

// plainLoss is a loss that needs to know nothing of the data set.
func plainLoss(of func(g *Graph, s option.Settings, logits, targets nn.Tensor) nn.Tensor) func(option.Settings, data.Info) (lossOf, error) {
	return func(s option.Settings, _ data.Info) (lossOf, error) {
		return func(g *Graph, logits, targets nn.Tensor) nn.Tensor { return of(g, s, logits, targets) }, nil
	}
}

// classwiseLosses take every class as a yes or no of its own.
var classwiseLosses = []labelLoss{
	{name: "binary", doc: "each class is a yes or no of its own (Wightman et al. 2021, ResNet strikes back, arXiv 2110.00476, section 2)",
		build: plainLoss(func(g *Graph, _ option.Settings, logits, targets nn.Tensor) nn.Tensor {
			return g.Mean(g.Add(g.yes(logits, targets), g.no(logits, targets)))
		})},
	{name: "focal", doc: "binary, with the answers that are right for sure weighted down (Lin et al. 2017, arXiv 1708.02002, equation 5)",
		options: []option.Option{
			{Name: "gamma", Default: 2.0, Max: 100, Later: true,
				Doc: "of the focal loss: a class's loss is weighted by (1 − p)^gamma, p of the right answer"},
			{Name: "alpha", Default: 0.25, Max: 1, Later: true, Doc: "of the focal loss: weight of the image's own class, others have 1 − alpha"},
		},
		build: plainLoss(func(g *Graph, s option.Settings, logits, targets nn.Tensor) nn.Tensor {
			return g.focal(logits, targets, s.Float("gamma"), s.Float("alpha"))
		})},
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
