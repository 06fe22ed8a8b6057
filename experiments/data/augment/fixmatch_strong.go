package augment

import "workbench/nn/option"

func init() {
	Register(Augmentation{
		Name: "fixmatch_strong", Order: 158, Paper: "Sohn et al. 2020 (FixMatch, arXiv 2001.07685); USB's RandAugment",
		Doc: "applies some of 14 operations, each at a random strength, and paints a grey square",
		Options: []option.Option{
			{Name: "fixmatch_strong", Default: 0, Max: 14,
				Doc: "operations that are applied, each chosen of 14 with a strength of its own: 3 in USB, 2 in the paper; 0: none, and no square"},
			{Name: "fixmatch_strong_probability", Default: 1.0, Max: 1,
				Doc: "that a chosen operation is applied: 1 in USB, 0.5 in kekmodel/FixMatch-pytorch"},
			{Name: "fixmatch_strong_cutout", Default: 0.5, Max: 1,
				Doc: "greatest side of the square as a share of the width; the side is drawn evenly from 0 to this; 0: no square"},
		},
		New: func(s option.Settings, size Size) (Policy, error) {
			return fixMatchStrong{s.Int("fixmatch_strong"), s.Float("fixmatch_strong_probability"),
				s.Float("fixmatch_strong_cutout") * float64(size.Width), fixMatchOperations(size)}, size.seen()
		},
	})
}

// spread is an operation at a strength that is drawn evenly from a range.
type spread struct {
	operation
	Range
}

// fixMatchOperations are those of FixMatch as USB has them. Factors are from 0.05 to 0.95, and 4 to 7 bits are kept.
// USB works on Pillow's pictures, whose operators differ from these by rounding.
func fixMatchOperations(size Size) []spread {
	factor, slope, shift := Range{-0.95, -0.05}, Range{-0.3, 0.3}, 0.3*float64(size.Width)
	down := 0.3 * float64(size.Height)
	var all []spread
	for _, o := range []struct {
		name string
		Range
	}{
		{"AutoContrast", Range{}}, {"Brightness", factor}, {"Color", factor}, {"Contrast", factor}, {"Equalize", Range{}},
		{"Identity", Range{}}, {"Posterize", Range{4, 8}}, {"Rotate", Range{-30, 30}}, {"Sharpness", factor}, {"ShearX", slope},
		{"ShearY", slope}, {"Solarize", Range{0, 256}}, {"TranslateX", Range{-shift, shift}}, {"TranslateY", Range{-down, down}},
	} {
		all = append(all, spread{operations[o.name], o.Range})
	}
	return all
}

type fixMatchStrong struct {
	n           int
	probability float64
	side        float64 // of the largest square, in pixels
	operations  []spread
}

func (f fixMatchStrong) Apply(p *Picture, c *Chance) {
	for range f.n {
		o := &f.operations[c.Below(len(f.operations))]
		if by := c.Within(o.Range); c.Happens(f.probability) {
			o.apply(p, by)
		}
	}
	side, y, x := whole(c.Within(Range{0, f.side})), c.Below(p.Height), c.Below(p.Width)
	p.fill(square(y, x, side), []uint8{Grey})
}
