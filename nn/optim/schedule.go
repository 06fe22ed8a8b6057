package optim

import (
	"fmt"
	"maps"
	"slices"

	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Factor is what a rate or a momentum is multiplied by at a point of the run, in epochs done (fractions within one).
type Factor func(epoch float64) float64

// Length is how long a schedule lasts.
type Length struct {
	Epochs float64 // of the run
	Update float64 // epochs that one update takes: one_cycle reaches its ends with an update, as PyTorch's does
}

// Schedule is an entry of the registry: how the learning rate, and with some the momentum, goes over a run.
type Schedule struct {
	Name    string
	Doc     string          // one line: what it does
	Source  string          // the paper; empty where there is none
	Options []option.Option // its own, beside CommonSchedule

	// Check says what its settings have against each other and against the run, whose momentum is the optimizer's; nil:
	// nothing.
	Check func(s option.Settings, epochs, momentum float64) []option.Conflict

	// Rate makes the factors of the peak learning rate for the part of the run after the warm-up, epochs counted from
	// there.
	Rate func(s option.Settings, l Length) Factor

	// Momentum makes the momentum, whose largest value is given, over the whole run; nil, or a nil result: it stays.
	Momentum func(s option.Settings, l Length, largest float64) Factor
}

// warmupEpochs is the option of every schedule.
const warmupEpochs = "warmup_epochs"

// CommonSchedule are the options of every schedule.
var CommonSchedule = []option.Option{
	{Name: warmupEpochs, Default: 0.0, Doc: "epochs in which the rate rises linearly from 0 to lr; the schedule begins after them"},
}

var schedules = map[string]Schedule{}

// registerSchedule adds a schedule; a name twice is a programmer's error and panics at start.
func registerSchedule(s Schedule) {
	if _, twice := schedules[s.Name]; twice || s.Name == "" || s.Rate == nil {
		panic(fmt.Sprintf("optim: registerSchedule(%q): registered twice or incomplete", s.Name))
	}
	schedules[s.Name] = s
}

// ScheduleNames lists all schedules, sorted.
func ScheduleNames() []string { return slices.Sorted(maps.Keys(schedules)) }

// LookupSchedule finds a schedule by name; the error of an unknown one names the nearest.
func LookupSchedule(name string) (Schedule, error) {
	s, ok := schedules[name]
	if !ok {
		return s, fmt.Errorf("unknown schedule %q%s", name, nearest.Hint(name, ScheduleNames()))
	}
	return s, nil
}

// All are the options that every schedule has, then the schedule's own.
func (s Schedule) All() []option.Option { return append(slices.Clone(CommonSchedule), s.Options...) }

// Resolve gives every option a value: the one in given, or its default. Options of other schedules are left out.
func (s Schedule) Resolve(given map[string]any) option.Settings {
	return option.Complete(s.All(), given)
}

// Conflicts is what resolved settings have against each other and against a run of so many epochs.
func (s Schedule) Conflicts(set option.Settings, epochs, momentum float64) []option.Conflict {
	var found []option.Conflict
	if warmup := set.Float(warmupEpochs); epochs >= 1 && warmup >= epochs {
		found = append(found, option.Conflict{Option: warmupEpochs, Message: fmt.Sprintf("want less than epochs = %v, got %v", epochs, warmup)})
	}
	if s.Check != nil {
		found = append(found, s.Check(set, epochs, momentum)...)
	}
	return found
}

// Rates makes the factors of the learning rate over a run, warm-up included. Settings are resolved; an error names a
// required one that is missing.
func (s Schedule) Rates(set option.Settings, l Length) (Factor, error) {
	for _, o := range option.Missing(s.Options, set) {
		return nil, fmt.Errorf("schedule %s needs %s", s.Name, o.Name)
	}
	warmup := set.Float(warmupEpochs)
	return Warmup(warmup, s.Rate(set, Length{Epochs: l.Epochs - warmup, Update: l.Update})), nil
}

// Momenta makes the momentum over a run, nil if it stays at the largest.
func (s Schedule) Momenta(set option.Settings, l Length, largest float64) Factor {
	if s.Momentum == nil {
		return nil
	}
	return s.Momentum(set, l, largest)
}

// Warmup rises linearly from 0 to the schedule's start over the first epochs (Goyal et al. 2017, section 2.2), after
// which s runs from its own beginning.
func Warmup(epochs float64, s Factor) Factor {
	if epochs == 0 {
		return s
	}
	return func(epoch float64) float64 {
		if epoch < epochs {
			return epoch / epochs * s(0)
		}
		return s(epoch - epochs)
	}
}

// above squeezes factors from 0 to 1 into those from floor to 1.
func above(floor float64, s Factor) Factor {
	return func(epoch float64) float64 { return floor + (1-floor)*s(epoch) }
}

// floor is the option of schedules that fall to it.
var floor = option.Option{Name: "floor", Default: 0.0, Max: 1, Below: true, Doc: "lowest rate, as a share of lr"}

// slack is what a quotient of epochs may miss a whole number by and still count as one: 7.2/2.4 does.
const slack = 1e-9
