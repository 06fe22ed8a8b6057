package augment

import (
	"errors"

	"workbench/nn/option"
)

func init() {
	Register(Augmentation{
		Name: "alternating_flip", Order: 22, Paper: "Jordan 2024 (airbench, arXiv 2404.00498)",
		Doc: "mirrors a random half of the images left to right, in the next epoch the other half, and so on in turn",
		Options: []option.Option{{Name: "alternating_flip", Default: false,
			Doc: "mirror a random half of the images in the first epoch, the other half in the next, and so on in turn; in place of flip"}},
		New: func(s option.Settings, _ Size) (Policy, error) {
			if s.Bool("flip") {
				return nil, errors.New("it takes the place of augment.flip, which is on too")
			}
			return alternatingFlip{}, nil
		},
	})
}

type alternatingFlip struct{}

func (alternatingFlip) Apply(p *Picture, c *Chance) {
	lasting := c.Lasting()
	if (uint64(lasting.Below(2))+c.Epoch())%2 == 1 {
		p.mirror()
	}
}
