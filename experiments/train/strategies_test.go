//go:build !race

package train

import (
	"regexp"
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

// What a run was given of a set is recorded with it, and is the same for a seed.
func TestPartsAreRecorded(t *testing.T) {
	job := strategyJob(t, "fixmatch")
	job.Run.Config.Dataset.Options = map[string]any{"train": 60, "test": 10, "label_noise": "symmetric", "label_noise_rate": 0.5}
	said := func(seed uint64) string {
		job.Run.Seed = seed
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		return records[0].Environment["parts"]
	}
	one := said(1)
	want := regexp.MustCompile(`^unlabelled: 60 images, 50 % of the labels wrong, SHA-256 [0-9a-f]{16}; ` +
		`labelled: 20 images, .* % of the labels wrong, SHA-256 [0-9a-f]{16}$`)
	if !want.MatchString(one) || said(1) != one || said(2) == one {
		t.Errorf("recorded is %q, again %q, of another seed %q", one, said(1), said(2))
	}
	records, err := record(t, smallJob(), 0)
	if err != nil || records[0].Environment["parts"] != "" {
		t.Errorf("of a whole set %q is recorded (%v)", records[0].Environment["parts"], err)
	}
}
