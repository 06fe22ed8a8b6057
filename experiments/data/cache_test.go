package data

import (
	"slices"
	"testing"

	"workbench/experiments/data/raster"
)

// A cache gives back what it was given, in the memory of whoever asks, and never holds more than its bytes.
func TestCacheKeepsWhatFits(t *testing.T) {
	picture := func(level uint8) raster.Image {
		m := raster.Image{}
		m.Reshape(1, 10, 20)
		for i := range m.Values {
			m.Values[i] = level
		}
		return m
	}
	c := newCache(2*(200+placeBytes) + 100)
	for i := range 3 {
		m := picture(uint8(i))
		c.put(Train, i, &m)
		c.put(Train, i, &m) // again
		clear(m.Values)
	}
	var got raster.Image
	for k := range 6 { // each twice, after what was got before has been changed
		i := k % 3
		kept := c.get(Train, i, &got)
		if kept != (i < 2) {
			t.Fatalf("picture %d is kept: %v", i, kept)
		}
		if want := picture(uint8(i)); kept && (got.Height != 10 || got.Width != 20 || !slices.Equal(got.Values, want.Values)) {
			t.Errorf("picture %d: %v", i, got)
		}
		clear(got.Values)
	}
	if c.get(Test, 0, &got) {
		t.Error("a picture of another split is kept")
	}
	if c.left != 100 {
		t.Errorf("%d bytes are left, want 100", c.left)
	}
}
