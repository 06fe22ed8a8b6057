package imagefile

import (
	"cmp"
	"image"
	"runtime"
	"slices"

	"workbench/experiments/data/libjpeg"
	"workbench/experiments/data/raster"
)

// JPEG says which decoder reads usual JPEG files. Go's decides which files can be read, in any program.
var JPEG = cmp.Or(libjpeg.Version, "image/jpeg of "+runtime.Version())

// fast decodes a usual JPEG file of a known size with libjpeg, if the program has it.
func (d Decoder) fast(file []byte, size image.Config, m *raster.Image) bool {
	if libjpeg.Version == "" {
		return false
	}
	scale := d.scale(size)
	m.Reshape(3, reduced(size.Height, scale), reduced(size.Width, scale))
	if !libjpeg.Decode(file, m, [2]int{size.Height, size.Width}, scale) {
		return false
	}
	if d.Channels == 1 {
		red, green, blue := m.Plane(0), m.Plane(1), m.Plane(2)
		for i := range red {
			red[i] = luma(red[i], green[i], blue[i])
		}
		m.Reshape(1, m.Height, m.Width)
	}
	return true
}

// scale is the largest of 1, 2, 4 and 8 by which a picture's sides may be divided so that the shorter one keeps at
// least Least pixels; 1 where none is said.
func (d Decoder) scale(size image.Config) int {
	scale := 1
	for d.Least > 0 && scale < 8 && reduced(min(size.Height, size.Width), 2*scale) >= d.Least {
		scale *= 2
	}
	return scale
}

// reduced is a side divided by a scale, rounded up.
func reduced(side, scale int) int { return (side + scale - 1) / scale }

// reduce makes each pixel of m the rounded mean of scale×scale ones, fewer at the lower and the right edge. It is what
// a JPEG decoder comes to that works with fewer frequencies, but for a few levels.
func reduce(m *raster.Image, scale int) {
	if scale == 1 {
		return
	}
	whole := raster.Image{Channels: m.Channels, Height: m.Height, Width: m.Width, Values: slices.Clone(m.Values)}
	m.Reshape(m.Channels, reduced(whole.Height, scale), reduced(whole.Width, scale))
	for c := range whole.Channels {
		from, to := whole.Plane(c), m.Plane(c)
		for y := range m.Height {
			for x := range m.Width {
				sum, n := 0, 0
				for v := y * scale; v < min((y+1)*scale, whole.Height); v++ {
					for _, level := range from[v*whole.Width+x*scale : v*whole.Width+min((x+1)*scale, whole.Width)] {
						sum, n = sum+int(level), n+1
					}
				}
				to[y*m.Width+x] = uint8((2*sum + n) / (2 * n))
			}
		}
	}
}
