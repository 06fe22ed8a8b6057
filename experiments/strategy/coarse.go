package strategy

import (
	"fmt"

	"workbench/experiments/data"
	"workbench/nn"
	"workbench/nn/option"
)

func init() {
	Register(selfSupervised(Strategy{
		Name: "coarse_labels",
		Doc: "a network learns from groups of classes alone, such as animals and vehicles; what its features say of the classes is " +
			"measured, or learnt from few labels of classes (strategy.then, strategy.label_share)",
		Loss: "cross-entropy of the groups, mean over images; group_top1 is the accuracy at them",
		Example: Example{Beside: "coarse_labels", Base: []string{"augment: {flip: true}"},
			Own: []string{"strategy.groups: classes # each by itself: what finer labels would teach"}},
		Paper: "Huh et al. 2016, What makes ImageNet good for transfer learning? (arXiv 1608.08614), section 4.3: classes and groups of them",
		Options: []option.Option{{Name: "groups", Default: "", Want: data.WantedGroups,
			Doc: "the groups and their classes, such as animals = bird, cat; vehicles = ship, truck; empty: those of the set, which cifar10, " +
				"cifar100 and shapes have; classes: each class is a group by itself"}},
	}, coarse, nil))
}

// coarse is training with the labels of groups. The set's own labels say which group an image is of, and nothing else
// of them is read in the phase.
func coarse(s option.Settings, about About) (Phase, error) {
	groups, err := data.GroupsOf(about.Info, s.String("groups"))
	if err != nil {
		return Phase{}, fmt.Errorf("strategy.groups: %w", err)
	}
	classes, n := len(groups.Of), len(groups.Names)
	of := make([]float32, classes*n)
	for class, group := range groups.Of {
		of[class*n+group] = 1
	}
	return Phase{
		Streams: []Stream{{Split: data.Train}},
		Objective: func(g *Graph) Objective {
			logits := g.Head("groups").Linear(g.Backbone(g.Builder, g.View("", 0)), n)
			labels := g.MatMul(g.OneHot(g.Labels(""), classes), g.Constant("groups", of, classes, n))
			right := g.RowProducts(g.OneHotMax(logits), labels)
			return Objective{Loss: g.SoftClassifierLoss(logits, labels), Record: map[string]nn.Tensor{"group_top1": g.Mean(right)}}
		},
	}, nil
}
