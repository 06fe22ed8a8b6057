package experiments

import (
	"fmt"
	"strings"

	"workbench/nn/optim"
)

// OptimConfig is the optimizer. Zero stands for the optimizer's own value where it has one; what it does not use has no effect,
// and is an error where no run of a study uses it.
type OptimConfig struct {
	Name        string  `yaml:"name" json:"name"`         // one of optim.Names
	LR          float64 `yaml:"lr" json:"lr"`             // peak learning rate; the schedule scales it
	Momentum    float64 `yaml:"momentum" json:"momentum"` // β₁ of adam, adamw and lamb
	Nesterov    bool    `yaml:"nesterov" json:"nesterov"`
	WeightDecay float64 `yaml:"weight_decay" json:"weight_decay"` // L2 added to the gradient; with adamw and lamb apart from it
	DecayAll    bool    `yaml:"decay_all" json:"decay_all"`       // decay biases and norm parameters too

	Dampening float64 `yaml:"dampening,omitempty" json:"dampening,omitempty"` // share of the gradient kept out of the velocity
	Beta2     float64 `yaml:"beta2,omitempty" json:"beta2,omitempty"`         // decay of the mean square: β₂, α of rmsprop
	Epsilon   float64 `yaml:"epsilon,omitempty" json:"epsilon,omitempty"`     // keeps the denominator from zero
	Trust     float64 `yaml:"trust,omitempty" json:"trust,omitempty"`         // η of lars
	Centered  bool    `yaml:"centered,omitempty" json:"centered,omitempty"`   // rmsprop: variance instead of the mean square

	ClipNorm  float64 `yaml:"clip_norm,omitempty" json:"clip_norm,omitempty"`   // largest norm of all gradients together; 0: any
	ClipValue float64 `yaml:"clip_value,omitempty" json:"clip_value,omitempty"` // largest element of a gradient; 0: any

	// EMA is the decay of a moving average of the weights and running statistics, with which the network is then evaluated; 0: none.
	// EMAWarmup bounds it by (1+n)/(10+n) after n steps.
	EMA       float64 `yaml:"ema,omitempty" json:"ema,omitempty"`
	EMAWarmup bool    `yaml:"ema_warmup,omitempty" json:"ema_warmup,omitempty"`

	Groups []GroupConfig `yaml:"groups,omitempty" json:"groups,omitempty"` // a parameter belongs to the first that matches it
}

// GroupConfig treats the parameters whose paths match in another way.
type GroupConfig struct {
	Match       string   `yaml:"match" json:"match"`                                   // see glob.Match: "layer1.**"
	LRScale     float64  `yaml:"lr_scale,omitempty" json:"lr_scale,omitempty"`         // of the learning rate; 0: 1
	WeightDecay *float64 `yaml:"weight_decay,omitempty" json:"weight_decay,omitempty"` // whatever their role; nil: as without the group
	Frozen      bool     `yaml:"frozen,omitempty" json:"frozen,omitempty"`             // no gradient is computed, nothing moves
}

// String is the group as a study writes it.
func (g GroupConfig) String() string {
	parts := []string{"match: " + g.Match}
	if g.LRScale != 0 {
		parts = append(parts, "lr_scale: "+Label(g.LRScale))
	}
	if g.WeightDecay != nil {
		parts = append(parts, "weight_decay: "+Label(*g.WeightDecay))
	}
	if g.Frozen {
		parts = append(parts, "frozen: true")
	}
	return fmt.Sprintf("{%s}", strings.Join(parts, ", "))
}

