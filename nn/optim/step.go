package optim

import (
	"fmt"

	"workbench/nn/option"
)

func init() {
	registerSchedule(Schedule{
		Name: "step", Doc: "the rate is multiplied by gamma at each milestone",
		Options: []option.Option{
			{Name: "milestones", Default: []float64(nil), Required: true,
				Want: "the epochs at which the rate falls, such as [80, 120]", Doc: "epochs from the start of the run"},
			{Name: "gamma", Default: 0.1, ZeroIsDefault: true, Doc: "factor of the rate at a milestone"},
		},
		Check: checkMilestones,
		Rate: func(s option.Settings, l Length) Factor {
			after := make([]float64, len(s.Floats("milestones")))
			for i, m := range s.Floats("milestones") {
				after[i] = m - s.Float(warmupEpochs)
			}
			return Step(after, s.Float("gamma"))
		},
	})
}

// Step multiplies the rate by gamma at each milestone (epochs).
func Step(milestones []float64, gamma float64) Factor {
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

func checkMilestones(s option.Settings, epochs, _ float64) []option.Conflict {
	var found []option.Conflict
	add := func(format string, args ...any) {
		found = append(found, option.Conflict{Option: "milestones", Message: fmt.Sprintf(format, args...)})
	}
	before := s.Float(warmupEpochs)
	for _, m := range s.Floats("milestones") {
		switch {
		case !(m > before):
			add("want epochs that rise and lie after the warm-up, got %v after %v", m, before)
		case epochs >= 1 && m >= epochs:
			add("want epochs below epochs = %v, got %v", epochs, m)
		}
		before = m
	}
	return found
}
