package optim

import (
	"math"

	"workbench/nn/option"
)

func init() {
	registerSchedule(Schedule{
		Name: "inverse_sqrt", Doc: "the rate falls as 1/√(1 + t/scale)", Source: "Vaswani et al. 2017, equation 3, without its warm-up",
		Options: []option.Option{{Name: "scale", Default: 1.0, Above: true, Doc: "epochs in which the rate falls to 1/√2"}},
		Rate: func(s option.Settings, _ Length) Factor {
			return func(epoch float64) float64 { return 1 / math.Sqrt(1+epoch/s.Float("scale")) }
		},
	})
}
