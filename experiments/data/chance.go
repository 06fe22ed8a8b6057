package data

import (
	"math/bits"

	"workbench/nn/rng"
)

// draw returns the i-th number of the key's sequence, a whole number in [0, n). It computes with integers only, so that
// the number is the same on every machine. The bias of the multiplication (Lemire 2019) is below n/2^64.
func draw(key, i uint64, n int) int {
	high, _ := bits.Mul64(rng.Mix(key+i*0x9e3779b97f4a7c15), uint64(n))
	return int(high)
}

// dice draws one number after another from a key's sequence.
type dice struct{ key, next uint64 }

// between draws a whole number in [low, high].
func (d *dice) between(low, high int) int {
	d.next++
	return low + draw(d.key, d.next-1, high-low+1)
}

// shuffled returns the numbers 0 … n−1 in the key's order (Fisher and Yates).
func shuffled(key uint64, n int) []int32 {
	order := make([]int32, n)
	for i := range order {
		j := draw(key, uint64(i), i+1)
		order[i] = order[j]
		order[j] = int32(i)
	}
	return order
}
