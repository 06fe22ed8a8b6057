package train

import (
	"math"
	"slices"
	"strings"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// meter paces progress reports and measures the speed over the time since the last report.
type meter struct {
	last   time.Time
	images int
	rate   float64 // images a second, smoothed
}

const (
	reportEvery    = 500 * time.Millisecond
	pointsPerEpoch = 40 // of metric.StepLoss, about
)

// tell reports the step just done: a step/loss point every few steps, and progress every half second. A loss that is no
// number is always reported. So is the epoch's mean with it, which is no number from there on either.
func (t *trainer) tell(loss float64) error {
	points := []experiments.Point{t.point(metric.TrainLoss, t.state.Loss/float64(t.state.Step)), t.point(metric.StepLoss, loss)}
	if diverged := t.diverged(points); diverged != nil {
		if err := t.emit(experiments.Record{Points: points}); err != nil {
			return err
		}
		return diverged
	}
	if every := max(1, t.stage.steps()/pointsPerEpoch); t.state.Step%every == 0 {
		if err := t.emit(experiments.Record{Points: []experiments.Point{t.point(metric.StepLoss, loss)}}); err != nil {
			return err
		}
	}
	now := time.Now()
	if t.speed.last.IsZero() {
		t.speed.last = now
		return nil
	}
	t.speed.images += t.stage.streams[0].Batch
	since := now.Sub(t.speed.last)
	if since < reportEvery {
		return nil
	}
	rate := float64(t.speed.images) / since.Seconds()
	if t.speed.rate > 0 {
		rate = 0.5*rate + 0.5*t.speed.rate
	}
	t.speed = meter{last: now, rate: rate}
	return t.emit(experiments.Record{Progress: t.progress(now, rate)})
}

// diverged returns a DivergedError if one of the points is a loss that is NaN or infinite, and nil otherwise.
func (t *trainer) diverged(points []experiments.Point) error {
	for _, p := range points {
		if strings.HasSuffix(p.Metric, "/loss") && !finite(p.Value) {
			return t.divergedIn(p.Metric, p.Value)
		}
	}
	return nil
}

// divergedIn returns the DivergedError of the last step done, with the epoch to which that step belongs.
func (t *trainer) divergedIn(metric string, value float64) error {
	epoch := t.state.Epoch
	if t.state.Step > 0 {
		epoch++
	}
	return &experiments.DivergedError{Metric: metric, Value: value, Step: t.globalStep(), Epoch: epoch}
}

// sound passes records on, except for a checkpoint in which a parameter holds a value that is no number. Such a run has
// diverged, even if no loss has shown it yet, and its last good checkpoint stays. Only parameters are looked at,
// because running statistics may be infinite beside a good loss.
func (t *trainer) sound(emit func(experiments.Record) error) func(experiments.Record) error {
	trained := map[string]bool{}
	for _, p := range t.params {
		trained[checkpointName(p.Path)] = p.Trainable()
	}
	return func(r experiments.Record) error {
		if r.Checkpoint == nil {
			return emit(r)
		}
		for _, tensor := range r.Checkpoint.Tensors {
			broken := slices.IndexFunc(tensor.Data, func(v float32) bool { return !finite(float64(v)) })
			if trained[tensor.Name] && broken >= 0 {
				return t.divergedIn(tensor.Name, float64(tensor.Data[broken]))
			}
		}
		return emit(r)
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func (t *trainer) progress(now time.Time, rate float64) *experiments.Progress {
	batch := float64(t.stage.streams[0].Batch)
	steps := t.stage.first + t.stage.length()
	images := float64(steps-t.globalStep()) * batch // still to come
	for _, later := range t.stages[t.stage.index+1:] {
		steps += later.length()
		images += float64(later.length()) * float64(later.streams[0].Batch)
	}
	left := images / rate
	p := &experiments.Progress{
		Run: t.job.Run.ID, Phase: t.stage.Name, Epoch: t.state.Epoch + 1, Epochs: t.stage.config.Epochs, Step: t.globalStep(), Steps: steps,
		Loss: t.state.Loss / float64(t.state.Step), ImagesPerSec: rate, Left: time.Duration(left * float64(time.Second)),
		Interval: max(reportEvery, time.Duration(batch/rate*float64(time.Second))), Time: now,
	}
	if t.hits() {
		p.Top1 = t.top1()
	}
	return p
}

// dropoutKey writes the key of op.Dropout for a run of the network.
func (t *trainer) dropoutKey(key []int32, step uint64) {
	seed := t.job.Run.Seed
	key[0], key[1] = int32(uint32(seed)), int32(uint32(seed>>32))
	key[2], key[3] = int32(uint32(step)), int32(uint32(step>>32))
}

// planBytes is the memory that the programs of the phase need beside states and inputs.
func (t *trainer) planBytes() int64 {
	sum := t.eval.Bytes()
	if t.listener != nil {
		sum += t.listener.Bytes()
	}
	if t.renewal != nil {
		sum += t.renewal.exe.Bytes()
	}
	for _, turn := range t.turns {
		sum += turn.Bytes()
	}
	return sum
}
