package gallery

import (
	"image"
	"image/color"
	"image/draw"

	"workbench/experiments/data"
)

// mostSide is how many pixels a side of a cell has at most: larger images are made smaller, so that a sheet of them
// stays small.
const mostSide = 128

// Side is how many pixels a side of the cells of a sheet has: pictures of an image of the set, in a square.
func Side(info data.Info) int {
	longest := max(info.Height, info.Width)
	if longest > mostSide {
		by := (longest + mostSide - 1) / mostSide
		return (longest + by - 1) / by
	}
	return longest * max(1, (shownSide+longest-1)/longest)
}

// Picture is a picture of pixels [channels, height, width] that has room in a cell: its pixels are squares, or means of
// squares.
func Picture(info data.Info, pixels []uint8) *image.NRGBA {
	longest, side := max(info.Height, info.Width), Side(info)
	if side >= longest {
		by := side / longest
		return magnified(info, pixels, by)
	}
	by := (longest + side - 1) / side
	height, width, plane := (info.Height+by-1)/by, (info.Width+by-1)/by, info.Height*info.Width
	p := image.NewNRGBA(image.Rect(0, 0, width, height))
	mean := func(channel, y, x int) uint8 {
		sum, n := 0, 0
		for v := y * by; v < min((y+1)*by, info.Height); v++ {
			for u := x * by; u < min((x+1)*by, info.Width); u++ {
				sum, n = sum+int(pixels[channel*plane+v*info.Width+u]), n+1
			}
		}
		return uint8((sum + n/2) / n)
	}
	for y := range height {
		for x := range width {
			red := mean(0, y, x)
			c := color.NRGBA{red, red, red, 255}
			if info.Channels >= 3 {
				c.G, c.B = mean(1, y, x), mean(2, y, x)
			}
			p.SetNRGBA(x, y, c)
		}
	}
	return p
}

// Sheet are pictures in rows, as one picture is made of them: cells of Side pixels without gaps.
type Sheet struct {
	Side int
	Rows [][]*image.NRGBA
}

// Image puts the cells of a sheet together, each picture in the middle of its own.
func (s Sheet) Image() *image.NRGBA {
	columns := 0
	for _, row := range s.Rows {
		columns = max(columns, len(row))
	}
	whole := image.NewNRGBA(image.Rect(0, 0, columns*s.Side, len(s.Rows)*s.Side))
	for y, row := range s.Rows {
		for x, p := range row {
			size := p.Bounds().Size()
			at := image.Pt(x*s.Side+(s.Side-size.X)/2, y*s.Side+(s.Side-size.Y)/2)
			draw.Draw(whole, image.Rectangle{Min: at, Max: at.Add(size)}, p, p.Bounds().Min, draw.Src)
		}
	}
	return whole
}
