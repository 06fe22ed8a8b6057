package optim

import (
	"fmt"
	"maps"
	"slices"

	"workbench/nn/nearest"
	"workbench/nn/option"
)

// Factor returns what a rate or a momentum is multiplied by when so many epochs are done. Within an epoch the number
// has a fraction.
type Factor func(epoch float64) float64

// Length is how long a schedule lasts.
type Length struct {
	Epochs float64 // of the run
	Update float64 // epochs that one update takes; one_cycle needs it, because its phases end with an update as PyTorch's do
}

// Schedule is an entry of the registry. It says how the learning rate changes over a run, and some schedules also say
// how the momentum does.
type Schedule struct {
	Name    string
	Doc     string          // one line: what it does
	Source  string          // the paper; empty where there is none
	Options []option.Option // its own, beside CommonSchedule

	// Check returns what is wrong with the settings together or for a run of so many epochs, whose optimizer has the
	// given momentum. It is nil if the schedule has nothing to check.
	Check func(s option.Settings, epochs, momentum float64) []option.Conflict

	// Rate returns the factor of the peak learning rate after the warm-up. The factor counts epochs from the end of the
	// warm-up.
	Rate func(s option.Settings, l Length) Factor

	// Momentum returns the momentum over the whole run; its largest value is given. If Momentum or its result is nil,
	// the momentum does not change.
	Momentum func(s option.Settings, l Length, largest float64) Factor
}

// warmupEpochs is the option of every schedule.
const warmupEpochs = "warmup_epochs"

// CommonSchedule are the options of every schedule.
var CommonSchedule = []option.Option{
	{Name: warmupEpochs, Default: 0.0, Doc: "epochs in which the rate rises linearly from 0 to lr; the schedule begins after them"},
}

var schedules = map[string]Schedule{}

// registerSchedule adds a schedule. Registering a name twice is a programmer's error, for which the program panics at
// start.
func registerSchedule(s Schedule) {
	if _, twice := schedules[s.Name]; twice || s.Name == "" || s.Rate == nil {
		panic(fmt.Sprintf("optim: registerSchedule(%q): registered twice or incomplete", s.Name))
	}
	schedules[s.Name] = s
}

// ScheduleNames lists all schedules, sorted.
func ScheduleNames() []string { return slices.Sorted(maps.Keys(schedules)) }

// LookupSchedule finds a schedule by name. The error for an unknown name suggests the nearest ones.
func LookupSchedule(name string) (Schedule, error) {
	s, ok := schedules[name]
	if !ok {
		return s, fmt.Errorf("unknown schedule %q%s", name, nearest.Hint(name, ScheduleNames()))
	}
	return s, nil
}

// All returns the options that every schedule has, and then the schedule's own.
func (s Schedule) All() []option.Option { return append(slices.Clone(CommonSchedule), s.Options...) }

// Resolve gives every option a value: the one in given, or its default. Options of other schedules are left out.
func (s Schedule) Resolve(given map[string]any) option.Settings {
	return option.Complete(s.All(), given)
}

// Conflicts returns what is wrong with resolved settings together, or for a run of so many epochs whose optimizer has
// the given momentum.
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

// Rates returns the factor of the learning rate over a run, warm-up included. The settings must be resolved. The error
// names a required option without a value.
func (s Schedule) Rates(set option.Settings, l Length) (Factor, error) {
	for _, o := range option.Missing(s.Options, set) {
		return nil, fmt.Errorf("schedule %s needs %s", s.Name, o.Name)
	}
	warmup := set.Float(warmupEpochs)
	return Warmup(warmup, s.Rate(set, Length{Epochs: l.Epochs - warmup, Update: l.Update})), nil
}

// Momenta returns the momentum over a run. It is nil if the momentum stays at the largest.
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

// above maps factors from 0 to 1 linearly to factors from floor to 1.
func above(floor float64, s Factor) Factor {
	return func(epoch float64) float64 { return floor + (1-floor)*s(epoch) }
}

// floor is the option of schedules that end at a lowest rate.
var floor = option.Option{Name: "floor", Default: 0.0, Max: 1, Below: true, Doc: "lowest rate, as a share of lr"}

// slack is how far a quotient of epochs may be below a whole number and still count as that number. 7.2/2.4 is
// 2.9999999999999996, which must count as 3.
const slack = 1e-9