// ScheduleConfig scales the learning rate over the run; see optim.Timetable, whose fields these are.
type ScheduleConfig struct {
	Name         string    `yaml:"name" json:"name"`                                 // one of optim.ScheduleNames
	WarmupEpochs float64   `yaml:"warmup_epochs" json:"warmup_epochs"`               // linear from 0 to lr
	Milestones   []float64 `yaml:"milestones,omitempty" json:"milestones,omitempty"` // step: epochs at which the rate is multiplied by gamma
	Gamma        float64   `yaml:"gamma,omitempty" json:"gamma,omitempty"`           // step, exponential
	Period       float64   `yaml:"period,omitempty" json:"period,omitempty"`         // exponential, restarts: epochs
	Staircase    bool      `yaml:"staircase,omitempty" json:"staircase,omitempty"`   // exponential: whole periods only
	Growth       float64   `yaml:"growth,omitempty" json:"growth,omitempty"`         // restarts: how much longer each is
	Power        float64   `yaml:"power,omitempty" json:"power,omitempty"`           // polynomial
	Floor        float64   `yaml:"floor,omitempty" json:"floor,omitempty"`           // cosine, restarts, polynomial: lowest rate, as a share of lr

	PctStart       float64 `yaml:"pct_start,omitempty" json:"pct_start,omitempty"`               // one_cycle: share of the run in which the rate rises
	DivFactor      float64 `yaml:"div_factor,omitempty" json:"div_factor,omitempty"`             // one_cycle: lr over the first rate
	FinalDivFactor float64 `yaml:"final_div_factor,omitempty" json:"final_div_factor,omitempty"` // one_cycle: the first rate over the last
	BaseMomentum   float64 `yaml:"base_momentum,omitempty" json:"base_momentum,omitempty"`       // one_cycle: momentum at the peak of the rate; 0: it stays
	Linear         bool    `yaml:"linear,omitempty" json:"linear,omitempty"`                     // one_cycle: straight lines instead of half cosines
}

func (o OptimConfig) Settings() optim.Settings {
	return optim.Settings{Momentum: o.Momentum, Dampening: o.Dampening, Nesterov: o.Nesterov, Beta2: o.Beta2,
		Epsilon: o.Epsilon, Trust: o.Trust, Centered: o.Centered}
}

// resolved has the optimizer's own values filled in and what it does not use at zero.
func (o OptimConfig) resolved() (OptimConfig, error) {
	optimizer, err := optim.Lookup(o.Name)
	if err != nil {
		return o, fmt.Errorf("optim.name: %w", err)
	}
	s := optimizer.Resolve(o.Settings())
	o.Dampening, o.Nesterov, o.Beta2, o.Epsilon, o.Trust, o.Centered = s.Dampening, s.Nesterov, s.Beta2, s.Epsilon, s.Trust, s.Centered
	o.EMAWarmup = o.EMAWarmup && o.EMA > 0
	return o, nil
}

// timetable of a run of so many epochs with so many steps in each.
func (s ScheduleConfig) Timetable(epochs, steps int) optim.Timetable {
	return optim.Timetable{Name: s.Name, Epochs: float64(epochs), Update: 1 / float64(steps), Warmup: s.WarmupEpochs,
		Milestones: s.Milestones, Gamma: s.Gamma, Period: s.Period, Staircase: s.Staircase, Growth: s.Growth, Power: s.Power,
		Floor: s.Floor, PctStart: s.PctStart, DivFactor: s.DivFactor, FinalDivFactor: s.FinalDivFactor,
		BaseMomentum: s.BaseMomentum, Linear: s.Linear}
}

// resolved has the schedule's own values filled in and what it does not use at zero.
func (s ScheduleConfig) resolved() (ScheduleConfig, error) {
	t, err := s.Timetable(1, 1).Resolve()
	if err != nil {
		return s, fmt.Errorf("schedule.name: %w", err)
	}
	return ScheduleConfig{Name: t.Name, WarmupEpochs: t.Warmup, Milestones: t.Milestones, Gamma: t.Gamma, Period: t.Period,
		Staircase: t.Staircase, Growth: t.Growth, Power: t.Power, Floor: t.Floor, PctStart: t.PctStart, DivFactor: t.DivFactor,
		FinalDivFactor: t.FinalDivFactor, BaseMomentum: t.BaseMomentum, Linear: t.Linear}, nil
}

// MicroBatches are the runs of the network that make one step.
func (c Config) MicroBatches() int {
	if c.MicroBatch == 0 {
		return 1
	}
	return c.Batch / c.MicroBatch
}
