package data

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// opened is a set of a folder, whose pictures of all splits must be those of picture, counted on from 0 over the
// splits.
func opened(t *testing.T, name, dir string, given map[string]any) Set {
	t.Helper()
	set, err := Open(t.Context(), name, dir, given)
	if err != nil {
		t.Fatal(err)
	}
	info, at := set.Info(), 0
	raw := make([]byte, info.Size())
	for _, split := range []Split{Train, Test, Unlabeled} {
		for i := range set.Len(split) {
			set.Pixels(split, i, raw)
			if !bytes.Equal(raw, picture(at, info.Channels, info.Height)) {
				t.Errorf("%s: picture %d of %s is another, or lies on its side", name, i, split)
			}
			at++
		}
	}
	if at == 0 || len(info.Mean) != info.Channels || len(info.Std) != info.Channels {
		t.Errorf("%s: %d pictures, mean %v, std %v of %d channels", name, at, info.Mean, info.Std, info.Channels)
	}
	return set
}

// labels of a split, by the names of their classes.
func labels(set Set, split Split) (all []string) {
	for i := range set.Len(split) {
		if l := set.Label(split, i); l < 0 {
			all = append(all, "none")
		} else {
			all = append(all, set.Info().Classes[l])
		}
	}
	return all
}

func wantLabels(t *testing.T, set Set, split Split, want ...string) {
	t.Helper()
	if got := labels(set, split); !slices.Equal(got, want) {
		t.Errorf("%s of %s: %q, want %q", split, set.Info().Name, got, want)
	}
}

// The binary and the Python version, in folders and in archives whose members come in any order, are one set.
func TestCIFAR10IsOneSetInAllItsForms(t *testing.T) {
	binaries, pickles, order := map[string][]byte{}, map[string][]byte{}, []string{"cifar-10-batches-py/readme.html"}
	pickles[order[0]] = []byte("<meta>")
	for k := range 6 {
		name := fmt.Sprintf("data_batch_%d", k+1)
		if k == 5 {
			name = "test_batch"
		}
		of := []byte{byte(k), byte(9 - k)}
		binaries[name+".bin"] = cifarBinary(2*k, of)
		pickles["cifar-10-batches-py/"+name] = cifarPython(2*k, []string{"labels"}, of)
		order = append([]string{"cifar-10-batches-py/" + name}, order...) // the last first
	}
	folder, unpacked, archive := t.TempDir(), t.TempDir(), t.TempDir()
	for name, raw := range binaries {
		write(t, filepath.Join(folder, "cifar-10-batches-bin", name), raw)
	}
	for name, raw := range pickles {
		write(t, filepath.Join(unpacked, name), raw)
	}
	write(t, filepath.Join(archive, "cifar-10-python.tar.gz"), tarred(t, pickles, order...))
	set := opened(t, "cifar10", folder, nil)
	wantLabels(t, set, Train, "airplane", "truck", "automobile", "ship", "bird", "horse", "cat", "frog", "deer", "dog")
	wantLabels(t, set, Test, "dog", "deer")
	for _, dir := range []string{unpacked, archive} {
		same := opened(t, "cifar10", dir, nil)
		if same.Digest() != set.Digest() {
			t.Errorf("the digest in %s is %s, want %s", dir, same.Digest(), set.Digest())
		}
		if o, _ := OriginOf(same); o.Official() != "no" || !strings.HasPrefix(o.Path, dir) || len(o.Other) != 6 {
			t.Errorf("origin %+v", o)
		}
	}
	few := opened(t, "cifar10", archive, map[string]any{"train": 10, "test": 2})
	if few.Digest() != set.Digest() {
		t.Error("as many images as there are have another digest than all")
	}
	if three, err := Open(t.Context(), "cifar10", archive, map[string]any{"train": 3}); err != nil || three.Len(Train) != 3 {
		t.Errorf("the first three: %v", err)
	} else {
		wantLabels(t, three, Train, "airplane", "truck", "automobile")
	}
}

