package optim

import "workbench/nn/option"

func init() {
	registerSchedule(Schedule{
		Name: "constant", Doc: "the rate stays at lr",
		Rate: func(option.Settings, Length) Factor { return Constant() },
	})
}

// Constant keeps the rate.
func Constant() Factor { return func(float64) float64 { return 1 } }
