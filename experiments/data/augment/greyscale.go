package augment

import "workbench/nn/option"

func init() {
	Register(Augmentation{
		Name: "greyscale", Order: 120, Paper: "torchvision's RandomGrayscale; Chen et al. 2020 (SimCLR, arXiv 2002.05709), appendix A",
		Doc:     "takes the colours away",
		Options: []option.Option{{Name: "greyscale", Default: 0.0, Max: 1, Doc: "probability that an image becomes grey; 0: never"}},
		New: func(s option.Settings, size Size) (Policy, error) {
			return greyscale{s.Float("greyscale")}, size.seen()
		},
	})
}

type greyscale struct{ probability float64 }

func (g greyscale) Apply(p *Picture, c *Chance) {
	if c.Happens(g.probability) {
		p.grey()
	}
}
