package augment

import "workbench/nn/rng"

// Chance is a sequence of random numbers, the same for the same seed, epoch and picture on every machine.
type Chance struct{ key, next uint64 }

// Below draws a whole number from 0 to n − 1, all equally likely.
func (c *Chance) Below(n int) int {
	c.next++
	return rng.Below(c.key, c.next-1, n)
}

// Uniform draws a number from 0 to below 1, in steps of 2^−24.
func (c *Chance) Uniform() float32 {
	c.next++
	return rng.Uniform(c.key, c.next-1)
}

// Between draws a number from low to below high.
func (c *Chance) Between(low, high float32) float32 { return low + (high-low)*c.Uniform() }
