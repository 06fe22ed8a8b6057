package experiments_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/data/augment"
	"workbench/experiments/studyfile"
	"workbench/nn/option"
)

// An augmentation that nobody has used before: while it is off, it changes no identity, so the pinned ones hold
// beside it.
func init() {
	augment.Register(augment.Augmentation{
		Name: "veil", Order: 250, Doc: "paints every picture in one shade",
		Options: []option.Option{
			{Name: "veil", Default: false, Doc: "paint the picture"},
			{Name: "veil_shade", Default: 0.5, Max: 1, Doc: "of the paint"},
		},
		New: func(option.Settings, augment.Size) (augment.Policy, error) { return nil, errors.New("it has no paint") },
	})
}

func TestOptionsOfAugmentationsThatAreOff(t *testing.T) {
	for _, c := range []struct {
		overrides []string
		want      string // "" is no problem
	}{
		{[]string{"augment.veil_shade=0.2"}, "augment.veil_shade: has no effect: augment.veil, which turns veil on, is false"},
		{[]string{"augment.veil_shade=0.5"}, ""}, // its default
		{[]string{"augment.veil=true", "augment.veil_shade=0.2"}, ""},
		{[]string{"augment.veil=false,true", "augment.veil_shade=0.2"}, ""},
	} {
		_, err := studyfile.Parse("study.yaml", []byte(oneRun), c.overrides)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v:\n got %v\nwant %s", c.overrides, err, c.want)
		}
	}
	off, shaded := runIDs(t, oneRun)[0], runIDs(t, oneRun, "augment.veil=true", "augment.veil_shade=0.2")[0]
	if on := runIDs(t, oneRun, "augment.veil=true")[0]; on == off || on == shaded {
		t.Errorf("identities %s off, %s on, %s in another shade: want three", off, on, shaded)
	}
	_, err := mustLoad(t, oneRun, "augment.veil=true").Networks(openInfo)
	if err == nil || !strings.Contains(err.Error(), "augment.veil: it has no paint") {
		t.Errorf("an augmentation that does not fit the pictures: got %v before training", err)
	}
}

// goodConfig is a configuration without problems.
func goodConfig() experiments.Config {
	c := experiments.Defaults()
	c.Dataset = experiments.Choice{Name: "shapes", Options: map[string]any{"train": 300.0}}
	c.Model = experiments.Choice{Name: "resnet_mini", Options: map[string]any{"depth": 8}}
	c.Optim.Options["lr"], c.Epochs = 0.1, 10
	return c
}

