//go:build !race

package train

import (
	"slices"
	"strings"
	"testing"
)

// A network that learns nothing keeps its weights, and its running statistics become those of the images.
func TestARandomNetworkEstimatesItsStatistics(t *testing.T) {
	job := strategyJob(t, "random")
	job.Run.Config.Checkpoint.Every = 1
	job.Run.Config.Optim.Options["lr"] = 1e6
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := weightsAfter(records)
	first, last := all[0], all[len(all)-1]
	for path, before := range first {
		if !slices.Equal(before, last[path]) {
			t.Errorf("%s moved", path)
		}
	}
	moved := 0
	for _, tensor := range lastCheckpoint(t, records).Tensors {
		if strings.HasSuffix(tensor.Name, "running_mean") && slices.ContainsFunc(tensor.Data, func(v float32) bool { return v != 0 }) {
			moved++
		}
	}
	if moved < 5 || len(all) < 2 || len(first) < 10 {
		t.Errorf("%d means of %d weights in %d checkpoints are estimated", moved, len(first), len(all))
	}
}

// Losses of every class by itself take mixed labels as well. What belongs to the focal loss alone is refused with
// others.
func TestLossesTakeMixedLabels(t *testing.T) {
	for _, loss := range []string{"binary", "focal", "gce", "sce", "nce_rce", "bootstrap", "bootstrap_hard", "forward"} {
		job := strategyJob(t, "supervised")
		job.Run.Config.Augment = map[string]any{"mixup": 1.0}
		job.Run.Config.Strategy.Options = map[string]any{"loss": loss, "label_smoothing": 0.1}
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatalf("%s: %v", loss, err)
		}
		if got := values(records); len(got["train/loss"]) != 2 || len(got["train/top1"]) != 0 {
			t.Errorf("%s: recorded are %v", loss, got)
		}
	}
	job := strategyJob(t, "supervised")
	job.Run.Config.Strategy.Options = map[string]any{"loss": "binary", "gamma": 1.0}
	if _, err := record(t, job, 0); err == nil || !strings.Contains(err.Error(), "of the focal loss") {
		t.Errorf("a gamma of the binary loss: %v", err)
	}
}
