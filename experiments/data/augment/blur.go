package augment

import (
	"fmt"
	"math"

	"workbench/nn/option"
)

func init() {
	Register(Augmentation{
		Name: "blur", Order: 130, Paper: "torchvision's GaussianBlur; Chen et al. 2020 (SimCLR, arXiv 2002.05709), appendix A",
		Doc: "blurs with a Gaussian of random width",
		Options: []option.Option{
			{Name: "blur", Default: 0.0, Max: 1, Doc: "probability that an image is blurred; 0: never"},
			{Name: "blur_sigma", Default: []float64{0.1, 2}, Want: "a list of two numbers of pixels such as [0.1, 2]",
				Doc: "standard deviation of the Gaussian in pixels, from the first to the second"},
			{Name: "blur_kernel", Default: 0, Want: "an odd number of pixels, or 0 for a tenth of the image's smaller side",
				Doc: "side of the kernel in pixels; 0: the odd number next to a tenth of the image's smaller side, but at least 3"},
		},
		New: func(s option.Settings, size Size) (Policy, error) {
			sigma, err := rangeOf(s, "blur_sigma", 0)
			if err != nil {
				return nil, err
			}
			side, smaller := s.Int("blur_kernel"), min(size.Height, size.Width)
			if side == 0 {
				side = max(3, smaller/20*2+1)
			}
			if side%2 == 0 || side/2 >= smaller {
				return nil, fmt.Errorf("blur_kernel of %d pixels on images of %d×%d, want an odd number from 1 to %d",
					side, size.Height, size.Width, 2*smaller-1)
			}
			return blur{s.Float("blur"), sigma, side / 2}, nil
		},
	})
}

type blur struct {
	probability float64
	sigma       Range
	radius      int // pixels that the kernel reaches to each side of its middle
}

func (b blur) Apply(p *Picture, c *Chance) {
	if c.Happens(b.probability) {
		p.blur(b.radius, c.Within(b.sigma))
	}
}

// blur convolves every channel with a Gaussian of a standard deviation sigma in pixels, cut off at a radius. Beyond
// the edge the picture is mirrored at its outermost pixels, as torchvision does it.
func (p *Picture) blur(radius int, sigma float64) {
	floats := p.floats(radius + 1 + p.Width + 2*radius + p.Width)
	weights, row, sum := floats[:radius+1], floats[radius+1:radius+1+p.Width+2*radius], floats[len(floats)-p.Width:]
	gaussian(weights, sigma)
	copy(p.Spare, p.Values)
	n := p.Height * p.Width
	for channel := range p.Channels {
		from := p.Spare[channel*n : (channel+1)*n]
		for y := range p.Height {
			middle := row[radius : radius+p.Width]
			column := func(y int) []uint8 { y = reflected(y, p.Height); return from[y*p.Width : (y+1)*p.Width] }
			begin(middle, column(y), weights[0])
			for k := 1; k <= radius; k++ {
				add(middle, column(y-k), column(y+k), weights[k])
			}
			for k := 1; k <= radius; k++ {
				row[radius-k], row[radius+p.Width-1+k] = middle[k], middle[p.Width-1-k]
			}
			begin(sum, middle, weights[0])
			for k := 1; k <= radius; k++ {
				add(sum, row[radius-k:], row[radius+k:], weights[k])
			}
			dst := p.Values[channel*n+y*p.Width:][:p.Width]
			for x, v := range sum {
				dst[x] = uint8(min(v+0.5, float32(White)))
			}
		}
	}
}

// gaussian writes the weights at the distances 0 to len − 1 from the middle; those on both sides are 1 in sum.
func gaussian(weights []float32, sigma float64) {
	sum := 0.0
	for k := range weights {
		w := math.Exp(-float64(k*k) / (2 * sigma * sigma))
		weights[k] = float32(w)
		sum += w
		if k > 0 {
			sum += w
		}
	}
	for k := range weights {
		weights[k] /= float32(sum)
	}
}

// reflected is the pixel of n that stands for one which may lie up to n − 1 beyond the edge.
func reflected(i, n int) int {
	if i < 0 {
		return -i
	}
	if i >= n {
		return 2*(n-1) - i
	}
	return i
}

// begin writes w·a to dst.
func begin[T uint8 | float32](dst []float32, a []T, w float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = w * float32(a[i])
	}
}

// add adds w·(a + b) to dst.
func add[T uint8 | float32](dst []float32, a, b []T, w float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] += float32(w * (float32(a[i]) + float32(b[i])))
	}
}
