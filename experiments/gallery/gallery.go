// Package gallery paints what a network has learnt and what it looks at: images as they are, maps over them, filters.
package gallery

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"

	"workbench/experiments/data"
)

// shownSide is how many pixels a side of a painted image has at least: those of small images are squares.
const shownSide = 96

// magnified paints pixels [channels, height, width] as squares.
func magnified(info data.Info, pixels []uint8, square int) *image.NRGBA {
	p := image.NewNRGBA(image.Rect(0, 0, info.Width*square, info.Height*square))
	plane := info.Height * info.Width
	for y := range info.Height * square {
		for x := range info.Width * square {
			i := y/square*info.Width + x/square
			c := color.NRGBA{pixels[i], pixels[i], pixels[i], 255}
			if info.Channels >= 3 {
				c.G, c.B = pixels[plane+i], pixels[2*plane+i]
			}
			p.SetNRGBA(x, y, c)
		}
	}
	return p
}

// Over is a picture with a map [height, width] of values from 0 to 1 over it, stretched bilinearly: where it is 1 the
// picture is red, where it is 0 blue, and half of it is seen everywhere.
func Over(p *image.NRGBA, height, width int, values []float32) *image.NRGBA {
	size := p.Bounds().Size()
	over := image.NewNRGBA(p.Bounds())
	at := func(y, x int) float64 {
		return float64(values[min(max(y, 0), height-1)*width+min(max(x, 0), width-1)])
	}
	for y := range size.Y {
		for x := range size.X {
			v, u := (float64(y)+0.5)*float64(height)/float64(size.Y)-0.5, (float64(x)+0.5)*float64(width)/float64(size.X)-0.5
			top, left := int(math.Floor(v)), int(math.Floor(u))
			dv, du := v-float64(top), u-float64(left)
			value := (1-dv)*((1-du)*at(top, left)+du*at(top, left+1)) + dv*((1-du)*at(top+1, left)+du*at(top+1, left+1))
			c, heat := p.NRGBAAt(x, y), heat(value)
			half := func(a, b uint8) uint8 { return uint8((int(a) + int(b)) / 2) }
			over.SetNRGBA(x, y, color.NRGBA{half(c.R, heat.R), half(c.G, heat.G), half(c.B, heat.B), 255})
		}
	}
	return over
}

// heat is a colour from blue over green to red, as the map "jet" has them.
func heat(v float64) color.NRGBA {
	part := func(centre float64) uint8 { return uint8(255 * min(max(1.5-math.Abs(4*v-centre), 0), 1)) }
	return color.NRGBA{part(3), part(2), part(1), 255}
}

// mostFilters are painted of a layer.
const mostFilters = 256

// Filters paints the weights [out, channels, height, width] of a first convolution, 16 in a row: three channels as
// colours, one as grey. Each is scaled on its own, so that its least weight is black and its largest white.
func Filters(weights []float32, out, channels, height, width int) (*image.NRGBA, error) {
	if channels != 1 && channels != 3 || out*channels*height*width != len(weights) || len(weights) == 0 {
		return nil, fmt.Errorf("filters of [%d, %d, %d, %d] with %d weights: want 1 or 3 channels and as many weights", out, channels,
			height, width, len(weights))
	}
	out = min(out, mostFilters)
	const inRow, gap = 16, 2
	square := max(1, 24/height)
	cell := image.Pt(width*square+gap, height*square+gap)
	p := image.NewNRGBA(image.Rect(0, 0, min(out, inRow)*cell.X, (out+inRow-1)/inRow*cell.Y))
	each := channels * height * width
	for k := range out {
		filter := weights[k*each : (k+1)*each]
		low, high := filter[0], filter[0]
		for _, w := range filter {
			low, high = min(low, w), max(high, w)
		}
		level := func(c, i int) uint8 {
			return uint8(255 * (filter[c*height*width+i] - low) / max(high-low, math.SmallestNonzeroFloat32))
		}
		for y := range height * square {
			for x := range width * square {
				i := y/square*width + x/square
				g, b := min(1, channels-1), min(2, channels-1)
				p.SetNRGBA(k%inRow*cell.X+x, k/inRow*cell.Y+y, color.NRGBA{level(0, i), level(g, i), level(b, i), 255})
			}
		}
	}
	return p, nil
}

// PNG is a painting as a file.
func PNG(p image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, p)
	return b.Bytes(), err
}
