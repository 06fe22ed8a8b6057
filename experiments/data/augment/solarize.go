package augment

import "workbench/nn/option"

func init() {
	Register(Augmentation{
		Name: "solarize", Order: 140, Paper: "torchvision's RandomSolarize; Grill et al. 2020 (BYOL, arXiv 2006.07733), appendix B",
		Doc: "inverts the bright levels",
		Options: []option.Option{
			{Name: "solarize", Default: 0.0, Max: 1, Doc: "probability that the bright levels of an image are inverted; 0: never"},
			{Name: "solarize_threshold", Default: 128, Max: float64(White), Doc: "the least level that is inverted, of 255"},
		},
		New: func(s option.Settings, _ Size) (Policy, error) {
			return solarize{s.Float("solarize"), float64(s.Int("solarize_threshold"))}, nil
		},
	})
}

type solarize struct{ probability, threshold float64 }

func (s solarize) Apply(p *Picture, c *Chance) {
	if c.Happens(s.probability) {
		p.solarize(s.threshold)
	}
}
