package train

import (
	"fmt"
	"slices"

	"workbench/experiments/strategy"
	"workbench/nn"
	"workbench/nn/glob"
	"workbench/nn/optim"
	"workbench/nn/plan"
)

// moves returns how the stage wants the parameters moved. The caller adds the loss, and whether the momentum changes
// over the phase.
func (st *stage) moves(params []*nn.Param) (plan.Training, error) {
	c := st.config
	optimizer, err := optim.Lookup(c.Optim.Name)
	if err != nil {
		return plan.Training{}, fmt.Errorf("optim.name: %w", err)
	}
	s := optimizer.Resolve(c.Optim.Options)
	stays := st.stays()
	groups, err := optim.Members(s.Groups("groups"), params)
	if err != nil {
		return plan.Training{}, err
	}
	layers := optim.LayerScales(st.movable(params), s.Float("layer_decay"), s.Float("layer_spread"))
	scale := func(p *nn.Param) float64 {
		factor := layers[p.Path] * optim.Scale(groups[p.Path])
		if st.norms[p.Path] {
			factor *= st.Norms
		}
		return factor
	}
	for _, r := range st.Rates {
		if !slices.ContainsFunc(params, func(p *nn.Param) bool { return ownRate(st.Rates, p.Path) == rateInput(r) }) {
			return plan.Training{}, fmt.Errorf("no parameter has the rate of %q", r.Match)
		}
	}
	return plan.Training{
		Optimizer: optimizer.New(s),
		Moves:     func(p *nn.Param) bool { return !stays(p.Path) },
		Scale:     scale,
		Rate:      func(p *nn.Param) string { return ownRate(st.Rates, p.Path) },
		Decay:     func(p *nn.Param) float64 { return optim.Decay(s, p, groups[p.Path]) },
		Gradients: plan.Gradients{MicroBatches: c.MicroBatches(), ClipNorm: s.Float("clip_norm"), ClipValue: s.Float("clip_value")},
		Averaging: st.averages(s),
		Slots:     st.slots,
	}, nil
}

// ownRate is the input with the learning rate of a parameter that follows a course of its own, "" if it does not.
func ownRate(rates []strategy.Rate, path string) string {
	for _, r := range rates {
		if glob.Match(r.Match, path) {
			return rateInput(r)
		}
	}
	return ""
}

func rateInput(r strategy.Rate) string { return "lr of " + r.Match }

// schedules are the learning rate and the momentum as functions of the epochs done. The rate is the rate itself and not
// a share of its peak. The momentum is nil if it does not change.
type schedules struct {
	peak                   float64
	factor, rate, momentum optim.Factor // rate is peak · factor, or optim.swa_lr
}

// schedules returns those of the stage.
func (st *stage) schedules() (schedules, error) {
	c := st.config
	optimizer, err := optim.Lookup(c.Optim.Name)
	if err != nil {
		return schedules{}, fmt.Errorf("optim.name: %w", err)
	}
	schedule, err := optim.LookupSchedule(c.Schedule.Name)
	if err != nil {
		return schedules{}, fmt.Errorf("schedule.name: %w", err)
	}
	length := optim.Length{Epochs: st.epochs(), Update: 1 / float64(st.steps())}
	how, moving := schedule.Resolve(c.Schedule.Options), optimizer.Resolve(c.Optim.Options)
	factor, err := schedule.Rates(how, length)
	if err != nil {
		return schedules{}, err
	}
	peak := moving.Float("lr")
	rate := st.rate(func(epoch float64) float64 { return peak * factor(epoch) })
	all := schedules{peak: peak, factor: factor, rate: rate}
	if largest, has := optim.Momentum(moving); has {
		all.momentum = schedule.Momenta(how, length, largest)
	}
	return all, nil
}

// rate returns the learning rate of a step of the running epoch.
func (t *trainer) rate(step int) float64 {
	return t.schedules.rate(float64(t.state.Epoch) + float64(step)/float64(t.stage.steps()))
}

// writeProgress tells a program where the phase stands.
func (t *trainer) writeProgress(exe turn) {
	at := t.at()
	exe.Floats("lr")[0] = float32(t.rate(t.state.Step))
	for _, r := range t.stage.Rates {
		if own := exe.Floats(rateInput(r)); own != nil {
			own[0] = float32(t.schedules.peak * r.Factor(at))
		}
	}
	if own := exe.Floats(averaging); own != nil {
		own[0] = float32(t.stage.decay(at))
	}
	t.writeStep(exe, at)
}

// writeStep tells a program how many updates its optimizer has made, and with what momentum it moves.
func (t *trainer) writeStep(exe turn, at strategy.At) {
	exe.Ints("step")[0] = int32(t.stage.updates + int64(at.Step))
	if t.schedules.momentum != nil {
		exe.Floats("momentum")[0] = float32(t.schedules.momentum(at.Epoch))
	}
}

// at is how far the running phase is.
func (t *trainer) at() strategy.At {
	steps := t.stage.steps()
	return strategy.At{Step: t.state.Epoch*steps + t.state.Step, Steps: int(t.stage.total),
		Epoch: float64(t.state.Epoch) + float64(t.state.Step)/float64(steps), Epochs: t.stage.epochs()}
}
