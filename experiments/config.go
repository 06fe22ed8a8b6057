package experiments

import (
	"maps"
	"slices"

	"workbench/experiments/metric"
	"workbench/nn/optim"
	"workbench/nn/option"
	"workbench/nn/zoo"
)

// Config is everything that decides what one run computes, except its seed. Two runs with equal Config, seed and data
// digest are the same run. Paths in studies and overrides are names joined by dots, such as "optim.lr". Which paths
// there are is declared by general, and by the things that the sections name (see sections).
type Config struct {
	Dataset Choice // a data set of experiments/data
	// Augment holds the options of package augment, which say how training images are changed. Images of an evaluation
	// stay as they are.
	Augment map[string]any
	Model   Choice // a network of nn/zoo
	// Start holds the options of package start: the weights with which the training begins, in place of drawn ones.
	Start    map[string]any
	Strategy Choice // a strategy of experiments/strategy: how the network is trained
	Optim    Choice // an optimizer of nn/optim
	Schedule Choice // a schedule of nn/optim: how the learning rate goes over the run

	Batch      int    // images a step; the last, smaller batch of an epoch is dropped
	Epochs     int    // passes over the training split
	MicroBatch int    // images of a step that go through the network at a time; 0: the whole batch
	Precision  string // float32 or bf16
	Algorithms string // of convolutions: direct or auto
	Recompute  string // see plan.Recomputation; "" is "none"

	// Phases is what later phases of the strategy have other than the rest says, by phase and path: "probe.optim.lr".
	Phases map[string]any

	// Length of the main phase in place of Epochs: "2000 steps"; see strategy.ParseLength. "" is Epochs.
	Length string
	// Patience is how many evaluations of the validation part, one after the other, may bring no better accuracy before a
	// phase ends; 0: any number.
	Patience int
	// Until is the last phase that the run does; "": all that its strategy has. Runs that are the same up to a phase share
	// one that ends there.
	Until string

	Evaluate   EvaluateConfig
	Checkpoint CheckpointConfig
}

// Choice is a named thing with settings.
type Choice struct {
	Name string
	// Options are those that were given. After Config.Resolved they are all that the named thing declares.
	Options map[string]any
}

// EvaluateConfig says when the test split is measured.
type EvaluateConfig struct {
	Every int `json:"every"` // epochs between evaluations; the last epoch is always evaluated

	// Corruption are corruptions under which the test split is measured too, as corrupt.ParseAll reads them; "": none.
	Corruption string `json:"corruption,omitempty"`

	// Portrait is how much a run keeps of itself to be looked at: one of portrait.Amounts; "" is portrait.Auto.
	Portrait string `json:"portrait,omitempty"`
}

// CheckpointConfig says when state is saved.
type CheckpointConfig struct {
	Every int `json:"every"` // epochs between checkpoints; one is always written at the end and when a run is interrupted
}

// Variant looks the network up and resolves its switches against what it declares.
func (c Config) Variant() (zoo.Variant, zoo.Settings, error) {
	v, err := zoo.Lookup(c.Model.Name)
	if err != nil {
		return v, nil, err
	}
	s, err := v.Resolve(c.Model.Options)
	return v, s, err
}

// Network is what people call the network: of one that a user has described, its name and the beginning of its hash.
func (c Config) Network() string { return zoo.Short(c.Model.Name) }

// Frozen reports whether the study freezes parameter groups. The function stays reports, by its path, whether a
// parameter is in one.
func (c Config) Frozen() (stays func(path string) bool, some bool) {
	groups := option.Complete(optim.Common, c.Optim.Options).Groups("groups")
	some = slices.ContainsFunc(groups, func(g option.Group) bool { return g.Bool("frozen") })
	return optim.Frozen(groups), some
}

// MicroBatches returns how many micro-batches the network goes through in one step.
func (c Config) MicroBatches() int {
	if c.MicroBatch == 0 {
		return 1
	}
	return c.Batch / c.MicroBatch
}

// Clone returns a configuration that shares no map with this one.
func (c Config) Clone() Config {
	for i := range sections {
		_, options := sections[i].of(&c)
		*options = maps.Clone(*options)
	}
	c.Phases = maps.Clone(c.Phases)
	return c
}

// Completed returns the configuration of a run that may have been recorded before some of its options existed. It gives
// these options their defaults, so that the run can be compared with others.
func (c Config) Completed() Config {
	c = c.Clone()
	for i := range sections {
		s := &sections[i]
		name, options := s.of(&c)
		declared, err := s.options(*name)
		// A run records all its options. Where none is recorded, the named thing has none.
		if err == nil && len(*options) > 0 && !s.late { // one that came late says only what has an effect
			*options = option.Completed(declared, *options)
		}
		for _, o := range declared {
			if s.sparing != nil && s.sparing(o) {
				*options = option.Completed([]option.Option{o}, *options)
			}
		}
	}
	return c
}

// Defaults is the configuration of a study that says nothing. What decides the result most has no default and must be
// written: dataset.name, model.name, optim.lr and epochs. The defaults of options are declared with them.
func Defaults() Config {
	c := Config{
		Augment:  map[string]any{},
		Strategy: Choice{Name: "supervised", Options: map[string]any{}},
		Optim:    Choice{Name: "sgd", Options: map[string]any{}},
		Schedule: Choice{Name: "constant", Options: map[string]any{}},
	}
	for i := range general {
		general[i].set(&c, general[i].Default)
	}
	return c
}

// DefaultStudy is a study whose file says nothing.
func DefaultStudy() Study {
	return Study{
		Base:   Defaults(),
		Design: Factorial,
		Seeds:  []uint64{1, 2, 3},
		Metric: metric.TestTop1,
		Report: ReportLast,
	}
}
