package imagefile

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"slices"
	"testing"

	"workbench/experiments/data/libjpeg"
	"workbench/experiments/data/raster"
)

// smooth is a JPEG file of a picture whose colours change slowly.
func smooth(t *testing.T, height, width int) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			level := func(period float64) uint8 { return uint8(128 + 100*math.Sin(float64(x+2*y)/period)) }
			picture.Set(x, y, color.RGBA{level(20), level(31), level(45), 255})
		}
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, picture, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// A JPEG file is read at the smallest of the scales that keep enough of its shorter side. What comes of it is the mean
// of the pixels of the whole picture: exactly by Go's decoder, within a few levels by libjpeg's, which leaves
// frequencies out.
func TestJPEGAtReducedScale(t *testing.T) {
	file := smooth(t, 61, 83)
	var whole raster.Image
	if err := (Decoder{Channels: 3}).Decode(file, &whole); err != nil {
		t.Fatal(err)
	}
	for least, scale := range map[int]int{0: 1, 62: 1, 61: 1, 32: 1, 31: 2, 17: 2, 16: 4, 9: 4, 8: 8, 1: 8} {
		for _, channels := range []int{3, 1} {
			var got raster.Image
			if err := (Decoder{Channels: channels, Least: least}).Decode(file, &got); err != nil {
				t.Fatal(err)
			}
			if want := [2]int{(61 + scale - 1) / scale, (83 + scale - 1) / scale}; got.Height != want[0] || got.Width != want[1] ||
				got.Channels != channels {
				t.Fatalf("at least %d: %d×%d×%d, want %v of %d channels", least, got.Channels, got.Height, got.Width, want, channels)
			}
			if channels == 1 {
				continue
			}
			want := raster.Image{Channels: 3, Height: whole.Height, Width: whole.Width, Values: slices.Clone(whole.Values)}
			reduce(&want, scale)
			most := 0
			for i := range want.Values {
				most = max(most, int(got.Values[i])-int(want.Values[i]), int(want.Values[i])-int(got.Values[i]))
			}
			if bound := 12; most > bound || most > 0 && libjpeg.Version == "" || scale == 1 && most > 0 {
				t.Errorf("at least %d: %d levels from the mean of the pixels", least, most)
			}
		}
	}
}

// The mean of four pixels, rounded, and of fewer at the edges.
func TestReduceTakesMeans(t *testing.T) {
	m := raster.Image{Channels: 1, Height: 3, Width: 3, Values: []uint8{0, 1, 10, 1, 1, 21, 7, 8, 255}}
	reduce(&m, 2)
	if got := fmt.Sprint(m.Height, m.Width, m.Values); got != "2 2 [1 16 8 255]" {
		t.Error(got)
	}
}

// Files of other kinds have no scales.
func TestOtherFilesAreReadInFull(t *testing.T) {
	var m raster.Image
	for name, p := range pictures(t) {
		if p.Error != "" || !bytes.HasPrefix(p.File, []byte("\x89PNG")) {
			continue
		}
		if err := (Decoder{Channels: 3, Least: 1}).Decode(p.File, &m); err == nil && (m.Height != p.Height || m.Width != p.Width) {
			t.Errorf("%s: %d×%d, want %d×%d", name, m.Height, m.Width, p.Height, p.Width)
		}
	}
}
