// Package rng makes every random number a pure function of (seed, stream, indices), so that no generator has state. A
// run resumes anywhere, and two arms of a comparison with one seed see the same chances.
package rng

import (
	"hash/fnv"
	"math/rand/v2"
)

// Key is the key of one stream of chances. It mixes the run's seed, what the chances are for ("shuffle", a parameter's
// path), and where they are drawn (epoch, sample).
func Key(seed uint64, stream string, index ...uint64) uint64 {
	h := fnv.New64a()
	h.Write([]byte(stream))
	k := Mix(seed ^ Mix(h.Sum64()))
	for _, i := range index {
		k = Mix(k + Mix(i+0x9e3779b97f4a7c15))
	}
	return k
}

// New returns a generator that starts at the key.
func New(seed uint64, stream string, index ...uint64) *rand.Rand {
	k := Key(seed, stream, index...)
	return rand.New(rand.NewPCG(k, Mix(k)))
}

// Uniform is the i-th number of the key's sequence, in [0, 1) with 24 bits.
func Uniform(key, i uint64) float32 {
	return float32(Mix(key+i*0x9e3779b97f4a7c15)>>40) * (1.0 / (1 << 24))
}

// Mix is the finaliser of splitmix64 (Steele, Lea, Flood 2014), a bijection whose outputs pass BigCrush on a counter.
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
