package experiments

import (
	"fmt"

	"workbench/nn"
	"workbench/nn/glob"
	"workbench/nn/nearest"
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
		Optimizer: optimizer.Rule(c.Optim.settings()),
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
		Gradients:     plan.Gradients{MicroBatches: c.microBatches(), ClipNorm: c.Optim.ClipNorm, ClipValue: c.Optim.ClipValue},
		Averaging:     plan.Averaging{Decay: c.Optim.EMA, Warmup: c.Optim.EMAWarmup},
		CycleMomentum: c.Schedule.BaseMomentum > 0,
	}
	return t, nil
}

// decay is the weight decay of a parameter: its group's, or the configuration's for weights and, if asked for, all others.
func (o OptimConfig) decay(p *nn.Param, g *GroupConfig) float64 {
	if g != nil && g.WeightDecay != nil {
		return *g.WeightDecay
	}
	if p.Role == nn.Weight || o.DecayAll {
		return o.WeightDecay
	}
	return 0
}

// grouped gives each parameter the first group that matches it, by path. A group without a parameter is an error, and so is a
// network of which nothing is trained.
func (o OptimConfig) grouped(params []*nn.Param) (map[string]*GroupConfig, error) {
	groups := map[string]*GroupConfig{}
	members := make([]int, len(o.Groups))
	taken := make([]string, len(o.Groups)) // a parameter that a group matches and an earlier one has
	trained := 0
	for _, p := range params {
		if !p.Trainable() {
			continue
		}
		for i := range o.Groups {
			switch {
			case !glob.Match(o.Groups[i].Match, p.Path):
			case groups[p.Path] == nil:
				groups[p.Path] = &o.Groups[i]
				members[i]++
			default:
				taken[i] = p.Path
			}
		}
		if g := groups[p.Path]; g == nil || !g.Frozen {
			trained++
		}
	}
	for i, g := range o.Groups {
		switch {
		case members[i] > 0:
		case taken[i] != "":
			return nil, fmt.Errorf("optim.groups: group %d: all that %q matches, such as %s, belongs to groups before it", i+1, g.Match, taken[i])
		default:
			return nil, fmt.Errorf("optim.groups: group %d: no parameter matches %q%s", i+1, g.Match, nearest.Hint(g.Match, patterns(params)))
		}
	}
	if trained == 0 {
		return nil, fmt.Errorf("optim.groups: every parameter is frozen, nothing would be trained")
	}
	return groups, nil
}

// patterns are the paths of the parameters and of all that is above them, as a group would name these: "layer1.**".
func patterns(params []*nn.Param) []string {
	var all []string
	seen := map[string]bool{}
	add := func(pattern string) {
		if !seen[pattern] {
			seen[pattern] = true
			all = append(all, pattern)
		}
	}
	for _, p := range params {
		if !p.Trainable() {
			continue
		}
		for i, c := range p.Path {
			if c == '.' {
				add(p.Path[:i] + ".**")
			}
		}
		add(p.Path)
	}
	return all
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
