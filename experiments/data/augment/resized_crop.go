package augment

import (
	"math"

	"workbench/experiments/data/raster"
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

func (r resizedCrop) Apply(p *Picture, c *Chance) { p.enlarge(r.window(p.Height, p.Width, c)) }

// Cut draws the window on the original.
func (r resizedCrop) Cut(original *raster.Image, p *Picture, c *Chance) {
	cut := raster.Resized(r.window(original.Height, original.Width, c), p.Height, p.Width)
	p.resizer.Resize(original, cut, p.Values)
}

// enlarge fills the picture with a window of itself. A window is never larger than its picture, so each pixel is
// mixed of two neighbours in a row and in a column.
func (p *Picture) enlarge(w raster.Window) {
	m := raster.Image{Channels: p.Channels, Height: p.Height, Width: p.Width, Values: p.Values}
	p.resizer.Resize(&m, raster.Resized(w, p.Height, p.Width), p.Values)
}

// windowTries is how often a window is drawn until one fits into the picture.
const windowTries = 10

// window draws a window of a picture; if none fits, it is the largest in the middle whose ratio is within the range.
func (r resizedCrop) window(height, width int, c *Chance) raster.Window {
	area, shape := float64(height*width), r.ratio.log()
	for range windowTries {
		area, ratio := area*c.Within(r.scale), math.Exp(c.Within(shape))
		w := raster.Window{Width: whole(math.Sqrt(area * ratio)), Height: whole(math.Sqrt(area / ratio))}
		if 0 < w.Width && w.Width <= width && 0 < w.Height && w.Height <= height {
			w.Top, w.Left = c.Below(height-w.Height+1), c.Below(width-w.Width+1)
			return w
		}
	}
	w := raster.Window{Width: width, Height: height}
	switch ratio := float64(width) / float64(height); {
	case ratio < r.ratio.Low:
		w.Height = max(1, whole(float64(width)/r.ratio.Low))
	case ratio > r.ratio.High:
		w.Width = max(1, whole(float64(height)*r.ratio.High))
	}
	w.Top, w.Left = (height-w.Height)/2, (width-w.Width)/2
	return w
}

// log is the range of the logarithm.
func (r Range) log() Range { return Range{math.Log(r.Low), math.Log(r.High)} }

// whole rounds to the nearest whole number, and halves to the even one, as Python does.
func whole(x float64) int { return int(math.RoundToEven(x)) }
