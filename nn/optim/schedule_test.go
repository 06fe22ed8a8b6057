package optim_test

import (
	"fmt"
	"math"
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
			s, err := optim.NewSchedule(c.Name, c.Epochs, c.Warmup, c.Milestones, c.Gamma)
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

// Whatever is registered must work and stay between 0 and 1.
func TestEverySchedule(t *testing.T) {
	for _, name := range optim.ScheduleNames() {
		for _, warmup := range []float64{0, 1, 2.5} {
			s, err := optim.NewSchedule(name, 10, warmup, []float64{4, 7}, 0.1)
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

func TestUnknownSchedule(t *testing.T) {
	tests := map[string]string{
		"cosin":   `unknown schedule "cosin": did you mean cosine?`,
		"hexagon": `unknown schedule "hexagon": want one of constant, cosine, step`,
	}
	for name, want := range tests {
		if s, err := optim.NewSchedule(name, 10, 0, nil, 0.1); s != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}
