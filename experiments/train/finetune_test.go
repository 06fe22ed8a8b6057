//go:build !race

package train

import (
	"slices"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
)

func fineTuned(t *testing.T, then string, share float64) experiments.Job {
	t.Helper()
	job := strategyJob(t, "rotation")
	job.Run.Config.Epochs = 1
	job.Run.Config.Dataset.Options = map[string]any{"train": 40, "test": 10}
	job.Run.Config.Strategy.Options = map[string]any{"then": then, "label_share": share}
	job.Run.Config.Phases = map[string]any{"finetune.epochs": 1}
	if then == "lp_ft" {
		job.Run.Config.Phases["probe.epochs"] = 1
	}
	return job
}

// begins is the state with which a phase of a run begins.
func begins(t *testing.T, records []experiments.Record, phase string) experiments.Checkpoint {
	t.Helper()
	i := slices.IndexFunc(records, func(r experiments.Record) bool { return r.Phase != nil && r.Phase.Name == phase })
	if i < 0 {
		t.Fatalf("no phase %s", phase)
	}
	return lastCheckpoint(t, records[:i])
}

// After a probe, fine-tuning begins with the probe's classifier and moves the whole network; the probe has moved its
// classifier alone.
func TestFineTuningBeginsWithTheProbe(t *testing.T) {
	records, err := record(t, fineTuned(t, "lp_ft", 1), 0)
	if err != nil {
		t.Fatal(err)
	}
	before, between, last := begins(t, records, "probe"), begins(t, records, "finetune"), lastCheckpoint(t, records)
	for _, c := range []struct {
		name         string
		probe, whole bool // whether it moves there
	}{{"model/probe.fc.weight", true, true}, {"model/conv1.weight", false, true}, {"model/bn1.running_mean", false, true}} {
		a, b, z := tensorOf(t, before, c.name), tensorOf(t, between, c.name), tensorOf(t, last, c.name)
		if slices.Equal(a, b) == c.probe || slices.Equal(b, z) == c.whole {
			t.Errorf("%s moves in the probe: %v, in fine-tuning: %v; want %v and %v", c.name, !slices.Equal(a, b), !slices.Equal(b, z),
				c.probe, c.whole)
		}
	}
	all := values(records)
	if len(all["probe/test/top1"]) != 1 || len(all["finetune/test/top1"]) != 1 || len(all["pretrain/test/knn_top1"]) != 1 {
		t.Errorf("measured were %v", all)
	}
	if records, err = record(t, fineTuned(t, "finetune", 1), 0); err != nil {
		t.Fatal(err)
	}
	own := begins(t, records, "finetune")
	if tensorOf(t, own, "model/finetune.fc.weight"); slices.ContainsFunc(own.Tensors, func(x experiments.Tensor) bool {
		return x.Name == "model/probe.fc.weight"
	}) {
		t.Error("without a probe there is a probe's classifier")
	}
}

// What follows a pretraining learns from a share of the labels, the same images for a seed, of each class as many; the
// pretraining has all images.
func TestAShareOfLabelsFollowsAPretraining(t *testing.T) {
	job := fineTuned(t, "lp_ft", 0.5)
	job.Run.Config.Batch = 8
	set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	all, err := stages(job.Run.Config, set, 3)
	if err != nil {
		t.Fatal(err)
	}
	if n := all[0].streams[0].Part.Len(); n != 40 {
		t.Errorf("the pretraining has %d images", n)
	}
	probe, tune := all[1].streams[0].Part, all[2].streams[0].Part
	counts := make([]int, 10)
	for row := range tune.Len() {
		counts[tune.Label(row)]++
	}
	if tune.Len() != 20 || !slices.Equal(counts, slices.Repeat([]int{2}, 10)) || tune.Digest() != probe.Digest() {
		t.Errorf("%d images, by class %v; the same as the probe's: %v", tune.Len(), counts, tune.Digest() == probe.Digest())
	}
}
