package augment

// sharpness moves every pixel from the mean around it, of 3×3 pixels in which its own counts five times; factor 0 is
// all means, 1 leaves the picture. The outermost pixels stay, and so do pictures that have no others.
func (p *Picture) sharpness(factor float64) {
	h, w := p.Height, p.Width
	if h <= 2 || w <= 2 {
		return
	}
	copy(p.Spare, p.Values)
	rest := float32(1 - factor)
	for channel := range p.Channels {
		from := p.Spare[channel*h*w : (channel+1)*h*w]
		to := p.plane(channel)
		for y := 1; y < h-1; y++ {
			above, here, below := from[(y-1)*w:y*w], from[y*w:(y+1)*w], from[(y+1)*w:(y+2)*w]
			sharpen(to[y*w:(y+1)*w], [3][]uint8{above, here, below}, rest)
		}
	}
}

// sharpen writes a row from it and its neighbours.
func sharpen(dst []uint8, rows [3][]uint8, rest float32) {
	n := len(dst)
	above, here, below := rows[0][:n], rows[1][:n], rows[2][:n]
	for x := 1; x < n-1; x++ {
		sum := 5 * int(here[x])
		sum += int(above[x-1]) + int(above[x]) + int(above[x+1]) + int(here[x-1])
		sum += int(here[x+1]) + int(below[x-1]) + int(below[x]) + int(below[x+1])
		mean := (2*sum + 13) / 26 // of 13, rounded to the nearest; there are no halves
		v := int(here[x])
		dst[x] = level(float32(v) + float32(rest*float32(mean-v)))
	}
}
