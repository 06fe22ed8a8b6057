package augment

import (
	"fmt"
	"slices"

	"workbench/experiments/data/raster"
)

// Size of a picture.
type Size struct{ Channels, Height, Width int }

// Picture is one image as it was read. It is normalised when all has been done to it.
type Picture struct {
	Size
	Values []uint8 // [channels, height, width], Black to White
	Spare  []uint8 // as long as Values, for a policy that cannot work in place

	// What a policy needs beside Spare. It grows with the first picture, so that nothing is allocated for the next.
	chance  Chance         // of the running augmentation
	reals   []float32      // see Picture.floats
	resizer raster.Resizer // see Picture.enlarge
}

// Levels of a channel.
const (
	Black uint8 = 0   // the least
	Grey  uint8 = 127 // the middle, about the mean of photographs
	White uint8 = 255 // the greatest
)

// NewPicture returns a black picture.
func NewPicture(size Size) Picture {
	n := size.Channels * size.Height * size.Width
	return Picture{Size: size, Values: make([]uint8, n), Spare: make([]uint8, n)}
}

// plane is a channel of the picture, [height, width].
func (p *Picture) plane(channel int) []uint8 {
	n := p.Height * p.Width
	return p.Values[channel*n : (channel+1)*n : (channel+1)*n]
}

// rgb are the three channels of a picture in colour; ok is false if it has another number of channels.
func (p *Picture) rgb() (r, g, b []uint8, ok bool) {
	if p.Channels != 3 {
		return nil, nil, nil, false
	}
	return p.plane(0), p.plane(1), p.plane(2), true
}

// floats are n numbers to work with, of any value.
func (p *Picture) floats(n int) []float32 {
	p.reals = slices.Grow(p.reals[:0], n)
	return p.reals[:n]
}

// grey or in colour: policies that know what colours are work on no other pictures.
func (s Size) seen() error {
	if s.Channels != 1 && s.Channels != 3 {
		return fmt.Errorf("images of %d channels, want 1 (grey) or 3 (red, green, blue)", s.Channels)
	}
	return nil
}
