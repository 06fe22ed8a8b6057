package data

import "workbench/nn/rng"

// dice draws one number after another from a key's sequence.
type dice struct{ key, next uint64 }

// between draws a whole number in [low, high].
func (d *dice) between(low, high int) int {
	d.next++
	return low + rng.Below(d.key, d.next-1, high-low+1)
}
