package data

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data/release"
)

// forged writes a small set (images [3, 2, 2], records of 13 bytes) to a new data folder, and returns what reads it,
// with the true digests of its files.
func forged(t *testing.T) (published, string) {
	t.Helper()
	f := form{
		Release: release.Release{Folders: []string{"tiny-bin"}, Archives: []string{"tiny.tar.gz"}},
		parts:   map[Split][]string{Train: {"one.bin", "two.bin"}, Test: {"test.bin"}},
		read: func(c release.Content) (piece, error) {
			raw, err := exactly(c)
			if len(raw)%13 != 0 {
				err = fmt.Errorf("it has %d bytes, want a multiple of 13", len(raw))
			}
			var p piece
			for len(raw) >= 13 {
				p.labels, p.pixels, raw = append(p.labels, int32(raw[0])), append(p.pixels, raw[1:13]...), raw[13:]
			}
			return p, err
		},
	}
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "tiny-bin"), 0o755))
	value := byte(0)
	for _, file := range []struct {
		name    string
		records int
	}{{"one.bin", 3}, {"two.bin", 3}, {"test.bin", 2}} {
		var raw []byte
		for r := range file.records {
			raw = append(raw, byte((int(value)/12+r)%3))
			for range 12 {
				raw = append(raw, value)
				value++
			}
		}
		f.Files = append(f.Files, release.File{Name: file.name, Bytes: int64(len(raw)), SHA256: fmt.Sprintf("%x", sha256.Sum256(raw))})
		write(t, filepath.Join(dir, "tiny-bin", file.name), raw)
	}
	return published{
		Info: Info{Name: "tiny", Classes: []string{"a", "b", "c"}, Channels: 3, Height: 2, Width: 2,
			Mean: []float64{0.5, 0, 0}, Std: []float64{0.5, 1, 2}},
		forms: []form{f}, fetch: "workbench data fetch tiny gets it",
	}, dir
}

func write(t *testing.T, path string, raw []byte) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, raw, 0o644))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(p published, dir string, train, test int) (Set, error) {
	return p.open(context.Background(), dir, limits{Train: train, Test: test})
}

func alter(t *testing.T, path string, at int, value byte) {
	t.Helper()
	raw, err := os.ReadFile(path)
	must(t, err)
	raw[at] = value
	write(t, path, raw)
}

