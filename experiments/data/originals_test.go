package data_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/data/raster"
)

// sized is a set whose image i has 6 + i rows and 9 columns; image broken cannot be read.
type sized struct{ broken int }

var _ data.Originals = sized{}

func (sized) Info() data.Info {
	return data.Info{Name: "sized", Classes: make([]string, 2), Channels: 1, Height: 4, Width: 5}
}
func (sized) Digest() string                { return "" }
func (sized) Len(data.Split) int            { return 8 }
func (sized) Label(_ data.Split, i int) int { return i % 2 }

func (s sized) Original(_ data.Split, i int, m *raster.Image) error {
	if i == s.broken {
		return errors.New("image 5 is broken")
	}
	m.Reshape(1, 6+i, 9)
	for k := range m.Values {
		m.Values[k] = uint8(k*k + 50*i)
	}
	return nil
}

func (sized) Fit(m *raster.Image) raster.Cut { return raster.Fitted(m, 5, 4, 5) }

func (s sized) Pixels(split data.Split, i int, dst []uint8) error {
	var m raster.Image
	if err := s.Original(split, i, &m); err != nil {
		return err
	}
	new(raster.Resizer).Resize(&m, s.Fit(&m), dst)
	return nil
}

// levels of a view of the images, in their order.
func levels(t *testing.T, l data.Loader, of func(data.Batch) []float32) (all []float32) {
	t.Helper()
	for b, err := range l.Epoch(context.Background(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range of(b) {
			all = append(all, x*255)
		}
	}
	return all
}

// resized is what the images are of which some part is taken.
func resized(cut func(m *raster.Image) raster.Cut) (all []float32) {
	for i := range 8 {
		var m raster.Image
		if err := (sized{-1}).Original(data.Train, i, &m); err != nil {
			panic(err)
		}
		dst := make([]uint8, 20)
		new(raster.Resizer).Resize(&m, cut(&m), dst)
		for _, v := range dst {
			all = append(all, float32(v)/255*255)
		}
	}
	return all
}

// An image in its own size is fitted where no augmentation makes it fit, and a random crop takes its window of the
// original; a target that is the picture itself is the fitted one.
func TestImagesOfTheirOwnSize(t *testing.T) {
	fitted := resized(sized{}.Fit)
	whole := resized(func(m *raster.Image) raster.Cut { return raster.Resized(m.Whole(), 4, 5) })
	// No window of another shape has the whole area, and where none fits it is the whole picture.
	crop := map[string]any{"resized_crop": true, "resized_crop_scale": []float64{1, 1}, "resized_crop_ratio": []float64{1e-9, 1e9}}
	views := []data.View{{}, {Augment: crop, Emit: "original"}}
	for _, workers := range []int{1, 3} {
		l := data.Loader{Part: data.Part{Set: sized{-1}}, Views: views, Batch: 2, Workers: workers}
		for what, c := range map[string]struct {
			got  func(data.Batch) []float32
			want []float32
		}{
			"plain view": {func(b data.Batch) []float32 { return b.Views[0] }, fitted},
			"crop":       {func(b data.Batch) []float32 { return b.Views[1] }, whole},
			"target":     {func(b data.Batch) []float32 { return b.Targets[1].Picture }, fitted},
		} {
			if got := levels(t, l, c.got); !slices.Equal(got, c.want) {
				t.Errorf("%d workers, %s: got\n%v, want\n%v", workers, what, got, c.want)
			}
		}
	}
	if slices.Equal(fitted, whole) {
		t.Error("the pictures do not tell fitting from cropping")
	}
}

// An image that cannot be read ends the stream with its error, after the batches before it.
func TestAnImageThatCannotBeRead(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		l := data.Loader{Part: data.Part{Set: sized{5}}, Batch: 2, Workers: workers}
		var seen []string
		for b, err := range l.Cycle(t.Context(), 0) {
			seen = append(seen, fmt.Sprint(b.N, " ", err))
		}
		if want := []string{"2 <nil>", "2 <nil>", "0 image 5 is broken"}; strings.Join(seen, ", ") != strings.Join(want, ", ") {
			t.Errorf("%d workers: %q, want %q", workers, seen, want)
		}
	}
}
