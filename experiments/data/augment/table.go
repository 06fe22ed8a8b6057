package augment

import "slices"

// table says what becomes of every level.
type table [256]uint8

// look replaces every level of the picture by what the table says.
func (p *Picture) look(t *table) { look(p.Values, t) }

func look(values []uint8, t *table) {
	for i, v := range values {
		values[i] = t[v]
	}
}

// solarize inverts the levels from a threshold on.
func (p *Picture) solarize(threshold float64) {
	var t table
	for v := range t {
		t[v] = uint8(v)
		if float64(v) >= threshold {
			t[v] = White - uint8(v)
		}
	}
	p.look(&t)
}

// invert turns every level into its opposite.
func (p *Picture) invert() { p.solarize(0) }

// posterize keeps the highest bits of every level, 0 to 8.
func (p *Picture) posterize(bits int) {
	mask := uint8(0xff) << (8 - bits)
	for i, v := range p.Values {
		p.Values[i] = v & mask
	}
}

// autocontrast stretches the levels of every channel to Black and White. A channel of one level stays.
func (p *Picture) autocontrast() {
	for channel := range p.Channels {
		values := p.plane(channel)
		low, high := slices.Min(values), slices.Max(values)
		if low == high {
			continue
		}
		var t table
		scale := float32(float32(high-low) * float32(1.0/255))
		for v := int(low); v <= int(high); v++ {
			t[v] = level(float32(v-int(low)) / scale)
		}
		look(values, &t)
	}
}

// equalize makes the levels of every channel about equally frequent, as Pillow does: a channel stays if it has fewer
// than 255 pixels below its greatest level.
func (p *Picture) equalize() {
	for channel := range p.Channels {
		values := p.plane(channel)
		var count [256]int
		for _, v := range values {
			count[v]++
		}
		step := (len(values) - count[slices.Max(values)]) / 255
		if step == 0 {
			continue
		}
		var t table
		below := 0 // pixels of lower levels
		for v := range t {
			t[v] = uint8(min((below+step/2)/step, int(White)))
			below += count[v]
		}
		look(values, &t)
	}
}
