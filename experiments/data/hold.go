package data

import (
	"fmt"
	"math"
)

// Hold takes a validation part out of p: a share of its images, at least 0 and below 1, by seed. It returns what is
// left and what was taken; both keep the order of p. The number of images taken is the share of all, rounded. The
// classes give in proportion to their sizes by largest remainders (Hamilton's method; of equal remainders the lower
// class goes first), but each class of at least two images has at least one in both parts, and a class of one image
// stays whole. A share too small or too large for that is an error.
//
// Classes are those of the part's labels: wrong ones that noise made before are held out with their images, so take the
// validation part first if it shall be clean.
//
// What is taken depends on seed, split and image: a class of which more is taken gives the same images and others.
func Hold(p Part, share float64, seed uint64) (rest, held Part, err error) {
	if err := p.Check(); err != nil {
		return rest, held, fmt.Errorf("hold: %w", err)
	}
	if !(share >= 0 && share < 1) {
		return rest, held, fmt.Errorf("hold: share %v, want at least 0 and below 1", share)
	}
	if share == 0 {
		return p, p.rows(nil), nil
	}
	classes := p.byClass("hold", seed)
	sizes := make([]int, len(classes))
	for c, rows := range classes {
		sizes[c] = len(rows)
	}
	counts, err := apportion(int(math.Round(share*float64(p.Len()))), sizes)
	if err != nil {
		return rest, held, fmt.Errorf("hold: a share of %v of %d images: %w", share, p.Len(), err)
	}
	var kept, taken []int32
	for c, rows := range classes {
		taken = append(taken, rows[:counts[c]]...)
		kept = append(kept, rows[counts[c]:]...)
	}
	return p.rows(kept), p.rows(taken), nil
}
