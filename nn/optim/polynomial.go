package optim

import (
	"math"

	"workbench/nn/option"
)

func init() {
	registerSchedule(Schedule{
		Name: "polynomial", Doc: "the rate falls as (1 − t)^power to its floor; t is the share of the run",
		Options: []option.Option{{Name: "power", Default: 1.0, ZeroIsDefault: true, Doc: "1: a straight line"}, floor},
		Rate: func(s option.Settings, l Length) Factor {
			return above(s.Float("floor"), Polynomial(l.Epochs, s.Float("power")))
		},
	})
}

// Polynomial falls from 1 to 0 over the epochs as (1 − t)^power; power 1 is a straight line.
func Polynomial(epochs, power float64) Factor {
	return func(epoch float64) float64 { return math.Pow(1-min(epoch/epochs, 1), power) }
}
