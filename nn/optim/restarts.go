package optim

import "workbench/nn/option"

func init() {
	registerSchedule(Schedule{
		Name: "restarts", Doc: "one cosine after another", Source: "SGDR: Loshchilov and Hutter 2017, equation 5",
		Options: []option.Option{
			{Name: "period", Default: 0.0, Above: true, Required: true, ZeroIsDefault: true, Doc: "epochs of the first cosine"},
			{Name: "growth", Default: 1.0, Min: 1, ZeroIsDefault: true, Doc: "each cosine takes this many times as long as the one before"},
			floor,
		},
		Rate: func(s option.Settings, _ Length) Factor {
			return above(s.Float("floor"), Restarts(s.Float("period"), s.Float("growth")))
		},
	})
}

// Restarts is one cosine after another (SGDR: Loshchilov and Hutter 2017, equation 5): the first takes period epochs,
// each growth times, at least once, as long as the one before.
func Restarts(period, growth float64) Factor {
	return func(epoch float64) float64 {
		length := period
		for epoch >= length*(1-slack) {
			epoch, length = max(epoch-length, 0), length*max(growth, 1)
		}
		return Cosine(length)(epoch)
	}
}
