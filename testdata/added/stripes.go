package data

import (
	"context"
	"fmt"

	"workbench/nn/rng"
)

func init() {
	Register(Source{
		Name: "stripes", Doc: "noisy grey pictures of 12×12 pixels with horizontal or vertical stripes, drawn by the program",
		Holds: Holds{Train: 200, Test: 100, Classes: 2, Channels: 1, Side: 12},
		Options: []Option{
			{Name: "train", Default: 200, Min: 2, Max: 100_000, Doc: "training images"},
			{Name: "test", Default: 100, Min: 2, Max: 100_000, Doc: "test images"},
			{Name: "noise", Default: 0.5, Max: 1, Doc: "share of the pixels that are drawn anew at random"},
		},
		Open: func(_ context.Context, _ string, s Settings) (Set, error) {
			info := Info{Name: "stripes", Classes: []string{"horizontal", "vertical"}, Channels: 1, Height: 12, Width: 12,
				Mean: []float64{0.5}, Std: []float64{0.5}}
			noise := s.Float("noise")
			digest := fmt.Sprintf("stripes 1, %d and %d images, noise %v", s.Int("train"), s.Int("test"), noise)
			return newPictures(info, digest, albums{Train: stripes("train", s.Int("train"), noise),
				Test: stripes("test", s.Int("test"), noise)}), nil
		},
	})
}

// stripes draws n pictures, of both classes in turn. They are a function of the name of the split, of n and noise.
func stripes(split string, n int, noise float64) album {
	random := rng.New(1, "stripes/"+split)
	a := album{}
	var pixels []byte
	for i := range n {
		a.labels = append(a.labels, int32(i%2))
		for y := range 12 {
			for x := range 12 {
				v := byte(255 * ([]int{y, x}[i%2] / 2 % 2))
				if random.Float64() < noise {
					v = byte(256 * random.Float64())
				}
				pixels = append(pixels, v)
			}
		}
	}
	a.pixels = func() []byte { return pixels }
	return a
}
