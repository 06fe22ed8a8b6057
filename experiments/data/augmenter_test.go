package data

import (
	"slices"
	"testing"
)

// flatSet is normalised with another mean and deviation in each channel.
type flatSet struct{ Set }

func (flatSet) Info() Info {
	return Info{Name: "flat", Channels: 2, Height: 2, Width: 2, Mean: []float64{0.5, 0.25}, Std: []float64{0.5, 0.125}}
}

// Augmentations paint with black and white as normalised values of each channel: (0 − mean)/std and (1 − mean)/std.
func TestAugmentationsKnowBlackAndWhite(t *testing.T) {
	a, err := newAugmenter(Loader{Set: flatSet{}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if black, white := []float32{-1, -2}, []float32{1, 6}; !slices.Equal(a.picture.Black, black) || !slices.Equal(a.picture.White, white) {
		t.Errorf("black is %v and white %v, want %v and %v", a.picture.Black, a.picture.White, black, white)
	}
}
