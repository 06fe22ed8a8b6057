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
