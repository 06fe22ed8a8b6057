//go:build !race

package train

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
)

// A training that waits ends by hand's count: where so many evaluations have brought nothing above the best. Until then
// it is the training that does not wait, and it continues bit for bit.
func TestTrainingStopsEarly(t *testing.T) {
	job := strategyJob(t, "supervised")
	job.Run.Config.Dataset.Options = map[string]any{"train": 48, "test": 10, "val": 0.25}
	job.Run.Config.Epochs, job.Run.Config.Optim.Options["lr"] = 12, 0.3
	long, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := values(long)["val/top1"]
	for _, patience := range []int{1, 2, 20} {
		job.Run.Config.Patience = patience
		ends := len(all)
		for i := range all {
			from := i - patience + 1
			if from > 0 && slices.Max(all[:from]) >= slices.Max(all[from:i+1]) {
				ends = i + 1
				break
			}
		}
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := values(records)["val/top1"]
		said := slices.ContainsFunc(records, func(r experiments.Record) bool { return strings.Contains(r.Log, "has not risen in") })
		if !slices.Equal(got, all[:ends]) || said != (ends < len(all)) || !lastCheckpointIsFinal(records) {
			t.Errorf("patience %d: %v of %v, want %d evaluations; said: %v", patience, got, all, ends, said)
		}
		if patience == 1 && ends == len(all) {
			t.Error("the training is too good for this test")
		}
	}
	job.Run.Config.Patience = 1
	resumesAnywhere(t, job)
}

func lastCheckpointIsFinal(records []experiments.Record) bool {
	for _, r := range slices.Backward(records) {
		if r.Checkpoint != nil {
			return r.Checkpoint.Final
		}
	}
	return false
}
