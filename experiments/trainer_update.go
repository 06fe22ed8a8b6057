package experiments

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// training is how the configuration moves the parameters, but for the loss.
func (c Config) training(params []*nn.Param) (plan.Training, error) {
	optimizer, err := optim.Lookup(c.Optim.Name)
	if err != nil {
		return plan.Training{}, fmt.Errorf("optim.name: %w", err)
	}
	groups, err := c.Optim.grouped(params)
	if err != nil {
		return plan.Training{}, err
	}
	t := plan.Training{
		Rule: optimizer.Rule(c.Optim.settings()),
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
		Decay:         func(p *nn.Param) float64 { return c.Optim.decay(p, groups[p.Path]) },
		Gradients:     plan.Gradients{Parts: c.parts(), ClipNorm: c.Optim.ClipNorm, ClipValue: c.Optim.ClipValue},
		Averaging:     plan.Averaging{Decay: c.Optim.EMA, Warmup: c.Optim.EMAWarmup},
		CycleMomentum: c.Schedule.BaseMomentum > 0,
	}
	return t, nil
}

// course is how learning rate and momentum go over the run.
type course struct {
	rate, momentum optim.Schedule // momentum is nil if it stays
}

// course of a run with so many steps an epoch.
func (c Config) course(steps int) (course, error) {
	t := c.Schedule.timetable(c.Epochs, steps)
	rate, err := t.Rate()
	if err != nil {
		return course{}, err
	}
	momentum, err := t.Momentum(c.Optim.Momentum)
	return course{rate: rate, momentum: momentum}, err
}

// rate is the learning rate of a step of the running epoch.
func (t *trainer) rate(step int) float64 {
	return t.job.Run.Config.Optim.LR * t.course.rate(float64(t.state.Epoch)+float64(step)/float64(t.train.Steps()))
}

// writeCourse tells the program where the run stands.
func (t *trainer) writeCourse() {
	t.exe.Floats("lr")[0] = float32(t.rate(t.state.Step))
	t.exe.Ints("step")[0] = int32(t.globalStep())
	if t.course.momentum != nil {
		t.exe.Floats("momentum")[0] = float32(t.course.momentum(t.epochs()))
	}
}
