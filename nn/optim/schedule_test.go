package optim_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/nn/optim"
)

// scheduled is what PyTorch's schedule, behind LinearLR as warm-up, makes of the rate 1 at the start of every step.
type scheduled struct {
	Name           string
	Epochs, Warmup float64
	Milestones     []float64
	Gamma          float64
	Factors        []float64
}

func TestSchedulesFollowPyTorch(t *testing.T) {
	f := recorded(t)
	for _, c := range f.Schedules {
		t.Run(fmt.Sprintf("%s of %v epochs, %v of warm-up, milestones %v", c.Name, c.Epochs, c.Warmup, c.Milestones), func(t *testing.T) {
			s, err := optim.Timetable{Name: c.Name, Epochs: c.Epochs, Warmup: c.Warmup, Milestones: c.Milestones, Gamma: c.Gamma}.Rate()
			if err != nil {
				t.Fatal(err)
			}
			if want := int(c.Epochs)*f.StepsPerEpoch + 1; len(c.Factors) != want {
				t.Fatalf("%d factors were recorded, want %d", len(c.Factors), want)
			}
			for step, want := range c.Factors {
				epoch := float64(step) / float64(f.StepsPerEpoch)
				if got := s(epoch); !near(got, want, 1e-11) {
					t.Errorf("epoch %v: factor %v, PyTorch has %v", epoch, got, want)
				}
			}
		})
	}
}

func TestScheduleByHand(t *testing.T) {
	tests := []struct {
		name     string
		schedule optim.Schedule
		epoch    float64
		want     float64
	}{
		{"cosine begins at 1", optim.Cosine(8), 0, 1},
		{"cosine halves in the middle", optim.Cosine(8), 4, 0.5},
		{"cosine stays at its end", optim.Cosine(8), 9, 0},
		{"a step happens at its milestone", optim.Step([]float64{3}, 0.1), 3, 0.1},
		{"not before", optim.Step([]float64{3}, 0.1), math.Nextafter(3, 0), 1},
		{"milestones in any order", optim.Step([]float64{6, 3}, 0.5), 5, 0.5},
		{"no warm-up", optim.Warmup(0, optim.Cosine(8)), 4, 0.5},
		{"warm-up ends where the schedule begins", optim.Warmup(2, optim.Cosine(8)), 2, 1},
		{"warm-up rises to the schedule's own start", optim.Warmup(2, optim.Step([]float64{0}, 0.5)), 1, 0.25},
		{"constant", optim.Constant(), 1000, 1},
	}
	for _, c := range tests {
		if got := c.schedule(c.epoch); !near(got, c.want, 1e-15) {
			t.Errorf("%s: epoch %v has factor %v, want %v", c.name, c.epoch, got, c.want)
		}
	}
}

// course is what PyTorch's schedule makes of the rate 1 and the momentum 0.95 at the start of every step.
type course struct {
	Timetable        optim.Timetable
	Factors, Momenta []float64
}

func TestCoursesFollowPyTorch(t *testing.T) {
	f := recorded(t)
	for _, c := range f.Courses {
		t.Run(fmt.Sprintf("%+v", c.Timetable), func(t *testing.T) {
			rate, err := c.Timetable.Rate()
			if err != nil {
				t.Fatal(err)
			}
			momentum, err := c.Timetable.Momentum(0.95)
			if err != nil || (momentum == nil) != (c.Timetable.BaseMomentum == 0) {
				t.Fatalf("momentum there: %v, error %v", momentum != nil, err)
			}
			for step, want := range c.Factors {
				epoch := float64(step) / float64(f.StepsPerEpoch)
				if got := rate(epoch); !near(got, want, 1e-12) {
					t.Errorf("epoch %v: factor %v, PyTorch has %v", epoch, got, want)
				}
				if momentum != nil && !near(momentum(epoch), c.Momenta[step], 1e-12) {
					t.Errorf("epoch %v: momentum %v, PyTorch has %v", epoch, momentum(epoch), c.Momenta[step])
				}
			}
		})
	}
}

