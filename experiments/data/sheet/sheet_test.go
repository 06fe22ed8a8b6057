package sheet_test

import (
	"context"
	"image"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/data/sheet"
)

func shapes(t *testing.T, given map[string]any) data.Set {
	t.Helper()
	set, err := data.Open(t.Context(), "shapes", "", given)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// grey is a set of pictures [1, 2, 3] whose first value is the index, and whose labels are given; −1: none.
type grey struct{ labels []int }

func (g grey) Info() data.Info {
	return data.Info{Name: "grey", Classes: []string{"a", "b"}, Channels: 1, Height: 2, Width: 3, Mean: []float64{0.3}, Std: []float64{0.2}}
}
func (g grey) Digest() string { return "grey" }
func (g grey) Len(s data.Split) int {
	if s != data.Train {
		return 0
	}
	return len(g.labels)
}
func (g grey) Label(_ data.Split, i int) int { return g.labels[i] }
func (g grey) Pixels(_ data.Split, i int, dst []uint8) error {
	copy(dst, []uint8{uint8(i), 0, 255, 1, 2, 3})
	return nil
}

func TestHistogramCountsImagesWithoutLabels(t *testing.T) {
	if got := sheet.Histogram(grey{[]int{1, -1, 0, 1, -1, -1}}, data.Train); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("got %v, want 1, 2 and 3 without a label", got)
	}
	if got := sheet.Histogram(shapes(t, map[string]any{"test": 25}), data.Test); !slices.Equal(got, []int{3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 0}) {
		t.Errorf("got %v", got)
	}
}

