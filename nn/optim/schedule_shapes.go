package optim

import "math"

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

// slack is what a quotient of epochs may miss a whole number by and still count as one: 7.2/2.4 does.
const slack = 1e-9

// Restarts is one cosine after another (SGDR: Loshchilov and Hutter 2017, equation 5): the first takes period epochs, each
// growth times, at least once, as long as the one before.
func Restarts(period, growth float64) Schedule {
	return func(epoch float64) float64 {
		length := period
		for epoch >= length*(1-slack) {
			epoch, length = max(epoch-length, 0), length*max(growth, 1)
		}
		return Cosine(length)(epoch)
	}
}

// Polynomial falls from 1 to 0 over the epochs as (1 − t)^power; power 1 is a straight line.
func Polynomial(epochs, power float64) Schedule {
	return func(epoch float64) float64 { return math.Pow(1-min(epoch/epochs, 1), power) }
}

// Exponential multiplies the rate by gamma a period (epochs), steadily or, in a staircase, at its end.
func Exponential(gamma, period float64, staircase bool) Schedule {
	return func(epoch float64) float64 {
		periods := epoch / period
		if staircase {
			periods = math.Floor(periods + slack)
		}
		return math.Pow(gamma, periods)
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

// above squeezes factors from 0 to 1 into those from floor to 1.
func above(floor float64, s Schedule) Schedule {
	return func(epoch float64) float64 { return floor + (1-floor)*s(epoch) }
}

// oneCycle rises from 1/DivFactor to 1 in the first PctStart of the run and falls from there to 1/(DivFactor·FinalDivFactor)
// (Smith and Topin 2017, in the two phases of fast.ai and PyTorch's OneCycleLR).
func oneCycle(t Timetable) Schedule {
	first := 1 / t.DivFactor
	return t.cycle(first, 1, first/t.FinalDivFactor)
}

// cycle goes from one value to another at the end of the rise and to a third with the last update.
func (t Timetable) cycle(first, peak, last float64) Schedule {
	turn, end := max(t.PctStart*t.Epochs-t.Update, 0), t.Epochs-t.Update
	return func(epoch float64) float64 {
		if epoch < turn {
			return t.between(first, peak, epoch/turn)
		}
		if end <= turn {
			return peak
		}
		return t.between(peak, last, min((epoch-turn)/(end-turn), 1))
	}
}

// between is the value at a share of the way.
func (t Timetable) between(from, to, share float64) float64 {
	if t.Linear {
		return from + (to-from)*share
	}
	return to + (from-to)/2*(1+math.Cos(math.Pi*share))
}
