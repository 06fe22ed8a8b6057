package augment

import "workbench/nn/option"

func init() {
	Register(Augmentation{
		Name: "cutout", Order: 200, Paper: "DeVries and Taylor 2017 (arXiv 1708.04552)",
		Doc:     "paints a square at a random place black",
		Options: []option.Option{{Name: "cutout", Default: 0, Doc: "side of the square in pixels; 0: none"}},
		New:     func(s option.Settings, _ Size) (Policy, error) { return cutout{s.Int("cutout")}, nil },
	})
}

// cutout paints a square whose centre lies anywhere in the picture; it may reach over the edge.
type cutout struct{ side int }

func (c cutout) Apply(p *Picture, chance *Chance) {
	top, left := chance.Below(p.Height)-c.side/2, chance.Below(p.Width)-c.side/2
	for channel := range p.Channels {
		for y := max(0, top); y < min(p.Height, top+c.side); y++ {
			row := p.Values[(channel*p.Height+y)*p.Width:]
			paint(row[max(0, left):min(p.Width, left+c.side)], Black)
		}
	}
}
