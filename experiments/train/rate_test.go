//go:build !race

package train

import (
	"math"
	"testing"

	"workbench/experiments/metric"
)

// The learning rate that is recorded with an epoch is the one of its last step, not that with which the next epoch
// begins.
func TestTheRecordedRateIsThatOfTheEpoch(t *testing.T) {
	job := smallJob() // 2 epochs of 3 steps, peak 0.05
	job.Run.Config.Schedule.Name = "cosine"
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	cosine := func(step float64) float64 { return 0.05 * (1 + math.Cos(math.Pi*step/6)) / 2 }
	got := values(records)[metric.TrainRate]
	for epoch, want := range []float64{cosine(2), cosine(5)} {
		if math.Abs(got[epoch]-want) > 1e-12 {
			t.Errorf("epoch %d: rate %v, want %v as in its last step", epoch+1, got[epoch], want)
		}
	}
}
