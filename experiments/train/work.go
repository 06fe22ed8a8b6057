package train

import (
	"context"
	"errors"
	"math"
	"time"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/stats"
	"workbench/experiments/strategy"
	"workbench/nn/plan"
	"workbench/nn/rng"
)

// Work is what a run executes, in multiply-adds; see plan.Program.MultiplyAdds.
type Work struct {
	Training   float64 // all steps, forward, backward and updates
	Evaluation float64 // all evaluations of the test split, with the statistics of averages before them
}

// All is the work of the whole run.
func (w Work) All() float64 { return w.Training + w.Evaluation }

// WorkOf counts the work of a run on a data set. It lowers the programs that the run executes and runs nothing.
func WorkOf(c experiments.Config, set data.Set) (Work, error) {
	all, err := stages(c, set, 1)
	if err != nil {
		return Work{}, err
	}
	var work Work
	for i := range all {
		w, err := all[i].work()
		if err != nil {
			return Work{}, err
		}
		work.Training, work.Evaluation = work.Training+w.Training, work.Evaluation+w.Evaluation
	}
	return work, nil
}

func (s *stage) work() (Work, error) {
	shape := s.shape()
	training, err := s.trainingWork(shape)
	if err != nil {
		return Work{}, err
	}
	evaluation, err := s.evaluation(shape)
	if err != nil {
		return Work{}, err
	}
	once := 0.0
	if s.Cached != nil {
		features, err := s.featuring()
		if err != nil {
			return Work{}, err
		}
		for _, part := range s.cachedParts() {
			once += features.MultiplyAdds() * float64((part.Len()+shape.Batch-1)/shape.Batch)
		}
	}
	every := max(s.config.Evaluate.Every, 1)
	evaluations := (s.config.Epochs + every - 1) / every
	batches := (s.set.Len(data.Test) + shape.Batch - 1) / shape.Batch // the last is filled up
	if _, classifies := evaluation.Outputs["logits"]; classifies {
		batches *= 1 + len(s.spoilt)
	}
	renewals, err := s.renewalWork(shape, every)
	if err != nil {
		return Work{}, err
	}
	return Work{Training: once + training,
		Evaluation: renewals + float64(evaluations)*float64(batches)*evaluation.MultiplyAdds()}, nil
}

// Pace is how long training takes on this machine, in seconds a multiply-add: of the middle one of some steps, and of
// the fastest and the slowest.
type Pace struct{ Middle, Fastest, Slowest float64 }

const (
	paceSteps  = 7 // at most
	paceWarmUp = 1 // steps that are not timed
)

// Measure times training steps of a configuration's first phase on random images, until the deadline of ctx or
// paceSteps of them. Its batch is so small that a step has about so many multiply-adds, which is how big networks are
// measured quickly.
func Measure(ctx context.Context, c experiments.Config, set data.Set, backend plan.Backend, most float64) (pace Pace, err error) {
	all, err := stages(c, set, 1)
	if err != nil {
		return Pace{}, err
	}
	p, err := all[0].small(most)
	if err != nil {
		return Pace{}, err
	}
	work := p.MultiplyAdds()
	p.BFloat16 = c.Precision == bfloat16
	if chooser, can := backend.(plan.Chooser); can && c.Algorithms == "auto" {
		if p.Rules, err = chooser.Rules(); err != nil {
			return Pace{}, err
		}
	}
	p.Recompute = plan.Recomputation(c.Recompute)
	memory := backend.NewMemory()
	defer func() { err = errors.Join(err, memory.Close()) }()
	exe, err := backend.Compile(p.Program, memory)
	if err != nil {
		return Pace{}, err
	}
	defer func() { err = errors.Join(err, exe.Close()) }()
	for _, param := range p.graph.Params() {
		start := make([]float32, param.Shape.Size())
		param.Fill(start, 1)
		if err := memory.Write(param.Path, start); err != nil {
			return Pace{}, err
		}
	}
	random := rng.New(1, "pace")
	for _, in := range p.graph.Inputs() {
		if in.What == strategy.Images {
			for i := range exe.Floats(in.Name) {
				exe.Floats(in.Name)[i] = float32(random.NormFloat64())
			}
		}
	}
	return timed(ctx, exe, work)
}

// small is the program of the first turn whose batch is so small that a step has about so many multiply-adds. Where the
// strategy cannot be trained with that batch, it is the program of the whole one.
func (s *stage) small(most float64) (trained, error) {
	shape := s.shape()
	whole, err := s.training(shape, false)
	if err != nil {
		return trained{}, err
	}
	n := float64(shape.Batch)
	shape.Batch = min(shape.Batch, max(int(most*n/whole[0].MultiplyAdds()), 2))
	if p, err := s.training(shape, false); err == nil {
		return p[0], nil
	}
	return whole[0], nil
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
