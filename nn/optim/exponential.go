package optim

import (
	"math"

	"workbench/nn/option"
)

func init() {
	registerSchedule(Schedule{
		Name: "exponential", Doc: "the rate is multiplied by gamma a period",
		Options: []option.Option{
			{Name: "gamma", Default: 0.0, Above: true, Required: true, ZeroIsDefault: true, Doc: "factor of the rate a period"},
			{Name: "period", Default: 1.0, ZeroIsDefault: true, Doc: "epochs"},
			{Name: "staircase", Default: false, Doc: "the rate changes at the end of a period only"},
		},
		Rate: func(s option.Settings, _ Length) Factor {
			return Exponential(s.Float("gamma"), s.Float("period"), s.Bool("staircase"))
		},
	})
}

// Exponential multiplies the rate by gamma in every period, which is a number of epochs. It does so steadily or, as a
// staircase, at the end of the period.
func Exponential(gamma, period float64, staircase bool) Factor {
	return func(epoch float64) float64 {
		periods := epoch / period
		if staircase {
			periods = math.Floor(periods + slack)
		}
		return math.Pow(gamma, periods)
	}
}
