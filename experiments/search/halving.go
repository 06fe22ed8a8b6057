package search

import "slices"

// Rung is a stage of a search: how many trials of each arm are trained, and for how many epochs.
type Rung struct {
	Trials int
	Epochs int // 0: as many as the study says
}

// Rungs of successive halving (Jamieson and Talwalkar 2016): all trials are trained for a short time, the best of each
// rung, one in eta, for eta times as long, the last for all epochs. There are as many rungs as trials and epochs allow;
// one rung halves nothing.
func Rungs(trials, epochs, eta int) []Rung {
	last := 0
	for most := eta; most <= trials && most <= epochs; most *= eta {
		last++
	}
	var all []Rung
	share := 1 // eta to the number of the rung
	for k := 0; k <= last; k++ {
		shorter := 1
		for range last - k {
			shorter *= eta
		}
		all = append(all, Rung{Trials: trials / share, Epochs: epochs / shorter})
		share *= eta
	}
	return all
}

// Score is what a trial has come to in an arm.
type Score struct {
	Trial int     // its number, from 0
	Mean  float64 // over seeds
	Whole bool    // every seed was trained and has a finite value: a mean of those that survived would flatter it
}

// Best are the numbers of the n best trials, the best first, of equal ones the earlier. Trials that lack a seed are
// left out.
func Best(scores []Score, n int, higher bool) []int {
	var good []Score
	for _, s := range scores {
		if s.Whole {
			good = append(good, s)
		}
	}
	slices.SortStableFunc(good, func(a, b Score) int {
		switch {
		case a.Mean == b.Mean:
			return a.Trial - b.Trial
		case a.Mean > b.Mean == higher:
			return -1
		}
		return 1
	})
	var numbers []int
	for _, s := range good[:min(n, len(good))] {
		numbers = append(numbers, s.Trial)
	}
	return numbers
}
