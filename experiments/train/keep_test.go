//go:build !race

package train

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/strategy"
	"workbench/nn/option"
)

func init() {
	strategy.Register(strategy.Strategy{Name: "goes_on", Main: "first", Later: []string{"second", "third"},
		Phases: func(option.Settings, strategy.About) ([]strategy.Phase, error) {
			phase := func(name string, keep bool, trainable ...string) strategy.Phase {
				return strategy.Phase{Name: name, Keep: keep, Trainable: trainable, Streams: []strategy.Stream{{Split: data.Train}},
					Objective: func(g *strategy.Graph) strategy.Objective {
						logits := g.Network(g.Builder, g.View("", 0))
						return strategy.Objective{Loss: g.CrossEntropy(logits, g.Labels(""), 0), Logits: logits}
					}}
			}
			return []strategy.Phase{phase("first", false, "fc.**"), phase("second", true), phase("third", false)}, nil
		},
		Set: map[string]map[string]any{"second": {"epochs": 1}, "third": {"epochs": 1}}})
	strategyJobs["goes_on"] = nil
}

func goesOn(t *testing.T) experiments.Job {
	t.Helper()
	job := strategyJob(t, "goes_on")
	job.Run.Config.Optim = experiments.Choice{Name: "adam", Options: map[string]any{"lr": 0.01}}
	return job
}

// slotsOf are the states of optimizers in a checkpoint, by name.
func slotsOf(c experiments.Checkpoint) map[string][]float32 {
	slots := map[string][]float32{}
	for _, tensor := range c.Tensors {
		if strings.HasPrefix(tensor.Name, optimizers) {
			slots[tensor.Name] = tensor.Data
		}
	}
	return slots
}

// A phase may go on with the optimizer of the one before: with the state that this left, zeros for what moves for the
// first time, and its count of updates. The next phase has an optimizer of its own again.
func TestAPhaseGoesOnWithAnOptimizer(t *testing.T) {
	alone := goesOn(t)
	alone.Run.Config.Until = "first"
	records, err := record(t, alone, 0)
	if err != nil {
		t.Fatal(err)
	}
	left := slotsOf(lastCheckpoint(t, records))
	if len(left) != 4 { // two of Adam's for the weights and the biases of one layer
		t.Fatalf("the first phase leaves %d states of its optimizer, want 4", len(left))
	}
	if records, err = record(t, goesOn(t), 0); err != nil {
		t.Fatal(err)
	}
	var begins []map[string][]float32 // of the phases that follow
	for i, r := range records {
		if r.Phase != nil && r.Phase.Index > 0 {
			begins = append(begins, slotsOf(lastCheckpoint(t, records[:i])))
		}
	}
	if len(begins) != 2 {
		t.Fatalf("%d phases follow, want 2", len(begins))
	}
	for name, want := range left {
		if !slices.Equal(begins[0][name], want) || !slices.ContainsFunc(want, func(v float32) bool { return v != 0 }) {
			t.Errorf("%s begins the second phase with %v, want %v, not all zero", name, begins[0][name], want)
		}
	}
	for k, begun := range begins {
		for name, values := range begun {
			if _, before := left[name]; before && k == 0 {
				continue
			}
			if !strings.HasPrefix(name, []string{"optim/first/", "optim/third/"}[k]) ||
				slices.ContainsFunc(values, func(v float32) bool { return v != 0 }) {
				t.Errorf("phase %d begins with %s, not zero or of another phase", k+1, name)
			}
		}
		if len(begun) <= len(left) {
			t.Errorf("phase %d has %d states of an optimizer", k+1, len(begun))
		}
	}
}

// What a phase that goes on counts as updates made, and what it refuses.
func TestCountsOfAnOptimizerThatGoesOn(t *testing.T) {
	job := goesOn(t)
	set, err := data.Open(t.Context(), "shapes", "", job.Run.Config.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	all, err := stages(job.Run.Config, set, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		slots   string
		updates int64
	}{{"first", 0}, {"first", all[0].length()}, {"third", 0}} {
		if all[i].slots != want.slots || all[i].updates != want.updates {
			t.Errorf("%s has the optimizer of %q after %d updates, want %q and %d", all[i].Name, all[i].slots, all[i].updates,
				want.slots, want.updates)
		}
	}
	job.Run.Config.Phases = map[string]any{"second.optim.name": "sgd"}
	if _, err := stages(job.Run.Config, set, 1); err == nil ||
		err.Error() != "phases.second.optim.name: the phase goes on with the optimizer of the one before, want adam, got sgd" {
		t.Errorf("another optimizer: %v", err)
	}
	phase := strategy.Phase{Name: "a", Keep: true, Streams: []strategy.Stream{{}},
		Objective: func(*strategy.Graph) strategy.Objective { return strategy.Objective{} }}
	if err := strategy.Check([]strategy.Phase{phase}); err == nil ||
		err.Error() != `phase "a" keeps the state of an optimizer, and there is no phase before it` {
		t.Errorf("without a phase before: %v", err)
	}
}
