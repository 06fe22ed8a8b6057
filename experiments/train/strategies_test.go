//go:build !race

package train

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/strategy"
)

// Everything that a strategy holds is in the checkpoint: copies, queues, tables, where each stream is.
func TestEveryStrategyResumesBitForBit(t *testing.T) {
	for _, name := range strategy.Names() {
		t.Run(name, func(t *testing.T) { resumesAnywhere(t, strategyJob(t, name)) })
	}
}

// What is mixed is a function of the step, so a mixed training continues bit for bit too. It tells no hits: no answer
// to a mixed image is right or wrong.
func TestMixedTrainingsResumeBitForBit(t *testing.T) {
	job := strategyJob(t, "supervised")
	job.Run.Config.Augment = map[string]any{"mixup": 1.0, "cutmix": 1.0, "mix_probability": 0.8, "flip": true}
	job.Run.Config.Strategy.Options = map[string]any{"label_smoothing": 0.1}
	resumesAnywhere(t, job)
	mixed, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := values(mixed); len(got["train/top1"]) != 0 || len(got["train/loss"]) != 2 || len(got["test/top1"]) != 2 {
		t.Errorf("recorded are %v", got)
	}
	job.Run.Config.Augment = map[string]any{"flip": true}
	plain, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(lastCheckpoint(t, plain).Tensors[0].Data, lastCheckpoint(t, mixed).Tensors[0].Data) {
		t.Error("the same weights as without mixing")
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

// What was held out is not trained on, and is measured beside the test split; features are measured where there are no
// answers.
func TestWhatIsMeasured(t *testing.T) {
	job := smallJob()
	job.Run.Config.Dataset.Options["val"] = 0.5
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := values(records)
	if len(got["val/top1"]) != 2 || len(got["test/top1"]) != 2 || got["val/loss"][1] == got["test/loss"][1] {
		t.Errorf("a held-out part is measured as %v", got)
	}
	if c := lastCheckpoint(t, records); c.Step != 2 { // 24 of 48 images are left, a batch has 16
		t.Errorf("%d steps, want 2", c.Step)
	}
	if records, err = record(t, strategyJob(t, "byol"), 0); err != nil {
		t.Fatal(err)
	}
	got = values(records)
	for _, name := range []string{"pretrain/test/knn_top1", "pretrain/test/feature_spread", "pretrain/test/collapsed", "pretrain/train/loss"} {
		if len(got[name]) != 2 {
			t.Errorf("%s has %d values, want 2, among %v", name, len(got[name]), got)
		}
	}
	if len(got["pretrain/test/top1"]) != 0 {
		t.Error("a network without answers has an accuracy")
	}
}
