package experiments

import (
	"math"
	"slices"

	"workbench/experiments/data"
	"workbench/experiments/data/augment"
	"workbench/experiments/data/corrupt"
	"workbench/experiments/data/mixing"
	"workbench/experiments/portrait"
	"workbench/experiments/start"
	"workbench/experiments/strategy"
	"workbench/nn/optim"
	"workbench/nn/option"
	"workbench/nn/plan"
	"workbench/nn/zoo"
)

// section is a part of a configuration that names a registered thing and gives it settings. What keys it has follows
// from what the registered things declare.
type section struct {
	name string
	noun string // what its name names: "optimizer"
	doc  string
	of   func(*Config) (name *string, options *map[string]any)

	names   func() []string                                     // of all registered things; nil: the section has no name
	options func(name string) ([]option.Option, error)          // of one
	doing   func(name string) string                            // what one is, in a line
	check   func(c Config, s option.Settings) []option.Conflict // what resolved settings have against each other; nil: nothing

	// active are the options that have an effect beside the given ones; nil: all that are declared.
	active func(given map[string]any) []option.Option

	// sparing tells which options are recorded only where they are not at their defaults, because they came when runs had
	// recorded the others; nil: none.
	sparing func(option.Option) bool

	// lessening takes out of resolved options what does not decide a result; nil: nothing.
	lessening func(given map[string]any)

	// late says that nothing is written of a section that says nothing: it came when configurations had been recorded.
	late bool

	// turnedOnBy is the option without which another has no effect, with what that turns on, where the section has no
	// name and some options may have none.
	turnedOnBy func(name string, given map[string]any) (by option.Option, what string)

	// open says that options belong to one name alone: a study cannot keep those of another beside it. In the other
	// sections it can, where a factor varies the name.
	open bool
}

