package raster

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
)

// peer is testdata/fixtures.json, which testdata/fixtures.py writes.
type peer struct {
	Pictures []Image
	Cuts     []struct {
		Picture int
		Window  [4]int // top, left, height, width
		Size    [2]int // height, width
		Result  []byte
	}
	Fits []struct {
		Picture, Short int
		Size           [2]int
		Result         []byte
	}
}

func torchvision(t *testing.T) (p peer) {
	t.Helper()
	text, err := os.ReadFile("testdata/fixtures.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Cuts) < 10 || len(p.Fits) < 10 {
		t.Fatalf("%d cuts and %d fits, want at least 10 of each", len(p.Cuts), len(p.Fits))
	}
	return p
}

// A window of an original is resized as torchvision's resized_crop does it, and a picture is fitted as by Resize and
// CenterCrop, both to the bit.
func TestResizedAsByTorchvision(t *testing.T) {
	p := torchvision(t)
	var r Resizer
	compare := func(what string, m *Image, c Cut, want []byte) {
		t.Helper()
		got := make([]uint8, len(want))
		r.Resize(m, c, got)
		if !slices.Equal(got, want) {
			t.Errorf("%s is\n%v, want\n%v", what, got, want)
		}
	}
	for _, c := range p.Cuts {
		w := Window{c.Window[0], c.Window[1], c.Window[2], c.Window[3]}
		what := fmt.Sprintf("picture %d, %+v in %v", c.Picture, w, c.Size)
		compare(what, &p.Pictures[c.Picture], Resized(w, c.Size[0], c.Size[1]), c.Result)
	}
	for _, c := range p.Fits {
		m := &p.Pictures[c.Picture]
		what := fmt.Sprintf("picture %d, short side %d, then %v", c.Picture, c.Short, c.Size)
		compare(what, m, Fitted(m, c.Short, c.Size[0], c.Size[1]), c.Result)
	}
}

// However large a picture, no more of it is held than is kept: a strip would be 25 million pixels wide.
func TestTheRestOfAPictureIsNotMade(t *testing.T) {
	strip := Image{Channels: 1, Height: 1, Width: 100_000, Values: make([]uint8, 100_000)}
	for i := range strip.Values {
		strip.Values[i] = uint8(i / 400)
	}
	var r Resizer
	dst := make([]uint8, 224*224)
	r.Resize(&strip, Fitted(&strip, 256, 224, 224), dst)
	if len(r.rows) > 1<<20 || len(r.across.weights) > 1<<20 {
		t.Errorf("it took %d bytes and %d weights", len(r.rows), len(r.across.weights))
	}
	if dst[0] != 50_000/400 && dst[0] != 50_000/400-1 {
		t.Errorf("the middle is %d, want %d", dst[0], 50_000/400)
	}
}

// BenchmarkResize brings an average window of a photograph to the size of most networks.
func BenchmarkResize(b *testing.B) {
	m := Image{}
	m.Reshape(3, 375, 500)
	var r Resizer
	dst := make([]uint8, 3*224*224)
	for b.Loop() {
		r.Resize(&m, Resized(Window{20, 30, 300, 310}, 224, 224), dst)
	}
}
