package strategy

import (
	"fmt"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/option"
)

// usualTemperature is that of tian2019 (HobbitLong/RepDistiller), which most comparisons take over.
const usualTemperature = 4.0

func init() {
	Register(Strategy{
		Name: "distillation",
		Doc: "a network learns from another one's answers, which stays as it is, beside the labels; a step has a forward pass of that " +
			"teacher more",
		Loss: "(1 − alpha) · cross_entropy + alpha · distillation: T² times the divergence of the probabilities at temperature T from the " +
			"teacher's; hard: cross-entropy with the teacher's answer as the label",
		Paper: "Hinton et al. 2015, Distilling the Knowledge in a Neural Network (arXiv 1503.02531); hard: Touvron et al. 2021, DeiT " +
			"(arXiv 2012.12877), section 3",
		Mixes: []string{""},
		Example: Example{Beside: "supervised", Base: []string{"augment: {pad: 2, flip: true}"},
			Own: []string{"strategy.teacher: none # drawn weights teach nothing: train a teacher, then write run: and its id (workbench runs)"}},
		Options: append([]option.Option{
			{Name: "temperature", Default: usualTemperature, Max: 1000, Above: true,
				Doc: "T, by which both networks' logits are divided: the higher, the more the wrong classes count"},
			{Name: "alpha", Default: 0.9, Max: 1, Doc: "weight of what the teacher says; the labels have 1 − alpha"},
			{Name: "hard", Default: false, Doc: "the teacher's answer is a label like others, without a temperature"},
		}, teacherOptions...),
		Phases: distillation,
	})
}

// distillation has the teacher in evaluation mode, as HobbitLong/RepDistiller (helper/loops.py) and DeiT (losses.py)
// do. It sees the very images that the student sees, augmented and mixed (Beyer et al. 2022, arXiv 2106.05237).
func distillation(s option.Settings, about About) ([]Phase, error) {
	if s.Bool("hard") && s.Float("temperature") != usualTemperature {
		return nil, fmt.Errorf("strategy.temperature: hard distillation has none, so that %v has no effect; want %v", s.Float("temperature"),
			usualTemperature)
	}
	teacher, err := teacherNetwork(s, about.Info)
	if err != nil {
		return nil, err
	}
	alpha := s.Float("alpha")
	return []Phase{{
		Streams: []Stream{{Split: data.Train, Mixed: true}},
		Fixed:   []string{teaching + ".**"},
		Objective: func(g *Graph) Objective {
			x := g.View("", 0)
			logits := g.Network(g.Builder, x)
			said := g.StopGradient(teacher(g, x))
			var told nn.Tensor
			if s.Bool("hard") {
				told = g.SoftCrossEntropy(logits, g.OneHotMax(said), nn.CrossEntropyLoss{})
			} else {
				told = g.KLDivergence(logits, said, s.Float("temperature"))
			}
			o := Objective{Record: map[string]nn.Tensor{"distillation": told}}
			if g.Mixed("") { // no answer to a mixed image is right or wrong
				o.Record["cross_entropy"] = g.SoftClassifierLoss(logits, g.Shares("", 0))
			} else {
				o.Record["cross_entropy"], o.Logits = g.ClassifierLoss(logits, g.Labels(""), 0), logits
			}
			o.Loss = g.WeightedSum([]float64{1 - alpha, alpha}, o.Record["cross_entropy"], told)
			return o
		},
	}}, nil
}
