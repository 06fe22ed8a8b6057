package augment

// brightness multiplies every level; factor 0 is black, 1 leaves the picture.
func (p *Picture) brightness(factor float64) {
	var t table
	f := float32(factor)
	for v := range t {
		t[v] = level(float32(v) * f)
	}
	p.look(&t)
}

// contrast moves every level from the mean of the grey picture; factor 0 is all mean, 1 leaves the picture.
func (p *Picture) contrast(factor float64) {
	n, sum := p.Height*p.Width, 0
	if r, g, b, ok := p.rgb(); ok {
		for i := range r {
			sum += luma(r[i], g[i], b[i])
		}
	} else {
		for _, v := range p.Values[:n] {
			sum += int(v)
		}
	}
	var t table
	mean := float32(sum) / float32(n)
	f, base := float32(factor), float32(mean*float32(1-factor))
	for v := range t {
		t[v] = level(float32(float32(v)*f) + base)
	}
	p.look(&t)
}

// saturation moves every pixel from its grey; factor 0 is the grey picture, 1 leaves the picture.
func (p *Picture) saturation(factor float64) {
	r, g, b, ok := p.rgb()
	if !ok {
		return
	}
	f, rest := float32(factor), float32(1-factor)
	for i := range r {
		grey := float32(float32(luma(r[i], g[i], b[i])) * rest)
		r[i] = level(float32(float32(r[i])*f) + grey)
		g[i] = level(float32(float32(g[i])*f) + grey)
		b[i] = level(float32(float32(b[i])*f) + grey)
	}
}

// grey makes all channels the grey of the picture.
func (p *Picture) grey() {
	r, g, b, ok := p.rgb()
	if !ok {
		return
	}
	for i := range r {
		v := uint8(luma(r[i], g[i], b[i]))
		r[i], g[i], b[i] = v, v, v
	}
}

// luma is the grey of a colour by ITU-R 601-2, rounded down: torchvision's weights, whose sum is 0.9999.
func luma(r, g, b uint8) int {
	return int(2989*uint32(r)+5870*uint32(g)+1140*uint32(b)) / 10_000
}

// level rounds down to what a byte can be.
func level(v float32) uint8 { return uint8(min(max(int32(v), 0), int32(White))) }