var sections = []section{
	{name: "dataset", noun: "data set", open: true, doc: "what the network is trained and tested on",
		of:    func(c *Config) (*string, *map[string]any) { return &c.Dataset.Name, &c.Dataset.Options },
		names: data.Names,
		options: func(name string) ([]option.Option, error) {
			s, err := data.Lookup(name)
			return s.All(), err
		},
		doing:   func(name string) string { s, _ := data.Lookup(name); return s.Doc },
		sparing: func(o option.Option) bool { return o.Later },
		check:   func(_ Config, s option.Settings) []option.Conflict { return data.Conflicts(s) }},
	{name: "augment", noun: "augmentation", doc: "what is done to training images at random; evaluation images stay as they are",
		of:      func(c *Config) (*string, *map[string]any) { return new(string), &c.Augment },
		options: func(string) ([]option.Option, error) { return slices.Concat(augment.Options(), mixing.Options), nil },
		active: func(given map[string]any) []option.Option {
			return slices.Concat(augment.Active(given), mixing.Active(given))
		},
		turnedOnBy: func(name string, given map[string]any) (option.Option, string) {
			if by, what, is := mixing.Needs(name, given); is {
				return by, what
			}
			owner, known := augment.Owner(name)
			if !known {
				return option.Option{}, ""
			}
			return owner.Options[0], owner.Name
		}},
	{name: "model", noun: "network", open: true, doc: "the network; workbench models lists them",
		of:    func(c *Config) (*string, *map[string]any) { return &c.Model.Name, &c.Model.Options },
		names: zoo.Names,
		options: func(name string) ([]option.Option, error) {
			v, err := zoo.Lookup(name)
			return v.Options, err
		},
		doing:   func(name string) string { v, _ := zoo.Lookup(name); return v.Paper },
		sparing: func(o option.Option) bool { return slices.Contains(zoo.Sparing, o.Name) }},
	{name: "start", noun: "start", late: true, doc: "the weights with which the training begins, in place of drawn ones",
		of:        func(c *Config) (*string, *map[string]any) { return new(string), &c.Start },
		options:   func(string) ([]option.Option, error) { return start.Section, nil },
		active:    start.Active,
		lessening: start.Identifying,
		turnedOnBy: func(name string, _ map[string]any) (option.Option, string) {
			if name == "weights" {
				return start.Options[0], "the choice of a run's weights"
			}
			return start.Options[0], "the section"
		},
		check: func(c Config, s option.Settings) []option.Conflict {
			return append(start.Conflicts(s), start.ContinueConflicts(s, c.knownEpochs())...)
		}},
	{name: "strategy", noun: "strategy", doc: "how the network is trained: what its loss is made of",
		of:    func(c *Config) (*string, *map[string]any) { return &c.Strategy.Name, &c.Strategy.Options },
		names: strategy.Names,
		options: func(name string) ([]option.Option, error) {
			s, err := strategy.Lookup(name)
			return s.Options, err
		},
		doing:     func(name string) string { s, _ := strategy.Lookup(name); return s.Doc },
		sparing:   func(o option.Option) bool { return o.Later },
		lessening: strategy.Identifying,
		check:     func(_ Config, s option.Settings) []option.Conflict { return strategy.Conflicts(s) }},
	{name: "optim", noun: "optimizer", doc: "how a parameter moves by its gradient",
		of:    func(c *Config) (*string, *map[string]any) { return &c.Optim.Name, &c.Optim.Options },
		names: optim.Names,
		options: func(name string) ([]option.Option, error) {
			o, err := optim.Lookup(name)
			return o.All(), err
		},
		doing:   func(name string) string { o, _ := optim.Lookup(name); return o.Doc },
		sparing: func(o option.Option) bool { return o.Later },
		check: func(c Config, s option.Settings) []option.Conflict {
			o, err := optim.Lookup(c.Optim.Name)
			if err != nil {
				return nil
			}
			return o.Conflicts(s)
		}},
	{name: "schedule", noun: "schedule", doc: "how the learning rate goes over the run",
		of:    func(c *Config) (*string, *map[string]any) { return &c.Schedule.Name, &c.Schedule.Options },
		names: optim.ScheduleNames,
		options: func(name string) ([]option.Option, error) {
			s, err := optim.LookupSchedule(name)
			return s.All(), err
		},
		doing:   func(name string) string { s, _ := optim.LookupSchedule(name); return s.Doc },
		sparing: func(o option.Option) bool { return o.Later },
		check: func(c Config, s option.Settings) []option.Conflict {
			schedule, err := optim.LookupSchedule(c.Schedule.Name)
			if err != nil {
				return nil
			}
			return schedule.Conflicts(s, c.knownEpochs(), c.momentum())
		}},
}

// momentum of the optimizer: 0 if it has none, NaN if nobody knows the optimizer.
func (c Config) momentum() float64 {
	o, err := optim.Lookup(c.Optim.Name)
	if err != nil {
		return math.NaN()
	}
	momentum, _ := optim.Momentum(o.Resolve(c.Optim.Options))
	return momentum
}

// union is every option that something in the section declares; of several with one name the first.
func (s *section) union() []option.Option {
	if s.names == nil {
		all, _ := s.options("")
		return all
	}
	var all []option.Option
	for _, name := range s.names() {
		options, _ := s.options(name) // the name is from the registry
		for _, o := range options {
			if _, known := option.Find(all, o.Name); !known {
				all = append(all, o)
			}
		}
	}
	return all
}

// users are the names of what declares an option.
func (s *section) users(name string) []string {
	return slices.DeleteFunc(slices.Clone(s.names()), func(user string) bool {
		options, _ := s.options(user)
		_, has := option.Find(options, name)
		return !has
	})
}

// sectionOf finds a section by name, nil if there is none.
func sectionOf(name string) *section {
	for i := range sections {
		if sections[i].name == name {
			return &sections[i]
		}
	}
	return nil
}

// generalKey is a key that belongs to no registered thing.
type generalKey struct {
	option.Option                   // its name is the path
	at            func(*Config) any // where it is kept: *int or *string
}

// Bounds on how long a run is: beyond them a digit was typed too many.
const (
	maxBatch  = 1_000_000
	maxEpochs = 1_000_000
)

