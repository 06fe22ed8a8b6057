package augment

import "math"

// affine maps where a pixel is to where it comes from, both in pixels from the middle of the picture, x to the right
// and y down: x' = xx·x + xy·y + x0, y' = yx·x + yy·y + y0.
type affine struct{ xx, xy, x0, yx, yy, y0 float64 }

// rotate turns the picture about its middle by degrees, positive ones to the left.
func (p *Picture) rotate(degrees float64) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	p.move(affine{cos, -sin, 0, sin, cos, 0})
}

// shearX moves every row to the left by a slope times its distance from the upper edge.
func (p *Picture) shearX(slope float64) {
	p.move(affine{1, slope, slope * float64(p.Height) / 2, 0, 1, 0})
}

// shearY moves every column up by a slope times its distance from the left edge.
func (p *Picture) shearY(slope float64) {
	p.move(affine{1, 0, 0, slope, 1, slope * float64(p.Width) / 2})
}

// translateX moves the picture to the right by pixels.
func (p *Picture) translateX(pixels float64) { p.move(affine{1, 0, -pixels, 0, 1, 0}) }

// translateY moves the picture down by pixels.
func (p *Picture) translateY(pixels float64) { p.move(affine{1, 0, 0, 0, 1, -pixels}) }

// move gives every pixel the levels of the one that is nearest to where it comes from; what comes from outside is
// black. Places are computed in the precision and order of torchvision's, because where two pixels are about as near,
// rounding decides.
func (p *Picture) move(m affine) {
	copy(p.Spare, p.Values)
	h, w := p.Height, p.Width
	across, down := axis(m.xx, m.xy, m.x0, w), axis(m.yx, m.yy, m.y0, h)
	n := h * w
	for y := range h {
		v := float32(y) - float32(h-1)/2
		for x := range w {
			u := float32(x) - float32(w-1)/2
			from, ok := across.nearest(u, v), false
			if row := down.nearest(u, v); from >= 0 && row >= 0 {
				from, ok = from+row*w, true
			}
			to := y*w + x
			for channel := range p.Channels {
				value := Black
				if ok {
					value = p.Spare[channel*n+from]
				}
				p.Values[channel*n+to] = value
			}
		}
	}
}

// place is one coordinate of where pixels come from, in units of half a side of n pixels.
type place struct {
	x, y, start float32
	n           int
}

func axis(x, y, start float64, n int) place {
	half := float32(n) / 2
	return place{float32(x) / half, float32(y) / half, float32(start) / half, n}
}

// nearest is the pixel, 0 to n − 1, that is nearest to what x and y are mapped to; −1: outside.
func (a place) nearest(x, y float32) int {
	at := float32(a.x*x) + float32(a.y*y) + a.start
	pixel := math.RoundToEven(float64(float32((at+1)*float32(a.n)/2) - 0.5))
	if pixel < 0 || pixel >= float64(a.n) {
		return -1
	}
	return int(pixel)
}
