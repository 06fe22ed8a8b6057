package optim

import (
	"fmt"
	"slices"
	"sort"

	"workbench/nn/nearest"
)

// Schedule is a factor at a point of the run, in epochs done (fractions within one).
type Schedule func(epoch float64) float64

// Timetable says how the learning rate goes over a run. A field that a schedule does not use is ignored; zero stands for the
// schedule's own value where it has one.
type Timetable struct {
	Name   string
	Epochs float64 // of the run
	Update float64 // epochs that one update takes: one_cycle reaches its ends with an update, as PyTorch's does

	Warmup     float64   // epochs in which the rate rises linearly from 0; the schedule begins after them
	Milestones []float64 // step: epochs from the start of the run
	Gamma      float64   // step: factor at a milestone; exponential: factor a period
	Period     float64   // exponential: epochs; restarts: epochs of the first cosine
	Staircase  bool      // exponential: the rate changes at the end of a period only
	Growth     float64   // restarts: each cosine takes this much longer than the one before
	Power      float64   // polynomial
	Floor      float64   // cosine, restarts, polynomial: lowest factor

	PctStart       float64 // one_cycle: share of the run in which the rate rises
	DivFactor      float64 // one_cycle: the peak over the first rate
	FinalDivFactor float64 // one_cycle: the first rate over the last
	BaseMomentum   float64 // one_cycle: the momentum at the peak of the rate; 0: it does not cycle
	Linear         bool    // one_cycle: along straight lines instead of half cosines
}

// course is an entry of the registry.
type course struct {
	uses  []string // fields of a Timetable, by their names in a study
	needs []string // those of them that must be given
	own   Timetable
	rate  func(Timetable) Schedule // of the part after the warm-up, its epochs counted from there
}

var courses = map[string]course{
	"constant": {rate: func(Timetable) Schedule { return Constant() }},
	"step": {uses: []string{"milestones", "gamma"}, needs: []string{"milestones"}, own: Timetable{Gamma: 0.1}, rate: func(t Timetable) Schedule {
		after := make([]float64, len(t.Milestones))
		for i, m := range t.Milestones {
			after[i] = m - t.Warmup
		}
		return Step(after, t.Gamma)
	}},
	"cosine": {uses: []string{"floor"}, rate: func(t Timetable) Schedule {
		return above(t.Floor, Cosine(t.Epochs-t.Warmup))
	}},
	"restarts": {uses: []string{"period", "growth", "floor"}, needs: []string{"period"}, own: Timetable{Growth: 1}, rate: func(t Timetable) Schedule {
		return above(t.Floor, Restarts(t.Period, t.Growth))
	}},
	"polynomial": {uses: []string{"power", "floor"}, own: Timetable{Power: 1}, rate: func(t Timetable) Schedule {
		return above(t.Floor, Polynomial(t.Epochs-t.Warmup, t.Power))
	}},
	"exponential": {uses: []string{"gamma", "period", "staircase"}, needs: []string{"gamma"}, own: Timetable{Period: 1}, rate: func(t Timetable) Schedule {
		return Exponential(t.Gamma, t.Period, t.Staircase)
	}},
	"one_cycle": {uses: []string{"pct_start", "div_factor", "final_div_factor", "base_momentum", "linear"},
		own: Timetable{PctStart: 0.3, DivFactor: 25, FinalDivFactor: 1e4}, rate: oneCycle},
}

// ScheduleNames lists all schedules, sorted.
func ScheduleNames() []string {
	names := make([]string, 0, len(courses))
	for name := range courses {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// SchedulesWith lists the schedules that use a setting, sorted.
func SchedulesWith(setting string) []string {
	return slices.DeleteFunc(ScheduleNames(), func(name string) bool { return !slices.Contains(courses[name].uses, setting) })
}

func (t Timetable) course() (course, error) {
	c, ok := courses[t.Name]
	if !ok {
		return c, fmt.Errorf("unknown schedule %q%s", t.Name, nearest.Hint(t.Name, ScheduleNames()))
	}
	return c, nil
}

// Resolve fills in the schedule's own values and drops what it does not use, so that equal courses have equal timetables.
func (t Timetable) Resolve() (Timetable, error) {
	c, err := t.course()
	if err != nil {
		return t, err
	}
	r := Timetable{Name: t.Name, Epochs: t.Epochs, Update: t.Update, Warmup: t.Warmup}
	for _, name := range c.uses {
		switch name {
		case "milestones":
			r.Milestones = t.Milestones
		case "gamma":
			r.Gamma = orOwn(t.Gamma, c.own.Gamma)
		case "period":
			r.Period = orOwn(t.Period, c.own.Period)
		case "staircase":
			r.Staircase = t.Staircase
		case "growth":
			r.Growth = orOwn(t.Growth, c.own.Growth)
		case "power":
			r.Power = orOwn(t.Power, c.own.Power)
		case "floor":
			r.Floor = t.Floor
		case "pct_start":
			r.PctStart = orOwn(t.PctStart, c.own.PctStart)
		case "div_factor":
			r.DivFactor = orOwn(t.DivFactor, c.own.DivFactor)
		case "final_div_factor":
			r.FinalDivFactor = orOwn(t.FinalDivFactor, c.own.FinalDivFactor)
		case "base_momentum":
			r.BaseMomentum = t.BaseMomentum
		case "linear":
			r.Linear = t.Linear
		}
	}
	return r, nil
}

// Missing lists the settings without which the schedule has no meaning, by their names in a study.
func (t Timetable) Missing() []string {
	given := map[string]bool{"period": t.Period > 0, "gamma": t.Gamma > 0, "milestones": len(t.Milestones) > 0}
	return slices.DeleteFunc(slices.Clone(courses[t.Name].needs), func(name string) bool { return given[name] })
}

// Rate makes the schedule of the learning rate: factors of its peak.
func (t Timetable) Rate() (Schedule, error) {
	t, err := t.Resolve()
	if err != nil {
		return nil, err
	}
	if missing := t.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("schedule %s needs %s", t.Name, missing[0])
	}
	return Warmup(t.Warmup, courses[t.Name].rate(t)), nil
}

// Momentum makes the schedule of the momentum, whose largest value is given; nil if it stays there.
func (t Timetable) Momentum(largest float64) (Schedule, error) {
	t, err := t.Resolve()
	if err != nil || t.BaseMomentum == 0 {
		return nil, err
	}
	return t.cycle(largest, t.BaseMomentum, largest), nil
}