func TestValidateConfig(t *testing.T) {
	if ps := goodConfig().Validate(); len(ps) > 0 {
		t.Fatalf("a good configuration: %v", ps)
	}
	for _, c := range []struct {
		change func(*experiments.Config)
		want   string
	}{
		{func(c *experiments.Config) { c.Epochs = 0 }, "epochs: is missing or 0, want a whole number from 1 to 1000000"},
		{func(c *experiments.Config) { c.Batch = -1 }, "batch: want a whole number from 1 to 1000000, got -1"},
		{func(c *experiments.Config) { c.Augment["pad"] = -1 }, "augment.pad: want a whole number of at least 0, got -1"},
		{func(c *experiments.Config) { c.Optim.Options["lr"] = 0 }, "optim.lr: want a number > 0, got 0"},
		{func(c *experiments.Config) { c.Optim.Options["lr"] = math.NaN() }, "optim.lr: want a number > 0, got NaN"},
		{func(c *experiments.Config) { c.Optim.Options["lr"] = math.Inf(1) }, "optim.lr: want a number > 0, got +Inf"},
		{func(c *experiments.Config) { c.Optim.Options["momentum"] = 1 }, "optim.momentum: want a number from 0 to below 1, got 1"},
		{func(c *experiments.Config) { c.Optim.Options["momentum"], c.Optim.Options["nesterov"] = 0, true },
			"optim.nesterov: needs optim.momentum > 0, got 0"},
		{func(c *experiments.Config) { c.Optim.Options["weight_decay"] = -1e-4 }, "optim.weight_decay: want a number of at least 0, got -0.0001"},
		{func(c *experiments.Config) { c.Optim.Name = "sdg" }, `optim.name: unknown name "sdg": did you mean sgd?`},
		{func(c *experiments.Config) { c.Strategy.Name = "transfer" }, `strategy.name: unknown name "transfer": want one of `},
		{func(c *experiments.Config) { c.Strategy.Options["label_smoothing"] = 1 },
			"strategy.label_smoothing: want a number from 0 to below 1, got 1"},
		{func(c *experiments.Config) { c.Schedule.Name = "cosin" }, `schedule.name: unknown name "cosin": did you mean cosine?`},
		{func(c *experiments.Config) { c.Optim.Options["nesterov"], c.Optim.Options["dampening"] = true, 0.1 },
			"optim.dampening: Nesterov momentum takes none, got 0.1"},
		{func(c *experiments.Config) { c.Optim.Options["clip_norm"], c.Optim.Options["clip_value"] = 1, 1 },
			"optim.clip_value: want one of optim.clip_norm and optim.clip_value"},
		{func(c *experiments.Config) { c.Optim.Options["ema_warmup"] = true }, "optim.ema_warmup: needs optim.ema > 0, got 0"},
		{func(c *experiments.Config) { c.Patience = 3 }, "patience: waits for a better val/top1, and nothing is held out"},
		{func(c *experiments.Config) {
			c.Patience, c.Strategy.Name, c.Dataset.Options["val"] = 3, "simclr", 0.1
		}, "patience: waits for a better val/top1, and no phase of simclr has one"},
		{func(c *experiments.Config) { c.Optim.Options["ema"] = 1 }, "optim.ema: want a number from 0 to below 1, got 1"},
		{func(c *experiments.Config) { c.Optim.Name, c.Optim.Options["beta2"] = "adam", 1 },
			"optim.beta2: want a number from 0 to below 1, got 1"},
		{func(c *experiments.Config) { c.Optim.Name, c.Optim.Options["epsilon"] = "lamb", -1 },
			"optim.epsilon: want a number of at least 0, got -1"},
		{func(c *experiments.Config) { c.MicroBatch = 24 }, "micro_batch: want a divisor of batch = 64, got 24"},
		{func(c *experiments.Config) { c.MicroBatch = -1 }, "micro_batch: want a whole number from 0 to 1000000, got -1"},
		{func(c *experiments.Config) { c.Optim.Options["groups"] = []any{map[string]any{"match": "a..b"}} },
			`optim.groups: group 1: match: pattern "a..b" has an empty name`},
		{func(c *experiments.Config) {
			c.Optim.Options["groups"] = []any{map[string]any{"match": "**", "lr_scale": -1}}
		}, "optim.groups: group 1: lr_scale: want a number > 0 (frozen: true keeps parameters as they are), got -1"},
		{func(c *experiments.Config) {
			c.Optim.Options["groups"] = []any{map[string]any{"match": "**", "lr_scale": 2, "frozen": true}}
		}, "optim.groups: group 1: is frozen"},
		{func(c *experiments.Config) { c.Schedule.Name = "restarts" }, "schedule.period: is missing, schedule restarts wants a number > 0"},
		{func(c *experiments.Config) {
			c.Schedule = experiments.Choice{Name: "restarts", Options: map[string]any{"period": 2, "growth": 0.5}}
		}, "schedule.growth: want a number of at least 1, got 0.5"},
		{func(c *experiments.Config) { c.Schedule.Name = "exponential" }, "schedule.gamma: is missing, schedule exponential wants a number > 0"},
		{func(c *experiments.Config) {
			c.Schedule = experiments.Choice{Name: "one_cycle", Options: map[string]any{"warmup_epochs": 1}}
		}, "schedule.warmup_epochs: one_cycle has its own rise"},
		{func(c *experiments.Config) {
			c.Schedule = experiments.Choice{Name: "one_cycle", Options: map[string]any{"base_momentum": 0.9}}
		}, "schedule.base_momentum: want less than optim.momentum = 0.9, got 0.9"},
		{func(c *experiments.Config) {
			c.Schedule = experiments.Choice{Name: "one_cycle", Options: map[string]any{"div_factor": 0.5}}
		}, "schedule.div_factor: want a number of at least 1, got 0.5"},
		{func(c *experiments.Config) {
			c.Schedule = experiments.Choice{Name: "cosine", Options: map[string]any{"floor": 1}}
		}, "schedule.floor: want a number from 0 to below 1, got 1"},
		{func(c *experiments.Config) { c.Schedule.Options["warmup_epochs"] = -1 }, "schedule.warmup_epochs: want a number of at least 0, got -1"},
		{func(c *experiments.Config) { c.Schedule.Options["warmup_epochs"] = 10 }, "schedule.warmup_epochs: want less than epochs = 10, got 10"},
		{func(c *experiments.Config) { c.Schedule.Name = "step" }, "schedule.milestones: is missing, schedule step wants the epochs"},
		{func(c *experiments.Config) { steps(c, 4); c.Schedule.Options["gamma"] = -1 }, "schedule.gamma: want a number of at least 0, got -1"},
		{func(c *experiments.Config) { steps(c, 4, 4) }, "schedule.milestones: want epochs that rise and lie after the warm-up, got 4 after 4"},
		{func(c *experiments.Config) { steps(c, 0) }, "schedule.milestones: want epochs that rise and lie after the warm-up, got 0 after 0"},
		{func(c *experiments.Config) { steps(c, math.NaN()) }, "schedule.milestones: want epochs that rise"},
		{func(c *experiments.Config) { steps(c, 4, 10) }, "schedule.milestones: want epochs below epochs = 10, got 10"},
		{func(c *experiments.Config) { c.Evaluate.Every = 0 }, "evaluate.every: want a whole number from 1 to 1000000, got 0"},
		{func(c *experiments.Config) { c.Checkpoint.Every = 0 }, "checkpoint.every: want a whole number from 1 to 1000000, got 0"},
		{func(c *experiments.Config) { c.Dataset.Name = "" }, "dataset.name: is missing"},
		{func(c *experiments.Config) { c.Dataset.Name = "cifar11" },
			`dataset.name: unknown data set "cifar11": did you mean cifar10 or cifar100?`},
		{func(c *experiments.Config) { c.Dataset.Options = map[string]any{"train": 0} }, "dataset.train: shapes: option train: want"},
		{func(c *experiments.Config) { c.Model.Name = "" }, "model.name: is missing"},
		{func(c *experiments.Config) { c.Model.Options["shortcut"] = "nil" }, "model.shortcut: resnet_mini: option shortcut: want one of"},
	} {
		config := goodConfig()
		c.change(&config)
		ps := config.Validate()
		if len(ps) != 1 || !strings.HasPrefix(ps[0].Error(), c.want) {
			t.Errorf("got %v, want %s", ps, c.want)
		}
	}
}