func TestFilesAreReadInOrderAndNormalised(t *testing.T) {
	p, dir := forged(t)
	for _, at := range []string{dir, filepath.Join(dir, "tiny-bin")} {
		s, err := open(p, at, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if s.Len(Train) != 6 || s.Len(Test) != 2 || s.Len(Unlabeled) != 0 {
			t.Errorf("%d training and %d test images, want 6 and 2", s.Len(Train), s.Len(Test))
		}
		raw, x := make([]uint8, 12), make([]float32, 12)
		s.Pixels(Train, 4, raw) // the second image of the second file: bytes 48 … 59
		s.Info().Levels().Normalise(raw, x)
		want := []float32{
			float32((48./255 - .5) / .5), float32((49./255 - .5) / .5), float32((50./255 - .5) / .5), float32((51./255 - .5) / .5),
			52. / 255, 53. / 255, 54. / 255, 55. / 255, 56. / 255 / 2, 57. / 255 / 2, 58. / 255 / 2, 59. / 255 / 2,
		}
		if !slices.Equal(x, want) {
			t.Errorf("image 4 is %v, want %v", x, want)
		}
		if got := []int{s.Label(Train, 0), s.Label(Train, 1), s.Label(Train, 4), s.Label(Test, 1)}; !slices.Equal(got, []int{0, 2, 2, 2}) {
			t.Errorf("labels %v", got)
		}
		if o, known := OriginOf(s); !known || o.Official() != "yes" || o.Remark() != "" || len(o.Proved) != 3 {
			t.Errorf("origin %+v, want the published files", o)
		}
	}
}

func TestLimitKeepsTheFirst(t *testing.T) {
	p, dir := forged(t)
	all, err := open(p, dir, 0, 0)
	must(t, err)
	some, err := open(p, dir, 4, 1)
	must(t, err)
	if some.Len(Train) != 4 || some.Len(Test) != 1 {
		t.Errorf("got %d training and %d test images, want the first 4 and 1", some.Len(Train), some.Len(Test))
	}
	a, b := make([]uint8, 12), make([]uint8, 12)
	for i := range 4 {
		all.Pixels(Train, i, a)
		some.Pixels(Train, i, b)
		if !bytes.Equal(a, b) || some.Label(Train, i) != all.Label(Train, i) {
			t.Errorf("image %d is %v, of all it is %v", i, b, a)
		}
	}
	seen := map[string]string{}
	for _, limit := range [][2]int{{6, 2}, {6, 1}, {4, 2}, {4, 1}} {
		limited, err := open(p, dir, limit[0], limit[1])
		must(t, err)
		if other, twice := seen[limited.Digest()]; twice {
			t.Errorf("limits of %v and %s have the same digest", limit, other)
		}
		seen[limited.Digest()] = fmt.Sprint(limit)
	}
	if limit := seen[all.Digest()]; limit != "[6 2]" {
		t.Errorf("all images have the digest of the limits %q, want that of [6 2]", limit)
	}
	if _, err := open(p, dir, 7, 0); err == nil || !strings.Contains(err.Error(), "dataset.train is 7, and the train files have 6 images") {
		t.Errorf("asked for more than there are: %v", err)
	}
}

func TestFilesNameWhatIsWrong(t *testing.T) {
	const get = "workbench data fetch tiny gets it"
	second := func(dir string) string { return filepath.Join(dir, "tiny-bin", "two.bin") }
	for name, c := range map[string]struct {
		harm func(t *testing.T, dir string) string // gives the folder to open
		want []string
	}{
		"no folder given": {func(t *testing.T, dir string) string { return "" }, []string{"no data folder given", get}},
		"no such folder": {func(t *testing.T, dir string) string { return dir + "x" },
			[]string{"none of tiny-bin, tiny.tar.gz in ", "x: " + get}},
		"missing file": {func(t *testing.T, dir string) string {
			must(t, os.Remove(second(dir)))
			return dir
		}, []string{"two.bin is missing"}},
		"the folder itself, without its first file": {func(t *testing.T, dir string) string {
			must(t, os.Remove(filepath.Join(dir, "tiny-bin", "one.bin")))
			return filepath.Join(dir, "tiny-bin")
		}, []string{"one.bin is missing"}},
		"a file for the folder": {func(t *testing.T, dir string) string {
			other := t.TempDir()
			write(t, filepath.Join(other, "tiny-bin"), nil)
			return other
		}, []string{"tiny-bin is not a folder"}},
		"a folder for the archive": {func(t *testing.T, dir string) string {
			other := t.TempDir()
			must(t, os.Mkdir(filepath.Join(other, "tiny.tar.gz"), 0o755))
			return other
		}, []string{"tiny.tar.gz is not a file"}},
		"a folder for a file": {func(t *testing.T, dir string) string {
			must(t, os.Remove(second(dir)))
			must(t, os.Mkdir(second(dir), 0o755))
			return dir
		}, []string{"two.bin is not a file"}},
		"short": {func(t *testing.T, dir string) string {
			must(t, os.Truncate(second(dir), 30))
			return dir
		}, []string{"two.bin: it has 30 bytes, want a multiple of 13: the file is damaged", get}},
		"far too long": {func(t *testing.T, dir string) string {
			must(t, os.Truncate(second(dir), 13*1000))
			return dir
		}, []string{"two.bin: it has 13000 bytes, want at most 4252"}},
		"empty": {func(t *testing.T, dir string) string {
			must(t, os.Truncate(filepath.Join(dir, "tiny-bin", "test.bin"), 0))
			return dir
		}, []string{"the test files have no images"}},
		"wrong label": {func(t *testing.T, dir string) string {
			alter(t, second(dir), 26, 3)
			return dir
		}, []string{"two.bin: record 2 (counted from 0) has label 3, want 0 to 2", "damaged"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, dir := forged(t)
			_, err := open(p, c.harm(t, dir), 0, 0)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got error %v, want %q", err, want)
				}
			}
		})
	}
	p, dir := forged(t)
	must(t, os.Remove(second(dir)))
	if _, err := open(p, dir, 0, 0); !os.IsNotExist(err) && !strings.Contains(fmt.Sprint(err), fs.ErrNotExist.Error()) {
		t.Errorf("a missing file is %v", err)
	}
}

