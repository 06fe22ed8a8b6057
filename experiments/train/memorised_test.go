//go:build !race

package train

import (
	"math"
	"slices"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
)

const memorised = metric.Train + "/" + metric.Memorised

// The share is counted over the steps of an epoch, image by image, and is of wrong labels alone.
func TestShareOfWrongLabelsThatAreMemorised(t *testing.T) {
	job := smallJob()
	job.Run.Config.Dataset.Options["label_noise"], job.Run.Config.Dataset.Options["label_noise_rate"] = "symmetric", 0.5
	tr := steppedTrainer(t, job, 0)
	said, wrong := 0, 0
	for all, err := range tr.batchesOf(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.step(all); err != nil {
			t.Fatal(err)
		}
		logits := tr.turns[0].Output("logits")
		for k, row := range all[0].Rows {
			part := tr.stage.streams[0].Part
			if part.Label(int(row)) == part.True(int(row)) {
				continue
			}
			wrong++
			if one := logits[k*10 : (k+1)*10]; slices.Index(one, slices.Max(one)) == part.Label(int(row)) {
				said++
			}
		}
	}
	got := tr.state.Ratios[metric.Memorised]
	if got.Part != float64(said) || got.Of != float64(wrong) || wrong < 20 || said == 0 || said == wrong {
		t.Errorf("%v of %v, want %d of %d", got.Part, got.Of, said, wrong)
	}
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	if all := values(records)[memorised]; len(all) != 2 || math.Abs(all[0]-float64(said)/float64(wrong)) > 1e-12 {
		t.Errorf("recorded %v, want %v first", all, float64(said)/float64(wrong))
	}
}

// Where no label is wrong, and where a strategy's own labels differ from the set's, there is nothing to record.
func TestNothingIsMemorisedWithoutNoise(t *testing.T) {
	for _, job := range []experiments.Job{smallJob(), strategyJob(t, "complementary")} {
		if got, is := steppedTrainer(t, job, 1).state.Ratios[metric.Memorised]; is {
			t.Errorf("%s: %+v", job.Run.Config.Strategy.Name, got)
		}
	}
}