func steps(c *experiments.Config, milestones ...float64) {
	c.Schedule = experiments.Choice{Name: "step", Options: map[string]any{"milestones": milestones}}
}

func TestValidateReportsEverythingAtOnce(t *testing.T) {
	c := goodConfig()
	c.Epochs, c.Optim.Options["lr"], c.Model.Options["dpeth"], c.Model.Options["depth"] = 0, -1, 3, 3
	if ps := c.Validate(); len(ps) != 4 {
		t.Errorf("got %v, want 4 problems", ps)
	}
}

// openInfo describes a data set that needs no files.
func openInfo(d experiments.Choice) (data.Info, error) {
	set, err := data.Open(context.Background(), d.Name, "", d.Options)
	if err != nil {
		return data.Info{}, err
	}
	return set.Info(), nil
}

func TestNetworksBuildsEveryCell(t *testing.T) {
	asked := 0
	info := func(d experiments.Choice) (data.Info, error) {
		asked++
		return openInfo(d)
	}
	sizes, err := mustLoad(t, smallStudy).Networks(info)
	if err != nil {
		t.Fatal(err)
	}
	// By hand: a weight layer of 3×3 convolutions and two norm parameters a channel, widths 8, 16, 32, and the classifier.
	for key, want := range map[string]int64{"net=residual depth=8": 19_218, "net=plain depth=20": 68_050} {
		if got := sizes[key].Params; got != want {
			t.Errorf("%s: got %d parameters, want %d", key, got, want)
		}
	}
	if asked != 1 || len(sizes) != 4 {
		t.Errorf("asked %d times for one data set, got %d networks, want 4", asked, len(sizes))
	}
	_, err = mustLoad(t, smallStudy, "model.depth=8,21").Networks(info)
	if err == nil || !strings.Contains(err.Error(), "cell net=residual depth=21: ") || !strings.Contains(err.Error(), "6n+2") {
		t.Errorf("an impossible depth: got %v", err)
	}
}

