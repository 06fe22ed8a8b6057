package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"workbench/experiments"
	"workbench/experiments/evaluate"
	"workbench/experiments/metric"
	"workbench/experiments/strategy"
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
	for _, line := range t.toTell {
		if err := emit(experiments.Record{Log: line}); err != nil {
			return err
		}
	}
	for {
		// From here on, time is training time. A phase that another run has done takes none.
		if t.state.Epoch < t.stage.config.Epochs && !t.stopped() {
			if err := emit(experiments.Record{Phase: t.stage.described()}); err != nil {
				return err
			}
		}
		if err := t.phase(ctx); err != nil {
			return err
		}
		next := t.state.Phase + 1
		if next == len(t.stages) {
			return nil
		}
		if err := t.follow(next); err != nil {
			return fmt.Errorf("phase %s: %w", t.stages[next].Name, err)
		}
	}
}

// follow begins the next phase and saves its first state, so that an attempt that continues need not look back.
func (t *trainer) follow(next int) error {
	if err := t.leave(next); err != nil {
		return err
	}
	t.state.Epoch, t.state.Waiting = 0, nil
	if err := t.enter(next, 0); err != nil {
		return err
	}
	if err := t.begin(); err != nil {
		return err
	}
	return t.checkpoint(false)
}

// phase trains what is left of the running phase.
func (t *trainer) phase(ctx context.Context) error {
	if t.state.Epoch < t.stage.config.Epochs && !t.stopped() {
		if err := t.cache(ctx); err != nil {
			return err
		}
	}
	for t.state.Epoch < t.stage.config.Epochs && !t.stopped() {
		running := t.state.Epoch + 1
		err := t.epoch(ctx)
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return errors.Join(t.checkpoint(false), err)
		}
		if errors.Is(err, experiments.ErrDiverged) {
			return err // which says where
		}
		if err != nil {
			return fmt.Errorf("epoch %d: %w", running, err)
		}
	}
	return nil
}

// epoch trains what is left of the running epoch. It evaluates and saves when it is time to.
func (t *trainer) epoch(ctx context.Context) error {
	c := t.stage.config
	if err := t.between(ctx); err != nil {
		return err
	}
	points, err := t.learn(ctx)
	if err != nil {
		return err
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
		waited := t.state.Waiting.copied()
		stops, err := t.wait(measured)
		if err != nil {
			return err
		}
		last = last || stops
		if diverged == nil {
			err = t.portray(ctx, last)
		}
		if err != nil {
			t.state.Waiting = waited
			return err
		}
	}
	t.state.Epoch++
	t.state.Step, t.state.Seen, t.state.Correct, t.state.Loss, t.state.Recorded, t.state.Ratios = 0, 0, 0, 0, nil, nil
	t.state.Prepared = false
	if err := t.emit(experiments.Record{Points: points}); err != nil {
		return err
	}
	if diverged != nil {
		return diverged
	}
	if !last {
		if err := t.unfreeze(); err != nil {
			return err
		}
	}
	final := last && t.state.Phase+1 == len(t.stages)
	if final || !last && t.state.Epoch%max(c.Checkpoint.Every, 1) == 0 { // between phases the next one saves
		return t.checkpoint(final)
	}
	return nil
}

