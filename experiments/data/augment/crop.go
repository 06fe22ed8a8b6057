package augment

import (
	"fmt"

	"workbench/nn/option"
)

func init() {
	Register(Augmentation{
		Name: "crop", Order: 10, draws: at(0),
		Doc: "adds black pixels on each side and crops to the original size at a random place",
		Options: []option.Option{
			{Name: "pad", Default: 0, Doc: "black pixels added on each side before a random crop to the original size; 0: no crop"},
		},
		New: func(s option.Settings, size Size) (Policy, error) {
			pad := s.Int("pad")
			if smaller := min(size.Height, size.Width); pad >= smaller {
				return nil, fmt.Errorf("pad of %d pixels on images of %d×%d, want 0 to %d", pad, size.Height, size.Width, smaller-1)
			}
			return crop{pad}, nil
		},
	})
}

// crop takes a window of the picture's size out of the padded picture. Padding is black, as in torchvision's
// usual order: raw images are padded and normalised afterwards.
type crop struct{ pad int }

func (r crop) Apply(p *Picture, c *Chance) {
	places := 2*r.pad + 1
	down := c.Below(places) - r.pad
	right := c.Below(places) - r.pad
	copy(p.Spare, p.Values)
	plane := p.Height * p.Width
	for channel := range p.Channels {
		p.shift(channel, down, right, p.Values[channel*plane:(channel+1)*plane])
	}
}

// shift writes a channel to dst [height, width], taken from Spare moved up by down and left by right pixels.
func (p *Picture) shift(channel, down, right int, dst []uint8) {
	h, w := p.Height, p.Width
	from, to := max(0, -right), min(w, w-right) // columns of dst that the picture covers
	for y := range h {
		row := dst[y*w : (y+1)*w]
		if y+down < 0 || y+down >= h {
			paint(row, Black)
			continue
		}
		source := p.Spare[(channel*h+y+down)*w:]
		paint(row[:from], Black)
		copy(row[from:to], source[from+right:to+right])
		paint(row[to:], Black)
	}
}

func paint(row []uint8, value uint8) {
	for i := range row {
		row[i] = value
	}
}
