//go:build !race

package train

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
)

// A strategy may give parameters a course of the learning rate of their own: where the schedule's rate is next to
// nothing, SimSiam's predictor goes on at its peak, and all else stays.
func TestRatesOfTheirOwnKeepThePeak(t *testing.T) {
	moved := func(fixed bool) (predictor, others int) {
		job := strategyJob(t, "simsiam")
		job.Run.Config.Strategy.Options["fix_predictor_lr"] = fixed
		defer delete(job.Run.Config.Strategy.Options, "fix_predictor_lr")
		job.Run.Config.Epochs, job.Run.Config.Checkpoint.Every, job.Run.Config.Until = 2, 1, "pretrain"
		job.Run.Config.Schedule = experiments.Choice{Name: "step", Options: map[string]any{"milestones": []float64{1}, "gamma": 1e-30}}
		records, err := record(t, job, 0)
		if err != nil {
			t.Fatal(err)
		}
		weights := weightsAfter(records)
		if len(weights) != 2 {
			t.Fatalf("%d checkpoints, want 2", len(weights))
		}
		for path, before := range weights[0] {
			switch {
			case slices.Equal(before, weights[1][path]):
			case strings.HasPrefix(path, "model/pretrain.predictor."):
				predictor++
			default:
				others++
			}
		}
		return predictor, others
	}
	if predictor, others := moved(true); predictor != 6 || others != 0 {
		t.Errorf("%d parameters of the predictor and %d others move at the end, want 6 and 0", predictor, others)
	}
	if predictor, others := moved(false); predictor != 0 || others != 0 {
		t.Errorf("with one rate for all %d parameters of the predictor and %d others move at the end, want none", predictor, others)
	}
}

// weightsAfter are the weights of each checkpoint, without statistics and states of optimizers.
func weightsAfter(records []experiments.Record) (all []map[string][]float32) {
	for _, r := range records {
		if r.Checkpoint == nil {
			continue
		}
		weights := map[string][]float32{}
		for _, tensor := range r.Checkpoint.Tensors {
			if !strings.HasPrefix(tensor.Name, optimizers) && !strings.Contains(tensor.Name, "running_") {
				weights[tensor.Name] = slices.Clone(tensor.Data)
			}
		}
		all = append(all, weights)
	}
	return all
}
