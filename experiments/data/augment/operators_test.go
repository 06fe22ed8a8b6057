package augment

import (
	"slices"
	"testing"

	"workbench/experiments/data/raster"
)

// noisy is a picture of every level everywhere.
func noisy(size Size) Picture {
	p := NewPicture(size)
	c := Chance{key: 7}
	for i := range p.Values {
		p.Values[i] = uint8(c.Below(256))
	}
	return p
}

func TestOperatorsOfNoStrengthChangeNothing(t *testing.T) {
	size := Size{3, 19, 21}
	for name, arguments := range map[string][]float64{
		"resize": {0, 0, 19, 21}, "brightness": {1}, "contrast": {1}, "saturation": {1}, "hue": {0}, "blur": {1, 5}, "sharpness": {1},
		"posterize": {8}, "solarize": {256}, "rotate": {0}, "shear_x": {0}, "shear_y": {0}, "translate_x": {0}, "translate_y": {0},
	} {
		p := noisy(size)
		operators[name](&p, arguments)
		if !slices.Equal(p.Values, noisy(size).Values) {
			t.Errorf("%s%v changes the picture", name, arguments)
		}
	}
}

// A turn of the hue that is too small to be seen gives back every colour within one level, and a whole turn the same.
func TestHueComesBack(t *testing.T) {
	for i := range 1 << 15 {
		r, g, b := uint8(i>>10<<3), uint8(i>>5<<3), uint8(i<<3)
		if r == g && g == b {
			continue
		}
		for _, sixths := range []float32{1e-6, -1e-6} {
			x, y, z := turned(r, g, b, sixths)
			for _, pair := range [][2]uint8{{r, x}, {g, y}, {b, z}} {
				if max(pair[0], pair[1])-min(pair[0], pair[1]) > 1 {
					t.Fatalf("colour %d %d %d becomes %d %d %d", r, g, b, x, y, z)
				}
			}
		}
	}
}

// By hand: a third of the circle makes red green, green blue and blue red; a half makes red cyan.
func TestHueTurnsRedToGreen(t *testing.T) {
	for _, c := range []struct {
		turn       float64
		from, want [3]uint8
	}{
		{1.0 / 3, [3]uint8{200, 50, 50}, [3]uint8{50, 200, 50}},
		{1.0 / 3, [3]uint8{50, 200, 50}, [3]uint8{50, 50, 200}},
		{1.0 / 3, [3]uint8{50, 50, 200}, [3]uint8{200, 50, 50}},
		{-0.5, [3]uint8{200, 50, 50}, [3]uint8{50, 200, 200}},
	} {
		p := Picture{Size: Size{3, 1, 1}, Values: slices.Clone(c.from[:])}
		p.hue(c.turn)
		for i, v := range p.Values {
			if max(v, c.want[i])-min(v, c.want[i]) > 1 {
				t.Errorf("%v turned by %v is %v, want %v", c.from, c.turn, p.Values, c.want)
				break
			}
		}
	}
}

// Rounded weights that are more than 1 in sum do not carry a level beyond White, and none below it.
func TestWhiteStaysWhite(t *testing.T) {
	for _, size := range []Size{{1, 8, 9}, {1, 32, 32}, {1, 31, 57}} {
		for _, value := range []uint8{Black, White} {
			flat := NewPicture(size)
			paint(flat.Values, value)
			for h := 1; h <= size.Height; h++ {
				p := NewPicture(size)
				paint(p.Values, value)
				p.enlarge(raster.Window{Height: h, Width: (h*5)%size.Width + 1})
				p.blur(2, float64(h)/7)
				if !slices.Equal(p.Values, flat.Values) {
					t.Fatalf("%v of %d, window of height %d: %v", size, value, h, p.Values)
				}
			}
		}
	}
}

// By hand: a window of one pixel fills the picture with it, and two pixels side by side become, over four, a, ¾a + ¼b,
// ¼a + ¾b, b.
func TestResizeByHand(t *testing.T) {
	p := Picture{Size: Size{1, 1, 4}, Values: []uint8{10, 100, 200, 40}, Spare: make([]uint8, 4)}
	p.enlarge(raster.Window{Left: 1, Height: 1, Width: 2})
	if want := []uint8{100, 125, 175, 200}; !slices.Equal(p.Values, want) {
		t.Errorf("got %v, want %v", p.Values, want)
	}
	p.enlarge(raster.Window{Left: 2, Height: 1, Width: 1})
	if want := []uint8{175, 175, 175, 175}; !slices.Equal(p.Values, want) {
		t.Errorf("got %v, want %v", p.Values, want)
	}
}

// By hand, in a picture of 3×3: what an axis-parallel turn, shift and shear make of it.
func TestMovesByHand(t *testing.T) {
	start := []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9}
	for name, c := range map[string]struct {
		move func(p *Picture)
		want []uint8
	}{
		"to the left":           {func(p *Picture) { p.rotate(90) }, []uint8{3, 6, 9, 2, 5, 8, 1, 4, 7}},
		"right by one":          {func(p *Picture) { p.translateX(1) }, []uint8{0, 1, 2, 0, 4, 5, 0, 7, 8}},
		"down by two":           {func(p *Picture) { p.translateY(2) }, []uint8{0, 0, 0, 0, 0, 0, 1, 2, 3}},
		"rows to the left by y": {func(p *Picture) { p.shearX(0.8) }, []uint8{1, 2, 3, 5, 6, 0, 9, 0, 0}},
		"columns up by x":       {func(p *Picture) { p.shearY(0.8) }, []uint8{1, 5, 9, 4, 8, 0, 7, 0, 0}},
	} {
		p := Picture{Size: Size{1, 3, 3}, Values: slices.Clone(start), Spare: make([]uint8, 9)}
		c.move(&p)
		if !slices.Equal(p.Values, c.want) {
			t.Errorf("%s: %v, want %v", name, p.Values, c.want)
		}
	}
}
