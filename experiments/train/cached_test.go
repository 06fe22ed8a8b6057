//go:build !race

package train

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
)

// probed is a small run whose probe keeps features, or computes them at each step, by parts of a batch.
func probed(t *testing.T, cached bool) experiments.Job {
	t.Helper()
	job := strategyJob(t, "rotation")
	c := &job.Run.Config
	c.Evaluate.Corruption = "gaussian_noise:5"
	c.Epochs, c.MicroBatch, c.Augment = 1, 4, map[string]any{"flip": true}
	c.Dataset.Options = map[string]any{"train": 40, "test": 11, "val": 0.25}
	c.Strategy.Options = map[string]any{"angles": 2, "then": "lp_ft", "label_share": 0.5, "cached": cached}
	c.Phases = map[string]any{"probe.epochs": 2, "finetune.epochs": 1, "finetune.augment.flip": false}
	if !cached {
		c.Phases["probe.augment.flip"] = false
	}
	return job
}

// A probe that keeps the features of images as they are learns what one learns that computes them at each step without
// augmentation, and measures the same: but for rounding, since in inference batch norms are folded. What follows goes
// on with its classifier and with the network.
func TestAProbeOnKeptFeaturesIsTheSame(t *testing.T) {
	computesLong(t)
	computing, err := record(t, probed(t, false), 0)
	if err != nil {
		t.Fatal(err)
	}
	keeping, err := record(t, probed(t, true), 0)
	if err != nil {
		t.Fatal(err)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-5*(1+math.Abs(b)) }
	want, got := begins(t, computing, "finetune"), begins(t, keeping, "finetune")
	if len(want.Tensors) != len(got.Tensors) || len(want.Tensors) < 20 {
		t.Fatalf("%d states, want %d", len(got.Tensors), len(want.Tensors))
	}
	for _, tensor := range want.Tensors {
		for i, v := range tensorOf(t, got, tensor.Name) {
			if !near(float64(v), float64(tensor.Data[i])) {
				t.Fatalf("%s[%d] is %v, want %v", tensor.Name, i, v, tensor.Data[i])
			}
		}
	}
	all, same := values(keeping), values(computing)
	if len(all) != len(same) || len(all["probe/val/top1"]) != 2 {
		t.Fatalf("recorded are %v, want as %v", all, same)
	}
	for name, list := range same {
		for i, v := range list {
			if len(all[name]) != len(list) || !near(all[name][i], v) {
				t.Errorf("%s is %v, want %v", name, all[name], list)
			}
		}
	}
	const told = "probe: the features of all images, 8 of each, were computed once and take 1.6 KiB" // 20 + 11 + 10 images, and 11 spoilt
	if text := logged(keeping); !strings.Contains(text, told) || strings.Contains(logged(computing), "features") {
		t.Errorf("the log says %q, want %q", text, told)
	}
}

// They are in no checkpoint: an attempt that continues computes them again, to the same bits.
func TestAProbeOnKeptFeaturesResumes(t *testing.T) {
	computesLong(t)
	resumesAnywhere(t, probed(t, true))
}

// Features that have no room, and changes of images that nobody would see, are refused before anything is trained.
func TestFeaturesThatAreNotKept(t *testing.T) {
	for _, c := range []struct {
		options, phases map[string]any
		want            string
	}{
		{map[string]any{}, map[string]any{"probe.augment.pad": 2},
			"phases.probe.augment.pad: has no effect: with strategy.cached=true the phase sees images as they are"},
		{map[string]any{"then": "finetune"}, nil,
			"strategy.cached: features are kept for a probe, and with strategy.then=finetune there is none"},
		{map[string]any{"cached": false, "cached_mib": 7}, nil, "strategy.cached_mib: no features are kept without strategy.cached=true"},
		{map[string]any{"label_share": 1.0}, nil, "strategy.cached: 8 features of 50000 images need 1.5 MiB, want at most 1.0 MiB"},
	} {
		job := probed(t, true)
		job.Run.Config.Dataset.Options = map[string]any{"train": 40000, "test": 5000}
		options := map[string]any{"cached_mib": 1, "label_share": 0.001}
		maps.Copy(options, c.options)
		maps.Copy(job.Run.Config.Strategy.Options, options)
		maps.Copy(job.Run.Config.Phases, c.phases)
		if c.options["then"] != nil {
			delete(job.Run.Config.Phases, "probe.epochs")
		}
		set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stages(job.Run.Config, set, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v and %v: %v, want %s", c.options, c.phases, err, c.want)
		}
	}
}

// A probe may read an inner place of the network, with features that are kept or not. What lies behind the place is not
// computed with; the last checkpoint has it all the same, as the pretraining left it.
func TestAProbeOfAnInnerPlace(t *testing.T) {
	for _, cached := range []bool{false, true} {
		job := probed(t, cached)
		c := &job.Run.Config
		c.Strategy.Options = map[string]any{"angles": 2, "then": "probe", "cached": cached, "features": "layer1"}
		c.Phases = map[string]any{"probe.epochs": 1}
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatalf("cached=%v: %v", cached, err)
		}
		if got := values(records)["probe/test/top1"]; len(got) != 1 {
			t.Errorf("cached=%v: the probe measured %v", cached, got)
		}
		before := begins(t, records, "probe")
		last := before
		for _, r := range records {
			if r.Checkpoint != nil {
				last = *r.Checkpoint
			}
		}
		const behind = "model/layer2.0.conv1.weight"
		left, kept := tensorOf(t, before, behind), tensorOf(t, last, behind)
		if len(kept) == 0 || !slices.Equal(left, kept) {
			t.Errorf("cached=%v: %s has %d values at last, %d before the probe", cached, behind, len(kept), len(left))
		}
	}
}
