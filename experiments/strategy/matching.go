package strategy

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/option"
)

// What FixMatch and its successors have in common: the network's answers to weakly changed images are labels of
// strongly changed ones, if they are sure enough. They differ in what that is.

// Policies of the strong view.
const (
	policyUSB   = "usb"
	policyPaper = "paper"
)

// usbStrong is how many changes USB's policy makes.
const usbStrong = 3

func matchOptions(own ...option.Option) []option.Option {
	return fewLabels(7, append([]option.Option{
		sureFrom("the network's answer to a weak view"),
		{Name: "lambda_u", Default: 1.0, Doc: "weight of the unlabelled images' loss"},
		{Name: "strong", Default: usbStrong, Min: 1, Max: 14,
			Doc: "random changes of the strong view (RandAugment with random strength), before cutout"},
		{Name: "policy", Default: policyUSB, Choices: []string{policyUSB, policyPaper}, Later: true,
			Doc: "changes of the strong view. usb: so many of 14 as strong says, each at a random strength, and a square of random size, as in " +
				"microsoft/Semi-supervised-learning. paper: two of these, each done in half of the cases, at one of nine strengths, and a square " +
				"of half the width, as in google-research/fixmatch"},
	}, own...)...)
}

// matchStreams are the streams of the settings: unlabelled images in a weak and a strong view.
func matchStreams(s option.Settings, about About) ([]Stream, error) {
	strong := map[string]any{"fixmatch_strong": s.Int("strong")}
	if s.String("policy") == policyPaper {
		if n := s.Int("strong"); n != usbStrong {
			return nil, fmt.Errorf("strategy.strong: the paper's policy makes two changes, so that %d has no effect; want %d", n, usbStrong)
		}
		strong = map[string]any{"fixmatch_paper": true}
	}
	return fewStreams(s, about, View{}, View{Add: strong})
}

// match is what came of a step.
type match struct {
	logits                  nn.Tensor // of the labelled images [n, classes]
	strong                  nn.Tensor // logits of strong views [m, classes]
	sure                    nn.Tensor // 1 for those that are learnt from, else 0, [m, 1]
	answers                 nn.Tensor // to weak views [m, classes]
	supervised, consistency nn.Tensor // losses
}

// match passes labelled images, weak and strong views through the network as one batch. choose says by the
// probabilities of weak views and the answers, both [m, classes] and without gradient, which strong views are learnt
// from, [m, 1].
func (g *Graph) match(choose func(p, answers nn.Tensor) (sure nn.Tensor)) match {
	x := g.View(labelled, 0)
	weak, strong := g.View(unlabelled, 0), g.View(unlabelled, 1)
	parts := g.parts(g.Network(g.Builder, g.ConcatRows(x, weak, strong)), x, weak, strong)
	p := g.Softmax(g.StopGradient(parts[1]))
	m := match{logits: parts[0], strong: parts[2], answers: g.OneHotMax(p)}
	m.supervised = g.CrossEntropy(m.logits, g.Labels(labelled), 0)
	m.sure = choose(p, m.answers)
	m.consistency = g.Mean(g.Mul(g.RowSoftCrossEntropy(m.strong, m.answers), m.sure))
	return m
}

// matched is the objective of a step.
func (g *Graph) matched(s option.Settings, m match) Objective {
	return Objective{
		Loss:   g.WeightedSum([]float64{1, s.Float("lambda_u")}, m.supervised, m.consistency),
		Logits: m.logits, Of: labelled,
		Record: map[string]nn.Tensor{"supervised": m.supervised, "consistency": m.consistency, "sure": g.Mean(m.sure)},
		Ratios: g.precision(m.sure, m.answers),
	}
}
