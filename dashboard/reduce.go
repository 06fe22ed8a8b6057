package dashboard

import "math"

// reduced keeps about most of the points of c: the first, the last, in every stretch the lowest and the highest, and
// what is not finite (they are marks, and must not vanish): of a stretch the first and the last. It reports whether
// it left any out.
func (c *curve) reduced(most int) bool {
	if most <= 0 || len(c.Value) <= most {
		return false
	}
	kept := extremes(c.Value, max(1, (most-2)/2))
	c.Step, c.Epoch, c.Seconds, c.Value = pick(c.Step, kept), pick(c.Epoch, kept), pick(c.Seconds, kept), pick(c.Value, kept)
	if len(c.Low) > 0 {
		c.Low, c.High = pick(c.Low, kept), pick(c.High, kept)
	}
	return true
}

// extremes are the indices, in order, of the lowest and highest of each of the stretches, of both ends and of
// the first and the last of each stretch that is not finite.
func extremes(values []float64, stretches int) []int {
	last := len(values) - 1
	keep := make([]bool, len(values))
	keep[0], keep[last] = true, true
	for s := range stretches {
		from, to := s*len(values)/stretches, (s+1)*len(values)/stretches
		low, high, lost := -1, -1, -1
		for i := from; i < to; i++ {
			v := values[i]
			if math.IsNaN(v) || math.IsInf(v, 0) {
				if lost < 0 {
					keep[i] = true
				}
				lost = i
				continue
			}
			if low < 0 || v < values[low] {
				low = i
			}
			if high < 0 || v > values[high] {
				high = i
			}
		}
		if lost >= 0 {
			keep[lost] = true
		}
		if low >= 0 {
			keep[low], keep[high] = true, true
		}
	}
	var kept []int
	for i, k := range keep {
		if k {
			kept = append(kept, i)
		}
	}
	return kept
}

func pick[T any](from []T, indices []int) []T {
	picked := make([]T, len(indices))
	for i, index := range indices {
		picked[i] = from[index]
	}
	return picked
}