// A norm of the batch needs more than one value a channel, which shows before training, in micro-batches, too. A frozen
// norm needs none.
func TestNormsOfOneValueAreRefused(t *testing.T) {
	const text = `
name: single
base:
  dataset: {name: shapes}
  model: {name: resnet18}
  optim: {lr: 0.1}
  batch: 2
  epochs: 1
`
	const frozen = "{lr: 0.1, groups: [{match: \"**.bn?.*\", frozen: true}, {match: \"**.downsample.1.*\", frozen: true}]}"
	for _, c := range []struct {
		study, override string
		refused         bool
	}{
		{text, "batch=2", false}, {text, "batch=1", true}, {text, "micro_batch=1", true},
		{strings.Replace(text, "{lr: 0.1}", frozen, 1), "micro_batch=1", false},
		{strings.Replace(text, "{lr: 0.1}", "{lr: 0.1, groups: [{match: conv1.*, frozen: true}]}", 1), "batch=1", true},
	} {
		_, err := mustLoad(t, c.study, c.override).Networks(openInfo)
		if c.refused != (err != nil) || c.refused && !strings.Contains(err.Error(), "one value a channel, which has no variance in training") {
			t.Errorf("%s: got error %v, want one of a single value: %v\n%s", c.override, err, c.refused, c.study)
		}
	}
}

func TestNamesOfStudies(t *testing.T) {
	for name, good := range map[string]bool{
		"a": true, "resnet-20_v1.5": true, strings.Repeat("a", 100): true, strings.Repeat("a", 101): false,
		"": false, "-a": false, ".a": false, "a b": false, "a/b": false, "ä": true, "a\u0308": false, "tiny@2": false, "a\n": false,
	} {
		s := experiments.DefaultStudy()
		s.Name, s.Base = name, goodConfig()
		named := func(p experiments.Problem) bool { return p.Path == "name" }
		if ps := s.Validate(); slices.ContainsFunc(ps, named) == good {
			t.Errorf("the name %q is good: %v, want %v; %v", name, !good, good, ps)
		}
	}
}

// Texts of a study are bounded in characters, not in bytes, and may be as long as the bound.
func TestTextsOfAStudyAreBounded(t *testing.T) {
	for key, text := range map[string]func(*experiments.Study) *string{
		"title":  func(s *experiments.Study) *string { return &s.Title },
		"source": func(s *experiments.Study) *string { return &s.Source },
		"expect": func(s *experiments.Study) *string { return &s.Expect },
	} {
		s := mustLoad(t, oneRun)
		if *text(&s) = strings.Repeat("ü", 4000); len(s.Validate()) > 0 {
			t.Errorf("%s of 4000 characters: %v", key, s.Validate())
		}
		*text(&s) += "ü"
		ps := s.Validate()
		if len(ps) != 1 || ps[0].Path != key || ps[0].Message != "want at most 4000 characters, got 4001" {
			t.Errorf("%s of 4001 characters: %v", key, ps)
		}
	}
}

// problems are those of a study, a line each.
func problems(s experiments.Study) string {
	var all []string
	for _, p := range s.Validate() {
		all = append(all, p.Error())
	}
	return strings.Join(all, "\n")
}

func level(label string, path string, value any) experiments.Level {
	return experiments.Level{Label: label, Set: []experiments.Assignment{{Path: path, Value: value}}}
}

