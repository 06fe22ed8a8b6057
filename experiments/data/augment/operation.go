package augment

import "math"

// operation is an operator as policies choose it, with one number for its strength.
type operation struct {
	name   string // torchvision's
	signed bool   // the strength gets a random sign
	apply  func(p *Picture, strength float64)

	// strength at a share, 0 to 1, of the greatest of a policy; nil: the operator has none.
	strength func(most greatest, share float64) float64
}

// greatest are the greatest strengths of a policy.
type greatest struct {
	shear                  float64 // slope
	translateX, translateY float64 // pixels
	rotate                 float64 // degrees
	enhance                float64 // distance of a factor from 1
	bits                   float64 // that are lost of 8
}

// operations by torchvision's names. A strength is a slope, pixels, degrees, how far a factor is from 1, the bits that
// are kept, or the least level that is inverted.
var operations = func() map[string]operation {
	named := map[string]operation{}
	for _, o := range []operation{
		{"Identity", false, func(*Picture, float64) {}, nil},
		{"ShearX", true, (*Picture).shearX, func(m greatest, s float64) float64 { return m.shear * s }},
		{"ShearY", true, (*Picture).shearY, func(m greatest, s float64) float64 { return m.shear * s }},
		{"TranslateX", true, (*Picture).translateX, func(m greatest, s float64) float64 { return math.Trunc(m.translateX * s) }},
		{"TranslateY", true, (*Picture).translateY, func(m greatest, s float64) float64 { return math.Trunc(m.translateY * s) }},
		{"Rotate", true, (*Picture).rotate, func(m greatest, s float64) float64 { return m.rotate * s }},
		{"Brightness", true, enhance((*Picture).brightness), greatest.factor},
		{"Color", true, enhance((*Picture).saturation), greatest.factor},
		{"Contrast", true, enhance((*Picture).contrast), greatest.factor},
		{"Sharpness", true, enhance((*Picture).sharpness), greatest.factor},
		{"Posterize", false, func(p *Picture, bits float64) { p.posterize(int(bits)) },
			func(m greatest, s float64) float64 { return math.RoundToEven(8 - m.bits*s) }},
		{"Solarize", false, (*Picture).solarize, func(_ greatest, s float64) float64 { return float64(White) * (1 - s) }},
		{"AutoContrast", false, func(p *Picture, _ float64) { p.autocontrast() }, nil},
		{"Equalize", false, func(p *Picture, _ float64) { p.equalize() }, nil},
		{"Invert", false, func(p *Picture, _ float64) { p.invert() }, nil},
	} {
		named[o.name] = o
	}
	return named
}()

func (m greatest) factor(share float64) float64 { return m.enhance * share }

// enhance makes an operation of an operator whose factor 1 leaves the picture.
func enhance(operate func(p *Picture, factor float64)) func(*Picture, float64) {
	return func(p *Picture, strength float64) { operate(p, 1+strength) }
}

// common are the operations that RandAugment and TrivialAugment choose from.
var common = []string{"Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast",
	"Sharpness", "Posterize", "Solarize", "AutoContrast", "Equalize"}

// dose is an operation at one strength.
type dose struct {
	operation
	by float64
}

// doses of an operation at so many strengths, evenly from none to the greatest of the policy. An operation without
// strengths has one dose.
func (m greatest) doses(name string, bins int) []dose {
	o := operations[name]
	if o.strength == nil {
		return []dose{{operation: o}}
	}
	all := make([]dose, bins)
	for i := range all {
		all[i] = dose{o, o.strength(m, float64(i)/float64(bins-1))}
	}
	return all
}

// give the dose to a picture, with a random sign where the operation has one.
func (d *dose) give(p *Picture, c *Chance) {
	by := d.by
	if d.signed && c.Below(2) == 0 {
		by = -by
	}
	d.apply(p, by)
}
