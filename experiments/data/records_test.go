package data

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// forged writes a small set in the layout of records (images [3, 2, 2], 13 bytes for each record) to a new data folder,
// and returns the layout with the true digests of its files.
func forged(t *testing.T) (recordLayout, string) {
	t.Helper()
	l := recordLayout{
		Info: Info{Name: "tiny", Classes: []string{"a", "b", "c"}, Channels: 3, Height: 2, Width: 2,
			Mean: []float64{0.5, 0, 0}, Std: []float64{0.5, 1, 2}},
		Folder: "tiny-bin", Archive: "tiny.tar.gz", ArchiveMD5: "0123", Site: "https://example.org/tiny", Lookalike: "tiny-py",
		Train: []recordFile{{Name: "one.bin", Records: 3}, {Name: "two.bin", Records: 3}},
		Test:  []recordFile{{Name: "test.bin", Records: 2}},
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, l.Folder), 0o755); err != nil {
		t.Fatal(err)
	}
	value := byte(0)
	for _, files := range [][]recordFile{l.Train, l.Test} {
		for i := range files {
			var raw []byte
			for r := range files[i].Records {
				raw = append(raw, byte((int(value)/12+r)%3))
				for range 12 {
					raw = append(raw, value)
					value++
				}
			}
			files[i].SHA256 = fmt.Sprintf("%x", sha256.Sum256(raw))
			write(t, filepath.Join(dir, l.Folder, files[i].Name), raw)
		}
	}
	return l, dir
}

func write(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

func open(l recordLayout, dir string, train, test int) (Set, error) {
	return l.open(context.Background(), dir, Settings{"train": train, "test": test})
}

func TestRecordsAreReadInOrderAndNormalised(t *testing.T) {
	l, dir := forged(t)
	for _, at := range []string{dir, filepath.Join(dir, l.Folder)} {
		s, err := open(l, at, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if s.Len(Train) != 6 || s.Len(Test) != 2 {
			t.Errorf("%d training and %d test images, want 6 and 2", s.Len(Train), s.Len(Test))
		}
		raw, x := make([]uint8, 12), make([]float32, 12)
		if err := s.Pixels(Train, 4, raw); err != nil { // the second image of the second file: bytes 48 … 59
			t.Fatal(err)
		}
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
	}
}

func TestRecordsLimitKeepsTheFirst(t *testing.T) {
	l, dir := forged(t)
	all, err := open(l, dir, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	some, err := open(l, dir, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	if some.Len(Train) != 4 || some.Len(Test) != 1 || some.Label(Train, 3) != all.Label(Train, 3) {
		t.Errorf("got %d training and %d test images, want the first 4 and 1", some.Len(Train), some.Len(Test))
	}
	seen := map[string]string{}
	for _, limit := range [][2]int{{6, 2}, {6, 1}, {4, 2}, {4, 1}} {
		limited, err := open(l, dir, limit[0], limit[1])
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := seen[limited.Digest()]; twice {
			t.Errorf("limits of %v and %s have the same digest", limit, other)
		}
		seen[limited.Digest()] = fmt.Sprint(limit)
	}
	if limit := seen[all.Digest()]; limit != "[6 2]" {
		t.Errorf("all images have the digest of the limits %q, want that of [6 2]", limit)
	}
}

func TestRecordsNameWhatIsWrong(t *testing.T) {
	const get = "fetch tiny.tar.gz (MD5 0123) from https://example.org/tiny"
	second := func(dir string) string { return filepath.Join(dir, "tiny-bin", "two.bin") }
	for name, c := range map[string]struct {
		harm func(t *testing.T, dir string) string // gives the folder to open
		want []string
	}{
		"no folder given": {func(t *testing.T, dir string) string { return "" }, []string{"no data folder given", get}},
		"no such folder":  {func(t *testing.T, dir string) string { return dir + "x" }, []string{"there is no folder ", "x: " + get}},
		"empty folder":    {func(t *testing.T, dir string) string { return t.TempDir() }, []string{"there is no folder tiny-bin in ", get}},
		"other version": {func(t *testing.T, dir string) string {
			other := t.TempDir()
			must(t, os.Mkdir(filepath.Join(other, "tiny-py"), 0o755))
			return other
		}, []string{"tiny-py is another version"}},
		"not unpacked": {func(t *testing.T, dir string) string {
			other := t.TempDir()
			write(t, filepath.Join(other, "tiny.tar.gz"), nil)
			return other
		}, []string{"unpack it with tar -xzf tiny.tar.gz"}},
		"missing file": {func(t *testing.T, dir string) string {
			must(t, os.Remove(second(dir)))
			return dir
		}, []string{"two.bin is missing", get}},
		"the folder itself, without its first file": {func(t *testing.T, dir string) string {
			must(t, os.Remove(filepath.Join(dir, "tiny-bin", "one.bin")))
			return filepath.Join(dir, "tiny-bin")
		}, []string{"one.bin is missing", get}},
		"a folder for a file": {func(t *testing.T, dir string) string {
			must(t, os.Remove(second(dir)))
			must(t, os.Mkdir(second(dir), 0o755))
			return dir
		}, []string{"two.bin is not a file"}},
		"short": {func(t *testing.T, dir string) string {
			must(t, os.Truncate(second(dir), 30))
			return dir
		}, []string{"two.bin is cut short: it has 30 bytes, want 39 (3 records of 13)"}},
		"long": {func(t *testing.T, dir string) string {
			must(t, os.Truncate(second(dir), 40))
			return dir
		}, []string{"two.bin is too long: it has 40 bytes, want 39"}},
		"wrong label": {func(t *testing.T, dir string) string {
			alter(t, second(dir), 26, 3)
			return dir
		}, []string{"two.bin: record 2 (counted from 0) has label 3, want 0 to 2"}},
		"altered pixel": {func(t *testing.T, dir string) string {
			alter(t, second(dir), 5, 255)
			return dir
		}, []string{"two.bin has SHA-256 ", "the published file has "}},
		"altered test file": {func(t *testing.T, dir string) string {
			alter(t, filepath.Join(dir, "tiny-bin", "test.bin"), 5, 255)
			return dir
		}, []string{"test.bin has SHA-256 "}},
	} {
		t.Run(name, func(t *testing.T) {
			l, dir := forged(t)
			_, err := open(l, c.harm(t, dir), 0, 0)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got error %v, want %q", err, want)
				}
			}
		})
	}
}

// Every file is checked, also those whose images are not wanted.
func TestRecordsCheckFilesBeyondTheLimit(t *testing.T) {
	l, dir := forged(t)
	alter(t, filepath.Join(dir, l.Folder, "two.bin"), 5, 255)
	if _, err := open(l, dir, 1, 1); err == nil || !strings.Contains(err.Error(), "two.bin has SHA-256") {
		t.Errorf("got error %v", err)
	}
}

func TestRecordsStopWhenCancelled(t *testing.T) {
	l, dir := forged(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.open(ctx, dir, Settings{"train": 0, "test": 0}); err != context.Canceled {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

func alter(t *testing.T, path string, at int, value byte) {
	t.Helper()
	raw, err := os.ReadFile(path)
	must(t, err)
	raw[at] = value
	write(t, path, raw)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