// good is a timetable with which every schedule works.
func good(name string) optim.Timetable {
	return optim.Timetable{Name: name, Epochs: 10, Update: 0.25, Milestones: []float64{4, 7}, Gamma: 0.1, Period: 2.4, Growth: 1.5}
}

// Whatever is registered must work and stay between 0 and 1.
func TestEverySchedule(t *testing.T) {
	for _, name := range optim.ScheduleNames() {
		for _, warmup := range []float64{0, 1, 2.5} {
			table := good(name)
			table.Warmup = warmup
			s, err := table.Rate()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for epoch := 0.0; epoch <= 10; epoch += 0.125 {
				if f := s(epoch); !(f >= 0 && f <= 1) {
					t.Errorf("%s with %v epochs of warm-up: factor %v at epoch %v", name, warmup, f, epoch)
				}
			}
			if warmup > 0 && s(0) != 0 {
				t.Errorf("%s: warm-up begins at %v, want 0", name, s(0))
			}
		}
	}
}

// Each setting that a schedule says it uses changes its course, and no other does.
func TestSchedulesUseWhatTheySay(t *testing.T) {
	changes := map[string]func(*optim.Timetable){
		"milestones":       func(t *optim.Timetable) { t.Milestones = []float64{2} },
		"gamma":            func(t *optim.Timetable) { t.Gamma = 0.3 },
		"period":           func(t *optim.Timetable) { t.Period = 1.7 },
		"staircase":        func(t *optim.Timetable) { t.Staircase = true },
		"growth":           func(t *optim.Timetable) { t.Growth = 2 },
		"power":            func(t *optim.Timetable) { t.Power = 2 },
		"floor":            func(t *optim.Timetable) { t.Floor = 0.2 },
		"pct_start":        func(t *optim.Timetable) { t.PctStart = 0.5 },
		"div_factor":       func(t *optim.Timetable) { t.DivFactor = 5 },
		"final_div_factor": func(t *optim.Timetable) { t.FinalDivFactor = 5 },
		"linear":           func(t *optim.Timetable) { t.Linear = true },
	}
	for setting, change := range changes {
		for _, name := range optim.ScheduleNames() {
			plain, other := good(name), good(name)
			change(&other)
			changed := false
			for epoch := 0.0; epoch < 10; epoch += 0.25 {
				changed = changed || rate(t, plain)(epoch) != rate(t, other)(epoch)
			}
			if uses := slices.Contains(optim.SchedulesWith(setting), name); changed != uses {
				t.Errorf("%s changes %s: %v, want %v", setting, name, changed, uses)
			}
		}
	}
}

func rate(t *testing.T, table optim.Timetable) optim.Schedule {
	t.Helper()
	s, err := table.Rate()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStaircaseFallsAtWholePeriods(t *testing.T) {
	s := optim.Exponential(0.97, 2.4, true) // 7.2/2.4 is 2.9999999999999996
	if got, want := s(7.2), math.Pow(0.97, 3); got != want {
		t.Errorf("after three periods the factor is %v, want %v", got, want)
	}
	if got, want := s(7.19), math.Pow(0.97, 2); got != want {
		t.Errorf("before the third period ends the factor is %v, want %v", got, want)
	}
}

func TestWrongTimetables(t *testing.T) {
	for _, c := range []struct {
		table optim.Timetable
		want  string
	}{
		{optim.Timetable{Name: "cosin"}, `unknown schedule "cosin": did you mean cosine?`},
		{optim.Timetable{Name: "hexagon"}, `unknown schedule "hexagon": want one of constant, cosine, exponential, one_cycle`},
		{optim.Timetable{Name: "restarts", Epochs: 3}, "schedule restarts needs period"},
		{optim.Timetable{Name: "exponential", Epochs: 3}, "schedule exponential needs gamma"},
		{optim.Timetable{Name: "step", Epochs: 3}, "schedule step needs milestones"},
	} {
		if s, err := c.table.Rate(); s != nil || err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got error %v, want %s", err, c.want)
		}
	}
}
