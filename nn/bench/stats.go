package bench

import (
	"math"
	"slices"
)

// Sample holds the seconds of single steps, a list for each turn.
type Sample [][]float64

func (s Sample) all() []float64 { return slices.Concat(s...) }

// Median of all steps; NaN of none.
func (s Sample) Median() float64 { return median(s.all()) }

// Min is the fastest step; NaN of none.
func (s Sample) Min() float64 {
	if all := s.all(); len(all) > 0 {
		return slices.Min(all)
	}
	return math.NaN()
}

// Slow is the least time that nine of ten steps do not exceed: the 90 % quantile, by the nearest rank (Hyndman and Fan
// 1996, definition 1). NaN of none.
func (s Sample) Slow() float64 {
	sorted := slices.Sorted(slices.Values(s.all()))
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[(9*len(sorted)+9)/10-1]
}

// Spread is how much longer than the fastest step the median step takes, as a share of the fastest. It is the
// disturbance by the machine's other work and its clock. Differences below it mean little.
func (s Sample) Spread() float64 { return s.Median()/s.Min() - 1 }

// Steps is the number of steps timed.
func (s Sample) Steps() int { return len(s.all()) }

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// Ratio says how many times as fast as another one something is.
type Ratio struct {
	Median    float64 // of the median steps
	Fastest   float64 // of the fastest steps
	Low, High float64 // of the median steps of single rounds, the least and the most
}

// Over is how many times as fast as the other sample this one is, round by round.
func (s Sample) Over(other Sample) Ratio {
	r := Ratio{Median: other.Median() / s.Median(), Fastest: other.Min() / s.Min(), Low: math.NaN(), High: math.NaN()}
	for i := range min(len(s), len(other)) {
		round := median(other[i]) / median(s[i])
		if i == 0 {
			r.Low, r.High = round, round
		}
		r.Low, r.High = min(r.Low, round), max(r.High, round)
	}
	return r
}

// GeometricMean of positive values; NaN of none.
func GeometricMean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(values)))
}