// learn makes the steps that are left of the running epoch, and returns what they came to.
func (t *trainer) learn(ctx context.Context) ([]experiments.Point, error) {
	started, seen, steps := time.Now(), t.state.Seen, t.state.Step
	asked, waited := started, time.Duration(0)
	for batch, err := range t.batchesOf(ctx, t.state.Epoch, t.state.Step) {
		waited += time.Since(asked)
		if err != nil {
			return nil, err
		}
		if at := t.at(); at.Step == at.Steps {
			break // in the midst of an epoch, if the length says so
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := t.step(batch); err != nil {
			return nil, err
		}
		asked = time.Now()
	}
	t.portrait.pace.train(time.Since(started), t.state.Step-steps)
	points := []experiments.Point{t.point(metric.TrainLoss, t.state.Loss/float64(t.state.Step))}
	if t.hits() {
		points = append(points, t.point(metric.TrainTop1, t.top1()))
	}
	for _, name := range slices.Sorted(maps.Keys(t.state.Recorded)) {
		name, sum := metric.Name{Split: metric.Train, Quantity: name}, t.state.Recorded[name]
		points = append(points, t.point(name.String(), sum/float64(t.state.Step)))
	}
	for _, name := range slices.Sorted(maps.Keys(t.state.Ratios)) {
		if r := t.state.Ratios[name]; r.Of != 0 {
			points = append(points, t.point(metric.Name{Split: metric.Train, Quantity: name}.String(), r.Part/r.Of))
		}
	}
	points = append(points, t.point(metric.TrainRate, t.rate(t.state.Step-1)))
	if t.state.Seen > seen {
		seconds := time.Since(started).Seconds()
		points = append(points, t.point(metric.TrainSpeed, float64(t.state.Seen-seen)/seconds),
			t.point(metric.TrainWait, waited.Seconds()/seconds))
	}
	return points, ctx.Err()
}

// step trains on one batch of each stream. All programs of the phase take their turns.
func (t *trainer) step(all batches) error {
	loss := 0.0
	for _, exe := range t.turns {
		own, err := t.turn(exe, all)
		if err != nil {
			return fmt.Errorf("step %d: %w", t.globalStep(), err)
		}
		if exe.pass != plan.Descend { // whose loss is that of other weights
			loss += own
		}
	}
	t.state.Loss += loss
	t.state.Seen += all[0].N
	t.state.Step++
	return t.tell(loss)
}

// turn runs a program in as many micro-batches as the configuration says, and returns its loss.
func (t *trainer) turn(exe turn, all batches) (loss float64, err error) {
	microBatches := t.stage.config.MicroBatches()
	t.writeProgress(exe)
	for k := range microBatches {
		t.fill(exe, all, k, microBatches)
		if microBatches > 1 {
			exe.Ints("micro_batch")[0] = int32(k)
		}
		if key := exe.Ints("key"); key != nil {
			t.dropoutKey(key, uint64(t.globalStep())*uint64(microBatches)+uint64(k))
		}
		if err := exe.RunAll(); err != nil {
			return 0, err
		}
		loss += float64(exe.Output("loss")[0]) / float64(microBatches)
		if exe.objective.Logits.Node() != nil {
			labels := part(t.of(all, exe.objective.Of).Labels, k, microBatches)
			t.state.Correct += evaluate.Count(exe.Output("logits"), labels, t.classes).Top1
			t.memorise(exe, part(t.of(all, exe.objective.Of).Rows, k, microBatches), labels)
		}
		t.note(exe, microBatches)
		if exe.Output(strategy.HeardName(0)) != nil {
			if err := t.listen(exe, all, k, microBatches); err != nil {
				return 0, err
			}
		}
	}
	return loss, nil
}

// note adds what a program's objective records of a part of a step to the sums of the epoch.
func (t *trainer) note(exe turn, parts int) {
	for name := range exe.objective.Record {
		if t.state.Recorded == nil {
			t.state.Recorded = map[string]float64{}
		}
		t.state.Recorded[name] += float64(exe.Output(recorded(name))[0]) / float64(parts)
	}
	for name := range exe.objective.Ratios {
		t.addRatio(name, float64(exe.Output(recorded(name))[0]), float64(exe.Output(divisor(name))[0]))
	}
}

// addRatio adds to the sums that a quotient of the epoch is of.
func (t *trainer) addRatio(name string, part, of float64) {
	if t.state.Ratios == nil {
		t.state.Ratios = map[string]ratio{}
	}
	r := t.state.Ratios[name]
	t.state.Ratios[name] = ratio{r.Part + part, r.Of + of}
}

// ratio are the sums of an epoch that a strategy.Ratio is the quotient of.
type ratio struct{ Part, Of float64 }

// answered is the number of answers of a step that can be right, over all turns.
func (t *trainer) answered() int {
	n := 0
	for _, exe := range t.turns {
		if exe.objective.Logits.Node() != nil {
			n += exe.objective.Logits.Shape()[0] * t.stage.config.MicroBatches()
		}
	}
	return n
}

// hits tells whether the phase has answers that can be right.
func (t *trainer) hits() bool { return t.answered() > 0 }

// top1 is the share of right answers in the running epoch.
func (t *trainer) top1() float64 {
	return float64(t.state.Correct) / float64(t.state.Step*t.answered())
}
