package raster

// mixRow mixes every pixel of dst of its neighbours in row.
func (f *filter) mixRow(dst, row []uint8) {
	half, bits := uint32(1)<<f.bits>>1, f.bits&31
	first := f.first[:len(dst)]
	switch f.taps {
	case 1:
		for x, at := range first {
			dst[x] = row[at]
		}
	case 2:
		for x, at := range first {
			w, p := f.weights[2*x:2*x+2:2*x+2], row[at:at+2:at+2]
			dst[x] = uint8((w[0]*uint32(p[0]) + w[1]*uint32(p[1]) + half) >> bits)
		}
	case 3:
		for x, at := range first {
			w, p := f.weights[3*x:3*x+3:3*x+3], row[at:at+3:at+3]
			dst[x] = uint8((w[0]*uint32(p[0]) + w[1]*uint32(p[1]) + w[2]*uint32(p[2]) + half) >> bits)
		}
	default:
		for x, at := range first {
			w := f.weights[f.taps*x : f.taps*(x+1)]
			p := row[at:][:len(w)]
			sum := half
			for k, v := range p {
				sum += w[k] * uint32(v)
			}
			dst[x] = uint8(sum >> bits)
		}
	}
}

// mixRows mixes row y of the result, dst, of its neighbours, rows that begin at the first.
func (f *filter) mixRows(dst, rows []uint8, y int) {
	half, bits, n := uint32(1)<<f.bits>>1, f.bits&31, len(dst)
	w := f.weights[y*f.taps : (y+1)*f.taps]
	switch f.taps {
	case 1:
		copy(dst, rows)
	case 2:
		a, b := rows[:n], rows[n:][:n]
		for x := range dst {
			dst[x] = uint8((w[0]*uint32(a[x]) + w[1]*uint32(b[x]) + half) >> bits)
		}
	case 3:
		a, b, c := rows[:n], rows[n:][:n], rows[2*n:][:n]
		for x := range dst {
			dst[x] = uint8((w[0]*uint32(a[x]) + w[1]*uint32(b[x]) + w[2]*uint32(c[x]) + half) >> bits)
		}
	default:
		for x := range dst {
			sum, at := half, x
			for _, weight := range w {
				sum += weight * uint32(rows[at])
				at += n
			}
			dst[x] = uint8(sum >> bits)
		}
	}
}
