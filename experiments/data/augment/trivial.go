package augment

import "workbench/nn/option"

func init() {
	Register(Augmentation{
		Name: "trivial", Order: 156, Paper: "Müller and Hutter 2021 (arXiv 2103.10158); torchvision's TrivialAugmentWide",
		Doc:     "applies one of 14 operations at a random strength",
		Options: []option.Option{{Name: "trivial", Default: false, Doc: "apply one of 14 operations at a random strength (TrivialAugment Wide)"}},
		New: func(_ option.Settings, size Size) (Policy, error) {
			var t trivial
			for _, name := range common {
				t.doses = append(t.doses, wide.doses(name, trivialBins))
			}
			return t, size.seen()
		},
	})
}

// wide are the greatest strengths of TrivialAugment Wide, whatever the size of the picture.
var wide = greatest{shear: 0.99, translateX: 32, translateY: 32, rotate: 135, enhance: 0.99, bits: 6}

// trivialBins is how many strengths TrivialAugment has, those of none included.
const trivialBins = 31

type trivial struct{ doses [][]dose } // by operation, by strength

func (t trivial) Apply(p *Picture, c *Chance) {
	doses := t.doses[c.Below(len(t.doses))]
	doses[c.Below(len(doses))].give(p, c)
}
