package data

import "workbench/nn/rng"

// dice draws one number after another from a key's sequence.
type dice struct{ key, next uint64 }

// between draws a whole number in [low, high].
func (d *dice) between(low, high int) int {
	d.next++
	return low + rng.Below(d.key, d.next-1, high-low+1)
}

// shuffle writes the numbers 0 … len(order)−1 in the key's order (Fisher and Yates).
func shuffle(key uint64, order []int32) {
	for i := range order {
		j := rng.Below(key, uint64(i), i+1)
		order[i] = order[j]
		order[j] = int32(i)
	}
}