var general = []generalKey{
	{option.Option{Name: "batch", Default: 64, Min: 1, Max: maxBatch, Doc: "images a step; the last, smaller batch of an epoch is dropped"},
		func(c *Config) any { return &c.Batch }},
	{option.Option{Name: "epochs", Default: 0, Min: 1, Max: maxEpochs, Required: true, Doc: "passes over the training split"},
		func(c *Config) any { return &c.Epochs }},
	{option.Option{Name: "micro_batch", Default: 0, Max: maxBatch,
		Doc: "images of a step that go through the network at a time, for less memory; " +
			"it divides the batch. Without batch norm and dropout the step is the same but for rounding; " +
			"batch norm sees the micro-batches. 0: the whole batch"},
		func(c *Config) any { return &c.MicroBatch }},
	{option.Option{Name: "precision", Default: "float32", Choices: []string{"float32", "bf16"},
		Doc: "bf16: images and the convolutions' weights are bfloat16 while computing"},
		func(c *Config) any { return &c.Precision }},
	{option.Option{Name: "algorithms", Default: "auto", Choices: []string{"direct", "auto"},
		Doc: "of convolutions; auto: others than the direct sum too, such as Winograd's, where the backend's rules find them faster; " +
			"they round differently"},
		func(c *Config) any { return &c.Algorithms }},
	{option.Option{Name: "recompute", Default: string(plan.RecomputeNone), Choices: plan.Recomputations(),
		Doc: "activations that the backward pass computes again instead of keeping them (activation checkpointing), for less memory and the " +
			"same results bit for bit. cheap: all but those of convolutions and linear layers; segments: all inside of segments (Chen et al. 2016)"},
		func(c *Config) any { return &c.Recompute }},
	{option.Option{Name: "length", Default: "", Want: strategy.WantedLength,
		Doc: "how long the training is, in place of epochs; the last epoch ends in its midst"},
		func(c *Config) any { return &c.Length }},
	{option.Option{Name: "patience", Default: 0, Max: maxEpochs,
		Doc: "early stopping: the training ends when so many evaluations have brought no better val/top1; needs dataset.val; 0: never"},
		func(c *Config) any { return &c.Patience }},
	{option.Option{Name: "until", Default: "", Want: "a phase of the strategy",
		Doc: "the last phase that is done, such as a pretraining without what follows it; empty: all"},
		func(c *Config) any { return &c.Until }},
	{option.Option{Name: "evaluate.every", Default: 1, Min: 1, Max: maxEpochs,
		Doc: "epochs between evaluations; the last epoch is always evaluated"},
		func(c *Config) any { return &c.Evaluate.Every }},
	{option.Option{Name: "evaluate.corruption", Default: "", Want: corrupt.Wanted,
		Doc: "corruptions of CIFAR-10-C under which each evaluation measures the test split once more, as test/corrupted_top1: the " +
			"mean accuracy over them; empty: none"},
		func(c *Config) any { return &c.Evaluate.Corruption }},
	{option.Option{Name: "evaluate.portrait", Default: portrait.Auto, Choices: portrait.Amounts,
		Doc: "what a run keeps of itself to be looked at; it changes nothing of what is trained. auto: confusion and calibration at each " +
			"evaluation, and at the last the first filters, samples and mistakes with Grad-CAM, maps and an embedding of features, as far as " +
			"these take at most 2 % of the training's time; full: all of them at each evaluation (of more than 100, at every k-th); none"},
		func(c *Config) any { return &c.Evaluate.Portrait }},
	{option.Option{Name: "checkpoint.every", Default: 1, Min: 1, Max: maxEpochs,
		Doc: "epochs between checkpoints; one is always written at the end and when a run is interrupted"},
		func(c *Config) any { return &c.Checkpoint.Every }},
}

// value of a general key.
func (g *generalKey) value(c *Config) any {
	switch at := g.at(c).(type) {
	case *int:
		return *at
	case *string:
		return *at
	}
	return nil
}

// set gives a general key a value of its type.
func (g *generalKey) set(c *Config, value any) {
	switch at := g.at(c).(type) {
	case *int:
		*at = value.(int)
	case *string:
		*at = value.(string)
	}
}