// The coarse label stands before the fine one.
func TestCIFAR100HasFineAndCoarseLabels(t *testing.T) {
	folder, python := t.TempDir(), t.TempDir()
	coarse, fine := []byte{4, 1}, []byte{0, 1}
	write(t, filepath.Join(folder, "train.bin"), cifarBinary(0, coarse, fine))
	write(t, filepath.Join(folder, "test.bin"), cifarBinary(2, []byte{19}, []byte{99}))
	keys := []string{"coarse_labels", "fine_labels"}
	write(t, filepath.Join(python, "cifar-100-python", "train"), cifarPython(0, keys, coarse, fine))
	write(t, filepath.Join(python, "cifar-100-python", "test"), cifarPython(2, keys, []byte{19}, []byte{99}))
	var digests []string
	for _, dir := range []string{folder, python} {
		set := opened(t, "cifar100", dir, nil)
		wantLabels(t, set, Train, "apple", "aquarium_fish")
		wantLabels(t, set, Test, "worm")
		groups := opened(t, "cifar100", dir, map[string]any{"labels": "coarse"})
		wantLabels(t, groups, Train, "fruit_and_vegetables", "fish")
		wantLabels(t, groups, Test, "vehicles_2")
		digests = append(digests, set.Digest(), groups.Digest())
	}
	if digests[0] != digests[2] || digests[1] != digests[3] || digests[0] == digests[1] {
		t.Errorf("digests %v: want one of each kind of labels", digests)
	}
}

// Gzipped or not, in torchvision's folder or another, MNIST is one set.
func TestMNISTIsReadGzippedAndPlain(t *testing.T) {
	for _, c := range []struct {
		name   string
		places []string
		first  string
	}{{"mnist", []string{"mnist", "MNIST/raw", "."}, "7"}, {"fashion_mnist", []string{"fashion_mnist", "FashionMNIST/raw"}, "sneaker"}} {
		digest := ""
		for k, place := range c.places {
			dir := t.TempDir()
			for name, raw := range map[string][]byte{
				"train-images-idx3-ubyte": idxFile(nil, picture(0, 1, 28), picture(1, 1, 28)), "train-labels-idx1-ubyte": idxFile([]byte{7, 0}),
				"t10k-images-idx3-ubyte": idxFile(nil, picture(2, 1, 28)), "t10k-labels-idx1-ubyte": idxFile([]byte{7}),
			} {
				if k == 0 {
					name, raw = name+".gz", zipped(raw)
				}
				write(t, filepath.Join(dir, place, name), raw)
			}
			set := opened(t, c.name, dir, nil)
			if labels(set, Train)[0] != c.first || set.Len(Train) != 2 || set.Len(Test) != 1 {
				t.Errorf("%s: %v and %v", c.name, labels(set, Train), labels(set, Test))
			}
			if digest == "" {
				digest = set.Digest()
			}
			if set.Digest() != digest {
				t.Errorf("%s in %s has another digest", c.name, place)
			}
		}
	}
}

// EMNIST's pictures lie on their sides in the files, and the labels of its letters begin at 1.
func TestEMNISTIsUpright(t *testing.T) {
	for division, c := range map[string]struct {
		label byte
		want  string
	}{"balanced": {46, "t"}, "byclass": {61, "z"}, "bymerge": {36, "a"}, "letters": {26, "Z"}, "digits": {9, "9"}} {
		files := map[string][]byte{
			"gzip/emnist-" + division + "-train-images-idx3-ubyte.gz": zipped(idxFile(nil, turned(0, 1, 28), turned(1, 1, 28))),
			"gzip/emnist-" + division + "-train-labels-idx1-ubyte.gz": zipped(idxFile([]byte{c.label, 1})),
			"gzip/emnist-" + division + "-test-images-idx3-ubyte.gz":  zipped(idxFile(nil, turned(2, 1, 28))),
			"gzip/emnist-" + division + "-test-labels-idx1-ubyte.gz":  zipped(idxFile([]byte{c.label})),
		}
		folder, archive := t.TempDir(), t.TempDir()
		for name, raw := range files {
			write(t, filepath.Join(folder, name), raw)
		}
		write(t, filepath.Join(archive, "gzip.zip"), zipOf(t, files))
		given := map[string]any{"division": division}
		set := opened(t, "emnist", folder, given)
		second := "1"
		if division == "letters" {
			second = "A"
		}
		wantLabels(t, set, Train, c.want, second)
		wantLabels(t, set, Test, c.want)
		if same := opened(t, "emnist", archive, given); same.Digest() != set.Digest() {
			t.Errorf("%s: the archive has another digest than the folder", division)
		}
	}
}

