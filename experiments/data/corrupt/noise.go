package corrupt

import (
	"math"
	"slices"
	"sync"

	"workbench/nn/rng"
)

var gaussianNoise = Corruption{
	Name: "gaussian_noise", Doc: "adds normal noise of standard deviation 0.04, 0.06, 0.08, 0.09, 0.10 of full to every value",
	change: levels(func(p *picture, strength int, key chance) {
		deviation := [Strengths]float64{0.04, 0.06, 0.08, 0.09, 0.10}[strength]
		r := rng.New(uint64(key), "")
		for k := range p.x {
			p.x[k] += deviation * r.NormFloat64()
		}
	}),
}

var impulseNoise = Corruption{
	Name: "impulse_noise", Doc: "makes a share of 0.01, 0.02, 0.03, 0.05, 0.07 of the values black or full (salt and pepper)",
	change: levels(func(p *picture, strength int, key chance) {
		share := [Strengths]float64{0.01, 0.02, 0.03, 0.05, 0.07}[strength]
		r := rng.New(uint64(key), "")
		for k := range p.x {
			if u := r.Float64(); u < share {
				p.x[k] = math.Round(u / share) // either with the same probability
			}
		}
	}),
}

var shotNoise = Corruption{
	Name: "shot_noise", Doc: "makes every value the Poisson count of 500, 250, 100, 75, 50 particles at full",
	change: levels(func(p *picture, strength int, key chance) {
		most := shots[strength]
		table := counts[strength]()
		r := rng.New(uint64(key), "")
		for k, level := range p.raw {
			count, _ := slices.BinarySearch(table[level], r.Float64())
			p.x[k] = float64(count) / float64(most)
		}
	}),
}

// shots are the particles at full.
var shots = [Strengths]int{500, 250, 100, 75, 50}

// counts are, for each strength, the distributions of the counts at the levels 0 to 255.
var counts = func() (all [Strengths]func() [256][]float64) {
	for strength, most := range shots {
		all[strength] = sync.OnceValue(func() (table [256][]float64) {
			for level := range table {
				table[level] = poisson(float64(level) / 255 * float64(most))
			}
			return table
		})
	}
	return all
}()

// poisson gives the probabilities that a count is at most 0, 1, … up to where they are 1 but for rounding. The count
// of a random number from 0 to below 1 is how many of them are below it.
func poisson(mean float64) []float64 {
	var cumulative []float64
	one := math.Exp(-mean) // at a mean of 500 the least is 10^−218
	sum := one
	for k := 1; sum < 1-1e-15 && float64(k) < mean+12*math.Sqrt(mean)+20; k++ {
		cumulative = append(cumulative, sum)
		one *= mean / float64(k)
		sum += one
	}
	return cumulative
}
