package raster

import "slices"

// filter says how every pixel along one side of a resized picture is mixed of neighbours of the original.
type filter struct {
	taps    int      // neighbours a pixel is mixed of
	bits    uint     // the weights of a pixel are 2^bits in sum, but for rounding
	first   []int    // by pixel: its first neighbour
	weights []uint32 // by pixel: taps weights

	reals []float64 // weights before they are rounded, by pixel
	found []int     // by pixel: how many they are
}

// span is n pixels of a side that had in pixels and has out pixels, from the given one on.
type span struct{ in, out, from, n int }

// set makes the bilinear filter with antialiasing for a span. It is PyTorch's for pictures of bytes: triangles as
// wide as two pixels of the coarser side, cut at the picture's edge, whose weights are rounded to the greatest number
// of bits with which the greatest of the whole side is below 2^15.
func (f *filter) set(s span) {
	t := s.triangle()
	f.first, f.found = slices.Grow(f.first[:0], s.n)[:s.n], slices.Grow(f.found[:0], s.n)[:s.n]
	f.reals = slices.Grow(f.reals[:0], s.n*t.most)[:s.n*t.most]
	f.bits, f.taps = t.precision(s, f.reals), 1
	for i := range s.n {
		first, weights := t.weights(s.from+i, f.reals[i*t.most:])
		f.first[i], f.found[i] = first, len(weights)
		f.taps = max(f.taps, len(weights))
	}
	f.weights = slices.Grow(f.weights[:0], s.n*f.taps)[:s.n*f.taps]
	clear(f.weights)
	one := float64(int(1) << f.bits)
	for i, first := range f.first {
		at := min(first, s.in-f.taps) // so that all its neighbours are in the picture
		f.first[i] = at
		rounded := f.weights[i*f.taps+first-at:]
		for k, w := range f.reals[i*t.most:][:f.found[i]] {
			rounded[k] = uint32(0.5 + float64(w*one))
		}
	}
}

// triangle is the kernel of a resized side.
type triangle struct {
	in          int     // pixels of the original
	scale       float64 // pixels of the original a pixel
	wide, sharp float64 // half of the triangle's base in pixels of the original, and 1 by that
	most        int     // neighbours that a pixel can have
}

func (s span) triangle() triangle {
	t := triangle{in: s.in, scale: float64(s.in) / float64(s.out)}
	t.wide = max(t.scale, 1)
	t.sharp, t.most = 1/t.wide, min(2*int(t.wide)+3, s.in)
	return t
}

// weights writes those of a pixel's neighbours to dst, 1 in sum, and tells which the first is. The outer ones are not
// 0.
func (t *triangle) weights(pixel int, dst []float64) (first int, weights []float64) {
	centre := float64(t.scale * (float64(pixel) + 0.5))
	first = max(int(centre-t.wide+0.5), 0)
	weights = dst[:min(int(centre+t.wide+0.5), t.in)-first]
	sum := 0.0
	for k := range weights {
		distance := float64((float64(first+k) - centre + 0.5) * t.sharp)
		weights[k] = max(0, 1-max(distance, -distance))
		sum += weights[k]
	}
	for weights[len(weights)-1] == 0 {
		weights = weights[:len(weights)-1]
	}
	skip := 0
	for weights[skip] == 0 {
		skip++
	}
	kept := weights[skip:]
	for k, w := range kept {
		weights[k] = w / sum
	}
	return first + skip, weights[:len(kept)]
}

// precision is the number of bits of the weights of the whole side, of which a span may be a part. It works in scratch.
func (t *triangle) precision(s span, scratch []float64) uint {
	greatest := 1.0 // a side that grows has it at the edge
	if s.in > s.out {
		greatest = 0
		for i := range s.out {
			_, weights := t.weights(i, scratch)
			greatest = max(greatest, slices.Max(weights))
		}
	}
	bits := uint(0)
	for bits < mostBits && int(0.5+float64(greatest*float64(int(1)<<(bits+1)))) < 1<<15 {
		bits++
	}
	return bits
}

// mostBits of a weight.
const mostBits = 22
