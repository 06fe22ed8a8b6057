package augment

import (
	"math"
	"slices"
	"testing"

	"workbench/nn/option"
)

// chainOf makes a chain, ready for epoch 0 of seed 1.
func chainOf(t testing.TB, size Size, given map[string]any) Chain {
	t.Helper()
	chain, err := New(given, size)
	if err != nil {
		t.Fatal(err)
	}
	chain.Start("", 1, 0)
	return chain
}

// Policies with a probability act with it. Their strengths are such that who acts is seen.
func TestPoliciesActWithTheirProbability(t *testing.T) {
	const n = 2000
	size := Size{3, 16, 16}
	start := noisy(size)
	further := map[string]map[string]any{"blur": {"blur_sigma": []any{1.0, 2.0}}}
	for _, a := range All() {
		o := a.Options[0]
		if _, real := o.Default.(float64); !real || o.Max != 1 {
			continue
		}
		for _, want := range []float64{0.2, 0.8, 1} {
			given := map[string]any{o.Name: want}
			for name, value := range further[a.Name] {
				given[name] = value
			}
			chain, p, times := chainOf(t, size, given), NewPicture(size), 0
			for i := range n {
				copy(p.Values, start.Values)
				chain.Apply(&p, i)
				if !slices.Equal(p.Values, start.Values) {
					times++
				}
			}
			near(t, a.Name, times, n, want)
		}
	}
}

// On flat pictures every strength of jitter alone can be read off, and is drawn evenly from its range.
func TestJitterDrawsFromItsRanges(t *testing.T) {
	const n = 2000
	off := func(strength string, by float64) map[string]any {
		given := map[string]any{"jitter": 1.0}
		for _, o := range []string{"brightness", "contrast", "saturation", "hue"} {
			given["jitter_"+o] = 0.0
		}
		given["jitter_"+strength] = by
		return given
	}
	for _, c := range []struct {
		strength  string
		by        float64
		from      [6]uint8 // two pixels: red, green, blue
		at        int      // the level that is read
		low, high float64
		below     float64 // how much of the range of factors gives a level below the middle
	}{
		{"brightness", 0.4, [6]uint8{100, 100, 100, 100, 100, 100}, 0, 60, 140, 0.5},
		{"contrast", 0.5, [6]uint8{50, 150, 50, 150, 50, 150}, 1, 124, 174, 0.5},  // the mean grey is (49 + 149) / 2 = 99
		{"saturation", 0.8, [6]uint8{100, 100, 50, 50, 100, 100}, 2, 34, 66, 0.5}, // their grey is 70
		{"hue", 0.1, [6]uint8{200, 200, 100, 100, 100, 100}, 2, 100, 160, 0.75},   // green rises if the turn is positive
	} {
		size := Size{3, 1, 2}
		chain, p := chainOf(t, size, off(c.strength, c.by)), NewPicture(size)
		low, high, below := 255.0, 0.0, 0
		for i := range n {
			copy(p.Values, c.from[:])
			chain.Apply(&p, i)
			v := float64(p.Values[c.at])
			low, high = min(low, v), max(high, v)
			if v+0.5 < (c.low+c.high)/2 {
				below++
			}
		}
		if !(math.Abs(low-c.low) <= 1.5) || !(math.Abs(high-c.high) <= 1.5) {
			t.Errorf("%s %v: from %v to %v, want %v to %v", c.strength, c.by, low, high, c.low, c.high)
		}
		near(t, c.strength, below, n, c.below)
	}
}

// Whatever is on, nothing is allocated for a picture.
func TestNothingIsAllocatedForAPicture(t *testing.T) {
	size := Size{3, 32, 32}
	given := map[string]any{}
	for _, a := range All() {
		switch o := a.Options[0]; o.Default.(type) {
		case bool:
			given[o.Name] = true
		case int:
			given[o.Name] = 2
		case float64:
			given[o.Name] = 1.0
		case string:
			given[o.Name] = o.Choices[len(o.Choices)-1]
		}
	}
	delete(given, "flip") // alternating_flip takes its place
	chain, p, i := chainOf(t, size, given), noisy(size), 0
	if len(chain) != len(All())-1 {
		t.Fatalf("%d augmentations are on, want all %d but one", len(chain), len(All()))
	}
	if got := testing.AllocsPerRun(300, func() { chain.Apply(&p, i); i++ }); got > 0 {
		t.Errorf("%v allocations a picture", got)
	}
}

func TestWrongRangesAndSides(t *testing.T) {
	for _, c := range []struct {
		given map[string]any
		size  Size
		want  string
	}{
		{map[string]any{"resized_crop": true, "resized_crop_scale": []any{0.5, 0.2}}, Size{3, 32, 32},
			"augment.resized_crop: resized_crop_scale is [0.5,0.2], want two numbers from above 0 to 1, the smaller first"},
		{map[string]any{"resized_crop": true, "resized_crop_scale": []any{0.5, 1.5}}, Size{3, 32, 32},
			"augment.resized_crop: resized_crop_scale is [0.5,1.5], want two numbers from above 0 to 1, the smaller first"},
		{map[string]any{"resized_crop": true, "resized_crop_ratio": []any{0.0, 1.0}}, Size{3, 32, 32},
			"augment.resized_crop: resized_crop_ratio is [0,1], want two numbers above 0, the smaller first"},
		{map[string]any{"blur": 0.5, "blur_sigma": []any{1.0}}, Size{3, 32, 32},
			"augment.blur: blur_sigma is [1], want two numbers above 0, the smaller first"},
		{map[string]any{"blur": 0.5, "blur_kernel": 4}, Size{3, 32, 32},
			"augment.blur: blur_kernel of 4 pixels on images of 32×32, want an odd number from 1 to 63"},
		{map[string]any{"blur": 0.5, "blur_kernel": 9}, Size{3, 4, 32},
			"augment.blur: blur_kernel of 9 pixels on images of 4×32, want an odd number from 1 to 7"},
		{map[string]any{"jitter": 0.5}, Size{2, 32, 32}, "augment.jitter: images of 2 channels, want 1 (grey) or 3 (red, green, blue)"},
		{map[string]any{"greyscale": 1.5}, Size{3, 32, 32}, "augment: option greyscale: want a number from 0 to 1, got 1.5"},
	} {
		if _, err := New(c.given, c.size); err == nil || err.Error() != c.want {
			t.Errorf("%s: got error %v\nwant %s", option.Label(c.given), err, c.want)
		}
	}
}

// The kernel that nobody chose is a tenth of the picture: 3 at 32, 9 at 96, 23 at 224.
func TestKernelOfBlur(t *testing.T) {
	for side, want := range map[int]int{4: 3, 32: 3, 96: 9, 224: 23} {
		chain := chainOf(t, Size{3, side, side + 7}, map[string]any{"blur": 0.5})
		if got := 2*chain[0].policy.(blur).radius + 1; got != want {
			t.Errorf("at %d pixels a kernel of %d, want %d", side, got, want)
		}
	}
}
