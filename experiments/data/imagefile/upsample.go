package imagefile

// chroma is how the colour differences of a picture lie: one a field of so many pixels.
type chroma struct {
	across, down  int // pixels a colour difference
	width, height int // of the colour differences
}

// line makes the colour differences of the pixels in row y of the picture. Where two pixels share one, it is mixed of
// the nearest two, three quarters of the nearer and one of the other, and of four where rows share them, too (a
// triangle filter). Larger fields, and pictures of up to two differences a row, have them repeated.
func (c chroma) line(plane []uint8, stride, y int, dst []uint8) []uint8 {
	near := plane[y/c.down*stride:][:c.width]
	other := near
	if c.down == 2 {
		row := y/2 - 1 + y%2*2 // above an even row, below an odd one
		row = min(max(row, 0), c.height-1)
		other = plane[row*stride:][:c.width]
	}
	switch {
	case c.across == 1 && c.down == 1:
		return near
	case c.across == 1:
		bias := uint32(1 + y%2)
		for x, v := range near {
			dst[x] = uint8((3*uint32(v) + uint32(other[x]) + bias) >> 2)
		}
	case c.across == 2 && c.width > 2 && c.down == 1:
		mixAcross(dst, near)
	case c.across == 2 && c.width > 2:
		mixBoth(dst, near, other)
	default:
		for x, v := range near {
			for k := range c.across {
				dst[c.across*x+k] = v
			}
		}
	}
	return dst
}

// mixAcross doubles a row of more than one value.
func mixAcross(dst, row []uint8) {
	last := len(row) - 1
	dst[0] = row[0]
	dst[1] = uint8((3*uint32(row[0]) + uint32(row[1]) + 2) >> 2)
	for x := 1; x < last; x++ {
		v := 3 * uint32(row[x])
		dst[2*x] = uint8((v + uint32(row[x-1]) + 1) >> 2)
		dst[2*x+1] = uint8((v + uint32(row[x+1]) + 2) >> 2)
	}
	dst[2*last] = uint8((3*uint32(row[last]) + uint32(row[last-1]) + 1) >> 2)
	dst[2*last+1] = row[last]
}

// mixBoth doubles what is mixed of two rows, of more than one value each.
func mixBoth(dst, near, other []uint8) {
	last := len(near) - 1
	other = other[:len(near)]
	dst = dst[:2*len(near)]
	this, next := 3*uint32(near[0])+uint32(other[0]), 3*uint32(near[1])+uint32(other[1])
	before := this
	dst[0], dst[1] = uint8((4*this+8)>>4), uint8((3*this+next+7)>>4)
	for x := 1; x < last; x++ {
		before, this = this, next
		next = 3*uint32(near[x+1]) + uint32(other[x+1])
		pair := dst[2*x : 2*x+2 : 2*x+2]
		pair[0], pair[1] = uint8((3*this+before+8)>>4), uint8((3*this+next+7)>>4)
	}
	dst[2*last], dst[2*last+1] = uint8((3*next+this+8)>>4), uint8((4*next+7)>>4)
}
