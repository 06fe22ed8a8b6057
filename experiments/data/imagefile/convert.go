package imagefile

import (
	"fmt"
	"image"
	"image/color"

	"workbench/experiments/data/raster"
)

// convert writes a decoded picture to m, with 1 or 3 channels.
func convert(picture image.Image, m *raster.Image, channels int) error {
	size := picture.Bounds().Size()
	m.Reshape(channels, size.Y, size.X)
	switch p := picture.(type) {
	case *image.YCbCr:
		return ycc(p, m)
	case limited:
		p.convert(m)
	case *image.Gray:
		grey(m, p.Pix, p.Stride, 1)
	case *image.Gray16:
		grey(m, p.Pix, p.Stride, 2)
	case *image.RGBA:
		rgb(m, p.Pix, p.Stride, 4)
	case *image.NRGBA:
		rgb(m, p.Pix, p.Stride, 4)
	case *image.RGBA64:
		rgb(m, p.Pix, p.Stride, 8)
	case *image.NRGBA64:
		rgb(m, p.Pix, p.Stride, 8)
	case *image.CMYK:
		cmyk(m, p)
	case *image.Paletted:
		return paletted(m, p)
	default:
		return fmt.Errorf("pictures of kind %T cannot be read", picture)
	}
	return nil
}

// set gives a pixel a colour.
func set(m *raster.Image, at int, r, g, b uint8) {
	if m.Channels == 1 {
		m.Values[at] = luma(r, g, b)
		return
	}
	plane := m.Height * m.Width
	m.Values[at], m.Values[at+plane], m.Values[at+2*plane] = r, g, b
}

// luma is the grey of a colour, by ITU-R 601.
func luma(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// grey takes the first of so many bytes a pixel: the upper ones of 16 bits.
func grey(m *raster.Image, pix []uint8, stride, bytes int) {
	plane := m.Plane(0)
	for y := range m.Height {
		row, to := pix[y*stride:], plane[y*m.Width:(y+1)*m.Width]
		for x := range to {
			to[x] = row[x*bytes]
		}
	}
	for channel := 1; channel < m.Channels; channel++ {
		copy(m.Plane(channel), plane)
	}
}

// rgb takes the first three values of four, each of bytes/4 bytes.
func rgb(m *raster.Image, pix []uint8, stride, bytes int) {
	for y := range m.Height {
		row := pix[y*stride:]
		for x := range m.Width {
			p := row[x*bytes : x*bytes+bytes]
			set(m, y*m.Width+x, p[0], p[bytes/4], p[bytes/2])
		}
	}
}

// cmyk mixes black into the three other inks: 255 − c, taken times (255 − k) / 255, rounded.
func cmyk(m *raster.Image, p *image.CMYK) {
	for y := range m.Height {
		row := p.Pix[y*p.Stride:]
		for x := range m.Width {
			white := uint32(255 - row[4*x+3])
			ink := func(k int) uint8 {
				v := (255-uint32(row[4*x+k]))*white + 128
				return uint8((v>>8 + v) >> 8)
			}
			set(m, y*m.Width+x, ink(0), ink(1), ink(2))
		}
	}
}

// paletted looks every pixel up.
func paletted(m *raster.Image, p *image.Paletted) error {
	var colours [256][3]uint8
	for i, c := range p.Palette[:min(len(p.Palette), 256)] {
		switch c := c.(type) {
		case color.NRGBA:
			colours[i] = [3]uint8{c.R, c.G, c.B}
		case color.RGBA:
			colours[i] = [3]uint8{c.R, c.G, c.B}
		default:
			r, g, b, _ := c.RGBA()
			colours[i] = [3]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)}
		}
	}
	for y := range m.Height {
		row := p.Pix[y*p.Stride:]
		for x := range m.Width {
			index := row[x]
			if int(index) >= len(p.Palette) {
				return fmt.Errorf("a pixel has colour %d of a palette of %d", index, len(p.Palette))
			}
			c := colours[index]
			set(m, y*m.Width+x, c[0], c[1], c[2])
		}
	}
	return nil
}