func TestProblemsOfAStudy(t *testing.T) {
	two := func(name, path string, a, b any) experiments.Factor {
		return experiments.Factor{Name: name, Levels: []experiments.Level{level(fmt.Sprint(a), path, a), level(fmt.Sprint(b), path, b)}}
	}
	for _, c := range []struct {
		change func(*experiments.Study)
		want   string
	}{
		{func(s *experiments.Study) {}, ""},
		{func(s *experiments.Study) { s.Name = "a b" }, `name: "a b" is no name: want letters, digits, dots, dashes and underscores, a letter or digit first`},
		{func(s *experiments.Study) { s.Design = "factorail" }, `design: unknown name "factorail": did you mean factorial?`},
		{func(s *experiments.Study) { s.Metric = "test/top2" },
			`metric: unknown name "test/top2": did you mean test/top1 or test/top5 or test/loss?`},
		{func(s *experiments.Study) { s.Report = "bets" }, `report: unknown name "bets": did you mean best?`},
		{func(s *experiments.Study) { s.Seeds = nil }, "seeds: want at least one"},
		{func(s *experiments.Study) { s.Seeds = []uint64{3, 1, 3} }, "seeds: seed 3 is given twice"},
		{func(s *experiments.Study) { s.Seeds = []uint64{0} }, ""},
		{func(s *experiments.Study) { s.Design = experiments.Listed }, "cells: design list wants cells: a list of factor: level"},
		{func(s *experiments.Study) { s.List = []map[string]string{{}} }, "cells: are only for design list, the design is factorial"},
		{func(s *experiments.Study) { s.Factors = append(s.Factors, s.Factors[0]) },
			"factors: two factors are called depth: give one another name"},
		{func(s *experiments.Study) { s.Factors[0].Name = "a=b" }, `factors: the name "a=b" has a space or =`},
		{func(s *experiments.Study) { s.Factors[0].Levels = s.Factors[0].Levels[:1] },
			"depth: want two levels or more, got 1: a single value belongs into base"},
		{func(s *experiments.Study) { s.Factors[0].Levels[0].Label = "a b" },
			`depth: the label "a b" has a space or =: name the levels, as in levels: {short: {path: value}}`},
		{func(s *experiments.Study) { s.Factors[0].Levels[1].Label = "8" }, "depth: level 8 is there twice"},
		{func(s *experiments.Study) { s.Factors = append(s.Factors, two("d", "model.depth", 14, 26)) },
			"d: sets model.depth, which factor depth sets too"},
		{func(s *experiments.Study) { s.Baseline = map[string]string{"dpth": "8"} }, `baseline: unknown factor "dpth": did you mean depth?`},
		{func(s *experiments.Study) { s.Baseline = map[string]string{"depth": "9"} },
			`baseline.depth: factor depth has no level "9": want one of 20, 8`},
		{func(s *experiments.Study) { s.Baseline = map[string]string{"depth": "20"} }, ""},
		{func(s *experiments.Study) { s.Design, s.List = "list", []map[string]string{{}, {"depth": "9"}} },
			`cells[1].depth: factor depth has no level "9": want one of 20, 8`},
		{func(s *experiments.Study) { s.Design, s.List = "list", []map[string]string{{"depth": "20"}, {}} }, ""},
		{func(s *experiments.Study) { s.Design, s.List = "list", []map[string]string{{}, {}} }, "design: cell depth=8 is there twice"},
		{func(s *experiments.Study) { s.Design, s.List = "list", []map[string]string{{}} }, "depth: no cell has level 20"},
		{func(s *experiments.Study) {
			s.Design, s.List, s.Baseline = "list", []map[string]string{{"depth": "8"}, {"depth": "8"}}, map[string]string{"depth": "20"}
		}, "baseline: the baseline depth=20 is none of the cells"},
		{func(s *experiments.Study) {
			s.Factors[0] = two("depth", "batch", 64, 64.0)
			s.Factors[0].Levels[1].Label = "b"
		},
			"factors: cells depth=64 and depth=b are the same configuration"},
		{func(s *experiments.Study) { s.Base.Batch = 0 }, "batch: want a whole number from 1 to 1000000, got 0"}, // once for both cells
		{func(s *experiments.Study) { s.Factors[0] = two("batch", "batch", 0, -1) },
			"batch: want a whole number from 1 to 1000000, got 0\nbatch: want a whole number from 1 to 1000000, got -1"},
		{func(s *experiments.Study) { s.Base.Optim.Options["trust"] = 0.5 },
			"optim.trust: optimizer sgd does not use it, only lars (optim.trust=0 removes it)"},
		{func(s *experiments.Study) { s.Base.Schedule.Options["milestones"] = []float64{1} },
			"schedule.milestones: schedule constant does not use it, only step (schedule.milestones=[] removes it)"},
		{func(s *experiments.Study) { s.Base.Optim.Options["centered"] = true },
			"optim.centered: optimizer sgd does not use it, only rmsprop, rmsprop_tf (optim.centered=false removes it)"},
		{func(s *experiments.Study) { s.Base.Optim.Options["centered"] = false }, ""},
		{func(s *experiments.Study) {
			s.Base.Optim.Options["trust"], s.Factors[0] = 0.5, two("opt", "optim.name", "sgd", "lars")
		}, ""},
		{func(s *experiments.Study) { s.Base.Augment["veil_shade"] = 0.25 },
			"augment.veil_shade: has no effect: augment.veil, which turns veil on, is false"},
		{func(s *experiments.Study) { s.Base.Augment["mix_probability"] = 0.5 },
			"augment.mix_probability: has no effect: augment.mixup, which turns mixing (as augment.cutmix does) on, is 0"},
		{func(s *experiments.Study) { s.Base.Augment["mixup"], s.Base.Augment["mix_switch"] = 0.2, 0.1 },
			"augment.mix_switch: has no effect: augment.cutmix, which turns the choice between mixup and cutmix on, is 0"},
		{func(s *experiments.Study) { s.Base.Augment["cutmix"], s.Base.Augment["mix_switch"] = 1.0, 0.1 },
			"augment.mix_switch: has no effect: augment.mixup, which turns the choice between mixup and cutmix on, is 0"},
		{func(s *experiments.Study) { s.Base.Augment["cutmix"], s.Base.Augment["mix_probability"] = 1.0, 0.1 }, ""},
		{func(s *experiments.Study) { s.Base.Augment["mixup"] = -0.1 }, "augment.mixup: want a number from 0 to 1000, got -0.1"},
		{func(s *experiments.Study) { s.Base.Augment["cutmix"], s.Base.Strategy.Name = 1.0, "elr" },
			"augment.cutmix: no strategy elr with cutmix: its loss wants one class an image; want distillation or supervised"},
		{func(s *experiments.Study) {
			s.Base.Strategy = experiments.Choice{Name: "byol", Options: map[string]any{"then": "probe"}}
			s.Base.Phases = map[string]any{"probe.augment.mixup": 0.2}
			s.Metric = "probe/test/top1"
		}, "phases.probe.augment.mixup: no strategy byol with mixup: its loss wants one class an image; want distillation or supervised"},
		{func(s *experiments.Study) { s.Base.Augment["mixup"], s.Metric = 0.2, "train/top1" },
			`metric: unknown name "train/top1": did you mean train/loss?`},
		{func(s *experiments.Study) { s.Base.Augment["flop"] = true }, `augment.flop: unknown key "flop": did you mean flip?`},
		{func(s *experiments.Study) { s.Base.Precision = "fp32" }, `precision: unknown name "fp32": want one of bf16, float32`},
		{func(s *experiments.Study) { s.Base.Optim.Options["lr"] = 0.0 }, "optim.lr: want a number > 0, got 0"},
		{func(s *experiments.Study) { delete(s.Base.Optim.Options, "lr") }, "optim.lr: is missing, optimizer sgd wants a number > 0"},
		{func(s *experiments.Study) {
			s.Base.Schedule = experiments.Choice{Name: "step", Options: map[string]any{"milestones": []float64{}}}
		}, "schedule.milestones: schedule step needs the epochs at which the rate falls, such as [80, 120]"},
		{func(s *experiments.Study) {
			s.Base.Schedule = experiments.Choice{Name: "exponential", Options: map[string]any{"gamma": 0.0}}
		}, "schedule.gamma: schedule exponential needs a number > 0, got 0"},
	} {
		s := mustLoad(t, oneRun)
		s.Factors = []experiments.Factor{two("depth", "model.depth", 8, 20)}
		c.change(&s)
		if got := problems(s); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}
