package experiments

import (
	"workbench/nn/option"
	"workbench/nn/zoo"
)

// Config is everything that decides what one run computes, except its seed. Two runs with equal Config, seed and
// data digest are the same run. Paths in studies and overrides are the yaml names joined by dots ("optim.lr").
type Config struct {
	Dataset  DatasetConfig  `yaml:"dataset" json:"dataset"`
	Augment  AugmentConfig  `yaml:"augment" json:"augment"`
	Model    ModelConfig    `yaml:"model" json:"model"`
	Strategy StrategyConfig `yaml:"strategy" json:"strategy"`
	Optim    OptimConfig    `yaml:"optim" json:"optim"`
	Schedule ScheduleConfig `yaml:"schedule" json:"schedule"`
	Batch    int            `yaml:"batch" json:"batch"`   // images a step; the last, smaller batch of an epoch is dropped
	Epochs   int            `yaml:"epochs" json:"epochs"` // passes over the training split

	// MicroBatch is how many images of a step go through the network at a time, for less memory; it divides the batch. Without
	// batch norm and dropout the step is the same but for rounding; batch norm sees the parts. 0: the whole batch.
	MicroBatch int `yaml:"micro_batch,omitempty" json:"micro_batch,omitempty"`

	Precision  string `yaml:"precision" json:"precision"`   // float32; bf16: images and the convolutions' weights are bfloat16 while computing
	Algorithms string `yaml:"algorithms" json:"algorithms"` // of convolutions: direct; auto: others too, such as Winograd's, where the backend's rules find them faster; they round differently

	// Recompute says which activations the backward pass computes again instead of keeping them (activation recomputation, also
	// called activation checkpointing), for less memory and the same results bit for bit. none; cheap: all but those of
	// convolutions and linear layers; segments: all inside of segments (Chen et al. 2016). See plan.Recomputation.
	Recompute string `yaml:"recompute,omitempty" json:"recompute,omitempty"`

	Evaluate   EvaluateConfig   `yaml:"evaluate" json:"evaluate"`
	Checkpoint CheckpointConfig `yaml:"checkpoint" json:"checkpoint"`
}

// DatasetConfig names a data set of experiments/data; the other keys are that data set's own settings.
type DatasetConfig struct {
	Name    string         `yaml:"name" json:"name"`
	Options map[string]any `yaml:",inline" json:"options,omitempty"`
}

// AugmentConfig is what is done to a training image. Evaluation images are never augmented.
type AugmentConfig struct {
	Pad  int  `yaml:"pad" json:"pad"`   // zero pixels added on each side, then cropped at random to the original size; 0: no crop
	Flip bool `yaml:"flip" json:"flip"` // mirror left to right with probability 1/2
}

// ModelConfig names a network of nn/zoo; the other keys are the switches that network declares.
type ModelConfig struct {
	Name    string         `yaml:"name" json:"name"`
	Options map[string]any `yaml:",inline" json:"options,omitempty"`
}

// Variant looks the network up and resolves its switches against what it declares.
func (m ModelConfig) Variant() (zoo.Variant, zoo.Settings, error) {
	v, err := zoo.Lookup(m.Name)
	if err != nil {
		return v, nil, err
	}
	s, err := v.Resolve(m.Options)
	return v, s, err
}

// Completed is the configuration of a run that may have been recorded before some of the network's switches came, with these at
// their defaults, so that it can be compared with others.
func (c Config) Completed() Config {
	v, err := zoo.Lookup(c.Model.Name)
	if err == nil && len(c.Model.Options) > 0 { // a run has every switch recorded: without any, the network has none
		c.Model.Options = option.Completed(v.Options, c.Model.Options)
	}
	return c
}

// StrategyConfig names how the network is trained; see Strategy.
type StrategyConfig struct {
	Name           string  `yaml:"name" json:"name"`                       // "supervised"
	LabelSmoothing float64 `yaml:"label_smoothing" json:"label_smoothing"` // share of the target spread over all classes (Szegedy et al. 2016, section 7), 0 to <1
}

// EvaluateConfig says when the test split is measured.
type EvaluateConfig struct {
	Every int `yaml:"every" json:"every"` // epochs between evaluations; the last epoch is always evaluated
}

// CheckpointConfig says when state is saved.
type CheckpointConfig struct {
	Every int `yaml:"every" json:"every"` // epochs between checkpoints; one is always written at the end and when a run is interrupted
}
