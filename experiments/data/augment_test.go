package data_test

import (
	"slices"
	"testing"

	"workbench/experiments/data"
)

// cropped is the definition of the augmentation: pad the image [2, 3, 4] with black (−0.5 when normalised), take the
// window whose corner is at (down, right) of the padded image, and mirror it.
func cropped(whole []float32, pad, down, right int, mirror bool) []float32 {
	var out []float32
	for c := range 2 {
		for y := range 3 {
			for x := range 4 {
				if mirror {
					x = 3 - x
				}
				sy, sx, value := y+down-pad, x+right-pad, float32(-0.5)
				if sy >= 0 && sy < 3 && sx >= 0 && sx < 4 {
					value = whole[(c*3+sy)*4+sx]
				}
				out = append(out, value)
			}
		}
	}
	return out
}

// policies are the two oldest augmentations.
type policies struct {
	Pad  int
	Flip bool
}

// Every image is one of the possible windows, and all windows come about equally often.
func TestAugmentTakesEveryWindow(t *testing.T) {
	for _, augment := range []policies{{Pad: 1}, {Flip: true}, {Pad: 2, Flip: true}} {
		const n = 4000
		set := count(n)
		l := data.Loader{Part: data.Part{Set: set}, Batch: n, Seed: 9, Views: view(map[string]any{"pad": augment.Pad, "flip": augment.Flip})}
		batch := epoch(t, l, 0, 0)[0]
		seen := map[[3]int]int{}
		for i := range n {
			window, ok := windowOf(batch.Images[24*i:24*i+24], image(set, data.Train, i), augment)
			if !ok {
				t.Fatalf("%+v: image %d is no window of its padded original: %v", augment, i, batch.Images[24*i:24*i+24])
			}
			seen[window]++
		}
		windows := (2*augment.Pad + 1) * (2*augment.Pad + 1)
		if augment.Flip {
			windows *= 2
		}
		for window, times := range seen {
			if times < n/windows/2 || times > n/windows*2 {
				t.Errorf("%+v: window %v came %d times in %d, want about %d", augment, window, times, n, n/windows)
			}
		}
		if len(seen) != windows {
			t.Errorf("%+v: %d windows, want %d", augment, len(seen), windows)
		}
	}
}

func windowOf(got, whole []float32, a policies) ([3]int, bool) {
	for mirror := range 2 {
		for down := range 2*a.Pad + 1 {
			for right := range 2*a.Pad + 1 {
				if slices.Equal(got, cropped(whole, a.Pad, down, right, mirror == 1)) {
					return [3]int{mirror, down, right}, true
				}
			}
		}
	}
	return [3]int{}, false
}
