package corrupt

import "workbench/experiments/data/raster"

// boxed resizes a picture with Pillow's box filter: every pixel is the mean of those whose middles are in its place,
// rows first, rounded to bytes in between. The picture is written to dst if that is given.
func boxed(m raster.Image, height, width int, dst ...[]uint8) raster.Image {
	rows := raster.Image{Channels: m.Channels, Height: m.Height, Width: width, Values: make([]uint8, m.Channels*m.Height*width)}
	across := boxes(m.Width, width)
	for y := range m.Channels * m.Height {
		box(rows.Values[y*width:], m.Values[y*m.Width:], 1, across)
	}
	out := raster.Image{Channels: m.Channels, Height: height, Width: width}
	if len(dst) > 0 {
		out.Values = dst[0]
	} else {
		out.Values = make([]uint8, m.Channels*height*width)
	}
	down := boxes(m.Height, height)
	for channel := range m.Channels {
		for x := range width {
			box(out.Plane(channel)[x:], rows.Plane(channel)[x:], width, down)
		}
	}
	return out
}

// span are neighbours of which a pixel is the mean.
type span struct{ first, n int }

// boxes of a side that had in pixels and has out pixels.
func boxes(in, out int) []span {
	scale := float64(in) / float64(out)
	wide := max(scale, 1)
	all := make([]span, out)
	for i := range all {
		centre := scale * (float64(i) + 0.5)
		first, end := max(int(centre-0.5*wide+0.5), 0), min(int(centre+0.5*wide+0.5), in)
		inside := func(k int) bool {
			at := (float64(k) - centre + 0.5) / wide
			return at > -0.5 && at <= 0.5
		}
		for first < end-1 && !inside(first) {
			first++
		}
		for end > first+1 && !inside(end-1) {
			end--
		}
		all[i] = span{first, end - first}
	}
	return all
}

// bits of a weight in Pillow's sums.
const bits = 22

// box writes the means of values that stand stride apart.
func box(dst, values []uint8, stride int, spans []span) {
	for i, s := range spans {
		weight := int(0.5 + 1/float64(s.n)*(1<<bits))
		sum := 1 << (bits - 1)
		for k := range s.n {
			sum += weight * int(values[(s.first+k)*stride])
		}
		dst[i*stride] = uint8(min(sum>>bits, 255))
	}
}
