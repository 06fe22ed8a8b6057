package corrupt

import (
	"math"

	"workbench/experiments/data/raster"
)

var gaussianBlur = Corruption{
	Name: "gaussian_blur", Extra: true, Doc: "blurs by a Gaussian of standard deviation 0.4, 0.6, 0.7, 0.8, 1 pixels",
	change: levels(func(p *picture, strength int, _ chance) {
		p.blur([Strengths]float64{0.4, 0.6, 0.7, 0.8, 1}[strength])
	}),
}

// blur convolves every channel with a Gaussian that is cut off at four deviations, first down, then across. Beyond an
// edge stands the pixel at the edge. That is scikit-image's gaussian, with the order of its sums.
func (p *picture) blur(sigma float64) {
	radius := int(4*sigma + 0.5)
	weights := make([]float64, radius+1) // by distance from the middle
	sum := 0.0
	for k := -radius; k <= radius; k++ {
		w := math.Exp(-0.5 / (sigma * sigma) * float64(k*k))
		weights[max(k, -k)] = w
		sum += w
	}
	for k := range weights {
		weights[k] /= sum
	}
	line := make([]float64, max(p.height, p.width))
	for channel := range p.channels {
		plane := p.plane(channel)
		for x := range p.width {
			smooth(plane[x:], line[:p.height], p.width, weights)
		}
		for y := range p.height {
			smooth(plane[y*p.width:], line[:p.width], 1, weights)
		}
	}
}

// smooth convolves the values that stand stride apart, as many as line has place for.
func smooth(values, line []float64, stride int, weights []float64) {
	n := len(line)
	for i := range n {
		line[i] = values[i*stride]
	}
	for i, v := range line {
		sum := v * weights[0]
		for k := len(weights) - 1; k > 0; k-- {
			sum += (line[max(i-k, 0)] + line[min(i+k, n-1)]) * weights[k]
		}
		values[i*stride] = sum
	}
}

// softDisk is the kernel of a lens out of focus.
type softDisk struct{ radius, soft float64 } // in pixels; soft is the deviation of the Gaussian that smooths its edge

var defocusBlur = Corruption{
	Name: "defocus_blur", Doc: "blurs by a disk of radius 0.3, 0.4, 0.5, 1, 1.5 pixels, its edge by a Gaussian of 0.4, 0.5, 0.6, 0.2, 0.1",
	change: levels(func(p *picture, strength int, _ chance) {
		p.filter([Strengths]softDisk{{0.3, 0.4}, {0.4, 0.5}, {0.5, 0.6}, {1, 0.2}, {1.5, 0.1}}[strength].kernel())
	}),
}

// reach is how far a kernel goes from its middle.
const reach = 2

// kernel is the disk of the pixels within the radius, smoothed by a Gaussian of 3×3 pixels, in the precision of OpenCV:
// flat parts of a picture then stay on their side of a level.
func (d softDisk) kernel() (k kernel) {
	inside := float32(0)
	for y := -1; y <= 1; y++ {
		for x := -1; x <= 1; x++ {
			if float64(x*x+y*y) <= d.radius*d.radius {
				inside++
				k[reach+y][reach+x] = 1
			}
		}
	}
	for y := range k {
		for x := range k[y] {
			k[y][x] /= inside
		}
	}
	side := math.Exp(-1 / (2 * d.soft * d.soft))
	middle, beside := float32(1/(1+2*side)), float32(side/(1+2*side))
	return k.smoothed(0, 1, middle, beside).smoothed(1, 0, middle, beside)
}

// kernel are the weights of a pixel's neighbours, [down, across], its own in the middle.
type kernel [2*reach + 1][2*reach + 1]float32

// smoothed weighs each weight with the two beside it in a direction. Outside are zeros.
func (k kernel) smoothed(down, across int, middle, beside float32) (out kernel) {
	at := func(y, x int) float32 {
		if min(y, x) < 0 || max(y, x) > 2*reach {
			return 0
		}
		return k[y][x]
	}
	for y := range k {
		for x := range k[y] {
			out[y][x] = float32(k[y][x]*middle) + float32((at(y-down, x-across)+at(y+down, x+across))*beside)
		}
	}
	return out
}

// filter weighs every pixel with its neighbours. Beyond an edge the picture is mirrored at its outermost pixels, as
// OpenCV's filter2D does it.
func (p *picture) filter(k kernel) {
	from := make([]float64, p.height*p.width)
	for channel := range p.channels {
		plane := p.plane(channel)
		copy(from, plane)
		for y := range p.height {
			for x := range p.width {
				sum := 0.0
				for j, row := range k {
					line := from[mirrored(y+j-reach, p.height)*p.width:]
					for i, w := range row {
						sum += float64(w) * line[mirrored(x+i-reach, p.width)]
					}
				}
				plane[y*p.width+x] = sum
			}
		}
	}
}

// mirrored is the pixel of n that stands for one beyond the edge.
func mirrored(i, n int) int {
	for n > 1 && (i < 0 || i >= n) {
		if i < 0 {
			i = -i
		} else {
			i = 2*(n-1) - i
		}
	}
	return min(max(i, 0), n-1)
}

// pixelate makes pixels larger; see box.
var pixelate = Corruption{
	Name: "pixelate", Doc: "makes the picture smaller by 0.95, 0.9, 0.85, 0.75, 0.65 with a box filter, and as large as before again",
	change: func(p *picture, strength int, _ chance) error {
		share := [Strengths]float64{0.95, 0.9, 0.85, 0.75, 0.65}[strength-1]
		height, width := max(1, int(float64(p.height)*share)), max(1, int(float64(p.width)*share))
		m := raster.Image{Channels: p.channels, Height: p.height, Width: p.width, Values: p.raw}
		boxed(boxed(m, height, width), p.height, p.width, p.raw)
		return nil
	},
}
