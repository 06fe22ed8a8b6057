package corrupt

// picture is what a corruption works on.
type picture struct {
	channels, height, width int

	raw []uint8   // [channels, height, width], of which 255 is full
	x   []float64 // the same as shares of full
}

func newPicture(channels, height, width int) *picture {
	n := channels * height * width
	return &picture{channels, height, width, make([]uint8, n), make([]float64, n)}
}

// begin takes the raw levels as shares.
func (p *picture) begin() {
	for k, v := range p.raw {
		p.x[k] = float64(v) / 255
	}
}

// end cuts the shares off to levels.
func (p *picture) end() {
	for k, v := range p.x {
		p.raw[k] = uint8(min(max(v, 0), 1) * 255)
	}
}

// plane is a channel of the shares, [height, width].
func (p *picture) plane(channel int) []float64 {
	n := p.height * p.width
	return p.x[channel*n : (channel+1)*n]
}

// levels is a corruption that changes shares of full, in place.
func levels(change func(p *picture, strength int, r chance)) func(*picture, int, chance) error {
	return func(p *picture, strength int, r chance) error {
		p.begin()
		change(p, strength-1, r)
		p.end()
		return nil
	}
}
