package augment

import "workbench/nn/rng"

// Chance is a sequence of random numbers, the same for the same seed, epoch and picture on every machine.
type Chance struct {
	key, next             uint64
	lasting, epoch, index uint64
}

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

// Within draws a number from the range, whose ends it may come close to but for 2^−24 of its width.
func (c *Chance) Within(r Range) float64 { return r.Low + float64((r.High-r.Low)*float64(c.Uniform())) }

// Happens with a probability: always at 1, never at 0.
func (c *Chance) Happens(probability float64) bool { return float64(c.Uniform()) < probability }

// Shuffle puts the numbers into a random order, all equally likely (Fisher and Yates).
func (c *Chance) Shuffle(order []int) {
	for i := len(order) - 1; i > 0; i-- {
		j := c.Below(i + 1)
		order[i], order[j] = order[j], order[i]
	}
}

// Epoch is that of the picture, from 0.
func (c *Chance) Epoch() uint64 { return c.epoch }

// Lasting are the random numbers that the picture has in every epoch.
func (c *Chance) Lasting() Chance { return Chance{key: rng.Sub(c.lasting, c.index), epoch: c.epoch} }