// Whole files that are not the published ones are read. The set says so, and its digest is another. Every file counts,
// also one whose images are not wanted.
func TestOtherFilesAreReadAndNoted(t *testing.T) {
	p, dir := forged(t)
	before, err := open(p, dir, 1, 1)
	must(t, err)
	alter(t, filepath.Join(dir, "tiny-bin", "two.bin"), 5, 255)
	must(t, os.Truncate(filepath.Join(dir, "tiny-bin", "test.bin"), 13))
	after, err := open(p, dir, 1, 1)
	must(t, err)
	o, _ := OriginOf(after)
	if want := "files other than the published ones: two.bin, test.bin"; o.Remark() != want || o.Official() != "no" {
		t.Errorf("official %s, remark %q, want %q", o.Official(), o.Remark(), want)
	}
	if after.Digest() == before.Digest() {
		t.Error("other files have the digest of the published ones")
	}
	if _, known := OriginOf(shapesForTest(t)); known {
		t.Error("pictures that are drawn come from files")
	}
}

// A file of another form that has the same content as a published one is as good as that.
func TestFilesAreProvedByTheirContentInAnotherForm(t *testing.T) {
	p, dir := forged(t)
	want, err := open(p, dir, 0, 0)
	must(t, err)
	bare := p.forms[0]
	bare.Folders, bare.Archives, bare.Files = []string{"tiny-py"}, nil, nil
	bare.parts = map[Split][]string{Train: {"one", "two"}, Test: {"test"}}
	for _, name := range []string{"one", "two", "test"} {
		bare.Files = append(bare.Files, release.File{Name: name, Bytes: 40, MD5: "0123"})
	}
	bare.read = func(c release.Content) (piece, error) {
		raw, err := exactly(c)
		must(t, err)
		c.Reader, c.Size = bytes.NewReader(raw[1:]), c.Size-1
		read, err := p.forms[0].read(c)
		read.name, read.sha256 = c.Name+".bin", fmt.Sprintf("%x", sha256.Sum256(raw[1:]))
		return read, err
	}
	p.forms = append(p.forms, bare)
	other := t.TempDir()
	for _, name := range []string{"one", "two", "test"} {
		raw, err := os.ReadFile(filepath.Join(dir, "tiny-bin", name+".bin"))
		must(t, err)
		write(t, filepath.Join(other, "tiny-py", name), append([]byte("#"), raw...))
	}
	got, err := open(p, other, 0, 0)
	must(t, err)
	if o, _ := OriginOf(got); o.Official() != "yes" || got.Digest() != want.Digest() {
		t.Errorf("origin %+v, digest %s, want %s", o, got.Digest(), want.Digest())
	}
	alter(t, filepath.Join(other, "tiny-py", "two"), 6, 255)
	got, err = open(p, other, 0, 0)
	must(t, err)
	if o, _ := OriginOf(got); !slices.Equal(o.Other, []string{"two"}) || got.Digest() == want.Digest() {
		t.Errorf("origin %+v of an altered file", o)
	}
}

// Where no digest was published, a file's length speaks for it, and that is said.
func TestFilesWithoutADigestAreKnownByTheirLength(t *testing.T) {
	p, dir := forged(t)
	for i := range p.forms[0].Files {
		p.forms[0].Files[i].SHA256 = ""
	}
	s, err := open(p, dir, 0, 0)
	must(t, err)
	if o, _ := OriginOf(s); o.Official() != "by length" || o.Remark() != "" || len(o.Sized) != 3 || len(o.Proved) != 0 {
		t.Errorf("origin %+v", o)
	}
}

func shapesForTest(t *testing.T) Set {
	set, err := Open(context.Background(), "shapes", "", nil)
	must(t, err)
	return set
}

// What a set can do beyond Set is found through what wraps it.
func TestOriginIsFoundThroughWrappers(t *testing.T) {
	p, dir := forged(t)
	s, err := open(p, dir, 0, 0)
	must(t, err)
	if o, known := OriginOf(noisy{Set: s}); !known || o.Path != filepath.Join(dir, "tiny-bin") {
		t.Errorf("origin %+v, %v", o, known)
	}
}

func TestOpeningStopsWhenCancelled(t *testing.T) {
	p, dir := forged(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.open(ctx, dir, limits{Train: 0, Test: 0}); err != context.Canceled {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}
