package testtime_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/data/raster"
	"workbench/experiments/data/testtime"
)

// sized is a set of pictures of one size [2, 6, 7], whose pixels tell where they are.
type sized struct{ data.Set }

func (sized) Info() data.Info {
	return data.Info{Name: "sized", Classes: []string{"a", "b"}, Channels: 2, Height: 6, Width: 7}
}
func (sized) Digest() string                { return "sized" }
func (sized) Len(data.Split) int            { return 3 }
func (sized) Label(_ data.Split, i int) int { return i % 2 }
func (sized) Pixels(_ data.Split, i int, dst []uint8) error {
	for k := range dst {
		dst[k] = uint8(100*(k/42) + 10*(k%42/7) + k%7 + i)
	}
	return nil
}

// photos is a set of pictures of 20×(24 + i) pixels, of which networks get 8×8 of the middle of 10×12 and more.
type photos struct{ sized }

func (photos) Info() data.Info {
	return data.Info{Name: "photos", Classes: []string{"a", "b"}, Channels: 1, Height: 8, Width: 8}
}
func (photos) Original(_ data.Split, i int, m *raster.Image) error {
	m.Reshape(1, 20, 24+i)
	for k := range m.Values {
		m.Values[k] = uint8(7 * k * (k + i))
	}
	return nil
}
func (photos) Fit(m *raster.Image) raster.Cut { return raster.Fitted(m, 10, 8, 8) }

