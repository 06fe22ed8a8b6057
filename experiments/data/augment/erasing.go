package augment

import (
	"math"

	"workbench/experiments/data/raster"
	"workbench/nn/option"
)

func init() {
	Register(Augmentation{
		Name: "erasing", Order: 210, Paper: "Zhong et al. 2017 (arXiv 1708.04896); torchvision's RandomErasing",
		Doc: "paints a rectangle of random area, shape and place, before the image is normalised",
		Options: []option.Option{
			{Name: "erasing", Default: 0.0, Max: 1, Doc: "probability that a rectangle of an image is painted; 0: never"},
			{Name: "erasing_scale", Default: []float64{0.02, 0.33}, Want: "a list of two shares such as [0.02, 0.33]",
				Doc: "area of the rectangle as a share of the image's, from the first to the second"},
			{Name: "erasing_ratio", Default: []float64{0.3, 3.3}, Want: "a list of two numbers such as [0.3, 3.3]",
				Doc: "height of the rectangle by its width, from the first to the second, evenly in the logarithm"},
			paintedWith("erasing_value", "levels of the rectangle"),
			{Name: "erasing_noise", Default: false,
				Doc: "paint every pixel with a level of its own, from a normal distribution of mean 127 and standard deviation 64"},
		},
		New: newErasing,
	})
}

// erasing draws rectangles as torchvision does. There it comes after the picture was normalised, so that its usual 0
// is the mean of the set, and its random values have the set's mean and deviation.
type erasing struct {
	probability  float64
	scale, ratio Range
	value        []uint8 // of all channels, or by channel
	noise        bool
}

func newErasing(s option.Settings, size Size) (Policy, error) {
	e := erasing{probability: s.Float("erasing"), noise: s.Bool("erasing_noise")}
	var err error
	if e.scale, err = rangeOf(s, "erasing_scale", 1); err != nil {
		return nil, err
	}
	if e.ratio, err = rangeOf(s, "erasing_ratio", 0); err != nil {
		return nil, err
	}
	e.value, err = levelsOf(s, "erasing_value", size)
	return e, err
}

func (e erasing) Apply(p *Picture, c *Chance) {
	if !c.Happens(e.probability) {
		return
	}
	w, ok := e.window(p.Size, c)
	switch {
	case !ok:
	case e.noise:
		p.noise(w, c)
	default:
		p.fill(w, e.value)
	}
}

// window draws a rectangle that is smaller than the picture; ok is false if none of those drawn is.
func (e erasing) window(size Size, c *Chance) (w raster.Window, ok bool) {
	area, shape := float64(size.Height*size.Width), e.ratio.log()
	for range windowTries {
		area, ratio := area*c.Within(e.scale), math.Exp(c.Within(shape))
		w.Height, w.Width = whole(math.Sqrt(area*ratio)), whole(math.Sqrt(area/ratio))
		if w.Height < size.Height && w.Width < size.Width {
			w.Top, w.Left = c.Below(size.Height-w.Height+1), c.Below(size.Width-w.Width+1)
			return w, true
		}
	}
	return w, false
}

// Of the noise: about what the levels of photographs have.
const (
	noiseMean      = float64(Grey)
	noiseDeviation = 64
)

// noise paints every level of a window at random, from a normal distribution that is cut off at Black and White.
func (p *Picture) noise(w raster.Window, c *Chance) {
	for channel := range p.Channels {
		plane := p.plane(channel)
		for y := w.Top; y < w.Top+w.Height; y++ {
			for x := w.Left; x < w.Left+w.Width; x++ {
				normal := math.Sqrt2 * math.Erfinv(2*float64(c.Uniform())-1)
				plane[y*p.Width+x] = uint8(min(max(noiseMean+noiseDeviation*normal+0.5, 0), float64(White)))
			}
		}
	}
}
