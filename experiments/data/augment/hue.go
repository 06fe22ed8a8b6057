package augment

// inverses of the whole numbers up to White; of 0 it is 0.
var inverses = func() (t [256]float32) {
	for i := 1; i < len(t); i++ {
		t[i] = 1 / float32(i)
	}
	return t
}()

// hue turns the colour of every pixel by a share of the circle, −0.5 to 0.5; saturation and value stay. Grey pixels
// have no hue. Torchvision goes to HSV and back in numbers from 0 to 1. With maximum V, minimum P and range R = V − P,
// what it comes back to is V, P, V − R·f and P + R·f, where f is how far the hue is within its sixth of the circle; so
// neither saturation nor a division by V is needed.
func (p *Picture) hue(turn float64) {
	r, g, b, ok := p.rgb()
	if !ok || turn == 0 {
		return
	}
	g, b = g[:len(r)], b[:len(r)]
	for i := range r {
		most, least := max(r[i], g[i], b[i]), min(r[i], g[i], b[i])
		if most > least {
			r[i], g[i], b[i] = turned(r[i], g[i], b[i], float32(6*turn))
		}
	}
}

// turned is a colour that is not grey after its hue went on by some sixths of the circle, −3 to 3.
func turned(r, g, b uint8, sixths float32) (uint8, uint8, uint8) {
	most, least := max(r, g, b), min(r, g, b)
	scale := inverses[most-least]
	h := sixths
	switch most {
	case r:
		h += float32(float32(int(g)-int(b)) * scale)
	case g:
		h += 2 + float32(float32(int(b)-int(r))*scale)
	default:
		h += 4 + float32(float32(int(r)-int(g))*scale)
	}
	if h < 0 {
		h += 6
	}
	if h >= 6 {
		h -= 6
	}
	sixth := int(h)
	part := float32(float32(most-least) * (h - float32(sixth)))
	falling, rising := scaled(float32(most)-part), scaled(float32(least)+part)
	switch sixth {
	case 0:
		return most, rising, least
	case 1:
		return falling, most, least
	case 2:
		return least, most, rising
	case 3:
		return least, falling, most
	case 4:
		return rising, least, most
	}
	return most, least, falling
}

// scaled rounds a level as torchvision does when it makes bytes of numbers from 0 to 1: it multiplies by 255.999 and
// rounds down.
func scaled(v float32) uint8 { return uint8(int32(v * (255.999 / 255))) }
