package optim

import (
	"fmt"
	"math"

	"workbench/nn/option"
)

func init() {
	registerSchedule(Schedule{
		Name: "one_cycle", Doc: "the rate rises once and falls far below its start; the momentum can go the other way",
		Source: "Smith and Topin 2017, in the two phases of fast.ai and PyTorch's OneCycleLR",
		Options: []option.Option{
			{Name: "pct_start", Default: 0.3, Max: 1, Below: true, ZeroIsDefault: true, Doc: "share of the run in which the rate rises"},
			{Name: "div_factor", Default: 25.0, Min: 1, ZeroIsDefault: true, Doc: "lr over the first rate"},
			{Name: "final_div_factor", Default: 1e4, Min: 1, ZeroIsDefault: true, Doc: "the first rate over the last"},
			{Name: "base_momentum", Default: 0.0, Max: 1, Below: true, Doc: "momentum at the peak of the rate; 0: it stays"},
			{Name: "linear", Default: false, Doc: "along straight lines instead of half cosines"},
			{Name: "fastai", Default: false, Later: true,
				Doc: "the rise ends after pct_start of all steps and the fall one step behind the last, as fastai counts; else each a step before"},
		},
		Check: checkOneCycle,
		Rate: func(s option.Settings, l Length) Factor {
			first := 1 / s.Float("div_factor")
			return cycleOf(s, l).through(first, 1, first/s.Float("final_div_factor"))
		},
		Momentum: func(s option.Settings, l Length, largest float64) Factor {
			base := s.Float("base_momentum")
			if base == 0 {
				return nil
			}
			return cycleOf(s, l).through(largest, base, largest)
		},
	})
}

func checkOneCycle(s option.Settings, _, momentum float64) []option.Conflict {
	var found []option.Conflict
	if warmup := s.Float(warmupEpochs); warmup > 0 {
		found = append(found, option.Conflict{Option: warmupEpochs,
			Message: fmt.Sprintf("one_cycle has its own rise (schedule.pct_start), got %v", warmup)})
	}
	switch base := s.Float("base_momentum"); {
	case base > 0 && momentum == 0:
		found = append(found, option.Conflict{Option: "base_momentum", Message: "the optimizer has no momentum to cycle"})
	case base > 0 && base >= momentum:
		found = append(found, option.Conflict{Option: "base_momentum",
			Message: fmt.Sprintf("want less than optim.momentum = %v, got %v", momentum, base)})
	}
	return found
}

// cycle describes the two phases of a run.
type cycle struct {
	turn   float64 // epochs after which the first phase ends
	end    float64 // epochs done when the last update begins
	linear bool
}

func cycleOf(s option.Settings, l Length) cycle {
	if s.Bool("fastai") {
		l.Update = 0
	}
	return cycle{turn: max(s.Float("pct_start")*l.Epochs-l.Update, 0), end: l.Epochs - l.Update, linear: s.Bool("linear")}
}

// through returns a factor that goes from `first` to `peak`, which it reaches at the end of the first phase, and then
// to `last`, which it has at the last update.
func (c cycle) through(first, peak, last float64) Factor {
	return func(epoch float64) float64 {
		if epoch < c.turn {
			return c.between(first, peak, epoch/c.turn)
		}
		if c.end <= c.turn {
			return peak
		}
		return c.between(peak, last, min((epoch-c.turn)/(c.end-c.turn), 1))
	}
}

// between returns the value after the given share of the way between two values.
func (c cycle) between(from, to, share float64) float64 {
	if c.linear {
		return from + (to-from)*share
	}
	return to + (from-to)/2*(1+math.Cos(math.Pi*share))
}
