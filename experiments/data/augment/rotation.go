package augment

import "workbench/nn/option"

func init() {
	Register(Augmentation{
		Name: "rotation", Order: 30, Paper: "torchvision's RandomRotation",
		Doc: "turns by a random angle, to the nearest pixels; what comes in is black",
		Options: []option.Option{{Name: "rotation", Default: 0.0, Max: 180,
			Doc: "degrees by which an image is turned at most, to the left or to the right; 0: none"}},
		New: func(s option.Settings, _ Size) (Policy, error) {
			most := s.Float("rotation")
			return rotation{Range{-most, most}}, nil
		},
	})
}

type rotation struct{ degrees Range }

func (r rotation) Apply(p *Picture, c *Chance) { p.rotate(c.Within(r.degrees)) }
