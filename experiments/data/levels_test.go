package data_test

import (
	"slices"
	"testing"

	"workbench/experiments/data"
)

// flat is a set of one white image [2, 3, 3] whose channels are normalised with another mean and deviation each.
type flat struct{ data.Set }

func (flat) Info() data.Info {
	return data.Info{Name: "flat", Classes: []string{"white"}, Channels: 2, Height: 3, Width: 3,
		Mean: []float64{0.5, 0.25}, Std: []float64{0.5, 0.125}}
}
func (flat) Len(data.Split) int        { return 1 }
func (flat) Label(data.Split, int) int { return 0 }
func (flat) Pixels(_ data.Split, _ int, dst []uint8) error {
	for i := range dst {
		dst[i] = 255
	}
	return nil
}

// By hand, with (v − mean) / std: of black, of a fifth (51 of 255) and of white.
func TestLevels(t *testing.T) {
	for c, want := range [][]float32{{-1, -0.6, 1}, {-2, -0.4, 6}} {
		table := flat{}.Info().Levels()[c]
		if got := []float32{table[0], table[51], table[255]}; !slices.Equal(got, want) {
			t.Errorf("channel %d: %v, want %v", c, got, want)
		}
	}
	if got := (data.Info{Channels: 1}).Levels()[0][51]; got != 0.2 {
		t.Errorf("without mean and std: %v, want 0.2, the raw value as a share of white", got)
	}
}

// Images are normalised after everything has been done to them: what comes in at the edges is the normalised black of
// each channel, and the rest is white.
func TestPicturesAreNormalisedLast(t *testing.T) {
	l := data.Loader{Part: data.Part{Set: flat{}}, Batch: 1, Seed: 2, Views: view(map[string]any{"pad": 1})}
	padded := 0
	for e := range 20 {
		image := epoch(t, l, e, 0)[0].Images
		for c, level := range []struct{ black, white float32 }{{-1, 1}, {-2, 6}} {
			for _, v := range image[9*c : 9*c+9] {
				if v == level.black {
					padded++
				} else if v != level.white {
					t.Fatalf("epoch %d, channel %d: %v, want %v or %v", e, c, v, level.black, level.white)
				}
			}
		}
	}
	if padded == 0 {
		t.Error("nothing was padded")
	}
}
