package train

import (
	"fmt"

	"workbench/experiments"
	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// training is how the configuration moves the parameters, but for the loss.
func training(c experiments.Config, params []*nn.Param) (plan.Training, error) {
	optimizer, err := optim.Lookup(c.Optim.Name)
	if err != nil {
		return plan.Training{}, fmt.Errorf("optim.name: %w", err)
	}
	groups, err := c.Optim.Grouped(params)
	if err != nil {
		return plan.Training{}, err
	}
	t := plan.Training{
		Optimizer: optimizer.Rule(c.Optim.Settings()),
		Moves: func(p *nn.Param) bool {
			g := groups[p.Path]
			return g == nil || !g.Frozen
		},
		Scale: func(p *nn.Param) float64 {
			if g := groups[p.Path]; g != nil && g.LRScale > 0 {
				return g.LRScale
			}
			return 1
		},
		Decay:         func(p *nn.Param) float64 { return c.Optim.Decay(p, groups[p.Path]) },
		Gradients:     plan.Gradients{MicroBatches: c.MicroBatches(), ClipNorm: c.Optim.ClipNorm, ClipValue: c.Optim.ClipValue},
		Averaging:     plan.Averaging{Decay: c.Optim.EMA, Warmup: c.Optim.EMAWarmup},
		CycleMomentum: c.Schedule.BaseMomentum > 0,
	}
	return t, nil
}

// schedules are how learning rate and momentum go over the run.
type schedules struct {
	rate, momentum optim.Schedule // momentum is nil if it stays
}

// schedulesOf a run with so many steps an epoch.
func schedulesOf(c experiments.Config, steps int) (schedules, error) {
	t := c.Schedule.Timetable(c.Epochs, steps)
	rate, err := t.Rate()
	if err != nil {
		return schedules{}, err
	}
	momentum, err := t.Momentum(c.Optim.Momentum)
	return schedules{rate: rate, momentum: momentum}, err
}

// rate is the learning rate of a step of the running epoch.
func (t *trainer) rate(step int) float64 {
	return t.job.Run.Config.Optim.LR * t.schedules.rate(float64(t.state.Epoch)+float64(step)/float64(t.train.Steps()))
}

// writeProgress tells the program where the run stands.
func (t *trainer) writeProgress() {
	t.exe.Floats("lr")[0] = float32(t.rate(t.state.Step))
	t.exe.Ints("step")[0] = int32(t.globalStep())
	if t.schedules.momentum != nil {
		t.exe.Floats("momentum")[0] = float32(t.schedules.momentum(t.epochs()))
	}
}
