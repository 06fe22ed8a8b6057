// Package raster holds pictures of bytes of any size, and how parts of them are brought to another size. It knows no
// files, no augmentations and no data sets.
package raster

import "slices"

// Image is a picture of a size of its own. The zero Image has no pixels.
type Image struct {
	Channels, Height, Width int
	Values                  []uint8 // [channels, height, width], 0 is black, 255 is full
}

// Reshape gives the image a size. It keeps the memory if that is large enough; what the pixels are is left open.
func (m *Image) Reshape(channels, height, width int) {
	m.Channels, m.Height, m.Width = channels, height, width
	n := channels * height * width
	m.Values = slices.Grow(m.Values[:0], n)[:n]
}

// Plane is a channel of the image, [height, width].
func (m *Image) Plane(channel int) []uint8 {
	n := m.Height * m.Width
	return m.Values[channel*n : (channel+1)*n : (channel+1)*n]
}

// Whole is all of the image.
func (m *Image) Whole() Window { return Window{Height: m.Height, Width: m.Width} }

// Window is a part of a picture, in pixels.
type Window struct{ Top, Left, Height, Width int }
