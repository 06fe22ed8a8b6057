//go:build !race

package train

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
)

// transferredJob is a small run that begins with drawn weights and goes on as then says.
func transferredJob(t *testing.T, then string, phases map[string]any) experiments.Job {
	t.Helper()
	job := strategyJob(t, "random")
	c := &job.Run.Config
	c.Epochs, c.Strategy.Options, c.Phases = 1, map[string]any{"then": then}, phases
	return job
}

// movedBetween are the first names of the paths of the parameters that two states do not have in common, each once.
func movedBetween(a, b experiments.Checkpoint) string {
	before := map[string][]float32{}
	for _, tensor := range a.Tensors {
		before[tensor.Name] = tensor.Data
	}
	var names []string
	for _, tensor := range b.Tensors {
		path, is := strings.CutPrefix(tensor.Name, "model/")
		if data, there := before[tensor.Name]; is && there && !slices.Equal(data, tensor.Data) {
			first, _, _ := strings.Cut(path, ".")
			names = append(names, first)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// states are the checkpoints of a run, one after another.
func states(t *testing.T, job experiments.Job) (all []experiments.Checkpoint) {
	t.Helper()
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if r.Checkpoint != nil {
			all = append(all, *r.Checkpoint)
		}
	}
	return all
}

// Blocks are unfrozen one by one from the end; what waits has neither gradients nor statistics nor a state of the
// optimizer, also where the run is continued.
func TestGradualUnfreezing(t *testing.T) {
	computesLong(t)
	job := transferredJob(t, "gradual", map[string]any{"gradual.epochs": 5})
	job.Run.Config.Optim.Options["momentum"], job.Run.Config.Optim.Options["ema"] = 0.9, 0.5
	all := states(t, job)
	var got []string
	for i := range all[1:] {
		got = append(got, movedBetween(all[i], all[i+1]))
	}
	want := []string{"gradual", "gradual layer3", "gradual layer2 layer3", "gradual layer1 layer2 layer3",
		"bn1 conv1 gradual layer1 layer2 layer3"}
	if !slices.Equal(got, want) {
		t.Errorf("epoch by epoch there move %q, want %q", got, want)
	}
	for i, c := range all[:5] {
		for _, tensor := range c.Tensors {
			if waits := i < 4 && strings.HasPrefix(tensor.Name, "optim/gradual") && strings.Contains(tensor.Name, "/conv1."); waits {
				t.Errorf("after %d epochs there is %s", i, tensor.Name)
			}
		}
	}
	job = transferredJob(t, "gradual", map[string]any{"gradual.epochs": 4})
	job.Run.Config.Dataset.Options = map[string]any{"train": 16, "test": 10}
	job.Run.Config.Optim.Options["ema"] = 0.5
	resumesAnywhere(t, job)
}

// The work of a run that unfreezes is that of its epochs: less than if all moved, and of the last epochs as much.
func TestWorkOfGradualUnfreezing(t *testing.T) {
	work := func(every, epochs int) float64 {
		all := stagesOf(t, transferredJob(t, "gradual", map[string]any{"gradual.epochs": epochs, "gradual.optim.unfreeze_every": every}))
		w, err := all[1].work()
		if err != nil {
			t.Fatal(err)
		}
		return w.Training
	}
	whole := work(0, 10) / 10
	five := work(1, 5)
	if !(five < 4*whole) || !(math.Abs(work(1, 9)-five-4*whole) <= 1e-6*whole) {
		t.Errorf("an epoch is %v, five that unfreeze are %v, nine are %v", whole, five, work(1, 9))
	}
	if ten := work(2, 10); !(math.Abs(ten-2*five) <= 1e-6*whole) {
		t.Errorf("two epochs for each block are %v, one %v", ten, five)
	}
}

// fastai freezes all but the classifier and the normalisations, which have a tenth of its rate, and then moves all.
func TestFastaiMovesNormalisationsWhileItFreezes(t *testing.T) {
	computesLong(t)
	job := transferredJob(t, "fastai", map[string]any{"unfreeze.epochs": 1})
	all := states(t, job)
	if len(all) != 3 {
		t.Fatalf("%d states, want 3", len(all))
	}
	if got := movedBetween(all[1], all[2]); got != "bn1 conv1 freeze layer1 layer2 layer3" {
		t.Errorf("unfrozen there move %s", got)
	}
	for _, tensor := range all[1].Tensors {
		path, is := strings.CutPrefix(tensor.Name, "model/")
		if !is || strings.HasPrefix(path, "freeze.") || strings.HasPrefix(path, "pretrain.") {
			continue
		}
		norm := strings.Contains(path, "bn") || strings.Contains(path, "downsample.1")
		if still := slices.Equal(tensor.Data, tensorOf(t, all[0], tensor.Name)); still == norm {
			t.Errorf("%s stays in the phase freeze: %v", path, still)
		}
	}
	phases := stagesOf(t, job)
	_, how, err := phases[1].built(phases[1].shape())
	if err != nil {
		t.Fatal(err)
	}
	turns, _, err := phases[1].graphs(phases[1].shape())
	if err != nil {
		t.Fatal(err)
	}
	scales := map[string]float64{}
	for _, p := range turns[0].graph.Params() {
		if p.Path == "bn1.weight" || p.Path == "freeze.fc.weight" {
			scales[p.Path] = how.Scale(p)
		}
	}
	if !maps.Equal(scales, map[string]float64{"bn1.weight": 0.1, "freeze.fc.weight": 1}) {
		t.Errorf("rates are scaled by %v", scales)
	}
	resumesAnywhere(t, job)
}

// BiT's rule decides steps, batch and mixup by the images, and a study may say others.
func TestBiTFollowsTheData(t *testing.T) {
	computesLong(t)
	for _, c := range []struct {
		train  int
		share  float64
		phases map[string]any
		want   string
	}{
		{300, 1, nil, "500 steps of 300, mixup <nil>"},
		{19999, 1, nil, "500 steps of 512, mixup <nil>"},
		{20000, 1, nil, "10000 steps of 512, mixup 0.1"},
		{40000, 0.49, nil, "500 steps of 512, mixup <nil>"},
		{20000, 1, map[string]any{"bit.epochs": 2, "bit.batch": 100, "bit.augment.mixup": 0.3}, "400 steps of 100, mixup 0.3"},
		{20000, 1, map[string]any{"bit.length": "7 steps"}, "7 steps of 512, mixup 0.1"},
	} {
		job := transferredJob(t, "bit", c.phases)
		job.Run.Config.Dataset.Options["train"], job.Run.Config.Strategy.Options["label_share"] = c.train, c.share
		last := stagesOf(t, job)[1]
		got := fmt.Sprintf("%d steps of %d, mixup %v", last.length(), last.config.Batch, last.config.Augment["mixup"])
		if got != c.want || last.config.Schedule.Name != "bit" {
			t.Errorf("%d images, a share of %v, %v: %s by %s, want %s", c.train, c.share, c.phases, got, last.config.Schedule.Name, c.want)
		}
	}
	job := transferredJob(t, "bit", map[string]any{"bit.length": "4 steps", "bit.batch": 8, "bit.augment.mixup": 0.5})
	resumesAnywhere(t, job)
}

// Frozen statistics stay to the bit while scales and shifts move; without them they move.
func TestFrozenStatistics(t *testing.T) {
	for _, frozen := range []bool{true, false} {
		job := transferredJob(t, "finetune", map[string]any{"finetune.epochs": 1})
		job.Run.Config.Strategy.Options["frozen_statistics"] = frozen
		all := states(t, job)
		for name, stays := range map[string]bool{"model/layer1.0.bn1.running_mean": frozen, "model/bn1.running_var": frozen,
			"model/bn1.weight": false, "model/layer2.0.bn2.bias": false} {
			if same := slices.Equal(tensorOf(t, all[0], name), tensorOf(t, all[1], name)); same != stays {
				t.Errorf("frozen %v: %s stays: %v", frozen, name, same)
			}
		}
	}
}

func TestTransferThatMakesNoSense(t *testing.T) {
	for want, change := range map[string]func(*experiments.Config){
		"strategy.frozen_statistics: with strategy.then=probe nothing is fine-tuned": func(c *experiments.Config) {
			c.Strategy.Options = map[string]any{"then": "probe", "frozen_statistics": true}
		},
		"strategy.frozen_statistics: the network is drawn": func(c *experiments.Config) {
			c.Strategy = experiments.Choice{Name: "supervised", Options: map[string]any{"frozen_statistics": true}}
		},
		"strategy.frozen_statistics: has no effect: resnet_mini has no batch norm": func(c *experiments.Config) {
			c.Strategy.Options, c.Model.Options["norm"] = map[string]any{"then": "finetune", "frozen_statistics": true}, "group"
		},
		"length: a step has more multiply-adds once more is unfrozen": func(c *experiments.Config) {
			c.Strategy.Options, c.Phases = map[string]any{"then": "gradual"}, map[string]any{"gradual.length": "1e9 multiply-adds"}
		},
		"the optimizer corrects its means by the updates of the whole phase": func(c *experiments.Config) {
			c.Strategy.Options = map[string]any{"then": "gradual"}
			c.Phases = map[string]any{"gradual.optim.name": "adam"}
		},
		"want one of optim.layer_decay and optim.layer_spread, got both": func(c *experiments.Config) {
			c.Strategy.Options = map[string]any{"then": "fastai"}
			c.Phases = map[string]any{"unfreeze.optim.layer_decay": 0.5}
		},
	} {
		job := strategyJob(t, "random")
		change(&job.Run.Config)
		set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stages(job.Run.Config, set, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}
