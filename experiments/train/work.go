package train

import (
	"context"
	"errors"
	"math"
	"time"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/stats"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

// Work is what a run executes, in multiply-adds; see plan.Program.MultiplyAdds.
type Work struct {
	Training   float64 // all steps, forward, backward and updates
	Evaluation float64 // all evaluations of the test split
}

// All is the work of the whole run.
func (w Work) All() float64 { return w.Training + w.Evaluation }

// WorkOf counts the work of a run on a data set with so many images in its training and its test split. It lowers the
// programs that the run executes and runs nothing.
func WorkOf(c experiments.Config, info data.Info, training, test int) (Work, error) {
	batch := c.Batch / c.MicroBatches()
	step, _, err := lowerTraining(c, info, batch, false)
	if err != nil {
		return Work{}, err
	}
	evaluation, err := lowerInference(c, info, batch)
	if err != nil {
		return Work{}, err
	}
	steps := c.Epochs * (training / c.Batch) * c.MicroBatches()
	every := max(c.Evaluate.Every, 1)
	evaluations := (c.Epochs + every - 1) / every
	batches := (test + batch - 1) / batch // the last is filled up
	return Work{Training: float64(steps) * step.MultiplyAdds(),
		Evaluation: float64(evaluations) * float64(batches) * evaluation.MultiplyAdds()}, nil
}

// Pace is how long training takes on this machine, in seconds a multiply-add: of the middle one of some steps, and of
// the fastest and the slowest.
type Pace struct{ Middle, Fastest, Slowest float64 }

const (
	paceSteps  = 7 // at most
	paceWarmUp = 1 // steps that are not timed
)

// Measure times training steps of a configuration on random images, until the deadline of ctx or paceSteps of them. Its
// batch is so small that a step has about so many multiply-adds, which is how big networks are measured quickly.
func Measure(ctx context.Context, c experiments.Config, info data.Info, backend plan.Backend, most float64) (pace Pace, err error) {
	one, _, err := lowerTraining(c, info, 1, false)
	if err != nil {
		return Pace{}, err
	}
	batch := min(c.Batch/c.MicroBatches(), max(int(most/one.MultiplyAdds()), 2))
	p, b, err := lowerTraining(c, info, batch, false)
	if err != nil {
		return Pace{}, err
	}
	work := p.MultiplyAdds()
	p.BFloat16 = c.Precision == "bf16"
	if chooser, can := backend.(plan.Chooser); can && c.Algorithms == "auto" {
		if p.Rules, err = chooser.Rules(); err != nil {
			return Pace{}, err
		}
	}
	p.Recompute = plan.Recomputation(c.Recompute)
	memory := backend.NewMemory()
	defer func() { err = errors.Join(err, memory.Close()) }()
	exe, err := backend.Compile(p, memory)
	if err != nil {
		return Pace{}, err
	}
	defer func() { err = errors.Join(err, exe.Close()) }()
	for _, param := range b.Params() {
		start := make([]float32, param.Shape.Size())
		param.Fill(start, 1)
		if err := memory.Write(param.Path, start); err != nil {
			return Pace{}, err
		}
	}
	random := rng.New(1, "pace")
	for i := range exe.Floats("image") {
		exe.Floats("image")[i] = float32(random.NormFloat64())
	}
	return timed(ctx, exe, work)
}

func timed(ctx context.Context, exe plan.Executable, work float64) (Pace, error) {
	pace := Pace{Fastest: math.Inf(1)}
	var all []float64
	for i := range paceWarmUp + paceSteps {
		began := time.Now()
		if err := exe.RunAll(); err != nil {
			return Pace{}, err
		}
		if i < paceWarmUp && ctx.Err() == nil {
			continue
		}
		seconds := time.Since(began).Seconds() / work
		all = append(all, seconds)
		pace.Fastest, pace.Slowest = min(pace.Fastest, seconds), max(pace.Slowest, seconds)
		if ctx.Err() != nil {
			break
		}
	}
	pace.Middle = stats.Median(all)
	return pace, nil
}