// The moments are those of the definition, in one pass over values of 64 bits.
func TestMomentsAreExact(t *testing.T) {
	set := shapes(t, map[string]any{"train": 40})
	mean, std, err := sheet.Moments(t.Context(), set, data.Train)
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]uint8, 3*32*32)
	for c := range 3 {
		var values []float64
		for i := range 40 {
			set.Pixels(data.Train, i, raw)
			for _, v := range raw[c*1024 : (c+1)*1024] {
				values = append(values, float64(v)/255)
			}
		}
		m, s := 0.0, 0.0
		for _, v := range values {
			m += v / float64(len(values))
		}
		for _, v := range values {
			s += (v - m) * (v - m) / float64(len(values))
		}
		if !(math.Abs(mean[c]-m) <= 1e-12) || !(math.Abs(std[c]-math.Sqrt(s)) <= 1e-12) {
			t.Errorf("channel %d: %v ± %v, want %v ± %v", c, mean[c], std[c], m, math.Sqrt(s))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := sheet.Moments(ctx, set, data.Train); err != context.Canceled {
		t.Errorf("got error %v", err)
	}
}

// tile is what the sheet shows at a place of a picture [3, side, side], enlarged.
func tile(img image.Image, at image.Point, side, scale int) []uint8 {
	raw := make([]uint8, 3*side*side)
	for y := range side {
		for x := range side {
			r, g, b, _ := img.At(at.X+x*scale+scale-1, at.Y+y*scale).RGBA()
			for c, v := range []uint32{r, g, b} {
				raw[(c*side+y)*side+x] = uint8(v >> 8)
			}
		}
	}
	return raw
}

// Without draws each class has a line of its first images, as they are.
func TestAClassHasALine(t *testing.T) {
	set := shapes(t, map[string]any{"train": 40})
	img, rows, err := sheet.Draw(t.Context(), sheet.Plan{Loader: data.Loader{Part: data.Part{Set: set}}, PerClass: 3})
	if err != nil || len(rows) != 10 {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	if want := image.Rect(0, 0, 2+3*66, 2+10*66+9*8); img.Bounds() != want {
		t.Errorf("the sheet is %v, want %v", img.Bounds(), want)
	}
	raw := make([]uint8, 3*32*32)
	for class, row := range rows {
		for k, shown := range row.Images {
			if row.Class != class || shown != (sheet.Image{Sample: class + 10*k, True: class}) {
				t.Errorf("row %d shows %+v of class %d", class, shown, row.Class)
			}
			set.Pixels(data.Train, shown.Sample, raw)
			if got := tile(img, image.Pt(2+66*k, 2+74*class), 32, 2); !slices.Equal(got, raw) {
				t.Errorf("image %d of row %d is another", k, class)
			}
		}
	}
	if r, g, b, a := img.At(0, 0).RGBA(); r&g&b&a != 0xffff {
		t.Error("the paper is not white")
	}
}

// With draws each image has a line: the original, then what a training with the seed sees of it, epoch by epoch.
func TestALineShowsWhatATrainingSees(t *testing.T) {
	set := shapes(t, map[string]any{"train": 40})
	augment := map[string]any{"pad": 4, "flip": true}
	loader := data.Loader{Part: data.Part{Set: set, Index: []int32{12, 5, 22, 31}}, Seed: 7, Batch: 3, Shuffle: true,
		Views: []data.View{{Augment: augment}, {Augment: augment}}}
	img, rows, err := sheet.Draw(t.Context(), sheet.Plan{Loader: loader, PerClass: 2, Draws: 2})
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	training := loader
	training.Batch, training.KeepLast = 1, true
	levels, back := set.Info().Levels(), map[float32]uint8{}
	for v, level := range levels[0] { // the same for every channel
		back[level] = uint8(v)
	}
	line := map[int]image.Point{31: {X: 2, Y: 2}, 12: {X: 2, Y: 2 + 74}, 22: {X: 2, Y: 2 + 74 + 66}, 5: {X: 2, Y: 2 + 74 + 66 + 74}}
	seen := 0
	for epoch := range 2 {
		for b, err := range training.Epoch(t.Context(), epoch, 0) {
			if err != nil {
				t.Fatal(err)
			}
			for k, view := range b.Views {
				want := make([]uint8, len(view))
				for i, v := range view {
					want[i] = back[v]
				}
				at := line[int(b.Samples[0])]
				at.X += (1+2*epoch+k)*66 + 8
				if got := tile(img, at, 32, 2); !slices.Equal(got, want) {
					t.Errorf("image %d, epoch %d, view %d is another than the training sees", b.Samples[0], epoch, k)
				}
				seen++
			}
		}
	}
	if seen != 16 {
		t.Errorf("%d pictures were compared, want 16", seen)
	}
	raw := make([]uint8, 3*32*32)
	set.Pixels(data.Train, 22, raw)
	if got := tile(img, line[22], 32, 2); !slices.Equal(got, raw) {
		t.Error("the original of image 22 is not the first of its line")
	}
}

// Rows go by the labels that a training gets, those without one last; the true label stays beside them.
func TestRowsGoByTheTrainingsLabels(t *testing.T) {
	set := grey{[]int{0, 1, -1, 0}}
	part := data.Part{Set: set, Labels: []int32{1, 1, -1, 0}}
	img, rows, err := sheet.Draw(t.Context(), sheet.Plan{Loader: data.Loader{Part: part}, PerClass: 5})
	if err != nil {
		t.Fatal(err)
	}
	want := []sheet.Row{{Class: 0, Images: []sheet.Image{{Sample: 3, True: 0}}},
		{Class: 1, Images: []sheet.Image{{Sample: 0, True: 0}, {Sample: 1, True: 1}}}, {Class: -1, Images: []sheet.Image{{Sample: 2, True: -1}}}}
	if !slices.EqualFunc(rows, want, func(a, b sheet.Row) bool { return a.Class == b.Class && slices.Equal(a.Images, b.Images) }) {
		t.Errorf("rows %+v, want %+v", rows, want)
	}
	scale := 64 / 3
	if r, g, b, _ := img.At(2+scale*2+1, 3).RGBA(); r>>8 != 255 || g>>8 != 255 || b>>8 != 255 {
		t.Errorf("the third value of a grey picture is %d, %d, %d, want 255", r>>8, g>>8, b>>8)
	}
	if r, g, b, _ := img.At(3, 3).RGBA(); r>>8 != 3 || g>>8 != 3 || b>>8 != 3 {
		t.Errorf("the first value of image 3 is %d, %d, %d", r>>8, g>>8, b>>8)
	}
}

func TestSheetsAreBounded(t *testing.T) {
	set := shapes(t, map[string]any{"train": 20000})
	impossible := []data.View{{Augment: map[string]any{"pad": -1}}}
	for _, c := range []struct {
		plan sheet.Plan
		want string
	}{
		{sheet.Plan{Loader: data.Loader{Part: data.Part{Set: set}}, PerClass: 1 << 20, Draws: 100}, "want at most 67108864 in all"},
		{sheet.Plan{Loader: data.Loader{Part: data.Part{Set: set}}, PerClass: 1, Draws: 1 << 25}, "ask for fewer images or draws"},
		{sheet.Plan{Loader: data.Loader{Part: data.Part{Set: set}}, PerClass: math.MaxInt}, "and at most 67108864"},
		{sheet.Plan{Loader: data.Loader{Part: data.Part{Set: set}}, PerClass: 1, Draws: math.MaxInt}, "and at most 67108864"},
		{sheet.Plan{Loader: data.Loader{Part: data.Part{Set: set}}}, "want at least 1"},
		{sheet.Plan{Loader: data.Loader{Part: data.Part{Set: set, Split: data.Val}}, PerClass: 1}, "has no images"},
		{sheet.Plan{PerClass: 1}, "no data set"},
		{sheet.Plan{Loader: data.Loader{Part: data.Part{Set: set}, Views: impossible}, PerClass: 1, Draws: 1}, "pad"},
	} {
		if _, _, err := sheet.Draw(t.Context(), c.plan); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}
