//go:build !race

package train

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/nn/plan"
)

// Weights whose statistics are those of their training are trusted. Pixels that are normalised otherwise show at the
// first norm, weights that were damaged at the norm behind them.
func TestStatisticsShowWhereANetworkIsNotWhatItWas(t *testing.T) {
	job := smallJob()
	c := &job.Run.Config
	c.Epochs, c.Augment, c.Optim.Options["lr"] = 16, nil, 0.01
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	last := lastCheckpoint(t, records)
	suspect := func(normalisation string) string {
		options := map[string]any{"train": 48, "test": 20, "normalisation": normalisation}
		set, err := data.Open(t.Context(), "shapes", "", options)
		if err != nil {
			t.Fatal(err)
		}
		shifts, err := Statistics(t.Context(), opening(*c, set, last), data.Part{Set: set, Split: data.Train}, 48, plan.Reference{})
		if err != nil {
			t.Fatal(err)
		}
		if len(shifts) != 7 || shifts[0].Layer != "bn1" || shifts[6].Layer != "layer3.0.bn2" || shifts[0].Channels != 4 {
			t.Fatalf("%+v", shifts)
		}
		return strings.Join(Suspect(shifts), "; ")
	}
	if said := suspect("own"); said != "" {
		t.Errorf("the network as it was: %s", said)
	}
	if said := suspect("none"); !strings.Contains(said, "at bn1 ") || !strings.Contains(said, "dataset.normalisation") {
		t.Errorf("other pixels: %q", said)
	}
	damaged := tensorOf(t, last, "model/layer2.0.conv1.weight")
	for i := range damaged {
		damaged[i] = -3 * damaged[i]
	}
	if said := suspect("own"); !strings.Contains(said, "at layer2.0.bn1 ") || !strings.Contains(said, "model.shortcut_zeros") {
		t.Errorf("other weights: %q", said)
	}
}

// Statistics are of as many images as were asked for, in whole batches, and not of all that the part has.
func TestStatisticsAreOfTheFirstImages(t *testing.T) {
	job := smallJob()
	job.Run.Config.Epochs = 1
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	set, err := data.Open(t.Context(), "shapes", "", map[string]any{"train": 48, "test": 20})
	if err != nil {
		t.Fatal(err)
	}
	of := func(p data.Part, images int) []Shift {
		t.Helper()
		shifts, err := Statistics(t.Context(), opening(job.Run.Config, set, lastCheckpoint(t, records)), p, images, plan.Reference{})
		if err != nil || len(shifts) == 0 {
			t.Fatal(shifts, err)
		}
		return shifts
	}
	whole := data.Part{Set: set, Split: data.Train}
	for images, want := range map[int]int{16: 16, 17: 32, 32: 32} { // 16 at a time
		first := whole
		for i := range want {
			first.Index = append(first.Index, int32(i))
		}
		if got, want := of(whole, images), of(first, 1000); !slices.Equal(got, want) {
			t.Errorf("the first %d images: got %+v, want %+v", images, got, want)
		}
	}
}
