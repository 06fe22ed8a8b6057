package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sync"
)

func init() {
	Register(Source{
		Name:  "shapes",
		Holds: Holds{Train: 3000, Test: 1000, Classes: 10, Channels: 3, Side: 32},
		Doc:   "ten shapes on 32×32 RGB pictures, drawn from a seed, no files; raw values − 0.5 (mean 0.5, std 1)",
		Options: []Option{
			{Name: "train", Default: 3000, Min: 1, Max: 100000, Doc: "training images"},
			{Name: "test", Default: 1000, Min: 1, Max: 100000, Doc: "test images"},
			{Name: "noise", Default: 0.06, Max: 1, Doc: "standard deviation of the noise on every value, in [0, 1] units; 0.12 to 0.2 is hard"},
			{Name: "clutter", Default: 1, Max: 50, Doc: "rectangles of 2 to 5 pixels a side laid over the picture; 3 is hard"},
			{Name: "overlap", Default: 0.0, Max: 1,
				Doc: "0: the shape is always brighter than its background; 1: both colours are drawn from the whole range"},
			{Name: "seed", Default: 0, Doc: "of the pictures; another seed gives other pictures of the same kind"},
		},
		Open: openShapes,
	})
}

// shapesVersion grows whenever a change of the generator changes a picture, so that runs on old pictures are not taken
// for runs on new ones.
const shapesVersion = 1

// openShapes draws nothing yet. A split is drawn when its first image is asked for, which takes about 25 µs an image.
func openShapes(_ context.Context, _ string, s Settings) (Set, error) {
	info := Info{
		Name: "shapes", Channels: 3, Height: pictureSide, Width: pictureSide,
		Mean: []float64{0.5, 0.5, 0.5}, Std: []float64{1, 1, 1},
	}
	for _, f := range figures {
		info.Classes = append(info.Classes, f.name)
	}
	p := newPainter(s)
	album := func(split Split, n int) album {
		a := album{labels: make([]int32, n)}
		for i := range a.labels {
			a.labels[i] = int32(i % len(figures)) // so any first n images are balanced
		}
		a.pixels = sync.OnceValue(func() []byte { return p.drawAll(split, a.labels) })
		return a
	}
	return newPictures(info, shapesDigest(s), albums{Train: album(Train, s.Int("train")), Test: album(Test, s.Int("test"))}), nil
}

func shapesDigest(s Settings) string {
	h := sha256.New()
	fmt.Fprintf(h, "shapes version %d\n", shapesVersion)
	for _, name := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(h, "%s=%v\n", name, s[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}
