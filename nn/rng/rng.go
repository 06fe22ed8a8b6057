// Package rng makes every random number a pure function of (seed, stream, indices), so that no generator has state. A
// run resumes anywhere, and two arms of a comparison with one seed see the same chances.
package rng

import (
	"hash/fnv"
	"math/bits"
	"math/rand/v2"
)

// Key is the key of one stream of chances. It mixes the run's seed, what the chances are for ("shuffle", a parameter's
// path), and where they are drawn (epoch, sample).
func Key(seed uint64, stream string, index ...uint64) uint64 {
	h := fnv.New64a()
	h.Write([]byte(stream))
	k := Mix(seed ^ Mix(h.Sum64()))
	for _, i := range index {
		k = Sub(k, i)
	}
	return k
}

// Sub is the key of one index within a stream: Key(seed, stream, i, j) is Sub(Key(seed, stream, i), j).
func Sub(key, index uint64) uint64 { return Mix(key + Mix(index+0x9e3779b97f4a7c15)) }

// New returns a generator that starts at the key.
func New(seed uint64, stream string, index ...uint64) *rand.Rand {
	k := Key(seed, stream, index...)
	return rand.New(rand.NewPCG(k, Mix(k)))
}

// Uniform is the i-th number of the key's sequence, in [0, 1) with 24 bits.
func Uniform(key, i uint64) float32 {
	return float32(Mix(key+i*0x9e3779b97f4a7c15)>>40) * (1.0 / (1 << 24))
}

// Below is the i-th number of the key's sequence, a whole number in [0, n). Integers only, so that it is the same on
// every machine; the bias of the multiplication (Lemire 2019) is below n/2^64.
func Below(key, i uint64, n int) int {
	high, _ := bits.Mul64(Mix(key+i*0x9e3779b97f4a7c15), uint64(n))
	return int(high)
}

// Mix is the finaliser of splitmix64 (Steele, Lea, Flood 2014), a bijection whose outputs pass BigCrush on a counter.
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Shuffle writes the numbers 0 … len(order)−1 in the key's order (Fisher and Yates).
func Shuffle(key uint64, order []int32) {
	for i := range order {
		j := Below(key, uint64(i), i+1)
		order[i] = order[j]
		order[j] = int32(i)
	}
}
