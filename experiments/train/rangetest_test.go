//go:build !race

package train

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/nn/plan"
)

// rangeOf are the steps of a range test of a job.
func rangeOf(t *testing.T, job experiments.Job, r RangeTest) []Tried {
	t.Helper()
	var all []Tried
	if err := r.Run(t.Context(), job, plan.Reference{}, func(one Tried) bool {
		all = append(all, one)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// At one rate a range test is the training with that rate, over the end of an epoch too. Its rates grow by one factor.
func TestARangeTestTrains(t *testing.T) {
	job := smallJob() // three steps an epoch, each of which is recorded
	job.Run.Config.Schedule = experiments.Choice{Name: "constant", Options: map[string]any{}}
	records, err := record(t, job, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := values(records)[metric.StepLoss]
	job.Run.Config.Schedule = experiments.Choice{Name: "cosine", Options: map[string]any{"warmup_epochs": 1.0}} // which the test leaves out
	var got []float64
	for _, one := range rangeOf(t, job, RangeTest{From: 0.05, To: 0.05, Steps: 6}) {
		got = append(got, one.Loss)
	}
	if len(want) != 6 || !slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
		t.Errorf("losses %v, want those of the training %v", got, want)
	}
	growing := rangeOf(t, job, RangeTest{From: 1e-3, To: 10, Steps: 5})
	for i, rate := range []float64{1e-3, 1e-2, 1e-1, 1, 10} {
		if len(growing) != 5 || !(math.Abs(growing[i].Rate/rate-1) < 1e-12) {
			t.Fatalf("steps %v, want rates from 0.001 to 10", growing)
		}
	}
}

// A test ends where its caller has seen enough, at a loss that is no number, and where it is cancelled.
func TestARangeTestEnds(t *testing.T) {
	job := smallJob()
	seen := 0
	few := func(Tried) bool { seen++; return seen < 4 }
	if err := (RangeTest{1e-3, 1, 20}).Run(t.Context(), job, plan.Reference{}, few); err != nil || seen != 4 {
		t.Errorf("%d steps, %v, want 4", seen, err)
	}
	wild := rangeOf(t, job, RangeTest{From: 1e20, To: 1e30, Steps: 20})
	if last := wild[len(wild)-1].Loss; len(wild) == 20 || finite(last) {
		t.Errorf("%d steps, at last the loss %v, want an end at a loss that is no number", len(wild), last)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := (RangeTest{1e-3, 1, 20}).Run(ctx, job, plan.Reference{}, func(Tried) bool { cancel(); return true })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	pretraining := strategyJob(t, "simclr") // its first phase
	pretraining.Run.Config.Augment = map[string]any{"resized_crop": true, "flip": true}
	if got := rangeOf(t, pretraining, RangeTest{1e-4, 1, 4}); len(got) != 4 {
		t.Errorf("a pretraining took %d steps, want 4", len(got))
	}
}
