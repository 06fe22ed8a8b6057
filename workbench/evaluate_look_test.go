package main

import (
	"bytes"
	"image"
	"image/png"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"workbench/experiments"
	"workbench/experiments/data"
	"workbench/experiments/data/corrupt"
)

// What did not look at the images is not told of as if it had.
func TestLooked(t *testing.T) {
	for want, l := range map[string]experiments.Looks{
		"once in this database: once by evaluate":                                           {Outside: 1},
		"4 times in this database: once by evaluate, 3 times while 1 run trained":           {Outside: 1, Training: 3, Runs: 1},
		"1,200 times in this database: never by evaluate, 1,200 times while 2 runs trained": {Training: 1200, Runs: 2},
	} {
		if got := looked(l); got != want {
			t.Errorf("%+v: %q, want %q", l, got, want)
		}
	}
}

// Photographs are spoilt in the size that networks get, where no larger ones are left to take views of: that is said
// before anything is measured.
func TestSpoiltPhotographsHaveNoViews(t *testing.T) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"a/1.png", "a/2.png", "b/1.png", "b/2.png"} {
		writeFile(t, filepath.Join(dir, "train", name), picture.Bytes())
	}
	set, err := data.Open(t.Context(), "folder", "", map[string]any{"path": dir, "size": 16, "test_share": 0.5})
	if err != nil {
		t.Fatal(err)
	}
	uses, err := corrupt.Parse("contrast:1")
	if err != nil {
		t.Fatal(err)
	}
	m := examined{set: set}
	if err := m.see(evaluation{views: "flip", uses: uses}); err == nil || !strings.Contains(err.Error(), "leave out one of them") {
		t.Errorf("views of spoilt photographs: %v", err)
	}
}

// What is no file of a picture is told of at once, by a name on one line: nothing waits for a pipe.
func TestPicturesThatAreNone(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "a.jpg")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	odd := filepath.Join(dir, "b\x1b[31m\n.jpg")
	writeFile(t, odd, nil)
	for path, want := range map[string]string{dir: dir + " is a folder, want a file of a picture",
		pipe:        pipe + " is a pipe, device or socket, want a file of a picture",
		"/dev/zero": "/dev/zero is a pipe, device or socket, want a file of a picture"} {
		if _, err := readPicture(path); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	set, err := data.Open(t.Context(), "shapes", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	m := examined{set: set}
	if err := m.put(odd, 0); err == nil || !strings.HasPrefix(err.Error(), `"`+dir+`/b\x1b[31m\n.jpg": `) {
		t.Errorf("a name that does not show: %v", err)
	}
}
