package gallery

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"workbench/experiments/data"
)

func at(p *image.NRGBA, x, y int) color.NRGBA { return p.NRGBAAt(x, y) }

// Pixels become squares; one channel is grey.
func TestPictures(t *testing.T) {
	p := Picture(data.Info{Channels: 3, Height: 32, Width: 48}, func() []uint8 {
		pixels := make([]uint8, 3*32*48)
		pixels[48+1], pixels[32*48+48+1], pixels[2*32*48+48+1] = 10, 20, 30 // row 1, column 1
		return pixels
	}())
	if p.Bounds().Size() != image.Pt(96, 64) || at(p, 2, 2) != (color.NRGBA{10, 20, 30, 255}) || at(p, 3, 3) != at(p, 2, 2) ||
		at(p, 4, 3) != (color.NRGBA{0, 0, 0, 255}) {
		t.Errorf("%v, %v, %v", p.Bounds(), at(p, 3, 3), at(p, 6, 5))
	}
	grey := Picture(data.Info{Channels: 1, Height: 100, Width: 1}, bytes.Repeat([]uint8{7}, 100))
	if grey.Bounds().Size() != image.Pt(1, 100) || at(grey, 0, 9) != (color.NRGBA{7, 7, 7, 255}) {
		t.Errorf("grey: %v, %v", grey.Bounds(), at(grey, 0, 9))
	}
}

// A map is blue at 0, red at 1 and in between by linear interpolation between the middles of its places.
func TestMapsOverPictures(t *testing.T) {
	black := image.NewNRGBA(image.Rect(0, 0, 80, 4))
	over := Over(black, 1, 2, []float32{0, 1})
	if left, right := at(over, 0, 0), at(over, 79, 3); left != (color.NRGBA{0, 0, 63, 255}) || right != (color.NRGBA{63, 0, 0, 255}) {
		t.Errorf("ends %v and %v", left, right)
	}
	if middle := at(over, 39, 2); middle.G != 127 || middle.R < 50 || middle.B < 50 { // 0.4875: green is full, red and blue half
		t.Errorf("in the middle %v", middle)
	}
}

// Each filter is scaled on its own, and the next begins behind a gap.
func TestFilters(t *testing.T) {
	weights := make([]float32, 17*9)
	weights[0], weights[8] = -1, 3 // of the first: the rest is a quarter of the way
	p, err := Filters(weights, 17, 1, 3, 3)
	if err != nil || p.Bounds().Size() != image.Pt(16*26, 2*26) {
		t.Fatalf("%v, %v", p.Bounds(), err)
	}
	if at(p, 0, 0) != (color.NRGBA{0, 0, 0, 255}) ||
		at(p, 23, 23).R != 255 || at(p, 9, 1).R != 63 || at(p, 24, 0).A != 0 || at(p, 0, 26).A != 255 {
		t.Errorf("%v %v %v %v", at(p, 0, 0), at(p, 23, 23), at(p, 9, 1), at(p, 24, 0))
	}
	if _, err := Filters(weights, 17, 2, 3, 3); err == nil {
		t.Error("two channels are painted")
	}
	file, err := PNG(p)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := png.Decode(bytes.NewReader(file)); err != nil || back.Bounds() != p.Bounds() {
		t.Errorf("the file: %v", err)
	}
}
