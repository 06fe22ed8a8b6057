//go:build !race

package train

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments/data"
	"workbench/experiments/metric"
	"workbench/experiments/strategy"
)

// Everything that a strategy holds is in the checkpoint: copies, queues, tables, where each stream is.
func TestEveryStrategyResumesBitForBit(t *testing.T) {
	for _, name := range strategy.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each is interrupted and trained again a score of times
			resumesAnywhere(t, strategyJob(t, name))
		})
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

// coupled are strategies whose loss relates the images of a batch.
var coupled = []string{"pico", "dividemix",
	"byol", "simsiam", "moco_v2", "fixmatch", "flexmatch", "freematch", "mixmatch", "co_teaching", "jocor",
	"confident_learning", "simclr", "swav", "dino", "nnclr", "supcon", "vicreg", "barlow_twins"}

// A loss that relates the images of a batch is not the mean of its parts.
func TestCoupledLossesTakeNoMicroBatches(t *testing.T) {
	for _, name := range strategy.Names() {
		job := strategyJob(t, name)
		job.Run.Config.MicroBatch = job.Run.Config.Batch / 2
		_, err := record(t, job, 3)
		if refused := err != nil && refusesParts(err); refused != slices.Contains(coupled, name) {
			t.Errorf("%s in micro-batches: %v, want refused: %v", name, err, !refused)
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
	held := regexp.MustCompile(`^train: 24 images, SHA-256 [0-9a-f]{16}; held out as val: 24 images, SHA-256 [0-9a-f]{16}$`)
	if parts := records[0].Environment["parts"]; !held.MatchString(parts) {
		t.Errorf("recorded is %q, want %s", parts, held)
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

// What the loss is made of is recorded under names that people can read, and every strategy says what its loss is.
func TestPartsOfLossesAreDeclared(t *testing.T) {
	parts := map[string][]string{"fixmatch": {"consistency", "supervised", "sure"}, "mean_teacher": {"consistency", "supervised"},
		"flexmatch": {"consistency", "supervised", "sure", "threshold"}, "pi_model": {"consistency", "supervised"},
		"freematch":    {"consistency", "fairness", "supervised", "sure", "threshold"},
		"pseudo_label": {"consistency", "supervised", "sure"}, "mixmatch": {"consistency", "supervised"},
		"elr": {"cross_entropy", "regularizer"}, "barlow_twins": {"invariance", "redundancy"},
		"vicreg":      {"covariance", "invariance", "variance"},
		"jigsaw":      {"pretext_top1"},
		"co_teaching": {"first", "second"}, "jocor": {"cross_entropy", "disagreement"}, "proden": {"confidence"},
		"pico":     {"confidence", "contrast", "cross_entropy"},
		"rotation": {"pretext_top1"}}
	for _, name := range strategy.Names() {
		method, err := strategy.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if method.Doc == "" {
			continue // a test's
		}
		job := strategyJob(t, name)
		all := stagesOf(t, job)
		turns, _, err := all[0].built(all[0].shape())
		if err != nil {
			t.Fatal(err)
		}
		if method.Paper != "" && method.Loss == "" {
			t.Errorf("%s does not say what its loss is", name)
		}
		var recorded []string
		for part := range turns[0].objective.Record {
			if recorded = append(recorded, part); metric.Of(part).Title == part {
				t.Errorf("%s records %s, which the table of metrics does not describe", name, part)
			}
			if !slices.Contains([]string{"projection_spread", "sure", "pretext_top1"}, part) && !strings.Contains(method.Loss, part) {
				t.Errorf("%s records %s, of which its loss says nothing: %s", name, part, method.Loss)
			}
		}
		for part := range turns[0].objective.Ratios {
			if metric.Of(part).Title == part {
				t.Errorf("%s records %s, which the table of metrics does not describe", name, part)
			}
		}
		slices.Sort(recorded)
		if want := parts[name]; want != nil && !slices.Equal(recorded, want) {
			t.Errorf("%s records %v, want %v", name, recorded, want)
		}
	}
}

// Heads and queues that this machine cannot hold are refused before anything of their size is made, with the size, the
// largest part and what there is.
func TestHeadsThatDoNotFitAreRefused(t *testing.T) {
	const wide = "its parameters and their gradients need "
	for _, c := range []struct {
		strategy string
		options  map[string]any
		want     string
	}{
		{"byol", map[string]any{"hidden": 65536, "projection": 65536}, ""},
		{"moco_v2", map[string]any{"projection": 65536, "queue": 1 << 24, "norm_groups": 1},
			"the largest is pretrain.queue.keys (16777216, 65536)"},
	} {
		job := strategyJob(t, c.strategy)
		job.Run.Config.Strategy.Options = c.options
		set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := Check(job.Run.Config, set, 1); c.want != "" && (err == nil || !strings.Contains(err.Error(), wide) ||
			!strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "of memory")) {
			t.Errorf("%s: %v, want %s … %s", c.strategy, err, wide, c.want)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: that took %v", c.strategy, took)
		}
		all, err := stages(job.Run.Config, set, 1)
		if err != nil {
			t.Fatal(err)
		}
		turns, how, err := all[0].built(all[0].shape())
		if err != nil {
			t.Fatal(err)
		}
		for memory, fits := range map[int64]bool{0: true, 1 << 30: false, 1 << 62: true} {
			if err := holds(turns, how, memory); (err == nil) != fits {
				t.Errorf("%s in %d bytes: %v", c.strategy, memory, err)
			}
		}
	}
}

// The precision of guesses is a quotient of counts over an epoch, and not said of an epoch in which nothing is sure.
func TestPrecisionOfGuesses(t *testing.T) {
	for threshold, want := range map[float64]int{1: 0, 0.12: 2, 0: 2} {
		job := strategyJob(t, "pseudo_label")
		job.Run.Config.Strategy.Options = map[string]any{"labels": 20, "mu": 2, "threshold": threshold}
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := values(records)
		sure, precision := got["train/sure"], got["train/precision"]
		if len(sure) != 2 || len(precision) != want {
			t.Errorf("from %v on: the share of sure guesses is %v, and of right ones among them %v", threshold, sure, precision)
		}
		for epoch := range precision {
			right := 16 * sure[epoch] * precision[epoch] // of the images of an epoch's one step
			if precision[epoch] < 0 || precision[epoch] > 1 || math.Abs(right-math.Round(right)) > 1e-5 {
				t.Errorf("from %v on: a share of %v of the sure guesses is right, which are %v of 16", threshold, precision[epoch], sure[epoch])
			}
		}
	}
}

// Guesses are judged by the set's own labels, though those that are learnt from are wrong.
func TestGuessesAreJudgedByTrueLabels(t *testing.T) {
	job := strategyJob(t, "fixmatch")
	job.Run.Config.Dataset.Options = map[string]any{"train": 300, "test": 10, "label_noise": "symmetric", "label_noise_rate": 1.0}
	s := stagesOf(t, job)[0]
	part := s.streams[0].Part
	tr := &trainer{stage: &s}
	got, rows := make([]int32, 300), make([]int32, 300)
	for i := range rows {
		rows[i] = int32(299 - i)
	}
	tr.truth(got, "unlabelled", rows)
	for i, label := range got {
		if row := 299 - i; int(label) != part.True(row) || int(label) == part.Label(row) {
			t.Errorf("row %d: judged by %d, the set says %d, the noisy label is %d", row, label, part.True(row), part.Label(row))
		}
	}
}
