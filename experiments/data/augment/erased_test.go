package augment

import (
	"math"
	"slices"
	"testing"

	"workbench/experiments/data/raster"
	"workbench/nn/option"
)

// area counts the pixels of a channel that a policy painted on a white picture, and finds their bounds.
func area(p *Picture, channel int) (n int, w raster.Window) {
	top, left, bottom, right := p.Height, p.Width, -1, -1
	for i, v := range p.plane(channel) {
		if v != White {
			n++
			top, bottom = min(top, i/p.Width), max(bottom, i/p.Width)
			left, right = min(left, i%p.Width), max(right, i%p.Width)
		}
	}
	return n, raster.Window{Top: top, Left: left, Height: bottom - top + 1, Width: right - left + 1}
}

// The square of cutout lies about every pixel equally often; at the edge only a part of it is seen.
func TestCutoutLiesEverywhere(t *testing.T) {
	const n = 4000
	size := Size{3, 10, 12}
	chain, p := chainOf(t, size, map[string]any{"cutout": 4, "cutout_value": []any{1, 2, 3.4}}), NewPicture(size)
	whole, corner := 0, 0
	for i := range n {
		paint(p.Values, White)
		chain.Apply(&p, i)
		painted, w := area(&p, 0)
		if painted != w.Height*w.Width || w.Height > 4 || w.Width > 4 || w.Height < 2 || w.Width < 2 {
			t.Fatalf("painted %d pixels in %+v", painted, w)
		}
		at := w.Top*p.Width + w.Left
		if p.plane(0)[at] != 1 || p.plane(1)[at] != 2 || p.plane(2)[at] != 3 {
			t.Fatalf("levels %d, %d, %d, want 1, 2, 3", p.plane(0)[at], p.plane(1)[at], p.plane(2)[at])
		}
		if painted == 16 {
			whole++
		}
		if w == (raster.Window{Height: 2, Width: 2}) {
			corner++
		}
	}
	// The middle is at 10 × 12 places. The square is whole from row 2 to 8 and from column 2 to 10.
	near(t, "a whole square", whole, n, 7*9/120.0)
	near(t, "the first corner", corner, n, 1/120.0)
}

func TestErasingDrawsItsRectangles(t *testing.T) {
	const n = 3000
	size := Size{1, 120, 100}
	given := map[string]any{"erasing": 1.0, "erasing_scale": []any{0.1, 0.2}, "erasing_ratio": []any{0.5, 2.0}, "erasing_value": []any{9.0}}
	chain, p := chainOf(t, size, given), NewPicture(size)
	small, high, upper := 0, 0, 0
	for i := range n {
		paint(p.Values, White)
		chain.Apply(&p, i)
		painted, w := area(&p, 0)
		share, ratio := float64(painted)/12_000, float64(w.Height)/float64(w.Width)
		if painted != w.Height*w.Width || share < 0.094 || share > 0.206 || ratio < 0.48 || ratio > 2.08 {
			t.Fatalf("painted %d pixels in %+v", painted, w)
		}
		for of, is := range map[*int]bool{&small: share < 0.15, &high: ratio > 1, &upper: 2*w.Top < 120-w.Height} {
			if is {
				*of++
			}
		}
	}
	near(t, "area below the middle", small, n, 0.5)
	near(t, "higher than wide", high, n, 0.5)
	near(t, "in the upper half", upper, n, 0.5)
}

// The noise has mean and deviation as promised, but for what is cut off.
func TestNoiseOfErasing(t *testing.T) {
	size := Size{3, 60, 60}
	p, c := NewPicture(size), Chance{key: 4}
	p.noise(raster.Window{Height: 60, Width: 60}, &c)
	sum, squares := 0.0, 0.0
	for _, v := range p.Values {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	n := float64(len(p.Values))
	mean := sum / n
	// Of a standard normal distribution that is cut off at ±2, with what lies beyond at the borders, the variance is
	// (1 − 2Q − 4φ) + 8Q = 0.9205 with the density φ = 0.0540 and the tail Q = 0.0228 at 2; its root is 0.959.
	if deviation := math.Sqrt(squares/n - mean*mean); !(math.Abs(mean-127) <= 2.5) || !(math.Abs(deviation-0.959*64) <= 1.5) {
		t.Errorf("mean %v, deviation %v, want 127 and 61.4", mean, deviation)
	}
}

// The square of FixMatch has sides from 0 to half the width.
func TestSquareOfFixMatch(t *testing.T) {
	const n = 2000
	size := Size{1, 200, 40}
	f := fixMatchStrong{side: 20}
	p, small, whole := NewPicture(size), 0, 0
	for i := range n {
		paint(p.Values, White)
		f.Apply(&p, &Chance{key: uint64(i)})
		painted, w := area(&p, 0)
		switch {
		case painted > 0 && (w.Height > 20 || w.Width > 20):
			t.Fatalf("painted %+v", w)
		case painted == 0 || w.Top > 0 && w.Top+w.Height < 200: // not cut off above or below
			whole++
			if painted == 0 || w.Height < 10 {
				small++
			}
		}
	}
	near(t, "side below the middle, which is rounded to 10", small, whole, 0.475)
}

// Turns are within their degrees, and both ways.
func TestRotationDrawsItsDegrees(t *testing.T) {
	const n = 2000
	size := Size{1, 41, 41}
	chain, p, left := chainOf(t, size, map[string]any{"rotation": 45.0}), NewPicture(size), 0
	for i := range n {
		paint(p.Values, Black)
		p.Values[20*41+40] = White // in the middle of the right edge
		chain.Apply(&p, i)
		at := slices.Index(p.Values, White)
		if at < 0 {
			continue // it lay between the nearest pixels
		}
		if angle := math.Atan2(float64(20-at/41), float64(at%41-20)) * 180 / math.Pi; angle > 47 || angle < -47 {
			t.Fatalf("turned by %v degrees", angle)
		} else if angle > 0 {
			left++
		}
	}
	if share := float64(left) / n; share < 0.4 || share > 0.55 {
		t.Errorf("%v of the turns are seen to go to the left", share)
	}
}

func TestWrongLevels(t *testing.T) {
	for _, c := range []struct {
		given map[string]any
		want  string
	}{
		{map[string]any{"cutout": 4, "cutout_value": []any{1.0, 2.0}},
			"augment.cutout: cutout_value is [1,2], want one level, or one for each of the 3 channels"},
		{map[string]any{"cutout": 4, "cutout_value": []any{300.0}},
			"augment: option cutout_value: want a list of levels from 0 to 255, got [300]"},
		{map[string]any{"erasing": 0.5, "erasing_value": []any{}},
			"augment.erasing: erasing_value is [], want one level, or one for each of the 3 channels"},
	} {
		if _, err := New(c.given, Size{3, 32, 32}); err == nil || err.Error() != c.want {
			t.Errorf("%s: got error %v\nwant %s", option.Label(c.given), err, c.want)
		}
	}
}
