package augment

import "workbench/nn/option"

func init() {
	Register(Augmentation{
		Name: "cutout", Order: 200, Paper: "DeVries and Taylor 2017 (arXiv 1708.04552)",
		Doc: "paints a square at a random place, before the image is normalised",
		Options: []option.Option{
			{Name: "cutout", Default: 0, Doc: "side of the square in pixels; 0: none"},
			paintedWith("cutout_value", "levels of the square"),
		},
		New: func(s option.Settings, size Size) (Policy, error) {
			value, err := levelsOf(s, "cutout_value", size)
			return cutout{s.Int("cutout"), value}, err
		},
	})
}

// cutout paints a square whose middle lies anywhere in the picture, so that it may reach over the edge. The authors
// make it 0 when the picture is normalised, which is the mean of the set: for CIFAR-10 the levels 125, 123, 114.
type cutout struct {
	side  int
	value []uint8 // of all channels, or by channel
}

func (r cutout) Apply(p *Picture, c *Chance) {
	y := c.Below(p.Height)
	p.fill(square(y, c.Below(p.Width), r.side), r.value)
}
