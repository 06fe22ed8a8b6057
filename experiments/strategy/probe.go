package strategy

import (
	"fmt"
	"maps"
	"slices"

	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/metric"
	"workbench/nn"
	"workbench/nn/option"
)

// What self-supervised strategies have in common: they train a backbone without labels in the phase pretrain, measure
// its features, and may train a linear classifier on them in the phase probe, and the whole network in the phase
// finetune.
const (
	pretrain   = "pretrain"
	probing    = "probe"
	finetuning = "finetune"
)

// lpFT is a probe and then fine-tuning that begins with its classifier (Kumar et al. 2022, arXiv 2202.10054).
const lpFT = "lp_ft"

// following are the phases that follow a pretraining, by the option then.
var following = map[string][]string{"nothing": nil, probing: {probing}, finetuning: {finetuning}, lpFT: {probing, finetuning},
	gradual: {gradual}, fastai: {freeze, unfreeze}, bit: {bit}}

// thenOption says what follows a pretraining.
var thenOption = option.Option{Name: "then", Default: "nothing",
	Choices: []string{"nothing", probing, finetuning, lpFT, gradual, fastai, bit},
	Doc: "what follows: probe: a linear classifier is trained on the frozen network (phases.probe.optim.lr and the like are its settings); " +
		"finetune: the whole network is, with a classifier (phases.finetune.optim.lr); lp_ft: first one, then the other " +
		"(Kumar et al. 2022); gradual: the network is unfrozen block by block from its end (ULMFiT, Howard and Ruder 2018); fastai: " +
		"fine_tune's two one-cycles, the phases freeze and unfreeze; bit: steps, mixup and rates by BiT's rule (Kolesnikov et al. 2020), " +
		"at the data set's size of images"}

// shareOption says how many labels follow a pretraining.
var shareOption = option.Option{Name: "label_share", Default: 1.0, Max: 1, Above: true, Later: true,
	Doc: "share of each class's training images whose labels are learnt from after the pretraining, drawn by the run's seed"}

// placeOption says which features are judged.
var placeOption = option.Option{Name: "features", Default: "", Want: "a place in the network such as layer3",
	Doc: "place whose features are judged and probed, as means over its maps; empty: what the network's last layer reads"}

// settingsAfter are those of the phases that follow, unless a study says others.
var settingsAfter = map[string]map[string]any{
	probing: {"epochs": 10, "optim.name": "sgd", "optim.lr": 0.1, "optim.momentum": 0.9, "optim.weight_decay": 0.0,
		"schedule.name": "cosine", "schedule.warmup_epochs": 0.0},
	finetuning: {"epochs": 10, "optim.name": "sgd", "optim.lr": 0.01, "optim.momentum": 0.9, "optim.weight_decay": 1e-4,
		"schedule.name": "cosine", "schedule.warmup_epochs": 0.0},
}

// projector adds what the loss compares [n, d] to features [n, f].
type projector func(g *Graph, b *nn.Builder, features nn.Tensor) nn.Tensor

