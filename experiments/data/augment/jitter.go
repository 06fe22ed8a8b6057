package augment

import "workbench/nn/option"

func init() {
	strength := func(name string, by, most float64, doc string) option.Option {
		return option.Option{Name: "jitter_" + name, Default: by, Max: most, Doc: doc}
	}
	Register(Augmentation{
		Name: "jitter", Order: 110, Paper: "torchvision's ColorJitter; Chen et al. 2020 (SimCLR, arXiv 2002.05709), appendix A",
		Doc: "changes brightness, contrast, saturation and hue in random order",
		Options: []option.Option{
			{Name: "jitter", Default: 0.0, Max: 1, Doc: "probability that the colours of an image are changed; 0: never"},
			strength("brightness", 0.4, 1, "a factor on all levels is drawn from 1 − this to 1 + this"),
			strength("contrast", 0.4, 1, "a factor on the distance from the mean grey is drawn from 1 − this to 1 + this"),
			strength("saturation", 0.4, 1, "a factor on the distance from each pixel's grey is drawn from 1 − this to 1 + this"),
			strength("hue", 0.1, 0.5, "hue is turned by −this to this of the circle"),
		},
		New: func(s option.Settings, size Size) (Policy, error) {
			hue := s.Float("jitter_hue")
			return jitter{s.Float("jitter"), [4]Range{around(s.Float("jitter_brightness")), around(s.Float("jitter_contrast")),
				around(s.Float("jitter_saturation")), {-hue, hue}}}, size.seen()
		},
	})
}

// jitter has the range of each change: brightness, contrast, saturation, hue.
type jitter struct {
	probability float64
	ranges      [4]Range
}

func (j jitter) Apply(p *Picture, c *Chance) {
	if !c.Happens(j.probability) {
		return
	}
	order := [...]int{0, 1, 2, 3}
	c.Shuffle(order[:])
	for _, what := range order {
		r := j.ranges[what]
		by := c.Within(r)
		if r.Low == r.High {
			continue // strength 0
		}
		switch what {
		case 0:
			p.brightness(by)
		case 1:
			p.contrast(by)
		case 2:
			p.saturation(by)
		case 3:
			p.hue(by)
		}
	}
}
