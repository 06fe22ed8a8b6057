package augment

import (
	"math"

	"workbench/nn/option"
)

func init() {
	Register(Augmentation{
		Name: "resized_crop", Order: 12,
		Paper: "Szegedy et al. 2015 (arXiv 1409.4842), section 6; torchvision's RandomResizedCrop",
		Doc:   "enlarges a window of random area, shape and place to the original size",
		Options: []option.Option{
			{Name: "resized_crop", Default: false, Doc: "enlarge a random window to the original size"},
			{Name: "resized_crop_scale", Default: []float64{0.08, 1}, Want: "a list of two shares such as [0.2, 1]",
				Doc: "area of the window as a share of the image's, from the first to the second"},
			{Name: "resized_crop_ratio", Default: []float64{3.0 / 4, 4.0 / 3}, Want: "a list of two numbers such as [0.75, 1.33]",
				Doc: "width of the window by its height, from the first to the second, evenly in the logarithm"},
		},
		New: func(s option.Settings, size Size) (Policy, error) {
			scale, err := rangeOf(s, "resized_crop_scale", 1)
			if err != nil {
				return nil, err
			}
			ratio, err := rangeOf(s, "resized_crop_ratio", 0)
			return resizedCrop{scale, ratio}, err
		},
	})
}

// resizedCrop draws windows as torchvision does.
type resizedCrop struct {
	scale Range // area of the window, 1: that of the picture
	ratio Range // width by height
}

func (r resizedCrop) Apply(p *Picture, c *Chance) { p.resize(r.window(p.Size, c)) }

// windowTries is how often a window is drawn until one fits into the picture.
const windowTries = 10

// window draws a window; if none fits, it is the largest in the middle whose ratio is within the range.
func (r resizedCrop) window(size Size, c *Chance) window {
	area, shape := float64(size.Height*size.Width), r.ratio.log()
	for range windowTries {
		area, ratio := area*c.Within(r.scale), math.Exp(c.Within(shape))
		w := window{width: whole(math.Sqrt(area * ratio)), height: whole(math.Sqrt(area / ratio))}
		if 0 < w.width && w.width <= size.Width && 0 < w.height && w.height <= size.Height {
			w.top, w.left = c.Below(size.Height-w.height+1), c.Below(size.Width-w.width+1)
			return w
		}
	}
	w := window{width: size.Width, height: size.Height}
	switch ratio := float64(size.Width) / float64(size.Height); {
	case ratio < r.ratio.Low:
		w.height = max(1, whole(float64(size.Width)/r.ratio.Low))
	case ratio > r.ratio.High:
		w.width = max(1, whole(float64(size.Height)*r.ratio.High))
	}
	w.top, w.left = (size.Height-w.height)/2, (size.Width-w.width)/2
	return w
}

// log is the range of the logarithm.
func (r Range) log() Range { return Range{math.Log(r.Low), math.Log(r.High)} }

// whole rounds to the nearest whole number, and halves to the even one, as Python does.
func whole(x float64) int { return int(math.RoundToEven(x)) }