// The digit 0 has the label 10, and the first index of the arrays runs fastest.
func TestSVHNsTenIsZero(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "svhn", "train_32x32.mat"), matFile([]byte{10, 9}, 0))
	write(t, filepath.Join(dir, "svhn", "test_32x32.mat"), matFile([]byte{1}, 2))
	set := opened(t, "svhn", dir, nil)
	wantLabels(t, set, Train, "0", "9")
	wantLabels(t, set, Test, "1")
	if _, err := Open(t.Context(), "svhn", dir, map[string]any{"extra": true}); err == nil ||
		!strings.Contains(err.Error(), "extra_32x32.mat is missing") {
		t.Errorf("got error %v, want that the extra file is missing", err)
	}
	write(t, filepath.Join(dir, "svhn", "extra_32x32.mat"), matFile([]byte{5}, 2))
	write(t, filepath.Join(dir, "svhn", "test_32x32.mat"), matFile([]byte{1}, 3))
	more := opened(t, "svhn", dir, map[string]any{"extra": true})
	wantLabels(t, more, Train, "0", "9", "5")
	if more.Digest() == set.Digest() {
		t.Error("the extra images do not change the digest")
	}
}

// Pictures lie on their sides, labels begin at 1, and images without labels are read when they are asked for.
func TestSTL10HasImagesWithoutLabels(t *testing.T) {
	files := map[string][]byte{
		"stl10_binary/train_X.bin": slices.Concat(turned(0, 3, 96), turned(1, 3, 96)), "stl10_binary/train_y.bin": {1, 10},
		"stl10_binary/test_X.bin": turned(2, 3, 96), "stl10_binary/test_y.bin": {3},
		"stl10_binary/unlabeled_X.bin": slices.Concat(turned(3, 3, 96), turned(4, 3, 96)),
	}
	archive := t.TempDir()
	write(t, filepath.Join(archive, "stl10_binary.tar.gz"), tarred(t, files, "stl10_binary/unlabeled_X.bin", "stl10_binary/train_y.bin",
		"stl10_binary/test_y.bin", "stl10_binary/train_X.bin", "stl10_binary/test_X.bin"))
	set := opened(t, "stl10", archive, nil)
	wantLabels(t, set, Train, "airplane", "truck")
	wantLabels(t, set, Test, "car")
	if set.Len(Unlabeled) != 0 {
		t.Errorf("%d images without labels that nobody asked for", set.Len(Unlabeled))
	}
	folder := t.TempDir()
	for name, raw := range files {
		write(t, filepath.Join(folder, name), raw)
	}
	more := opened(t, "stl10", folder, map[string]any{"unlabeled": 2})
	wantLabels(t, more, Unlabeled, "none", "none")
	if one := opened(t, "stl10", folder, map[string]any{"unlabeled": 1}); one.Len(Unlabeled) != 1 || one.Digest() == more.Digest() ||
		one.Digest() == set.Digest() {
		t.Errorf("%d images without labels, want 1 and a digest of its own", one.Len(Unlabeled))
	}
	part := Part{Set: more, Split: Unlabeled}
	if err := part.Check(); err != nil || part.Wrong() != 0 {
		t.Errorf("a part without labels: %v, %v wrong", err, part.Wrong())
	}
	if _, err := (Noise{Kind: "symmetric", Rate: 0.5}).Of(part); err == nil {
		t.Error("images without labels got wrong ones")
	}
	for batch, err := range (Loader{Part: part, Batch: 2}).Epoch(t.Context(), 0, 0) {
		if err != nil || !slices.Equal(batch.Labels, []int32{-1, -1}) {
			t.Errorf("labels %v, error %v", batch.Labels, err)
		}
	}
	_, err := Open(t.Context(), "stl10", folder, map[string]any{"unlabeled": 3})
	if err == nil || !strings.Contains(err.Error(), "dataset.unlabeled is 3, and the unlabeled files have 2 images") {
		t.Errorf("got error %v", err)
	}
}
