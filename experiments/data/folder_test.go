package data_test

import (
	"bytes"
	picture "image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"workbench/experiments/data"
)

// pictureFile is a PNG file of one colour, level everywhere, height×width pixels.
func pictureFile(t *testing.T, height, width int, level uint8) []byte {
	t.Helper()
	p := picture.NewRGBA(picture.Rect(0, 0, width, height))
	for i := range p.Pix {
		p.Pix[i] = level
		if i%4 == 3 {
			p.Pix[i] = 255
		}
	}
	p.Set(0, 0, color.White)
	var file bytes.Buffer
	if err := png.Encode(&file, p); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// tree writes files below a new folder: content by path. A path that ends in a slash is an empty folder.
func tree(t *testing.T, files map[string][]byte) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		folder := filepath.Dir(path)
		if strings.HasSuffix(name, "/") {
			folder = path
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// some pictures of two classes, without splits, four of each.
func some(t *testing.T) map[string][]byte {
	files := map[string][]byte{}
	for i, name := range []string{"cat/a.png", "cat/b.png", "cat/c.jpg", "cat/deep/d.png",
		"dog/a.png", "dog/b.PNG", "dog/c.png", "dog/d.png"} {
		files[name] = pictureFile(t, 10+i, 20-i, uint8(10*i))
	}
	return files
}

func under(prefix string, files map[string][]byte) map[string][]byte {
	all := map[string][]byte{}
	for name, content := range files {
		all[prefix+name] = content
	}
	return all
}

func merged(all ...map[string][]byte) map[string][]byte {
	sum := map[string][]byte{}
	for _, files := range all {
		for name, content := range files {
			sum[name] = content
		}
	}
	return sum
}

func openFolder(t *testing.T, root string, more map[string]any) (data.Set, error) {
	t.Helper()
	given := map[string]any{"path": root, "size": 8}
	for name, value := range more {
		given[name] = value
	}
	return data.Open(t.Context(), "folder", "", given)
}

func mustOpen(t *testing.T, root string, more map[string]any) data.Set {
	t.Helper()
	set, err := openFolder(t, root, more)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func lengths(s data.Set) [3]int { return [3]int{s.Len(data.Train), s.Len(data.Test), s.Len(data.Val)} }

// Where a folder has which splits.
func TestFolderFindsItsSplits(t *testing.T) {
	one := map[string][]byte{"cat/1.png": pictureFile(t, 9, 9, 1), "dog/1.png": pictureFile(t, 9, 9, 2)}
	pair := map[string][]byte{"train/1.png": pictureFile(t, 9, 9, 3), "train/2.png": pictureFile(t, 9, 9, 4)}
	for name, c := range map[string]struct {
		files map[string][]byte
		want  [3]int
	}{
		"classes only":         {some(t), [3]int{6, 2, 0}},
		"train alone":          {under("train/", some(t)), [3]int{6, 2, 0}},
		"train and val":        {merged(under("train/", some(t)), under("val/", one)), [3]int{8, 2, 0}},
		"train and test":       {merged(under("train/", some(t)), under("test/", one)), [3]int{8, 2, 0}},
		"train, valid, test":   {merged(under("train/", some(t)), under("test/", one), under("valid/", one)), [3]int{8, 2, 2}},
		"a class called train": {merged(some(t), pair), [3]int{7, 3, 0}},
		"one class":            {pair, [3]int{1, 1, 0}},
	} {
		set := mustOpen(t, tree(t, c.files), map[string]any{"test_share": 0.25})
		if got := lengths(set); got != c.want {
			t.Errorf("%s: %v pictures, want %v", name, got, c.want)
		}
	}
}

// levels are the middles of a split's pictures, by which they are told apart.
func middles(t *testing.T, s data.Set, split data.Split) (all []int) {
	t.Helper()
	raw := make([]uint8, s.Info().Size())
	for i := range s.Len(split) {
		if err := s.Pixels(split, i, raw); err != nil {
			t.Fatal(err)
		}
		all = append(all, int(raw[8*4+4]))
	}
	return all
}

// Pictures stand in the order of classes and names, files before folders; their labels are those of the classes, which
// are sorted. Two openings agree on what is held out, and another seed holds out others.
func TestFolderOrder(t *testing.T) {
	root := tree(t, merged(under("train/", some(t)), map[string][]byte{"val/dog/x.png": pictureFile(t, 30, 30, 200)}))
	set := mustOpen(t, root, nil)
	if got, want := middles(t, set, data.Train), []int{0, 10, 20, 30, 40, 50, 60, 70}; !slices.Equal(got, want) {
		t.Errorf("pictures %v, want %v", got, want)
	}
	if got := set.Info().Classes; !slices.Equal(got, []string{"cat", "dog"}) ||
		set.Label(data.Train, 3) != 0 || set.Label(data.Train, 4) != 1 {
		t.Errorf("classes %v, labels %d and %d", got, set.Label(data.Train, 3), set.Label(data.Train, 4))
	}
	if set.Label(data.Test, 0) != 1 {
		t.Errorf("the test picture has label %d, want 1, that of its class among the training pictures", set.Label(data.Test, 0))
	}
	alone := tree(t, some(t))
	a, b := mustOpen(t, alone, map[string]any{"test_share": 0.5}), mustOpen(t, alone, map[string]any{"test_share": 0.5})
	other := mustOpen(t, alone, map[string]any{"test_share": 0.5, "seed": 3})
	held := middles(t, a, data.Test)
	if !slices.Equal(held, middles(t, b, data.Test)) || a.Digest() != b.Digest() {
		t.Error("two openings differ")
	}
	if slices.Equal(held, middles(t, other, data.Test)) || a.Digest() == other.Digest() {
		t.Errorf("seeds 0 and 3 hold out the same: %v", held)
	}
}

// Where the pictures are, and how they are kept, is none of the data; everything else is.
func TestFolderDigest(t *testing.T) {
	files := under("train/", some(t))
	files["val/cat/a.png"] = pictureFile(t, 9, 9, 1)
	digest := func(files map[string][]byte, more map[string]any) string {
		return mustOpen(t, tree(t, files), more).Digest()
	}
	first := digest(files, nil)
	if digest(files, map[string]any{"cache": 0}) != first || digest(files, map[string]any{"damaged": "skip"}) != first {
		t.Error("a copy, a cache or a check has another digest")
	}
	changed := func(name string, content []byte) map[string][]byte {
		return merged(files, map[string][]byte{name: content})
	}
	flipped := slices.Clone(files["train/cat/a.png"])
	flipped[40] ^= 1
	renamed := changed("train/cat/aa.png", files["train/cat/a.png"])
	delete(renamed, "train/cat/a.png")
	for what, d := range map[string]string{
		"one bit":       digest(changed("train/cat/a.png", flipped), nil),
		"another name":  digest(renamed, nil),
		"one more":      digest(changed("train/cat/z.png", flipped), nil),
		"another class": digest(changed("train/eel/z.png", flipped), nil),
		"size":          digest(files, map[string]any{"size": 9}),
		"grey":          digest(files, map[string]any{"channels": 1}),
	} {
		if d == first {
			t.Errorf("%s: the same digest", what)
		}
	}
}

// What cannot be is said with the folder or file that it is about.
func TestFolderThatCannotBeUsed(t *testing.T) {
	p := pictureFile(t, 9, 9, 1)
	for name, c := range map[string]struct {
		files map[string][]byte
		more  map[string]any
		want  string
	}{
		"no classes":  {map[string][]byte{"a.png": p}, nil, "has no folders, want one for each class"},
		"empty class": {merged(some(t), map[string][]byte{"eel/": nil}), nil, `the folder of class "eel" in `},
		"other endings": {merged(some(t), map[string][]byte{"eel/a.ppm": p}), nil,
			`1 that are no pictures by their names, such as "eel/a.ppm"`},
		"class in val": {merged(under("train/", some(t)), map[string][]byte{"val/eel/a.png": p}), nil,
			`folder "eel", but there is no such class`},
		"empty val":        {merged(under("train/", some(t)), map[string][]byte{"val/cat/": nil}), nil, "has no pictures in folders of classes"},
		"not UTF-8":        {map[string][]byte{"c\xe9/a.png": p}, nil, `the name of folder "c\xe9" in `},
		"nothing held out": {some(t), map[string]any{"test_share": 0.0}, "dataset.test_share is 0"},
		"two channels":     {some(t), map[string]any{"channels": 2}, "dataset.channels: got 2, want 1 (grey) or 3"},
		"resize":           {some(t), map[string]any{"resize": 7}, "dataset.resize: got 7, want at least dataset.size, 8"},
		"all damaged": {map[string][]byte{"a/1.png": p[:50], "a/2.png": p[:50]}, map[string]any{"damaged": "skip", "test_share": 0.5},
			`without damaged pictures (2 of 2 pictures left out: picture "`},
	} {
		if _, err := openFolder(t, tree(t, c.files), c.more); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
	for path, want := range map[string]string{"": "dataset.path: no folder given",
		"flowers": "is relative to the data folder, and none is given", "/nowhere": "no such file"} {
		if _, err := data.Open(t.Context(), "folder", "", map[string]any{"path": path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("path %q: error %v, want one with %q", path, err, want)
		}
	}
	dir := t.TempDir()
	_, err := data.Open(t.Context(), "folder", dir, map[string]any{"path": "flowers"})
	if want := "(flowers is relative to the data folder " + dir + ")"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a path where nothing is: error %v, want one with %q", err, want)
	}
}

// Links are followed, hidden files are not seen, names of files need not be UTF-8.
func TestFolderWithOddFiles(t *testing.T) {
	files := merged(some(t), map[string][]byte{"cat/.hidden.png": {1}, ".git/x.png": {1}, "dog/notes.txt": {1},
		"dog/\xff.png": pictureFile(t, 9, 9, 99)})
	root, elsewhere := tree(t, files), tree(t, map[string][]byte{"far/1.png": pictureFile(t, 9, 9, 100), "2.png": pictureFile(t, 9, 9, 101)})
	link := func(to, from string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(root, from)); err != nil {
			t.Fatal(err)
		}
	}
	link(filepath.Join(elsewhere, "far"), "eel")
	link(filepath.Join(elsewhere, "2.png"), "eel2.png") // beside the classes
	link(filepath.Join(elsewhere, "2.png"), "dog/e.png")
	if err := syscall.Mkfifo(filepath.Join(root, "dog/pipe.jpg"), 0o600); err != nil {
		t.Fatal(err)
	}
	set := mustOpen(t, root, nil)
	if got := set.Info().Classes; !slices.Equal(got, []string{"cat", "dog", "eel"}) {
		t.Errorf("classes %v", got)
	}
	all := slices.Concat(middles(t, set, data.Train), middles(t, set, data.Test))
	if slices.Sort(all); !slices.Equal(all, []int{0, 10, 20, 30, 40, 50, 60, 70, 99, 100, 101}) {
		t.Errorf("pictures %v", all)
	}
	if got := set.(data.Told).Facts()["ignored_files"]; got != `1 hidden, 1 that are no pictures by their names, such as "dog/notes.txt", `+
		`pipes, devices or sockets: 1, such as "dog/pipe.jpg"` {
		t.Errorf("ignored: %s", got)
	}
	link("..", "dog/again")
	if _, err := openFolder(t, root, nil); err == nil || !strings.Contains(err.Error(), "is a link to a folder above it") {
		t.Errorf("a circle: %v", err)
	}
	if err := os.Remove(filepath.Join(root, "dog/again")); err != nil {
		t.Fatal(err)
	}
	link("nothing.png", "dog/broken.png")
	if _, err := openFolder(t, root, nil); err == nil || !strings.Contains(err.Error(), `dog/broken.png" is a link that leads nowhere`) {
		t.Errorf("a broken link: %v", err)
	}
}

// A set's own validation split is what is held out, unless a share of the training pictures is.
func TestFolderHasAValidationSplit(t *testing.T) {
	one := map[string][]byte{"cat/1.png": pictureFile(t, 9, 9, 1), "dog/1.png": pictureFile(t, 9, 9, 2)}
	set := mustOpen(t, tree(t, merged(under("train/", some(t)), under("val/", one), under("test/", one))), nil)
	for share, want := range map[float64]data.Part{0: {Split: data.Val}, 0.5: {Split: data.Train}} {
		train, val, err := data.Choose(set, map[string]any{"val": share}, 1)
		if err != nil {
			t.Fatal(err)
		}
		held := int(share * 8)
		if val.Split != want.Split || train.Len() != 8-held || val.Len() != max(held, 2) {
			t.Errorf("val=%v: %d pictures of %s to train, %d of %s held out", share, train.Len(), train.Split, val.Len(), val.Split)
		}
	}
}

// How many load, and how many decoded pictures are kept, shows nowhere.
func TestFolderIsTheSameHoweverItIsLoaded(t *testing.T) {
	root := tree(t, some(t))
	batches := func(workers, cache int) (all []float32) {
		views := []data.View{{Augment: map[string]any{"resized_crop": true, "flip": true}}, {}}
		l := data.Loader{Part: data.Part{Set: mustOpen(t, root, map[string]any{"cache": cache})}, Views: views, Batch: 2, Shuffle: true,
			Workers: workers}
		for e := range 2 {
			for b, err := range l.Epoch(t.Context(), e, 0) {
				if err != nil {
					t.Fatal(err)
				}
				all = append(append(all, b.Views[0]...), b.Views[1]...)
			}
		}
		return all
	}
	want := batches(1, 0)
	for _, other := range [][]float32{batches(3, 0), batches(1, 1), batches(2, 1)} {
		if !slices.Equal(other, want) {
			t.Error("other pictures")
		}
	}
}

// A damaged picture is named where it is met, or left out and recorded.
func TestDamagedPictures(t *testing.T) {
	files := under("train/", some(t))
	files["val/cat/a.png"] = pictureFile(t, 9, 9, 1)
	files["train/dog/a.png"], files["train/dog/b.PNG"] = files["train/dog/a.png"][:60], nil
	root := tree(t, files)
	set := mustOpen(t, root, nil)
	var failed error
	for _, err := range (data.Loader{Part: data.Part{Set: set}, Batch: 2, Workers: 2}).Epoch(t.Context(), 0, 0) {
		failed = err
	}
	if want := `picture "` + filepath.Join(root, "train/dog/a.png") + `": PNG: `; failed == nil || !strings.HasPrefix(failed.Error(), want) {
		t.Errorf("error %v, want one that begins with %s", failed, want)
	}
	set = mustOpen(t, root, map[string]any{"damaged": "skip", "cache": 0})
	if got, want := middles(t, set, data.Train), []int{0, 10, 20, 30, 60, 70}; !slices.Equal(got, want) {
		t.Errorf("pictures %v, want %v", got, want)
	}
	told := set.(data.Told).Facts()["damaged"]
	if !strings.HasPrefix(told, "2 of 9 pictures left out: ") || !strings.Contains(told, `dog/b.PNG": the file is empty`) {
		t.Errorf("recorded: %s", told)
	}
	if err := os.WriteFile(filepath.Join(root, "train/cat/a.png"), []byte("shorter"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := set.Pixels(data.Train, 0, make([]uint8, set.Info().Size()))
	if err == nil || !strings.Contains(err.Error(), "the file has 7 bytes, and ") {
		t.Errorf("a file that has changed: %v", err)
	}
}

// Each photograph says in which file it is, below the set's folder; images without files of their own say nothing.
func TestFilesOfPhotographs(t *testing.T) {
	split, all := map[string][]byte{}, pictureFile(t, 8, 8, 100)
	halves := []string{"a/1.png", "b/2.png", "a/3.png", "b/4.png"} // one of each class is held out
	for _, name := range []string{"train/a/1.png", "train/b/2.png", "val/a/3.png", "val/b/deep/4.png"} {
		split[name] = all
	}
	for _, c := range []struct {
		files map[string][]byte
		want  map[data.Split][]string
	}{
		{split, map[data.Split][]string{data.Train: {"train/a/1.png", "train/b/2.png"}, data.Test: {"val/a/3.png", "val/b/deep/4.png"}}},
		{map[string][]byte{"a/1.png": all, "b/2.png": all, "a/3.png": all, "b/4.png": all},
			map[data.Split][]string{data.Train: halves, data.Test: halves}},
	} {
		set, err := data.Open(t.Context(), "folder", "", map[string]any{"path": tree(t, c.files), "size": 8, "test_share": 0.5})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for split, want := range c.want {
			for i := range set.Len(split) {
				if got := data.FileOf(set, split, i); !slices.Contains(want, filepath.ToSlash(got)) || seen[got] {
					t.Errorf("image %d of %s: %q, want one of %q", i, split, got, want)
				} else {
					seen[got] = true
				}
			}
		}
	}
	shapes, err := data.Open(t.Context(), "shapes", "", nil)
	if err != nil || data.FileOf(shapes, data.Train, 0) != "" {
		t.Errorf("a drawn image is in file %q, %v", data.FileOf(shapes, data.Train, 0), err)
	}
}
