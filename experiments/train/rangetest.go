package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"workbench/experiments"
	"workbench/nn/plan"
)

// RangeTest is a test of learning rates (Smith 2017, Cyclical Learning Rates for Training Neural Networks, arXiv
// 1506.01186, section 3.3), with a rate that grows by the same factor at each step, as fastai's lr_find has it.
type RangeTest struct {
	From, To float64 // rates of the first and the last step
	Steps    int
}

// Tried is a learning rate and what the step with it found.
type Tried struct {
	Rate float64
	Loss float64 // before the step's update, of its batch, in the unit of the loss
}

// rate of a step, counted from 0.
func (r RangeTest) rate(step int) float64 {
	return r.From * math.Pow(r.To/r.From, float64(step)/float64(max(r.Steps-1, 1)))
}

// Run trains the first phase of the job from its beginning by rates of the test, and tells each step until the test is
// over, each says no or a loss is no number, which ends the test without an error. Nothing is evaluated or recorded.
func (r RangeTest) Run(ctx context.Context, job experiments.Job, backend plan.Backend, each func(Tried) bool) error {
	c := job.Run.Config.Clone()
	c.Schedule = experiments.Choice{Name: "constant", Options: map[string]any{}} // warms nothing up, and leaves the momentum
	c.Length, c.Epochs = fmt.Sprintf("%d steps", r.Steps), 0
	job.Run.Config, job.Resume = c, nil
	t, err := newTrainer(ctx, job, backend, func(experiments.Record) error { return nil })
	if err != nil {
		return err
	}
	defer t.close()
	if err := t.start(); err != nil {
		return err
	}
	steps := float64(t.stage.steps())
	t.schedules.rate = func(epoch float64) float64 { return r.rate(int(math.Round(epoch * steps))) }
	for t.globalStep() < int64(r.Steps) {
		before := t.globalStep()
		if err := t.try(ctx, r, each); err != nil {
			if errors.Is(err, errRangeEnds) {
				return nil
			}
			return err
		}
		if t.globalStep() == before {
			return ctx.Err() // no batch came
		}
		t.state.Epoch++
		t.state.Step, t.state.Seen, t.state.Correct, t.state.Loss, t.state.Recorded = 0, 0, 0, 0, nil
	}
	return nil
}

// errRangeEnds ends a test before its last step.
var errRangeEnds = errors.New("the test is over")

// try trains what is left of an epoch.
func (t *trainer) try(ctx context.Context, r RangeTest, each func(Tried) bool) error {
	if err := t.between(ctx); err != nil {
		return err
	}
	for batch, err := range t.batchesOf(ctx, t.state.Epoch, t.state.Step) {
		if err != nil {
			return err
		}
		step, sum := int(t.globalStep()), t.state.Loss
		if step == r.Steps {
			return errRangeEnds
		}
		err := t.step(batch)
		if errors.Is(err, experiments.ErrDiverged) {
			each(Tried{r.rate(step), t.state.Loss - sum})
			return errRangeEnds
		}
		if err != nil {
			return err
		}
		if !each(Tried{r.rate(step), t.state.Loss - sum}) {
			return errRangeEnds
		}
	}
	return ctx.Err()
}
