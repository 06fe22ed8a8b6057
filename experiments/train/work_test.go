package train

import (
	"context"
	"testing"
	"time"

	"workbench/experiments/data"
	"workbench/nn/plan"
)

// A step computes the forward pass and the gradients of all weights, and those of all inputs but the images.
func TestWorkIsWhatTheProgramsExecute(t *testing.T) {
	c := smallJob().Run.Config
	c.Dataset.Options = map[string]any{"train": 50, "test": 20}
	set, err := data.Open(t.Context(), c.Dataset.Name, "", c.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	all, err := stages(c, set, 1)
	if err != nil {
		t.Fatal(err)
	}
	turns, err := all[0].training(all[0].shape(), false)
	if err != nil {
		t.Fatal(err)
	}
	step := turns[0]
	summary := step.graph.Summary()
	first := summary.Layers[0].MACs
	if first == 0 {
		t.Fatalf("the first layer is %+v, want a convolution", summary.Layers[0])
	}
	moved := 0
	for _, m := range step.Moves {
		moved += m.Param.Shape.Size() * (1 + len(m.Slots))
	}
	batch := float64(c.Batch)
	wantStep := batch*float64(3*summary.MACs-first) + float64(moved)
	if got := step.MultiplyAdds(); got != wantStep || moved == 0 {
		t.Errorf("a step has %v multiply-adds, want %v", got, wantStep)
	}
	w, err := WorkOf(c, set) // 3 steps an epoch, 2 epochs; 2 evaluations of 2 batches
	if err != nil {
		t.Fatal(err)
	}
	if want := 6 * wantStep; w.Training != want {
		t.Errorf("training has %v multiply-adds, want %v", w.Training, want)
	}
	if want := 4 * batch * float64(summary.MACs); w.Evaluation != want {
		t.Errorf("evaluation has %v multiply-adds, want %v", w.Evaluation, want)
	}
	c.MicroBatch = c.Batch / 2
	micro, err := WorkOf(c, set)
	if err != nil || micro.Training < w.Training || micro.Training > 1.1*w.Training {
		t.Errorf("in two micro-batches training has %v multiply-adds (%v), want little more than %v", micro.Training, err, w.Training)
	}
}

func TestMeasureTimesSomeSteps(t *testing.T) {
	c := smallJob().Run.Config
	set, err := data.Open(t.Context(), c.Dataset.Name, "", c.Dataset.Options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	pace, err := Measure(ctx, c, set, plan.Reference{}, 1e6)
	if err != nil || !(pace.Fastest > 0 && pace.Fastest <= pace.Middle && pace.Middle <= pace.Slowest) {
		t.Errorf("pace %+v (%v), want fastest ≤ middle ≤ slowest", pace, err)
	}
}
