package strategy

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/op"
	"workbench/nn/option"
)

// Online is a linear classifier that is trained beside a phase, on the features of the images of its main stream, to
// see at any time what they are good for (solo-learn's and lightly's online evaluation). Its program reads the features
// that the phase's program has computed, so no gradient returns from it: the phase learns the same bits without it. Its
// optimizer is the phase's, without weight decay, clipping and averages.
type Online struct {
	Rate  float64 // peak of the learning rate, which follows the phase's schedule
	Place string  // of the network whose features it reads; see Graph.Inner
}

// online is the name of the option, of the classifier and of its evaluator.
const online = "online"

// onlineOptions are those of every pretraining.
var onlineOptions = []option.Option{
	{Name: online, Default: false, Later: true,
		Doc: "a linear classifier is trained beside the pretraining, on features that are not changed by it, and measured as " +
			"pretrain/test/online_top1. Its images are augmented and the weights still move, so it is no linear evaluation: " +
			"strategy.then=probe is"},
	{Name: "online_lr", Default: 0.1, Above: true, Later: true,
		Doc: "peak learning rate of that classifier, which follows the schedule; its optimizer is the study's, without weight decay"},
}

// beside gives a phase of the settings its online classifier.
func (p *Phase) beside(s option.Settings) error {
	if s.Bool(online) {
		p.Online = &Online{Rate: s.Float("online_lr"), Place: s.String(placeOption.Name)}
		return nil
	}
	if s.Float("online_lr") != 0.1 {
		return fmt.Errorf("strategy.online_lr: there is no online classifier without strategy.online=true, so it has no effect")
	}
	return nil
}

// hear keeps the features y [k·n, f] of images that a network was just added for, if a classifier is trained on them.
// Copies that follow the network are not heard.
func (g *Graph) hear(b *nn.Builder, y nn.Tensor) {
	if o := g.phase.Online; o != nil && b.Training() && b.Copy() == "" && g.Err() == nil {
		g.heard = append(g.heard, g.place(b, y, o.Place))
	}
}

// Heard are the features that a phase's online classifier learns from, [k·n, f] each: n images, k times.
func (g *Graph) Heard() []nn.Tensor { return g.heard }

// HeardName is the input of the classifier's program with the features of that number.
func HeardName(i int) string { return fmt.Sprintf("heard/%d", i) }

// Listen adds the online classifier's loss to a graph for training, of its own: cross-entropy of the labels, mean over
// all features. shapes are those of Graph.Heard.
func (g *Graph) Listen(shapes []op.Shape) Objective {
	var losses, right []nn.Tensor
	_, n, ok := g.stream(g.phase.Streams[0].Name)
	labels := g.Labels(g.phase.Streams[0].Name)
	for i, shape := range shapes {
		if !ok || g.Err() != nil {
			return Objective{}
		}
		if shape[0]%n != 0 {
			g.Fail(fmt.Errorf("features %v are not those of %d images, some times over, so a classifier cannot tell whose they are", shape, n))
			return Objective{}
		}
		logits := g.OnlineLogits(g.Input(HeardName(i), shape...))
		for from := 0; from < shape[0]; from += n {
			part := logits
			if shape[0] > n {
				part = g.Builder.Rows(logits, from, n)
			}
			losses = append(losses, g.CrossEntropy(part, labels, 0))
			right = append(right, g.Mean(g.RowProducts(g.OneHotMax(part), g.OneHot(labels, g.Classes()))))
		}
	}
	if len(losses) == 0 {
		g.Fail(fmt.Errorf("the phase puts no images through the network, so that an online classifier has no features"))
		return Objective{}
	}
	mean := func(all []nn.Tensor) nn.Tensor {
		if len(all) == 1 {
			return all[0]
		}
		return g.Scale(g.Add(all...), 1/float64(len(all)))
	}
	loss := mean(losses)
	return Objective{Loss: loss, Record: map[string]nn.Tensor{"online_loss": loss, "online_top1": mean(right)}}
}

// OnlineLogits are the online classifier's answers to features [n, f], [n, classes].
func (g *Graph) OnlineLogits(features nn.Tensor) nn.Tensor {
	return g.Shared().Head(online).Linear(features, g.Classes())
}
