package augment

import "workbench/nn/option"

func init() {
	Register(Augmentation{
		Name: "fixmatch_paper", Order: 159,
		Paper: "Sohn et al. 2020 (FixMatch, arXiv 2001.07685), as in google-research/fixmatch (augment=d.d.rac)",
		Doc:   "applies two of 14 operations, each in half of the cases and at one of nine strengths, and paints a grey square of half the width",
		Options: []option.Option{
			{Name: "fixmatch_paper", Default: false, Doc: "the strong policy of FixMatch's authors; what comes from outside is black, theirs grey"},
		},
		New: func(_ option.Settings, size Size) (Policy, error) {
			return fixMatchPaper{paperDoses(size), size.Width / 2}, size.seen()
		},
	})
}

// paperLevels are the strengths that are drawn, 1 to 9 of 10 (libml/augment.py: AugmentPoolRAMC with magnitude 10).
const paperLevels = 9

// paperDoses are the operations at each strength, as third_party/auto_augment/augmentations.py has them. Pixels are
// those of pictures of 32×32, and grow with the picture. Where the authors cut to whole numbers, so does this.
func paperDoses(size Size) [][]dose {
	var all [][]dose
	for _, name := range common {
		o := operations[name]
		doses := make([]dose, paperLevels)
		for i := range doses {
			doses[i] = dose{o, paperStrength(name, i+1, size)}
		}
		all = append(all, doses)
	}
	return all
}

// paperStrength is the strength of an operation at a level of 10.
func paperStrength(name string, level int, size Size) float64 {
	share := float64(level) / 10
	switch name {
	case "ShearX", "ShearY":
		return 0.3 * share
	case "TranslateX":
		return float64(level * size.Width / 32)
	case "TranslateY":
		return float64(level * size.Height / 32)
	case "Rotate":
		return float64(level * 30 / 10)
	case "Brightness", "Color", "Contrast", "Sharpness":
		return 1.8*share + 0.1 - 1 // a factor of 0.28 to 1.72
	case "Posterize":
		return float64(4 - level*4/10) // bits that are kept
	case "Solarize":
		return float64(256 - level*256/10) // the least level that is inverted
	}
	return 0 // there is none
}

type fixMatchPaper struct {
	operations [][]dose // by operation and strength
	side       int      // of the square
}

func (f fixMatchPaper) Apply(p *Picture, c *Chance) {
	for range 2 {
		doses := f.operations[c.Below(len(f.operations))]
		d := doses[c.Below(paperLevels)]
		if c.Happens(0.5) {
			d.give(p, c)
		}
	}
	y := c.Below(p.Height)
	p.fill(square(y, c.Below(p.Width), f.side), []uint8{Grey})
}