// selfSupervised completes a strategy that pretrains without labels. A strategy without a projector compares no
// embeddings, so that none are judged.
func selfSupervised(s Strategy, phase func(option.Settings, About) (Phase, error), project func(option.Settings) projector) Strategy {
	s.Main, s.Mixes = pretrain, []string{bit}
	s.Later = []string{probing, finetuning, gradual, freeze, unfreeze, bit}
	measures := []string{"knn", "collapse"}
	if s.Example.Beside == "" {
		s.Example = firstExample(project != nil)
	}
	if project != nil {
		measures = append(measures, "collapse_embeddings")
	}
	s.Measures, s.Unlabelled = map[string][]string{pretrain: append(slices.Clone(measures), online)}, []string{pretrain}
	s.Asks = func(s option.Settings, evaluator string) bool { return evaluator != online || s.Bool(online) }
	s.Options = slices.Concat(s.Options, []option.Option{thenOption, placeOption, shareOption}, onlineOptions, cachedOptions,
		[]option.Option{statisticsOption})
	s.Set = settingsAfter
	s.Begin = func(given map[string]any) {
		for _, o := range append(slices.Clone(cachedOptions), shareOption, statisticsOption) {
			delete(given, o.Name)
		}
		if len(following[fmt.Sprint(given[thenOption.Name])]) > 0 {
			given[thenOption.Name] = probing // which stands for all that follow: runs have begun under its name
		}
	}
	s.Has = func(s option.Settings, phase string) bool { return slices.Contains(following[s.String("then")], phase) }
	s.Metric = func(s option.Settings) string {
		if follow := following[s.String("then")]; len(follow) > 0 {
			return follow[len(follow)-1] + "/" + metric.TestTop1
		}
		return metric.Name{Phase: pretrain, Split: metric.Test, Quantity: "knn_top1"}.String()
	}
	s.Phases = func(settings option.Settings, about About) ([]Phase, error) {
		first, err := phase(settings, about)
		if err == nil {
			err = first.beside(settings)
		}
		if err == nil {
			err = follows(settings)
		}
		if err != nil {
			return nil, err
		}
		place := settings.String("features")
		first.Name, first.Answers = pretrain, func(g *Graph, x nn.Tensor) Answers {
			y := g.Backbone(g.Builder, x)
			answers := Answers{Features: g.place(g.Builder, y, place)}
			if project != nil {
				answers.Embeddings = func() nn.Tensor { return project(settings)(g, g.Builder, y) }
			}
			return answers
		}
		for _, name := range s.asked(pretrain, settings) {
			first.Measure = append(first.Measure, evaluate.Use{Name: name})
		}
		first.Measure[0].Options = map[string]any{"k": max(1, min(200, about.Count["train"]))} // of knn
		return append([]Phase{first}, followed(settings, about)...), nil
	}
	return s
}

// followed are the phases that follow a pretraining with such settings.
func followed(s option.Settings, about About) (phases []Phase) {
	classifier := "" // whose it is
	for _, name := range following[s.String("then")] {
		if classifier == "" {
			classifier = name
		}
		follow := classify(name, classifier, s)
		if share := s.Float(shareOption.Name); share < 1 {
			follow.Streams[0].Subset.Share = share
			about.Count = maps.Clone(about.Count)
			about.Count["train"] = int(share * float64(about.Count["train"]))
		}
		if name != probing {
			follow.tuned(s, about)
		}
		phases = append(phases, follow)
	}
	return phases
}

// classify is a phase that trains a linear classifier on the features of a network: in probe on one that stays as it
// is, in inference, in finetune together with it. The classifier is that of a phase, this one or one before it.
func classify(name, classifier string, s option.Settings) Phase {
	head := func(g *Graph, features nn.Tensor) nn.Tensor {
		g.Heads(classifier)
		return g.Head("fc").Linear(features, g.Classes())
	}
	place := s.String(placeOption.Name)
	inner := func(g *Graph, x nn.Tensor) nn.Tensor { return g.Inner(g.Builder, x, place) }
	features := func(g *Graph) nn.Tensor { return inner(g, g.View("", 0)) }
	p := Phase{
		Name: name, Streams: []Stream{{Split: data.Train}},
		Answers: func(g *Graph, x nn.Tensor) Answers {
			return Answers{Logits: head(g, inner(g, x)), Read: func() nn.Tensor { return g.Inner(g.Shared(), x, place) }}
		},
	}
	if name == probing {
		p.Trainable, p.Still = []string{probing + ".**"}, []string{"**"}
	}
	if name == probing && s.Bool("cached") {
		features = func(g *Graph) nn.Tensor { return g.CachedFeatures("") }
		p.Streams[0].Views = []View{{Plain: true}}
		p.Cached = &Cached{Features: inner, Most: int64(s.Int("cached_mib")) << 20,
			Answers: func(g *Graph, features nn.Tensor) Answers { return Answers{Logits: head(g, features)} }}
	}
	p.Objective = func(g *Graph) Objective {
		logits := head(g, features(g))
		if g.Mixed("") {
			return Objective{Loss: g.SoftClassifierLoss(logits, g.Shares("", 0))}
		}
		return Objective{Loss: g.CrossEntropy(logits, g.Labels(""), 0), Logits: logits}
	}
	return p
}
