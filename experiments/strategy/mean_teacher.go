package strategy

import (
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(Strategy{
		Name: "mean_teacher",
		Doc:  "few labelled images; of the others the network must say what its own moving average says of another view",
		Loss: "supervised + weight · consistency: cross-entropy of the labelled images, and squared distance of probabilities " +
			"from the teacher's; the weight grows over warm_up",
		Evaluates: teaching,
		Example:   fewExample(),
		Paper:     "Tarvainen and Valpola 2017, Mean teachers are better role models (arXiv 1703.01780)",
		Options: fewLabels(1, append(rampOptions(50),
			option.Option{Name: "decay", Default: 0.999, Max: 1, Doc: "share that the teacher keeps of itself at a step"},
			option.Option{Name: "decay_ramp", Default: true,
				Doc: "at step t, from 1, the teacher keeps at most 1 − 1/(t + 1), so that it soon forgets its beginning"})...),
		Phases: meanTeacher,
	})
}

// teaching is the path of the teacher.
const teaching = "teacher"

// meanTeacher follows microsoft/Semi-supervised-learning (semilearn/algorithms/meanteacher): batch norms use the
// statistics of each stream's own images, those of the labelled ones move the running statistics, and the teacher has
// these as well. The ramp of its decay is the authors' (CuriousAI/mean-teacher). It is the teacher that is evaluated.
func meanTeacher(s option.Settings, about About) ([]Phase, error) {
	streams, err := fewStreams(s, about, View{}, View{})
	if err != nil {
		return nil, err
	}
	return []Phase{{
		Streams: streams,
		Scalars: map[string]func(At) float64{
			"decay":  func(at At) float64 { return teacherDecay(s, at.Step) },
			"weight": rampWeight(s),
		},
		Objective: func(g *Graph) Objective {
			student := g.Shared()
			teacher := g.Follow(teaching, nn.Follow{Decay: g.Scalar("decay")}).KeepStatistics()
			logits := g.Network(student, g.View(labelled, 0))
			supervised := g.ClassifierLoss(logits, g.Labels(labelled), 0)
			target := g.StopGradient(g.Softmax(g.Network(teacher, g.View(unlabelled, 0))))
			apart := g.Sub(g.Softmax(g.Network(student.KeepStatistics(), g.View(unlabelled, 1))), target)
			g.takeStatistics()
			squares := g.Mul(apart, apart)
			return Objective{
				Loss: g.Add(supervised, g.weighted(squares)), Logits: logits, Of: labelled,
				Record: map[string]nn.Tensor{"supervised": supervised, "consistency": g.Mean(squares)},
			}
		},
		Answers: func(g *Graph, x nn.Tensor) Answers {
			return Answers{Logits: g.Network(g.Twin(teaching), x), Read: func() nn.Tensor { return g.Backbone(g.Twin(teaching), x) }}
		},
	}}, nil
}

// teacherDecay of a step, counted from 0.
func teacherDecay(s option.Settings, step int) float64 {
	if !s.Bool("decay_ramp") {
		return s.Float("decay")
	}
	return min(1-1/float64(step+2), s.Float("decay"))
}

// takeStatistics gives copies the running statistics that their originals have after the step.
func (g *Graph) takeStatistics() {
	for _, p := range g.Params() {
		if p.Role == nn.Running && p.Original != "" {
			g.Set(g.param(p.Path, p), g.Now(g.param(p.Original, p)))
		}
	}
}

// param is the tensor of a parameter that exists, by its path, and that is like p.
func (g *Graph) param(path string, p *nn.Param) nn.Tensor {
	return g.Shared().Param(path, p.Shape, p.Role, p.Init)
}
