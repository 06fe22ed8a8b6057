package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"workbench/experiments/data/mixing"
	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/option"
	"workbench/nn/plan"
)

// averaging is the input with the decay of the averages in a step.
const averaging = "decay of averages"

// averages says which averages of its weights the stage keeps.
func (s *stage) averages(set option.Settings) plan.Averaging {
	if set.Float("swa") > 0 {
		return plan.Averaging{Input: averaging}
	}
	return plan.Averaging{Decay: set.Float("ema"), Warmup: set.Bool("ema_warmup")}
}

// averagedFrom is the epoch of the phase at whose end stochastic weight averaging takes its first weights (Izmailov et
// al. 2018, algorithm 1, where those with which the averaging begins count as one of the models); 0: there is none.
func (s *stage) averagedFrom() int {
	const rounding = 1e-9 // 0.1 of 30 epochs are 3, and not the fourth
	share := option.Complete(optim.Common, s.config.Optim.Options).Float("swa")
	if share == 0 {
		return 0
	}
	return max(int(math.Ceil(share*s.epochs()-rounding)), 1)
}

// canAverage says what is against stochastic weight averaging in the stage.
func (s *stage) canAverage() error {
	from := s.averagedFrom()
	if from == 0 {
		return nil
	}
	method, err := strategy.Lookup(s.config.Strategy.Name)
	switch {
	case err != nil:
		return fmt.Errorf("strategy.name: %w", err)
	case method.Evaluates != "":
		return fmt.Errorf("optim.swa: %s is evaluated by its %s, which is an average already; want 0", method.Name, method.Evaluates)
	case len(s.Turns) > 0:
		return fmt.Errorf("optim.swa: a step of %s moves the weights several times, an average takes them once; want 0", method.Name)
	case float64(from) >= s.epochs():
		return fmt.Errorf("optim.swa: averaging would begin after epoch %d of %v, which leaves nothing to average; want less, or more epochs",
			from, math.Round(s.epochs()*100)/100)
	}
	return nil
}

// decay of the averages in a step: before the first weights are taken the average is the last step's weights. The k-th
// after the first weighs 1/(k+1), at the end of each epoch, the last of which may not be whole; so all weigh the same.
func (s *stage) decay(at strategy.At) float64 {
	done, steps, from := at.Step+1, s.steps(), s.averagedFrom()
	switch {
	case done < from*steps:
		return 0
	case done%steps != 0 && done != at.Steps:
		return 1
	}
	k := float64((done+steps-1)/steps - from)
	return k / (k + 1)
}

// rate is the learning rate by the epochs done, where the schedule wants another: optim.swa_lr replaces it from the
// moment at which averaging begins.
func (s *stage) rate(scheduled optim.Factor) optim.Factor {
	constant := option.Complete(optim.Common, s.config.Optim.Options).Float("swa_lr")
	from := float64(s.averagedFrom())
	if constant == 0 || from == 0 {
		return scheduled
	}
	return func(epoch float64) float64 {
		if epoch >= from {
			return constant
		}
		return scheduled(epoch)
	}
}

// renewing is a program that passes images through the network in training, by which running statistics become those
// of the batch; nothing else moves. It has no assignments where averages need no statistics: without batch norms, or
// with frozen ones, or where the phase learns from features.
func (s *stage) renewing(shape strategy.Shape) (answering, error) {
	g, err := s.graph(nn.Train, shape)
	if err != nil {
		return answering{}, err
	}
	g.WholeStatistics()
	x := g.Input("image", shape.Batch, shape.Channels, shape.Height, shape.Width)
	var told nn.Tensor
	if s.Answers == nil {
		told = g.Network(g.Builder, x)
	} else {
		answers := s.Answers(g, x)
		if told = answers.Logits; told.Node() == nil {
			told = answers.Features
		}
		if told.Node() == nil && answers.Read != nil {
			told = answers.Read()
		}
	}
	loss := g.Mean(g.Mul(told, told)) // a training has one; this one moves nothing
	if err := g.Err(); err != nil {
		return answering{}, err
	}
	p, err := plan.LowerTraining(g.Builder, nil, plan.Training{Loss: loss, Moves: func(*nn.Param) bool { return false }})
	return answering{p, g, g.Cost()}, err
}

// renewal computes the running statistics of averaged weights.
type renewal struct {
	gathering
	shape strategy.Shape
}

// renewable makes the renewal of the running phase, if it needs one, over the averages in its memory.
func (t *trainer) renewable(shape strategy.Shape) error {
	if t.stage.averagedFrom() == 0 || t.stage.Cached != nil {
		return nil
	}
	p, err := t.stage.renewing(shape)
	if err != nil || len(p.Assigns) == 0 {
		return err
	}
	r := renewal{gathering{memory: t.memory, sums: map[string][]float64{}}, shape}
	for _, a := range p.Assigns {
		if _, averaged := t.memory.Shape(plan.AverageName(a.State.Name)); !averaged {
			return fmt.Errorf("optim.swa: the average has no %s", a.State.Name)
		}
	}
	for _, norm := range norms(p.graph.Params()) {
		if _, averaged := t.memory.Shape(plan.AverageName(norm + runningMean)); averaged {
			r.names = append(r.names, plan.AverageName(norm))
		}
	}
	p.ReadAverages(t.memory)
	if r.exe, err = t.translate(p.Program); err != nil {
		return err
	}
	for _, in := range p.graph.Inputs() { // constants, as in an evaluation
		t.compute(turn{Executable: r.exe}, in)
	}
	t.renewal = &r
	return nil
}

// renew computes the running statistics of averaged weights anew, as the mean over the batches of an epoch of training
// images, augmented as in the running one but not mixed with one another: PyTorch's update_bn, whose batch norms have
// no momentum then. It does nothing before weights are averaged. If it fails, statistics stay as they were.
func (t *trainer) renew(ctx context.Context) (err error) {
	if t.renewal == nil || t.state.Epoch+1 < t.stage.averagedFrom() {
		return nil
	}
	r := t.renewal
	before, err := r.read()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("statistics of averages: %w", err), r.write(before))
		}
	}()
	r.batches = 0
	clear(r.sums)
	l := t.stage.streams[0]
	l.Batch, l.Mixing, l.Candidates = r.shape.Batch, mixing.Mixing{}, nil
	if len(l.Views) > 1 {
		l.Views = l.Views[:1]
	}
	for batch, err := range l.Epoch(ctx, t.state.Epoch, 0) {
		if err != nil {
			return err
		}
		copy(r.exe.Floats("image"), batch.Images)
		if key := r.exe.Ints("key"); key != nil {
			t.dropoutKey(key, uint64(batch.Index))
		}
		if err := r.add(); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.write(r.means())
}

// renewalWork is the multiply-adds by which the statistics of averages are computed before evaluations.
func (s *stage) renewalWork(shape strategy.Shape, every int) (float64, error) {
	from := s.averagedFrom()
	if from == 0 || s.Cached != nil {
		return 0, nil
	}
	p, err := s.renewing(shape)
	if err != nil || len(p.Assigns) == 0 {
		return 0, err
	}
	times := 0
	for epoch := from; epoch <= s.config.Epochs; epoch++ {
		if epoch%every == 0 || epoch == s.config.Epochs {
			times++
		}
	}
	return float64(times) * float64(s.streams[0].Part.Len()/shape.Batch) * p.MultiplyAdds(), nil
}
