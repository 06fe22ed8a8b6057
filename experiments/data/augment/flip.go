package augment

import (
	"slices"

	"workbench/nn/option"
)

func init() {
	Register(Augmentation{
		Name: "flip", Order: 20, draws: at(2),
		Doc:     "mirrors left to right with probability 1/2",
		Options: []option.Option{{Name: "flip", Default: false, Doc: "mirror left to right with probability 1/2"}},
		New:     func(option.Settings, Size) (Policy, error) { return flip{}, nil },
	})
}

type flip struct{}

func (flip) Apply(p *Picture, c *Chance) {
	if c.Below(2) == 1 {
		p.mirror()
	}
}

// mirror turns left to right.
func (p *Picture) mirror() {
	for from := 0; from < len(p.Values); from += p.Width {
		slices.Reverse(p.Values[from : from+p.Width])
	}
}
