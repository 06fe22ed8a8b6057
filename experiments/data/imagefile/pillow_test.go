package imagefile

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data/libjpeg"
	"workbench/experiments/data/raster"
)

// picture is an entry of testdata/pictures.json, which testdata/pictures.py writes.
type picture struct {
	File          []byte
	Mode          string // Pillow's
	Error         string // why Pillow refuses it
	Width, Height int
	RGB, Grey     []byte // [channels, height, width]; Grey of some
	Upright       *struct {
		Width, Height int
		RGB           []byte
	}
}

func pictures(t testing.TB) map[string]picture {
	t.Helper()
	text, err := os.ReadFile("testdata/pictures.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]picture
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 70 {
		t.Fatalf("%d pictures, want at least 70", len(all))
	}
	return all
}

// refused are pictures that cannot be read, with what is said of them.
var refused = map[string]string{
	"bomb.png":        "PNG: 60000×60000 pixels, want at most 100 million",
	"cut_short.gif":   "GIF: gif: not enough image data",
	"cut_short.jpg":   "JPEG: ",
	"no_end.jpg":      "JPEG: the file is cut short",
	"header_only.jpg": "JPEG: the file is cut short",
	"cut_short.png":   "PNG: png: invalid format: not enough pixel data",
	"damaged.png":     "PNG: ",
	"empty.jpg":       "the file is empty",
	"html.jpg":        "it is a HTML file, want one of JPEG, PNG, GIF, WebP, BMP, TIFF",
	"text.jpg":        `it begins with "This is ", which no picture does that can be read; want one of JPEG, PNG, GIF, WebP, BMP, TIFF`,
}

// refusedAlone are those that Pillow reads.
var refusedAlone = map[string]string{
	"animated.webp":  "WebP: it is animated, which cannot be read",
	"arithmetic.jpg": "JPEG: ",
}

// jpegLevels is by how much a value of a JPEG file may differ from Pillow's: Go's decoder rounds otherwise.
const jpegLevels = 3

// exact tells whether a JPEG file has Pillow's pixels to the bit: libjpeg-turbo's, which leaves those of inks to Go's.
func exact(p picture) bool {
	return strings.HasPrefix(libjpeg.Version, "libjpeg-turbo") && p.Mode != "CMYK"
}

// Every picture has Pillow's size and, if it is no JPEG file, Pillow's pixels; what Pillow refuses is refused.
func TestPicturesArePillows(t *testing.T) {
	compare := func(name string, d Decoder, p picture, width, height int, want []byte) {
		var m raster.Image
		if err := d.Decode(p.File, &m); err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if m.Width != width || m.Height != height || len(m.Values) != len(want) {
			t.Errorf("%s: %d×%d pixels of %d channels, want %d×%d", name, m.Height, m.Width, m.Channels, height, width)
			return
		}
		allowed := 0
		if strings.HasPrefix(string(p.File), "\xff\xd8") && !exact(p) {
			allowed = jpegLevels
		}
		if most := farthest(m.Values, want); most > allowed {
			t.Errorf("%s, %d channels: a value is off by %d, want at most %d", name, d.Channels, most, allowed)
		}
	}
	for name, p := range pictures(t) {
		want, alone := refusedAlone[name]
		if said, both := refused[name]; both {
			want = said
		}
		switch {
		case p.Error == "" == (refused[name] != ""):
			t.Errorf("%s: Pillow says %q, the test expects %q", name, p.Error, refused[name])
		case p.Error != "" || alone:
			err := Decoder{Channels: 3}.Decode(p.File, new(raster.Image))
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: error %v, want one that begins with %q", name, err, want)
			}
			continue
		case name == "grey_16.png": // see TestSixteenBits
			continue
		}
		compare(name, Decoder{Channels: 3}, p, p.Width, p.Height, p.RGB)
		if p.Grey != nil {
			compare(name, Decoder{Channels: 1}, p, p.Width, p.Height, p.Grey)
		}
		if u := p.Upright; u != nil {
			compare(name+", upright", Decoder{Channels: 3, Orient: true}, p, u.Width, u.Height, u.RGB)
		}
	}
}

func farthest(a, b []byte) (most int) {
	for i := range a {
		most = max(most, int(max(a[i], b[i])-min(a[i], b[i])))
	}
	return most
}

// Of 16 bits the upper 8 are taken. Pillow does that of colours, and makes all greys from 256 on white.
func TestSixteenBits(t *testing.T) {
	var m raster.Image
	if err := (Decoder{Channels: 1}).Decode(pictures(t)["grey_16.png"].File, &m); err != nil {
		t.Fatal(err)
	}
	for y := range m.Height {
		for x := range m.Width {
			if want := uint8((257*19*(x+y) + 97*x) >> 8); m.Values[y*m.Width+x] != want {
				t.Errorf("row %d, column %d is %d, want %d", y, x, m.Values[y*m.Width+x], want)
			}
		}
	}
}

// The memory of a picture serves for the next, whatever their sizes.
func TestMemoryIsUsedAgain(t *testing.T) {
	all := pictures(t)
	var m raster.Image
	m.Reshape(3, 100, 100)
	memory := &m.Values[0]
	for _, name := range []string{"420.jpg", "rgba.png", "lossy.webp", "low.jpg"} {
		if err := (Decoder{Channels: 3}).Decode(all[name].File, &m); err != nil {
			t.Fatal(err)
		}
		if &m.Values[0] != memory {
			t.Errorf("%s took other memory", name)
		}
	}
}

// Whatever bytes a file has, it is a picture or an error, and looking for its orientation ends. Decoding does not
// change the file.
func FuzzDecode(f *testing.F) {
	for _, p := range pictures(f) {
		if p.Width*p.Height < 100 || p.Error != "" {
			f.Add(p.File)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		before := slices.Clone(file)
		var m raster.Image
		if err := (Decoder{Channels: 3, Orient: true}).Decode(file, &m); err == nil && len(m.Values) != 3*m.Height*m.Width {
			t.Errorf("%d values of %d×%d pixels", len(m.Values), m.Height, m.Width)
		}
		if orientation := orientation(file); orientation < 1 || orientation > 8 {
			t.Errorf("orientation %d", orientation)
		}
		if !slices.Equal(before, file) {
			t.Error("the file was changed")
		}
	})
}
