package data_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"testing"

	"workbench/experiments/data"
)

func openShapes(t testing.TB, given map[string]any) data.Set {
	t.Helper()
	set, err := data.Open(context.Background(), "shapes", "", given)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// image is one image as a network gets it, normalised.
func image(s data.Set, split data.Split, i int) []float32 {
	raw, x := make([]uint8, s.Info().Size()), make([]float32, s.Info().Size())
	if err := s.Pixels(split, i, raw); err != nil {
		panic(err) // these sets have all pixels in memory
	}
	s.Info().Levels().Normalise(raw, x)
	return x
}

// fingerprint returns a digest of the first ten images of a split, from the bits of their values.
func fingerprint(s data.Set, split data.Split) string {
	h := sha256.New()
	for i := range 10 {
		for _, v := range image(s, split, i) {
			fmt.Fprintf(h, "%08x", math.Float32bits(v))
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// The pictures are the same on every machine and in every version with the same shapesVersion. If this fails on
// purpose, raise that version.
func TestShapesAreGolden(t *testing.T) {
	hard := map[string]any{"noise": 0.16, "clutter": 3, "overlap": 0.7, "seed": 5}
	for _, c := range []struct {
		given  map[string]any
		split  data.Split
		want   string
		digest string
	}{
		{nil, data.Train, "72d1ce131997d32e", "d53f670730d4f98e"},
		{nil, data.Test, "4cb9229424e79dae", "d53f670730d4f98e"},
		{hard, data.Train, "878cd88b92cd3c57", "7bc163a7e3c875b9"},
	} {
		s := openShapes(t, c.given)
		if got := fingerprint(s, c.split); got != c.want {
			t.Errorf("%v %s: images have SHA-256 %s, want %s", c.given, c.split, got, c.want)
		}
		if got := s.Digest()[:16]; got != c.digest {
			t.Errorf("%v: digest %s, want %s", c.given, got, c.digest)
		}
	}
}

func TestShapesDigestFollowsEverySetting(t *testing.T) {
	seen := map[string]string{openShapes(t, nil).Digest(): "defaults"}
	for name, value := range map[string]any{"train": 2999, "test": 10, "noise": 0.07, "clutter": 2, "overlap": 0.1, "seed": 1} {
		d := openShapes(t, map[string]any{name: value}).Digest()
		if other, twice := seen[d]; twice {
			t.Errorf("%s=%v has the digest of %s", name, value, other)
		}
		seen[d] = name
	}
}

// One setting changes only what it is about: the number of images leaves the images alone, and noise leaves pose,
// colours and clutter alone.
func TestShapesSettingsAreIndependent(t *testing.T) {
	few, many := openShapes(t, map[string]any{"train": 20}), openShapes(t, map[string]any{"train": 40})
	if !slices.Equal(image(few, data.Train, 19), image(many, data.Train, 19)) {
		t.Error("another number of images gives another image 19")
	}
	small := map[string]any{"train": 10, "test": 10}
	clean := openShapes(t, with(small, "noise", 0.0))
	noisy := openShapes(t, with(small, "noise", 0.06))
	if d := deviation(image(clean, data.Train, 4), image(noisy, data.Train, 4)); d < 0.045 || d > 0.062 {
		t.Errorf("noise of 0.06 differs from the clean picture by %.4f, want about that (a little less where it is clipped)", d)
	}
	other := openShapes(t, with(small, "seed", 1))
	if slices.Equal(image(noisy, data.Train, 0), image(other, data.Train, 0)) {
		t.Error("another seed gives the same picture")
	}
	if slices.Equal(image(noisy, data.Train, 0), image(noisy, data.Test, 0)) {
		t.Error("training and test share a picture")
	}
}

func TestShapesAreBalancedAndNormalised(t *testing.T) {
	s := openShapes(t, map[string]any{"train": 200, "test": 100, "clutter": 0, "noise": 0.0})
	count := make([]int, 10)
	for i := range s.Len(data.Train) {
		count[s.Label(data.Train, i)]++
		x := image(s, data.Train, i)
		if low, high := slices.Min(x), slices.Max(x); low < -0.5 || high > 0.5 || low > -0.05 || high < 0.05 {
			t.Errorf("image %d has values in [%v, %v], want dark and bright ones within [-0.5, 0.5]", i, low, high)
		}
	}
	if !slices.Equal(count, slices.Repeat([]int{20}, 10)) || len(s.Info().Classes) != 10 {
		t.Errorf("images a class: %v of %v, want 20 of each of ten", count, s.Info().Classes)
	}
}

func TestShapesOverlapMakesDarkShapes(t *testing.T) {
	for overlap, wantDark := range map[float64]bool{0: false, 1: true} {
		s := openShapes(t, map[string]any{"train": 400, "test": 1, "clutter": 0, "noise": 0.0, "overlap": overlap})
		dark := 0
		for i := 1; i < 400; i += 10 { // these are squares, whose centre is at most 11 pixels from the middle of the picture
			x := image(s, data.Train, i)
			if slices.Min(x[:1024]) < x[0] { // something is darker than the corner, which is background
				dark++
			}
		}
		if (dark > 0) != wantDark {
			t.Errorf("overlap %v: %d of 40 shapes are darker than their background", overlap, dark)
		}
	}
}

func with(given map[string]any, name string, value any) map[string]any {
	more := map[string]any{name: value}
	for k, v := range given {
		more[k] = v
	}
	return more
}

// deviation returns the root mean square difference.
func deviation(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += math.Pow(float64(a[i]-b[i]), 2)
	}
	return math.Sqrt(sum / float64(len(a)))
}

func BenchmarkShapes(b *testing.B) {
	for b.Loop() {
		image(openShapes(b, map[string]any{"train": 1000, "test": 1}), data.Train, 0)
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "img/s")
}
