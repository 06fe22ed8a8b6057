package strategy

import (
	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/option"
)

// sclNL, sclEXP and forwardLoss are losses of complementary labels.
const (
	sclNL       = "scl_nl"
	sclEXP      = "scl_exp"
	forwardLoss = "forward"
)

func init() {
	Register(Strategy{
		Name: "complementary",
		Doc:  "complementary labels: of each image one class that it is not of, all others being equally likely",
		Loss: "scl_nl: −log(1 − p), scl_exp: exp(p), forward: −log of the chance that the answers give the label, of the probability p " +
			"of the class that an image is not of; mean over images",
		Example: Example{Beside: "complementary", Base: []string{"augment: {pad: 2, flip: true}"},
			Own: []string{"strategy.complementary_loss: forward"}},
		Paper: "Yu et al. 2018, Learning with Biased Complementary Labels (arXiv 1711.09535); Chou et al. 2020, Unbiased Risk Estimators " +
			"Can Mislead (arXiv 2007.02235)",
		Options: []option.Option{{Name: "complementary_loss", Default: sclNL, Choices: []string{sclNL, sclEXP, forwardLoss},
			Doc: "scl_nl and scl_exp: surrogate complementary losses, the negative log and the exponential (Chou et al. 2020, section 5); " +
				"forward: cross-entropy of what the answers become by how labels are drawn (Yu et al. 2018, equation 7)"}},
		Phases: func(s option.Settings, about About) ([]Phase, error) {
			return complementary(s.String("complementary_loss"), about.Info)
		},
	})
}

// leastComplement is what the losses add to probabilities before their logarithm, as ntucllab/libcll has it
// (strategies/SCL.py, FWD.py).
const leastComplement = 1e-6

func complementary(loss string, info data.Info) ([]Phase, error) {
	uniform, err := data.Noise{Kind: data.Symmetric, Rate: 1}.Transition(info)
	if err != nil {
		return nil, err
	}
	return []Phase{{
		Streams: []Stream{{Split: data.Train, Labels: data.Complementary}},
		// An answer that is the label is wrong for sure, and another one may be right, so that there are no hits to count.
		Objective: func(g *Graph) Objective {
			logits, not := g.Network(g.Builder, g.View("", 0)), g.OneHot(g.Labels(""), g.Classes())
			return Objective{Loss: g.EveryClassifierLoss(logits, func(logits nn.Tensor) nn.Tensor {
				p := g.Softmax(logits)
				switch loss {
				case sclEXP:
					return g.Mean(g.Exp(g.RowSums(g.Mul(not, p))))
				case forwardLoss:
					p = g.MatMul(p, g.Constant("transition", uniform, g.Classes(), g.Classes()))
				default:
					p = g.without(p)
				}
				return g.Scale(g.Mean(g.RowSums(g.Mul(not, g.Log(g.Plus(p, leastComplement))))), -1)
			})}
		},
	}}, nil
}
