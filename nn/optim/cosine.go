package optim

import (
	"math"

	"workbench/nn/option"
)

func init() {
	registerSchedule(Schedule{
		Name: "cosine", Doc: "the rate falls along half a cosine to its floor",
		Source:  "Loshchilov and Hutter 2017, equation 5, without restarts",
		Options: []option.Option{floor},
		Rate:    func(s option.Settings, l Length) Factor { return above(s.Float("floor"), Cosine(l.Epochs)) },
	})
}

// Cosine falls from 1 to 0 over the epochs along half a cosine (Loshchilov and Hutter 2017, equation 5, without
// restarts).
func Cosine(epochs float64) Factor {
	return func(epoch float64) float64 {
		return (1 + math.Cos(math.Pi*min(epoch/epochs, 1))) / 2
	}
}
