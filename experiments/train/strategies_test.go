//go:build !race

package train

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/strategy"
)

// strategyJobs are small runs of every strategy.
var strategyJobs = map[string]map[string]any{
	"supervised":   nil,
	"byol":         {"hidden": 6, "projection": 4},
	"simsiam":      {"hidden": 6, "projection": 4, "bottleneck": 3},
	"moco_v2":      {"hidden": 6, "projection": 4, "queue": 40, "norm_groups": 2},
	"fixmatch":     {"labels": 20, "mu": 2, "threshold": 0.12},
	"mean_teacher": {"labels": 20, "mu": 2},
	"elr":          nil,
	"co_teaching":  {"forget_rate": 0.25, "ramp": 2},
}

func strategyJob(t *testing.T, name string) experiments.Job {
	t.Helper()
	options, tried := strategyJobs[name]
	if !tried {
		t.Fatalf("no small run of the strategy %s is tried", name)
	}
	job := smallJob()
	job.Run.Config.Strategy = experiments.Choice{Name: name, Options: options}
	job.Run.Config.Batch = 8
	job.Run.Config.Model.Options["width"] = 2
	job.Run.Config.Dataset.Options = map[string]any{"train": 24, "test": 10}
	return job
}

// Everything that a strategy holds is in the checkpoint: copies, queues, tables, where each stream is.
func TestEveryStrategyResumesBitForBit(t *testing.T) {
	for _, name := range strategy.Names() {
		t.Run(name, func(t *testing.T) { resumesAnywhere(t, strategyJob(t, name)) })
	}
}

// A loss that relates the images of a batch is not the mean of its parts.
func TestCoupledLossesTakeNoMicroBatches(t *testing.T) {
	for _, name := range strategy.Names() {
		job := strategyJob(t, name)
		job.Run.Config.MicroBatch = job.Run.Config.Batch / 2
		_, err := record(t, job, 3)
		coupled := slices.Contains([]string{"byol", "simsiam", "moco_v2", "fixmatch", "co_teaching"}, name)
		if refused := err != nil && refusesParts(err); refused != coupled {
			t.Errorf("%s in micro-batches: %v, want refused: %v", name, err, coupled)
		}
	}
}

func refusesParts(err error) bool { return strings.Contains(err.Error(), "micro_batch: ") }
