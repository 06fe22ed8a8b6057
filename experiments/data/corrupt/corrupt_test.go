package corrupt_test

import (
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/data/corrupt"
	"workbench/experiments/data/raster"
)

// peer is testdata/fixtures.json, which testdata/fixtures.py writes.
type peer struct {
	Pictures []string
	Exact    map[string]struct {
		Scene []string // of the first picture, by strength
		Noise string   // of the second, at strength 3
	}
	Noise map[string][corrupt.Strengths][][5]float64 // level, mean, deviation, shares of black and full
}

func readPeer(t *testing.T) (p peer) {
	t.Helper()
	text, err := os.ReadFile("testdata/fixtures.json")
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func decoded(t *testing.T, text string) []uint8 {
	t.Helper()
	r, err := zlib.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// still is a set whose images are all the same.
type still struct {
	channels, height, width int
	picture                 []uint8
}

func (s still) Info() data.Info {
	return data.Info{Name: "still", Classes: []string{"a"}, Channels: s.channels, Height: s.height, Width: s.width}
}
func (still) Digest() string            { return "still" }
func (still) Len(data.Split) int        { return 1 << 20 }
func (still) Label(data.Split, int) int { return 0 }
func (s still) Pixels(_ data.Split, _ int, dst []uint8) error {
	copy(dst, s.picture)
	return nil
}

// Original makes the set one of originals, which nobody may see through a corruption.
func (s still) Original(_ data.Split, _ int, m *raster.Image) error {
	m.Reshape(s.channels, s.height, s.width)
	copy(m.Values, s.picture)
	return nil
}
func (s still) Fit(m *raster.Image) raster.Cut { return raster.Resized(m.Whole(), s.height, s.width) }

func use(t *testing.T, text string) corrupt.Use {
	t.Helper()
	all, err := corrupt.Parse(text)
	if err != nil || len(all) != 1 {
		t.Fatalf("%s is %d corruptions: %v", text, len(all), err)
	}
	return all[0]
}

func pixels(t *testing.T, set data.Set, split data.Split, i int) []uint8 {
	t.Helper()
	dst := make([]uint8, set.Info().Size())
	if err := set.Pixels(split, i, dst); err != nil {
		t.Fatal(err)
	}
	return dst
}

// most is by how many levels a value may differ from what the authors' formulas give, with their libraries: sums that
// are rounded otherwise fall on the other side of a level, and Go's JPEG encoder is another one.
var most = map[string]int{"gaussian_blur": 0, "defocus_blur": 0, "contrast": 0, "brightness": 1, "pixelate": 0, "jpeg_compression": 40}

func TestCorruptionsAreThoseOfTheAuthors(t *testing.T) {
	p := readPeer(t)
	if len(p.Exact) != len(most) {
		t.Fatalf("%d corruptions are recorded, want %d", len(p.Exact), len(most))
	}
	for name, results := range p.Exact {
		uses, err := corrupt.Parse(name)
		if err != nil || len(results.Scene) != len(uses) {
			t.Fatalf("%s: %d results, %v", name, len(results.Scene), err)
		}
		differ, sum, n := 0, 0, 0
		compare := func(u corrupt.Use, picture, result string) {
			got, want := pixels(t, u.Of(still{3, 32, 32, decoded(t, picture)}), data.Test, 0), decoded(t, result)
			for i := range want {
				d := int(got[i]) - int(want[i])
				if d = max(d, -d); d > most[name] {
					t.Fatalf("%s:%d, value %d is %d, want %d", name, u.Strength, i, got[i], want[i])
				}
				if n++; d > 0 {
					differ, sum = differ+1, sum+d
				}
			}
		}
		for s, result := range results.Scene {
			compare(uses[s], p.Pictures[0], result)
		}
		compare(uses[2], p.Pictures[1], results.Noise)
		if most[name] == 1 && float64(differ) > 0.05*float64(n) || float64(sum) > float64(n) {
			t.Errorf("%s: %d of %d values differ, by %d in sum", name, differ, n, sum)
		}
	}
}

// Noise has the mean, the deviation and the shares of black and full values that NumPy's has.
func TestNoiseIsDistributedAsTheAuthors(t *testing.T) {
	p := readPeer(t)
	if len(p.Noise) != 3 {
		t.Fatalf("%d kinds of noise", len(p.Noise))
	}
	const n = 3 * 64 * 64
	for name, strengths := range p.Noise {
		for s, levels := range strengths {
			for _, want := range levels {
				set := still{3, 64, 64, slices.Repeat([]uint8{uint8(want[0])}, n)}
				mean, square, black, full := 0.0, 0.0, 0.0, 0.0
				const pictures = 8
				for i := range pictures {
					for _, v := range pixels(t, use(t, name+":"+string(rune('1'+s))).Of(set), data.Test, i) {
						mean, square = mean+float64(v), square+float64(v)*float64(v)
						if v == 0 {
							black++
						}
						if v == 255 {
							full++
						}
					}
				}
				const all = n * pictures
				mean /= all
				deviation := math.Sqrt(max(square/all-mean*mean, 0))
				if off := 5*want[2]/math.Sqrt(all) + 0.01; !(math.Abs(mean-want[1]) <= off) || !(math.Abs(deviation-want[2]) <= 3*off) {
					t.Errorf("%s:%d of level %v: mean %.3f, deviation %.3f, want %.3f and %.3f", name, s+1, want[0], mean, deviation, want[1], want[2])
				}
				for what, v := range map[string][2]float64{"black": {black / all, want[3]}, "full": {full / all, want[4]}} {
					if !(math.Abs(v[0]-v[1]) <= 5*math.Sqrt(v[1]*(1-v[1])/all)+1e-4) {
						t.Errorf("%s:%d of level %v: %.5f are %s, want %.5f", name, s+1, want[0], v[0], what, v[1])
					}
				}
			}
		}
	}
}

// Noise is a function of corruption, strength, split and image, and every corruption does the same again.
func TestCorruptionsDependOnTheImageAlone(t *testing.T) {
	p := readPeer(t)
	set := still{3, 32, 32, decoded(t, p.Pictures[1])}
	seen := map[string]string{}
	for _, name := range corrupt.Names() {
		uses, err := corrupt.Parse(name)
		if err != nil || len(uses) != corrupt.Strengths {
			t.Fatalf("%s: %d strengths, %v", name, len(uses), err)
		}
		last := 0.0
		for _, u := range uses {
			spoilt := u.Of(set)
			one := pixels(t, spoilt, data.Test, 5)
			if !slices.Equal(one, pixels(t, u.Of(set), data.Test, 5)) {
				t.Errorf("%s:%d makes two pictures of one", name, u.Strength)
			}
			noisy := strings.HasSuffix(name, "noise")
			for what, other := range map[string][]uint8{"image": pixels(t, spoilt, data.Test, 6), "split": pixels(t, spoilt, data.Train, 5)} {
				if slices.Equal(one, other) == noisy {
					t.Errorf("%s:%d of another %s is the same: %v, want %v", name, u.Strength, what, noisy, !noisy)
				}
			}
			off := 0.0
			for k, v := range one {
				off += math.Abs(float64(v) - float64(set.picture[k]))
			}
			if off <= last {
				t.Errorf("%s:%d changes pictures by %v, the strength before by %v", name, u.Strength, off, last)
			}
			last = off
			if other, twice := seen[spoilt.Digest()]; twice || spoilt.Digest() == set.Digest() {
				t.Errorf("%s:%d has the digest of %s", name, u.Strength, other)
			}
			seen[spoilt.Digest()] = name
			if _, unwrapped := data.As[data.Originals](spoilt); unwrapped {
				t.Errorf("%s has originals, which would be shown as they are", name)
			}
		}
	}
}

// Grey pictures, and pictures of other sides, are spoilt too.
func TestPicturesOfOtherKinds(t *testing.T) {
	uses, err := corrupt.Parse("all:5")
	if err != nil || len(uses) != 8 {
		t.Fatalf("%d corruptions, %v", len(uses), err)
	}
	for _, size := range [][3]int{{1, 28, 28}, {3, 5, 9}, {1, 1, 1}, {3, 40, 64}} {
		picture := make([]uint8, size[0]*size[1]*size[2])
		for k := range picture {
			picture[k] = uint8(40 + k*k%150)
		}
		for _, u := range uses {
			got := pixels(t, u.Of(still{size[0], size[1], size[2], picture}), data.Test, 1)
			if len(picture) > 50 && slices.Equal(got, picture) {
				t.Errorf("%s leaves pictures of %v as they are", u.Name, size)
			}
		}
	}
	colours := still{4, 8, 8, make([]uint8, 256)}
	if err := use(t, "jpeg_compression:1").Of(colours).Pixels(data.Test, 3, make([]uint8, 256)); err == nil ||
		!strings.Contains(err.Error(), "image 3 of the test split: jpeg_compression: images of 4 channels") {
		t.Errorf("four channels: %v", err)
	}
}

func TestWhatIsAskedFor(t *testing.T) {
	for text, want := range map[string]int{"contrast": 5, "contrast:3": 1, "all": 40, "all:2": 8, "gaussian_blur": 5} {
		if uses, err := corrupt.Parse(text); err != nil || len(uses) != want {
			t.Errorf("%s: %d, %v, want %d", text, len(uses), err, want)
		}
	}
	for text, want := range map[string]string{
		"contrast:6": `contrast:6: strength "6", want 1 to 5`, "contrast:0": "want 1 to 5", "contrast:": "want 1 to 5",
		"contrast:x": "want 1 to 5",
		"contrst":    "did you mean contrast?", "snow": "snow of CIFAR-10-C is left out", "": `no corruption ""`,
	} {
		if _, err := corrupt.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for _, name := range corrupt.Names() {
		if uses, err := corrupt.Parse(name); err != nil || uses[0].Doc == "" {
			t.Errorf("nothing tells what %s does (%v)", name, err)
		}
	}
}

func TestSeveralAreAskedForWithSpaces(t *testing.T) {
	uses, err := corrupt.ParseAll(" contrast:3  gaussian_noise contrast ")
	if err != nil || len(uses) != 10 || uses[0].Name != "contrast" || uses[0].Strength != 3 {
		t.Fatalf("%v, %v, want contrast:3 first of ten without one twice", uses, err)
	}
	if uses, err := corrupt.ParseAll(" "); err != nil || len(uses) != 0 {
		t.Errorf("nothing: %v, %v", uses, err)
	}
	if _, err := corrupt.ParseAll("contrast snow"); err == nil || !strings.Contains(err.Error(), "snow of CIFAR-10-C is left out") {
		t.Errorf("snow: %v", err)
	}
	// A corruption with two strengths counts as much as one with one.
	few, _ := corrupt.ParseAll("contrast:1 contrast:2 brightness:5")
	if got := corrupt.Mean(few, []float64{0.25, 0.75, 0}); got != 0.25 {
		t.Errorf("mean %v, want 0.25", got)
	}
}
