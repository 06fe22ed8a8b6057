package mixing

import (
	"math"

	"workbench/experiments/data/raster"
)

// Mix is what happens to the images of one batch.
type Mix struct {
	Own float64       // share of an image's label that stays; the rest is its partner's label
	Box raster.Window // of the partner that is pasted into the image
	Cut bool          // the box is pasted; false: the images are averaged, Own of an image and the rest of its partner
}

// pasted is CutMix's box of about 1 − share of the picture around a pixel. It is cut off at the picture's edges; Own is
// the share that it leaves of the picture.
func pasted(share float64, x, y, height, width int) Mix {
	half := 0.5 * math.Sqrt(1-share)
	across, down := int(half*float64(width)), int(half*float64(height))
	left, top := max(x-across, 0), max(y-down, 0)
	box := raster.Window{Top: top, Left: left, Height: min(y+down, height) - top, Width: min(x+across, width) - left}
	return Mix{Own: 1 - float64(box.Height*box.Width)/float64(height*width), Box: box, Cut: true}
}

// Images mixes n images [n, channels, height, width] in place. The results are those of torchvision's v2 MixUp and
// CutMix, bit for bit.
func (m Mix) Images(x []float32, n, channels, height, width int) {
	size := channels * height * width
	if n < 2 || m.Own == 1 {
		return
	}
	last := append([]float32(nil), x[(n-1)*size:n*size]...)
	for i := n - 1; i >= 0; i-- {
		partner := last
		if i > 0 {
			partner = x[(i-1)*size : i*size]
		}
		own := x[i*size : (i+1)*size]
		if m.Cut {
			m.paste(own, partner, channels, height, width)
		} else {
			m.average(own, partner)
		}
	}
}

func (m Mix) average(own, partner []float32) {
	a, b := float32(m.Own), float32(1-m.Own)
	for k, v := range partner {
		own[k] = float32(v*b) + float32(own[k]*a)
	}
}

func (m Mix) paste(own, partner []float32, channels, height, width int) {
	for c := range channels {
		for y := range m.Box.Height {
			at := (c*height+m.Box.Top+y)*width + m.Box.Left
			copy(own[at:at+m.Box.Width], partner[at:at+m.Box.Width])
		}
	}
}

// Targets writes the shares of the classes in n mixed images to dst [n, classes], by their labels [n].
func (m Mix) Targets(labels []int32, classes int, dst []float32) {
	n := len(labels)
	clear(dst[:n*classes])
	for i, label := range labels {
		partner := labels[(i+n-1)%n]
		if n < 2 {
			partner = label
		}
		row := dst[i*classes : (i+1)*classes]
		row[partner] = float32(1 - m.Own)
		row[label] += float32(m.Own)
	}
}
