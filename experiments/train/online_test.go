//go:build !race

package train

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/op"
)

// heard is a small run of a strategy with an online classifier, or without.
func heard(t *testing.T, name string, online bool) experiments.Job {
	t.Helper()
	job := strategyJob(t, name)
	job.Run.Config.Strategy.Options = maps.Clone(job.Run.Config.Strategy.Options)
	if online {
		job.Run.Config.Strategy.Options["online"] = true
	}
	job.Run.Config.Optim.Options["weight_decay"] = 0.1
	job.Run.Config.Optim.Options["momentum"] = 0.9
	return job
}

// preTrainings are the strategies that may have an online classifier.
func preTrainings(t *testing.T) (names []string) {
	t.Helper()
	for _, name := range strategy.Names() {
		s, err := strategy.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, has := s.Resolve(nil)["online"]; has {
			names = append(names, name)
		}
	}
	if len(names) < 12 {
		t.Fatalf("an online classifier have only %v", names)
	}
	return names
}

// What is listened to does not change: every strategy learns the same bits and records the same values with an online
// classifier beside it, also where gradients are clipped, averages are kept and layers have rates of their own.
func TestAnOnlineClassifierChangesNothing(t *testing.T) {
	computesLong(t)
	const path = "pretrain.online."
	for _, name := range preTrainings(t) {
		var states [2]map[string][]float32
		var points [2]map[string][]float64
		for i, online := range []bool{false, true} {
			job := heard(t, name, online)
			job.Run.Config.Epochs = 1
			for option, value := range map[string]any{"clip_norm": 0.01, "ema": 0.9, "layer_decay": 0.7} {
				job.Run.Config.Optim.Options[option] = value
			}
			records, err := record(t, job, 0)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			states[i], points[i] = map[string][]float32{}, values(records)
			for _, tensor := range lastCheckpoint(t, records).Tensors {
				if !strings.Contains(tensor.Name, path) {
					states[i][tensor.Name] = tensor.Data
				} else if !online || tensor.Name == "model/pretrain.online.weight" && !moved(tensor.Data, job, tensor.Shape) {
					t.Errorf("%s: online %v: %s is %v", name, online, tensor.Name, tensor.Data)
				}
			}
		}
		for _, own := range []string{"pretrain/train/online_loss", "pretrain/train/online_top1", "pretrain/test/online_top1"} {
			if n := len(points[1][own]); n != 1 || len(points[0][own]) != 0 {
				t.Errorf("%s: %s is recorded %d times, and %d times without the classifier", name, own, n, len(points[0][own]))
			}
			delete(points[1], own)
		}
		if !maps.EqualFunc(states[0], states[1], slices.Equal) {
			t.Errorf("%s has learnt something else beside a classifier", name)
		}
		if !maps.EqualFunc(points[0], points[1], slices.Equal) {
			t.Errorf("%s recorded %v, beside a classifier %v", name, points[0], points[1])
		}
	}
}

// moved tells whether the classifier's weights are not those that were drawn.
func moved(weights []float32, job experiments.Job, shape op.Shape) bool {
	drawn := make([]float32, len(weights))
	p := nn.Param{Path: "pretrain.online.weight", Shape: shape, Init: nn.FanInUniform(shape[1])}
	p.Fill(drawn, job.Run.Seed)
	return !slices.Equal(drawn, weights)
}

// A run with an online classifier is continued bit for bit, by parts of a batch too.
func TestAnOnlineClassifierResumes(t *testing.T) {
	computesLong(t)
	job := heard(t, "rotation", true)
	job.Run.Config.Dataset.Options = map[string]any{"train": 30, "test": 10, "val": 0.34}
	job.Run.Config.MicroBatch = 4
	resumesAnywhere(t, job)
}

// Its rate is its own and follows the schedule; it has no weight decay, whatever the study says of that. Without
// momentum a step of twice the rate moves it twice as far.
func TestTheOnlineClassifierHasARateOfItsOwn(t *testing.T) {
	step := func(rate float64, change map[string]any) (weights []float32) {
		job := heard(t, "random", true)
		job.Run.Config.Dataset.Options, job.Run.Config.Epochs = map[string]any{"train": 8, "test": 10}, 1
		job.Run.Config.Strategy.Options["online_lr"] = rate
		job.Run.Config.Optim.Options["momentum"] = 0.0
		maps.Copy(job.Run.Config.Optim.Options, change)
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		return tensorOf(t, lastCheckpoint(t, records), "model/pretrain.online.weight")
	}
	one, two, three := step(0.5, nil), step(1, nil), step(1.5, nil)
	far := false
	for i := range one {
		a, b := two[i]-one[i], three[i]-two[i]
		far = far || a > 1e-3
		if d := a - b; !(d <= 1e-6 && d >= -1e-6) {
			t.Errorf("weight %d goes %v, and then %v by as much of a rate", i, a, b)
		}
	}
	if !far {
		t.Errorf("the weights do not move: %v and %v", one, two)
	}
	if other := step(0.5, map[string]any{"weight_decay": 3.0, "lr": 0.9}); !slices.Equal(one, other) {
		t.Error("the study's weight decay or rate moves the online classifier")
	}
}
