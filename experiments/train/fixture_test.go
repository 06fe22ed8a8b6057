package train

import (
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/nn/plan"
)

// strategyJobs are small runs of every strategy.
var strategyJobs = map[string]map[string]any{
	"supervised":   nil,
	"byol":         {"hidden": 6, "projection": 4},
	"simsiam":      {"hidden": 6, "projection": 4, "bottleneck": 3},
	"moco_v2":      {"hidden": 6, "projection": 4, "queue": 40, "norm_groups": 2},
	"fixmatch":     {"labels": 20, "mu": 2, "threshold": 0.12},
	"flexmatch":    {"labels": 20, "mu": 2, "threshold": 0.12},
	"freematch":    {"labels": 20, "mu": 2},
	"pseudo_label": {"labels": 20, "mu": 2, "threshold": 0.12},
	"pi_model":     {"labels": 20},
	"mixmatch":     {"labels": 20},
	"mean_teacher": {"labels": 20, "mu": 2},
	"elr":          nil,
	"swav":         {"hidden": 6, "projection": 4, "prototypes": 7, "frozen_steps": 2},
	"dino":         {"hidden": 6, "bottleneck": 4, "prototypes": 7},
	"inpainting":   {"hidden": 6},
	"jigsaw":       {"hidden": 6},
	"nnclr":        {"hidden": 6, "projection": 4, "predictor": 5, "queue": 40},
	"supcon":       {"hidden": 6, "projection": 4},
	"vicreg":       {"hidden": 6, "projection": 4},
	"barlow_twins": {"hidden": 6, "projection": 4},
	"simclr":       {"hidden": 6, "projection": 4},
	"random":       {},
	"rotation":     {"angles": 2},
	"distillation": {"teacher": "none", "teacher_model": "resnet_mini", "teacher_options": "depth=8 width=3"},
	"co_teaching":  {"forget_rate": 0.25, "ramp": 2},
	"jocor":        {"forget_rate": 0.25, "ramp": 2},
	"proden":       {"candidate_rate": 0.4},

	"pico":               {"candidate_rate": 0.4, "hidden": 6, "projection": 4, "queue": 40},
	"dividemix":          {"ramp_epochs": 2},
	"coarse_labels":      {},
	"complementary":      {"complementary_loss": "forward"},
	"confident_learning": {"folds": 2, "filter": "both"},
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
	if name == "dividemix" { // whose second phase has epochs of its own
		job.Run.Config.Phases = map[string]any{"divide.epochs": 2}
	}
	job.Run.Config.Dataset.Options = map[string]any{"train": 24, "test": 10}
	return job
}

// stagesOf are the phases of a small run.
func stagesOf(t *testing.T, job experiments.Job) []stage {
	t.Helper()
	set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	all, err := stages(job.Run.Config, set, 1)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// steppedTrainer is a job's trainer that has made so many steps of its first epoch.
func steppedTrainer(t *testing.T, job experiments.Job, steps int) *trainer {
	t.Helper()
	tr, err := newTrainer(t.Context(), job, plan.Reference{}, func(experiments.Record) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.close)
	if err := tr.start(); err != nil {
		t.Fatal(err)
	}
	if err := tr.cache(t.Context()); err != nil {
		t.Fatal(err)
	}
	for all, err := range tr.batchesOf(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if tr.state.Step == steps {
			break
		}
		if err := tr.step(all); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

// computesLong leaves a test out under -short, with which `make test` runs: it trains again and again for minutes.
// `make soak` has it.
func computesLong(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("trains again and again: not under -short")
	}
}
