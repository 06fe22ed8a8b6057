package strategy

import (
	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/metric"
	"workbench/nn"
	"workbench/nn/option"
)

// What self-supervised strategies have in common: they train a backbone without labels in the phase pretrain, measure
// its features, and may train a linear classifier on them in the phase probe.
const (
	pretrain = "pretrain"
	probing  = "probe"
)

// thenOption says what follows a pretraining.
var thenOption = option.Option{Name: "then", Default: "nothing", Choices: []string{"nothing", probing},
	Doc: "what follows: probe: a linear classifier is trained on the frozen network (phases.probe.optim.lr and the like are its settings)"}

// placeOption says which features are judged.
var placeOption = option.Option{Name: "features", Default: "", Want: "a place in the network such as layer3",
	Doc: "place whose features are judged and probed, as means over its maps; empty: what the network's last layer reads"}

// projector adds what the loss compares [n, d] to features [n, f].
type projector func(g *Graph, b *nn.Builder, features nn.Tensor) nn.Tensor

// selfSupervised completes a strategy that pretrains without labels.
func selfSupervised(s Strategy, phase func(option.Settings, About) (Phase, error), project func(option.Settings) projector) Strategy {
	s.Main, s.Later = pretrain, []string{probing}
	s.Measures, s.Unlabelled = map[string][]string{pretrain: {"knn", "collapse", "collapse_embeddings"}}, []string{pretrain}
	s.Options = append(s.Options, thenOption, placeOption)
	s.Set = map[string]map[string]any{probing: {"epochs": 10, "optim.name": "sgd", "optim.lr": 0.1, "optim.momentum": 0.9,
		"optim.weight_decay": 0.0, "schedule.name": "cosine", "schedule.warmup_epochs": 0.0}}
	s.Has = func(s option.Settings, phase string) bool { return s.String("then") == phase }
	s.Metric = func(s option.Settings) string {
		if s.String("then") == probing {
			return probing + "/" + metric.TestTop1
		}
		return metric.Name{Phase: pretrain, Split: metric.Test, Quantity: "knn_top1"}.String()
	}
	s.Phases = func(settings option.Settings, about About) ([]Phase, error) {
		first, err := phase(settings, about)
		if err != nil {
			return nil, err
		}
		place := settings.String("features")
		first.Name, first.Answers = pretrain, func(g *Graph, x nn.Tensor) Answers {
			y := g.Backbone(g.Builder, x)
			return Answers{Features: g.place(g.Builder, y, place),
				Embeddings: func() nn.Tensor { return project(settings)(g, g.Builder, y) }}
		}
		first.Measure = []evaluate.Use{
			{Name: "knn", Options: map[string]any{"k": max(1, min(200, about.Count["train"]))}}, {Name: "collapse"},
			{Name: "collapse_embeddings"},
		}
		phases := []Phase{first}
		if settings.String("then") == probing {
			phases = append(phases, probe(place))
		}
		return phases, nil
	}
	return s
}

// probe trains a linear classifier on the features of a network that stays as it is, in inference.
func probe(place string) Phase {
	classify := func(g *Graph, x nn.Tensor) nn.Tensor {
		return g.Head("fc").Linear(g.Inner(g.Builder, x, place), g.Classes())
	}
	return Phase{
		Name: probing, Streams: []Stream{{Split: data.Train}},
		Trainable: []string{probing + ".**"}, Still: []string{"**"},
		Objective: func(g *Graph) Objective {
			logits := classify(g, g.View("", 0))
			return Objective{Loss: g.CrossEntropy(logits, g.Labels(""), 0), Logits: logits}
		},
		Answers: func(g *Graph, x nn.Tensor) Answers {
			return Answers{Logits: classify(g, x), Read: func() nn.Tensor { return g.Inner(g.Shared(), x, place) }}
		},
	}
}
