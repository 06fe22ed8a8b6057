package search

import (
	"math"
	"slices"
)

// Rates are what a range test of learning rates suggests, as fastai's lr_find computes it (callback/schedule.py). A
// rate is NaN where too few steps were made.
type Rates struct {
	Valley  float64 // within the longest descent of the loss, half of its third beyond its first third: fastai's choice
	Steep   float64 // where the loss falls fastest over the logarithm of the rate
	Minimum float64 // a tenth of that with the least loss, beyond which training soon diverges
}

// fastai's constants: a test is looked at without its beginning and its end.
const (
	smoothing  = 0.98
	leftAtEnd  = 5
	leftAtHead = 10 // one in so many of the steps
	// Hopeless is the multiple of the least smoothed loss beyond which a test ends.
	Hopeless = 4
)

// Smoothed are losses as fastai's AvgSmoothLoss has them: moving averages that keep 0.98 of what was before, divided by
// what the same average of ones would be.
func Smoothed(losses []float64) []float64 {
	all := make([]float64, len(losses))
	mean, weight := 0.0, 1.0
	for i, loss := range losses {
		mean = smoothing*mean + (1-smoothing)*loss
		weight *= smoothing
		all[i] = mean / (1 - weight)
	}
	return all
}

// SuggestRates reads the rates and the smoothed losses of the steps of a test that was to have so many.
func SuggestRates(rates, losses []float64, planned int) Rates {
	from, to := planned/leftAtHead, len(losses)-leftAtEnd
	if to-from < 3 {
		return Rates{math.NaN(), math.NaN(), math.NaN()}
	}
	rates, losses = rates[from:to], losses[from:to]
	steep, slope := 0, math.Inf(1)
	for i := range losses[1:] {
		if s := (losses[i+1] - losses[i]) / (math.Log(rates[i+1]) - math.Log(rates[i])); s < slope {
			steep, slope = i, s
		}
	}
	least := slices.Index(losses, slices.Min(losses))
	return Rates{Valley: rates[valley(losses)], Steep: rates[steep], Minimum: rates[least] / 10}
}

// valley is the place in the longest subsequence of falling losses: of those that are as long, the first.
func valley(losses []float64) int {
	long := make([]int, len(losses)) // of the longest one that ends here
	start, end := 0, 0
	for i := range losses {
		long[i] = 1
		for j := range i {
			if losses[i] < losses[j] && long[i] < long[j]+1 {
				long[i] = long[j] + 1
			}
			if long[end] < long[i] {
				start, end = i-long[i], i // fastai's start is not moved when the subsequence that ends here grows on
			}
		}
	}
	third := float64(end-start) / 3
	return max(start+int(third)+int(third/2), 0)
}
