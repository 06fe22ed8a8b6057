package optim

import (
	"fmt"
	"math"

	"workbench/nn/nearest"
)

// Schedule is the factor of the learning rate at a point of the run, in epochs done (fractions within one).
type Schedule func(epoch float64) float64

// Constant keeps the rate.
func Constant() Schedule { return func(float64) float64 { return 1 } }

// Step multiplies the rate by gamma at each milestone (epochs).
func Step(milestones []float64, gamma float64) Schedule {
	return func(epoch float64) float64 {
		factor := 1.0
		for _, m := range milestones {
			if epoch >= m {
				factor *= gamma
			}
		}
		return factor
	}
}

// Cosine falls from 1 to 0 over the epochs along half a cosine (Loshchilov and Hutter 2017, equation 5, without restarts).
func Cosine(epochs float64) Schedule {
	return func(epoch float64) float64 {
		return (1 + math.Cos(math.Pi*min(epoch/epochs, 1))) / 2
	}
}

// Warmup rises linearly from 0 to the schedule's start over the first epochs (Goyal et al. 2017, section 2.2), after which s
// runs from its own beginning.
func Warmup(epochs float64, s Schedule) Schedule {
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

// ScheduleNames lists what NewSchedule knows.
func ScheduleNames() []string { return []string{"constant", "cosine", "step"} }

// NewSchedule makes the named schedule for a run of the given epochs. Milestones count from the start of the run.
func NewSchedule(name string, epochs, warmup float64, milestones []float64, gamma float64) (Schedule, error) {
	switch name {
	case "constant":
		return Warmup(warmup, Constant()), nil
	case "cosine":
		return Warmup(warmup, Cosine(epochs-warmup)), nil
	case "step":
		shifted := make([]float64, len(milestones))
		for i, m := range milestones {
			shifted[i] = m - warmup
		}
		return Warmup(warmup, Step(shifted, gamma)), nil
	}
	return nil, fmt.Errorf("unknown schedule %q%s", name, nearest.Hint(name, ScheduleNames()))
}
