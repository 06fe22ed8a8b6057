package augment

import "slices"

// window is a part of a picture, in pixels.
type window struct{ top, left, height, width int }

// tap says how a pixel is mixed of two neighbours: (a·of a + b·of b) / 2^tapBits.
type tap struct{ a, b, ofA, ofB uint32 }

// tapBits is the precision of the weights. It is PyTorch's for pictures of bytes, if the greatest weight is 1, as it is
// at the edge of an enlarged picture.
const tapBits = 14

// resize enlarges a window to the size of the picture, bilinearly, with the corners of pixels aligned: first the rows,
// then the columns, rounded to bytes in between. A window is never larger than its picture, so each pixel is mixed of
// two neighbours, and torchvision's antialiasing, which only acts on what is made smaller, changes nothing.
func (p *Picture) resize(w window) {
	p.taps = slices.Grow(p.taps[:0], p.Width+p.Height)[:p.Width+p.Height]
	across, down := p.taps[:p.Width], p.taps[p.Width:]
	enlarge(across, w.width)
	enlarge(down, w.height)
	for channel := range p.Channels {
		from, rows := p.plane(channel), p.Spare[channel*p.Height*p.Width:]
		for y := range w.height {
			start := (w.top+y)*p.Width + w.left
			mixRow(rows[y*p.Width:(y+1)*p.Width], from[start:start+w.width], across)
		}
		for y, t := range down {
			a, b := rows[int(t.a)*p.Width:], rows[int(t.b)*p.Width:]
			mixRows(from[y*p.Width:(y+1)*p.Width], a, b, t)
		}
	}
}

// enlarge writes of what each of the pixels along one side is mixed, if it had n pixels before.
func enlarge(taps []tap, n int) {
	scale := float64(n) / float64(len(taps))
	for i := range taps {
		at := float64(scale*(float64(i)+0.5)) - 0.5 // where the pixel's middle lies among the n, whose middles are 0 to n − 1
		switch {
		case at <= 0:
			taps[i] = tap{0, 0, 1 << tapBits, 0}
		case at >= float64(n-1):
			taps[i] = tap{uint32(n - 1), uint32(n - 1), 1 << tapBits, 0}
		default:
			a := uint32(at)
			share := at - float64(a)
			taps[i] = tap{a, a + 1, uint32((1-share)*(1<<tapBits) + 0.5), uint32(share*(1<<tapBits) + 0.5)}
		}
	}
}

// mixRow mixes every pixel of dst of two in row.
func mixRow(dst, row []uint8, taps []tap) {
	dst = dst[:len(taps)]
	for x, t := range taps {
		dst[x] = t.mix(row[t.a], row[t.b])
	}
}

// mixRows mixes every pixel of dst of those in the same place of a and b.
func mixRows(dst, a, b []uint8, t tap) {
	a, b = a[:len(dst)], b[:len(dst)]
	for x := range dst {
		dst[x] = t.mix(a[x], b[x])
	}
}

// mix rounds to the nearest. Two weights can be 2^tapBits + 1 in sum, which is too little to give more than White.
func (t tap) mix(a, b uint8) uint8 {
	return uint8((uint32(a)*t.ofA + uint32(b)*t.ofB + 1<<(tapBits-1)) >> tapBits)
}
