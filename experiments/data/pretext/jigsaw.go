package pretext

import (
	"fmt"
	"slices"

	"workbench/experiments/data/augment"
	"workbench/nn/option"
	"workbench/nn/rng"
)

func init() {
	Register(Task{
		Name:  "jigsaw",
		Doc:   "by which of a fixed set of permutations the tiles of the picture were shuffled",
		Paper: "Noroozi and Favaro 2016 (arXiv 1603.09246), algorithm 1",
		Options: []option.Option{
			{Name: "tiles", Default: 2, Min: 2, Max: 8, Doc: "tiles a side; it divides height and width"},
			{Name: "permutations", Default: 24, Min: 2, Max: 1000, Doc: "classes; two by two tiles have 24"},
			{Name: "seed", Default: 0, Doc: "of the permutations that are chosen"},
		},
		New: newJigsaw,
	})
}

// jigsaw shuffles tiles: the tile at place t is the one that was at permutations[class][t], counted row by row.
type jigsaw struct {
	tiles        int // a side
	permutations [][]uint8
}

func newJigsaw(s option.Settings, size augment.Size) (Policy, error) {
	tiles, n := s.Int("tiles"), s.Int("permutations")
	if size.Height%tiles != 0 || size.Width%tiles != 0 {
		return nil, fmt.Errorf("tiles %d a side do not divide images of %d×%d", tiles, size.Height, size.Width)
	}
	pool := drawn(rng.Key(uint64(s.Int("seed")), "jigsaw"), tiles*tiles)
	if n > len(pool) {
		return nil, fmt.Errorf("permutations %d, want at most %d, which is all that %d×%d tiles have", n, len(pool), tiles, tiles)
	}
	return jigsaw{tiles, furthest(pool, n)}, nil
}

func (j jigsaw) Classes() int { return len(j.permutations) }

func (j jigsaw) Apply(p *augment.Picture, class int) {
	copy(p.Spare, p.Values)
	h, w := p.Height/j.tiles, p.Width/j.tiles
	place := func(tile, channel, y int) int {
		return (channel*p.Height+tile/j.tiles*h+y)*p.Width + tile%j.tiles*w
	}
	for to, from := range j.permutations[class] {
		for channel := range p.Channels {
			for y := range h {
				source := place(int(from), channel, y)
				copy(p.Values[place(to, channel, y):], p.Spare[source:source+w])
			}
		}
	}
}

// poolSize is how many permutations are drawn to choose from. It is far more than the 24 of four tiles, which are all
// drawn, and few enough to be compared in a moment; nine tiles have 362,880.
const poolSize = 1 << 14

// drawn returns the different ones among poolSize random permutations of n tiles (Fisher and Yates).
func drawn(key uint64, n int) [][]uint8 {
	var pool [][]uint8
	seen := map[string]bool{}
	for k := range uint64(poolSize) {
		p := make([]uint8, n)
		for i := range p {
			j := rng.Below(rng.Sub(key, k), uint64(i), i+1)
			p[i], p[j] = p[j], uint8(i)
		}
		if !seen[string(p)] {
			seen[string(p)] = true
			pool = append(pool, p)
		}
	}
	return pool
}

// furthest chooses n permutations: first the first, then always the one with the largest mean Hamming distance from
// those chosen, of equal ones the first in the pool.
func furthest(pool [][]uint8, n int) [][]uint8 {
	distance := make([]int, len(pool)) // from all that are chosen; below zero: chosen itself
	var chosen [][]uint8
	for next := 0; len(chosen) < n; next = slices.Index(distance, slices.Max(distance)) {
		distance[next] = -1 << 30
		chosen = append(chosen, pool[next])
		for k, p := range pool {
			for t := range p {
				if p[t] != pool[next][t] {
					distance[k]++
				}
			}
		}
	}
	return chosen
}
