package augment

import "workbench/nn/option"

func init() {
	Register(Augmentation{
		Name: "negative", Order: 145,
		Doc:     "replaces every level by its opposite",
		Options: []option.Option{{Name: "negative", Default: 0.0, Max: 1, Doc: "probability that an image becomes its negative; 0: never"}},
		New:     func(s option.Settings, _ Size) (Policy, error) { return negative{s.Float("negative")}, nil },
	})
}

// negative acts on a picture with a probability.
type negative struct{ probability float64 }

func (n negative) Apply(p *Picture, c *Chance) {
	if !c.Happens(n.probability) {
		return
	}
	for i, v := range p.Values {
		p.Values[i] = White - v
	}
}
