package augment

import "workbench/nn/option"

func init() {
	Register(Augmentation{
		Name: "randaugment", Order: 154, Paper: "Cubuk et al. 2019 (arXiv 1909.13719); torchvision's RandAugment",
		Doc: "applies some of 14 operations at one strength",
		Options: []option.Option{
			{Name: "randaugment", Default: 0, Max: 14, Doc: "operations that are applied, each chosen of 14; 0: none"},
			{Name: "randaugment_magnitude", Default: 9, Max: randBins - 1,
				Doc: "strength of the operations, of 30; at 30 they shear by 0.3, turn by 30°, and make factors of 0.1 or 1.9"},
		},
		New: func(s option.Settings, size Size) (Policy, error) {
			r := randAugment{n: s.Int("randaugment")}
			for _, name := range common {
				doses := modest(size).doses(name, randBins)
				r.doses = append(r.doses, doses[min(s.Int("randaugment_magnitude"), len(doses)-1)])
			}
			return r, size.seen()
		},
	})
}

// randBins is how many strengths RandAugment has, those of none included.
const randBins = 31

// modest are the greatest strengths of AutoAugment, which RandAugment took over. The pixels are those of pictures of
// 331×331, for which they were found.
func modest(size Size) greatest {
	return greatest{shear: 0.3, translateX: 150.0 / 331 * float64(size.Width), translateY: 150.0 / 331 * float64(size.Height),
		rotate: 30, enhance: 0.9, bits: 4}
}

type randAugment struct {
	n     int
	doses []dose // one an operation
}

func (r randAugment) Apply(p *Picture, c *Chance) {
	for range r.n {
		r.doses[c.Below(len(r.doses))].give(p, c)
	}
}
