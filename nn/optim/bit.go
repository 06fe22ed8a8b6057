package optim

import "workbench/nn/option"

func init() {
	registerSchedule(Schedule{
		Name: "bit", Doc: "warm-up and falls by 10 at the steps of BiT's rule: of 500 steps, 10,000 or 20,000, or the same shares of others",
		Source: "Kolesnikov et al. 2020, Big Transfer (arXiv 1912.11370), section 3.3, with the steps of the authors' code",
		Check: func(s option.Settings, _, _ float64) []option.Conflict {
			if s.Float(warmupEpochs) > 0 {
				return []option.Conflict{{Option: warmupEpochs, Message: "bit has a warm-up of its own"}}
			}
			return nil
		},
		Rate: func(_ option.Settings, l Length) Factor { return BiT(l) },
	})
}

// BiTSteps is how long BiT's rule trains on a set of so many images: 500 steps below 20,000 images, 10,000 below
// 500,000, or else 20,000.
func BiTSteps(images int) int {
	switch {
	case images < 20_000:
		return 500
	case images < 500_000:
		return 10_000
	}
	return 20_000
}

// bitShares are where the warm-up ends and where the rate falls, as shares of a run of at least so many steps.
var bitShares = []struct {
	steps  float64
	shares [4]float64
}{
	{20_000, [4]float64{0.025, 0.3, 0.6, 0.9}}, // 500, 6000, 12000, 18000
	{10_000, [4]float64{0.05, 0.3, 0.6, 0.9}},  // 500, 3000, 6000, 9000
	{0, [4]float64{0.2, 0.4, 0.6, 0.8}},        // of 500: 100, 200, 300, 400
}

// BiT rises linearly and falls by 10 after each of three steps; the step that is named has the rate of before.
func BiT(l Length) Factor {
	steps := l.Epochs / l.Update
	at := bitShares[0].shares
	for _, of := range bitShares {
		if at = of.shares; steps > of.steps-0.5 {
			break
		}
	}
	return func(epoch float64) float64 {
		step := epoch / l.Update
		if warm := at[0] * steps; step < warm-slack {
			return step / warm
		}
		factor := 1.0
		for _, share := range at[1:] {
			if step > share*steps+0.5 { // steps are whole, but for rounding
				factor /= 10
			}
		}
		return factor
	}
}
