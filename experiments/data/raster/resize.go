package raster

import (
	"math"
	"slices"
)

// Cut says what is made of a picture: From is resized to Height×Width pixels, of which Part is kept.
type Cut struct {
	From          Window
	Height, Width int
	Part          Window
}

// Resized is a window that is resized to Height×Width pixels.
func Resized(from Window, height, width int) Cut {
	return Cut{From: from, Height: height, Width: width, Part: Window{Height: height, Width: width}}
}

// Fitted is the part of height×width pixels in the middle of a picture whose shorter side has been resized to short
// pixels, which are at least as many as height and width. It is torchvision's Resize(short) and CenterCrop, with their
// rounding.
func Fitted(m *Image, short, height, width int) Cut {
	c := Cut{From: m.Whole(), Height: short, Width: short}
	if m.Width <= m.Height {
		c.Height = int(float64(short*m.Height) / float64(m.Width))
	} else {
		c.Width = int(float64(short*m.Width) / float64(m.Height))
	}
	c.Part = Window{Top: half(c.Height - height), Left: half(c.Width - width), Height: height, Width: width}
	return c
}

// half rounds halves to the even number, as Python does.
func half(n int) int { return int(math.RoundToEven(float64(n) / 2)) }

// Resizer resizes pictures bilinearly with antialiasing, as torchvision's v2 transforms do pictures of bytes: first
// the rows, then the columns, rounded to bytes in between. It has memory of its own that it uses again, so it belongs
// to one goroutine. The zero Resizer is ready.
type Resizer struct {
	across, down filter
	rows         []uint8 // of one channel, resized across
}

// Resize writes the cut of a picture to dst [channels, part height, part width], which may be the picture's own memory
// where the planes have one size.
func (r *Resizer) Resize(m *Image, c Cut, dst []uint8) {
	width, height := c.Part.Width, c.Part.Height
	r.across.set(span{in: c.From.Width, out: c.Width, from: c.Part.Left, n: width})
	r.down.set(span{in: c.From.Height, out: c.Height, from: c.Part.Top, n: height})
	top := r.down.first[0]
	n := slices.Max(r.down.first) + r.down.taps - top // rows that are needed
	r.rows = slices.Grow(r.rows[:0], n*width)[:n*width]
	for channel := range m.Channels {
		from := m.Plane(channel)
		for y := range n {
			start := (c.From.Top+top+y)*m.Width + c.From.Left
			r.across.mixRow(r.rows[y*width:(y+1)*width], from[start:start+c.From.Width])
		}
		to := dst[channel*height*width : (channel+1)*height*width]
		for y := range height {
			r.down.mixRows(to[y*width:(y+1)*width], r.rows[(r.down.first[y]-top)*width:], y)
		}
	}
}
