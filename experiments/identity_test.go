package experiments_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
)

func noData(experiments.Choice) (string, error) { return "digest", nil }

func runIDs(t *testing.T, text string, overrides ...string) []string {
	t.Helper()
	runs, err := mustLoad(t, text, overrides...).Runs(noData)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	return ids
}

const oneRun = `name: one
seeds: [3]
base:
  dataset: {name: shapes, noise: 1}
  model: {name: resnet_mini}
  optim: {lr: 0.5}
  epochs: 4
`

// The identity of a run is part of every database: if this fails, either undo the change or raise identityVersion.
func TestIdentityIsStable(t *testing.T) {
	if got, want := runIDs(t, oneRun)[0], "38712d28c31a4451"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestIdentityIgnoresHowItIsWritten(t *testing.T) {
	want := runIDs(t, oneRun)
	for _, c := range []struct{ old, new string }{
		{"{name: shapes, noise: 1}", "{noise: 1.0, name: shapes}"},
		{"{name: shapes, noise: 1}", "{name: shapes, noise: 1e0, clutter: 1, train: 3000}"},
		{"{name: resnet_mini}", "{name: resnet_mini, depth: 20, width: 8, shortcut: identity}"},
		{"{name: resnet_mini}", "{name: resnet_mini, depth: 20.0}"},
		{"{name: resnet_mini}", "{name: resnet_mini, shuffle: false}"}, // a later switch
		{"{lr: 0.5}", "{lr: 5e-1, name: sgd, momentum: 0.90, weight_decay: -0.0}"},
		{"epochs: 4", "epochs: 4.0\n  batch: 64\n  schedule: {name: constant, gamma: 0}\n  micro_batch: 64"},
		{"epochs: 4", "epochs: 4\n  checkpoint: {every: 3}\n  augment: {}\n  evaluate: {every: 1}"},
		{"epochs: 4", "epochs: 4\n  recompute: segments"},
		{"name: one", "name: two\ntitle: another\nmetric: test/loss\nreport: best"},
	} {
		if got := runIDs(t, strings.Replace(oneRun, c.old, c.new, 1)); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", c.new, got, want)
		}
	}
}

func TestIdentitySeesEveryOverride(t *testing.T) {
	seen := map[string]string{runIDs(t, oneRun)[0]: "nothing"}
	for _, override := range []string{
		"dataset.noise=0.5", "dataset.train=100", "dataset.name=cifar10",
		"model.depth=8", "model.name=resnet_cifar", "model.shuffle=true",
		"optim.lr=0.4", "optim.momentum=0.8", "optim.nesterov=true", "optim.weight_decay=1e-4", "optim.decay_all=true", "epochs=5", "batch=32",
		"augment.pad=1", "augment.flip=true", "strategy.label_smoothing=0.1", "schedule.name=cosine", "schedule.warmup_epochs=1",
		"evaluate.every=2", "seeds=4,", "micro_batch=16", "precision=bf16", "algorithms=direct",
		"optim.dampening=0.1", "optim.clip_norm=1", "optim.clip_value=1", "optim.ema=0.9",
		"schedule.name=polynomial", "schedule.name=one_cycle", "optim.name=adam", "optim.name=adamw", "optim.name=rmsprop",
		"optim.name=rmsprop_tf", "optim.name=lars", "optim.name=lamb",
	} {
		overrides := []string{override}
		if override == "dataset.name=cifar10" {
			overrides = []string{"~dataset.noise", override}
		}
		id := runIDs(t, oneRun, overrides...)[0]
		if other, twice := seen[id]; twice {
			t.Errorf("%s and %s have the same identity %s", override, other, id)
		}
		seen[id] = override
	}
	step := []string{"schedule.name=step", "schedule.milestones=[2]"}
	if a, b := runIDs(t, oneRun, step...)[0], runIDs(t, oneRun, append(step, "schedule.gamma=0.2")...)[0]; a == b {
		t.Error("gamma does not show in the identity of a step schedule")
	}
}

func TestIdentityDependsOnTheData(t *testing.T) {
	s := mustLoad(t, oneRun)
	a, err := s.Runs(noData)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Runs(func(experiments.Choice) (string, error) { return "other", nil })
	if err != nil || a[0].ID == b[0].ID {
		t.Errorf("got %s for both, %v", a[0].ID, err)
	}
	broken := errors.New("no such folder")
	if _, err := s.Runs(func(experiments.Choice) (string, error) { return "", broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want the digest's error", err)
	}
}

func TestRunsAreCellsTimesSeeds(t *testing.T) {
	asked := 0
	runs, err := mustLoad(t, smallStudy).Runs(func(d experiments.Choice) (string, error) {
		asked++
		if d.Name != "shapes" || d.Options["train"] != 300 || d.Options["noise"] != 0.06 {
			t.Errorf("asked for %+v, want every option filled in", d)
		}
		return "sum", nil
	})
	if err != nil || len(runs) != 12 || asked != 1 {
		t.Fatalf("got %d runs, asked %d times, %v", len(runs), asked, err)
	}
	ids := map[string]bool{}
	for i, r := range runs {
		ids[r.ID] = true
		seed := []uint64{1, 2, 7}[i%3]
		if r.Study != "small" || r.Seed != seed || r.DataDigest != "sum" || len(r.ID) != 16 || r.Cell == "" {
			t.Errorf("run %d: got %+v", i, r)
		}
		if r.Config.Model.Options["width"] != 8 {
			t.Errorf("run %d: the network's defaults are not filled in: %v", i, r.Config.Model.Options)
		}
	}
	if len(ids) != len(runs) {
		t.Errorf("got %d identities of %d runs", len(ids), len(runs))
	}
}