func views(t *testing.T, name string, set data.Set, crop int) []testtime.View {
	t.Helper()
	s, err := testtime.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Views(set, crop)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func pixels(t *testing.T, set data.Set, i int) []uint8 {
	t.Helper()
	dst := make([]uint8, set.Info().Size())
	if err := set.Pixels(data.Test, i, dst); err != nil {
		t.Fatal(err)
	}
	return dst
}

// Of a picture of 6×7 pixels the crops of 4×4 begin where torchvision's FiveCrop has them (the middle at row 1, column
// 2, since it rounds 1.5 to the even number), and ten of them are mirrored, too.
func TestCropsAreTorchvisions(t *testing.T) {
	corner := [][2]int{{0, 0}, {0, 3}, {2, 0}, {2, 3}, {1, 2}}
	ten := views(t, "ten_crop", sized{}, 4)
	if len(ten) != 10 || len(views(t, "five_crop", sized{}, 4)) != 5 {
		t.Fatalf("%d views", len(ten))
	}
	for k, v := range ten {
		got := pixels(t, v.Of(sized{}), 1)
		if len(got) != 2*4*4 {
			t.Fatalf("%d values", len(got))
		}
		for at, value := range got {
			channel, y, x := at/16, at%16/4, at%4
			if k >= 5 {
				x = 3 - x
			}
			if want := uint8(100*channel + 10*(corner[k%5][0]+y) + corner[k%5][1] + x + 1); value != want {
				t.Fatalf("%s: channel %d, row %d, column %d is %d, want %d", v.Name, channel, y, at%4, value, want)
			}
		}
	}
}

func TestFlipIsThePictureAndItsMirror(t *testing.T) {
	both := views(t, "flip", sized{}, 0)
	plain := pixels(t, sized{}, 2)
	if len(both) != 2 || !slices.Equal(pixels(t, both[0].Of(sized{}), 2), plain) {
		t.Fatal("the first view is not the picture")
	}
	for row := range slices.Chunk(plain, 7) {
		slices.Reverse(row)
	}
	if !slices.Equal(pixels(t, both[1].Of(sized{}), 2), plain) {
		t.Error("the second view is not its mirror")
	}
}

// Sides of 7/8, 1 and 9/8 are rounded; the middle one is the picture itself.
func TestScales(t *testing.T) {
	all := views(t, "multi_scale", sized{}, 0)
	want := [][2]int{{5, 6}, {6, 7}, {7, 8}}
	for k, v := range all {
		info := v.Of(sized{}).Info()
		if got := [2]int{info.Height, info.Width}; got != want[k] || got != [2]int{v.Height, v.Width} || info.Name != "sized" {
			t.Errorf("view %d is of %v pixels, want %v", k, got, want[k])
		}
		resized := make([]uint8, info.Size())
		m := raster.Image{Channels: 2, Height: 6, Width: 7, Values: pixels(t, sized{}, 0)}
		new(raster.Resizer).Resize(&m, raster.Resized(m.Whole(), info.Height, info.Width), resized)
		if got := pixels(t, v.Of(sized{}), 0); !slices.Equal(got, resized) || k == 1 && !slices.Equal(got, m.Values) {
			t.Errorf("view %d is not the picture resized", k)
		}
	}
}

// Crops of photographs are of the resized original, beyond the middle that networks usually get, and scales of its
// middle: Resize and FiveCrop, and Resize and CenterCrop, of torchvision.
func TestPhotographsAreCutOutOfTheirOriginals(t *testing.T) {
	var m raster.Image
	set := photos{}
	resize := func(cut raster.Cut, channels int) []uint8 {
		dst := make([]uint8, channels*cut.Part.Height*cut.Part.Width)
		new(raster.Resizer).Resize(&m, cut, dst)
		return dst
	}
	for i := range 3 {
		if err := set.Original(data.Test, i, &m); err != nil {
			t.Fatal(err)
		}
		whole := raster.Fitted(&m, 10, 8, 8)
		width := whole.Width
		all := resize(raster.Resized(m.Whole(), 10, width), 1)
		for k, corner := range [][2]int{{0, 0}, {0, width - 8}, {2, 0}, {2, width - 8}, {1, whole.Part.Left}} {
			got := pixels(t, views(t, "five_crop", set, 0)[k].Of(set), i)
			for y := range 8 {
				at := (corner[0]+y)*width + corner[1]
				if !slices.Equal(got[8*y:8*y+8], all[at:at+8]) {
					t.Errorf("picture %d, view %d: row %d is %v, want %v", i, k, y, got[8*y:8*y+8], all[at:at+8])
				}
			}
		}
		for k, side := range []int{7, 8, 9} {
			got := pixels(t, views(t, "multi_scale", set, 0)[k].Of(set), i)
			if want := resize(raster.Fitted(&m, []int{9, 10, 11}[k], side, side), 1); !slices.Equal(got, want) {
				t.Errorf("picture %d of %d pixels is %v, want %v", i, side, got, want)
			}
		}
	}
}

// A loader sees the view, and not the originals behind it.
func TestLoadersSeeTheView(t *testing.T) {
	v := views(t, "ten_crop", photos{}, 5)[7]
	set := v.Of(photos{})
	if _, unwrapped := data.As[data.Originals](set); unwrapped {
		t.Error("the view has originals, which would be shown as they are")
	}
	l := data.Loader{Part: data.Part{Set: set, Split: data.Test}, Batch: 3}
	for b, err := range l.Epoch(context.Background(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			for k, want := range pixels(t, set, i) {
				if got := b.Images[i*25+k] * 255; got-float32(want) > 0.01 || got-float32(want) < -0.01 {
					t.Fatalf("picture %d, value %d is %v, want %v", i, k, got, want)
				}
			}
		}
	}
}

// Each view is another set, of the same images.
func TestViewsHaveDigestsOfTheirOwn(t *testing.T) {
	seen := map[string]string{"sized": "the set"}
	for _, name := range testtime.Names() {
		for _, v := range views(t, name, sized{}, 0) {
			set := v.Of(sized{})
			if name != "five_crop" { // whose views are ten_crop's
				if other, twice := seen[set.Digest()]; twice {
					t.Errorf("%s %s has the digest of %s", name, v.Name, other)
				}
				seen[set.Digest()] = name + " " + v.Name
			}
			if set.Len(data.Test) != 3 || set.Label(data.Test, 1) != 1 {
				t.Errorf("%s %s has other images", name, v.Name)
			}
		}
	}
}

func TestSidesOfCrops(t *testing.T) {
	for _, c := range []struct {
		name string
		set  data.Set
		crop int
		want int
		err  string
	}{
		{"five_crop", sized{}, 0, 5, ""}, {"ten_crop", sized{}, 6, 6, ""}, {"ten_crop", photos{}, 0, 8, ""}, {"ten_crop", photos{}, 3, 3, ""},
		{"ten_crop", sized{}, 7, 0, "crops of 7×7 pixels, want 1 to 6 on images of 6×7"},
		{"ten_crop", sized{}, -1, 0, "crops of -1×-1 pixels, want 1 to 6 on images of 6×7"},
		{"five_crop", tall{}, 0, 5, ""}, {"five_crop", tall{}, 7, 0, "crops of 7×7 pixels, want 1 to 6 on images of 9×6"},
		{"flip", sized{}, 3, 0, "views flip have no side to choose, only those of five_crop and ten_crop"},
	} {
		s, err := testtime.Lookup(c.name)
		if err != nil {
			t.Fatal(err)
		}
		all, err := s.Views(c.set, c.crop)
		if c.err == "" && (err != nil || all[0].Height != c.want || all[0].Width != c.want) ||
			c.err != "" && (err == nil || err.Error() != c.err) {
			t.Errorf("%s with %d: %v, want %d, %q", c.name, c.crop, err, c.want, c.err)
		}
		if s.Doc == "" || s.Paper == "" {
			t.Errorf("nothing tells what %s is", c.name)
		}
	}
	if _, err := testtime.Lookup("tencrop"); err == nil || err.Error() != `no views "tencrop": did you mean ten_crop?` {
		t.Errorf("a name that is not there: %v", err)
	}
}

// tall is a set of pictures that are higher than wide, one of which cannot be read.
type tall struct{ sized }

func (tall) Info() data.Info { return data.Info{Name: "tall", Channels: 1, Height: 9, Width: 6} }
func (tall) Pixels(_ data.Split, i int, dst []uint8) error {
	for k := range dst {
		dst[k] = uint8(k)
	}
	if i == 1 {
		return errors.New("image 1 is damaged")
	}
	return nil
}

// lost is a set whose originals cannot be read.
type lost struct{ photos }

func (lost) Original(data.Split, int, *raster.Image) error { return errors.New("image 1 is gone") }

// An image that cannot be read is an error of its view, too.
func TestImagesThatCannotBeRead(t *testing.T) {
	for want, set := range map[string]data.Set{"image 1 is damaged": tall{}, "image 1 is gone": lost{}} {
		for _, name := range testtime.Names() {
			for _, v := range views(t, name, set, 0) {
				s := v.Of(set)
				if err := s.Pixels(data.Test, 1, make([]uint8, s.Info().Size())); err == nil || err.Error() != want {
					t.Errorf("%s, %s: got error %v, want %s", name, v.Name, err, want)
				}
			}
		}
	}
}

// Scales of a high picture keep its shape, and each view's digest is that of its set, its name and its size:
// evaluations are kept by it.
func TestDigestsOfViewsStay(t *testing.T) {
	var got []string
	for _, name := range testtime.Names() {
		for _, v := range views(t, name, tall{}, 0) {
			got = append(got, fmt.Sprintf("%s %d×%d", v.Name, v.Height, v.Width))
			text := fmt.Sprintf("view 1\nset sized\n%s\n%d×%d", v.Name, v.Height, v.Width)
			if want := fmt.Sprintf("%x", sha256.Sum256([]byte(text))); v.Of(tall{}).Digest() != want {
				t.Errorf("%s has the digest %s, want %s", v.Name, v.Of(tall{}).Digest(), want)
			}
		}
	}
	five := []string{"upper left 5×5", "upper right 5×5", "lower left 5×5", "lower right 5×5", "middle 5×5"}
	want := append([]string{"whole 9×6", "whole, mirrored 9×6"}, five...)
	want = append(want, five...)
	want = append(want, "upper left, mirrored 5×5", "upper right, mirrored 5×5", "lower left, mirrored 5×5", "lower right, mirrored 5×5",
		"middle, mirrored 5×5", "7/8 8×5", "8/8 9×6", "9/8 10×7")
	if !slices.Equal(got, want) {
		t.Errorf("got the views %q, want %q", got, want)
	}
}
