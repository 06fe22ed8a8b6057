package data

import (
	"fmt"

	"workbench/nn/rng"
)

// Candidates are partial labels: of each image a set of classes of which one is right. The class of the image is always
// among them, and every other one with probability Rate, each by itself (Feng et al. 2020, arXiv 2007.08929, and PiCO,
// arXiv 2201.08984). What they are depends on seed, split and image alone.
type Candidates struct {
	Rate float64 // at least 0 and below 1
	Seed uint64
}

// Of writes the candidates of a row of p to dst [classes]: 1 for a candidate, 0 for every other class.
func (c Candidates) Of(p Part, row int, dst []float32) {
	key := p.chance(rng.Key(c.Seed, "candidates", uint64(p.Split)), int32(row))
	for class := range dst {
		dst[class] = 0
		if class == p.True(row) || rng.Uniform(key, uint64(class)) < float32(c.Rate) {
			dst[class] = 1
		}
	}
}

// Check says why there are no candidates for the part.
func (c Candidates) Check(p Part) error {
	switch {
	case !(c.Rate >= 0 && c.Rate < 1):
		return fmt.Errorf("candidates: rate %v, want at least 0 and below 1", c.Rate)
	case p.Labels != nil:
		return fmt.Errorf("candidates: the %s has other labels than the set's, which have no effect: the set's own are among them", p)
	}
	for row := range p.Len() {
		if p.True(row) < 0 {
			return fmt.Errorf("candidates: image %d of the %s has no label", p.Sample(row), p)
		}
	}
	return nil
}
