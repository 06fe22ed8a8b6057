package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/evaluate"
	"workbench/experiments/metric"
	"workbench/nn/plan"
)

// Run makes the attempt: it trains the run's network from the start or from the checkpoint and reports everything
// through emit. It returns nil when the run is complete. When ctx is cancelled it stops at the next step, reports a
// checkpoint and returns ctx's error. A loss that is NaN or infinite ends it with a DivergedError; the last checkpoint
// before that stays. What it computes depends on the run, the backend and its thread count alone.
func Run(ctx context.Context, job experiments.Job, backend plan.Backend, emit func(experiments.Record) error) error {
	t, err := newTrainer(ctx, job, backend, emit)
	if err != nil {
		return err
	}
	defer t.close()
	t.emit = t.sound(emit)
	if err := t.start(); err != nil {
		return err
	}
	if err := emit(experiments.Record{Environment: t.environment()}); err != nil {
		return err
	}
	// The one phase of the run: from here on, time is training time.
	whole := experiments.Phase{Count: 1, Steps: int64(job.Run.Config.Epochs) * int64(t.train.Steps())}
	if err := emit(experiments.Record{Phase: &whole}); err != nil {
		return err
	}
	for t.state.Epoch < job.Run.Config.Epochs {
		err := t.epoch(ctx)
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return errors.Join(t.checkpoint(false), err)
		}
		if errors.Is(err, experiments.ErrDiverged) {
			return err // which says where
		}
		if err != nil {
			return fmt.Errorf("epoch %d: %w", t.state.Epoch+1, err)
		}
	}
	return nil
}

// epoch trains what is left of the running epoch. It evaluates and saves when it is time to.
func (t *trainer) epoch(ctx context.Context) error {
	c := t.job.Run.Config
	started, seen := time.Now(), t.state.Seen
	for batch, err := range t.train.Epoch(ctx, t.state.Epoch, t.state.Step) {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.step(batch); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	points := []experiments.Point{
		t.point(metric.TrainLoss, t.state.Loss/float64(t.state.Step)),
		t.point(metric.TrainTop1, float64(t.state.Correct)/float64(t.state.Seen)),
		t.point(metric.TrainRate, t.rate(t.state.Step-1)),
	}
	if t.state.Seen > seen {
		points = append(points, t.point(metric.TrainSpeed, float64(t.state.Seen-seen)/time.Since(started).Seconds()))
	}
	var diverged error
	last := t.state.Epoch+1 == c.Epochs
	if last || (t.state.Epoch+1)%max(c.Evaluate.Every, 1) == 0 {
		measured, err := t.evaluate(ctx) // if it is interrupted here, the epoch stays open and the evaluation is repeated
		if err != nil {
			return err
		}
		points = append(points, measured...)
		diverged = t.diverged(measured)
	}
	t.state.Epoch++
	t.state.Step, t.state.Seen, t.state.Correct, t.state.Loss = 0, 0, 0, 0
	if err := t.emit(experiments.Record{Points: points}); err != nil {
		return err
	}
	if diverged != nil {
		return diverged
	}
	if last || t.state.Epoch%max(c.Checkpoint.Every, 1) == 0 {
		return t.checkpoint(last)
	}
	return nil
}

// step trains on one batch, in as many micro-batches as the configuration says.
func (t *trainer) step(b data.Batch) error {
	microBatches := t.job.Run.Config.MicroBatches()
	n := b.N / microBatches
	area := len(b.Images) / b.N
	t.writeProgress()
	loss := 0.0
	for k := range microBatches {
		labels := b.Labels[k*n : (k+1)*n]
		copy(t.exe.Floats("image"), b.Images[k*n*area:(k+1)*n*area])
		copy(t.exe.Ints("label"), labels)
		if microBatches > 1 {
			t.exe.Ints("micro_batch")[0] = int32(k)
		}
		if key := t.exe.Ints("key"); key != nil {
			t.dropoutKey(key, uint64(t.globalStep())*uint64(microBatches)+uint64(k))
		}
		if err := t.exe.RunAll(); err != nil {
			return fmt.Errorf("step %d: %w", t.globalStep(), err)
		}
		loss += float64(t.exe.Output("loss")[0]) / float64(microBatches)
		t.state.Correct += evaluate.Count(t.exe.Output("logits"), labels, t.classes).Top1
	}
	t.state.Loss += loss
	t.state.Seen += b.N
	t.state.Step++
	return t.tell(loss)
}

// evaluate measures the test split in inference mode.
func (t *trainer) evaluate(ctx context.Context) ([]experiments.Point, error) {
	measured := evaluate.Classification{Classes: t.classes}
	for b, err := range t.test.Epoch(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		copy(t.eval.Floats("image"), b.Images)
		if err := t.eval.RunAll(); err != nil {
			return nil, fmt.Errorf("evaluate: %w", err)
		}
		measured.Add(t.eval.Output("logits"), b.Labels[:b.N])
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var points []experiments.Point
	for _, v := range measured.Values() {
		points = append(points, t.point(metric.Name{Split: metric.Test, Quantity: v.Quantity}.String(), v.Value))
	}
	return points, nil
}
