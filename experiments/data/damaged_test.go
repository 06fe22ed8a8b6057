package data

import (
	"bytes"
	"compress/gzip"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tinyMNIST are the files of two training and one test image.
func tinyMNIST() map[string][]byte {
	return map[string][]byte{
		"train-images-idx3-ubyte": idxFile(nil, picture(0, 1, 28), picture(1, 1, 28)), "train-labels-idx1-ubyte": idxFile([]byte{7, 0}),
		"t10k-images-idx3-ubyte": idxFile(nil, picture(2, 1, 28)), "t10k-labels-idx1-ubyte": idxFile([]byte{7}),
	}
}

// Every format says which file is damaged, where, and what was wanted.
func TestDamagedFilesOfEveryFormat(t *testing.T) {
	gz := zipped(tinyMNIST()["train-images-idx3-ubyte"])
	broken := bytes.Clone(gz)
	broken[len(broken)-5] ^= 1 // the checksum
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write([]byte{0, 0, 8, 1, 0, 0, 0, 2, 1, 2})
	_, _ = z.Write(make([]byte, 1<<20))
	_ = z.Close()
	python := cifarPython(0, []string{"labels"}, []byte{1, 2})
	batch := cifarBinary(0, []byte{1})
	five := map[string][]byte{"data_batch_1.bin": batch, "data_batch_2.bin": batch, "data_batch_3.bin": batch, "data_batch_4.bin": batch,
		"data_batch_5.bin": batch, "test_batch.bin": batch}
	archive := tarred(t, five, slices.Sorted(maps.Keys(five))...)
	one := func(raw []byte) []byte { return tarred(t, map[string][]byte{"data_batch_1": raw}, "data_batch_1") }
	whole := map[string]map[string][]byte{
		"mnist":    tinyMNIST(),
		"cifar100": {"train.bin": cifarBinary(0, []byte{1}, []byte{1}), "test.bin": cifarBinary(0, []byte{1}, []byte{1})},
		"svhn":     {"train_32x32.mat": matFile([]byte{1}, 0), "test_32x32.mat": matFile([]byte{1}, 0)},
		"stl10":    {"train_X.bin": turned(0, 3, 96), "train_y.bin": {1}, "test_X.bin": turned(0, 3, 96), "test_y.bin": {1}},
		"cifar10":  {},
	}
	for _, c := range []struct {
		set, file string
		raw       []byte
		want      string
	}{
		{"mnist", "train-images-idx3-ubyte.gz", broken, "gzip: invalid checksum"},
		{"mnist", "train-images-idx3-ubyte.gz", gz[:len(gz)-9], "it is cut short (unexpected EOF)"},
		{"mnist", "train-images-idx3-ubyte.gz", []byte("<html>"), "train-images-idx3-ubyte.gz: it is cut short"},
		{"mnist", "train-images-idx3-ubyte.gz", []byte("<html><head>not found"), "train-images-idx3-ubyte.gz: gzip: invalid header"},
		{"mnist", "train-labels-idx1-ubyte.gz", bomb.Bytes(), "it is too long: more follows the 2 elements"},
		{"mnist", "train-labels-idx1-ubyte", idxFile([]byte{7, 10}), "record 1 (counted from 0) has label 10, want 0 to 9"},
		{"mnist", "train-labels-idx1-ubyte", idxFile([]byte{7}), "1 labels and 2 pictures in the train files"},
		{"mnist", "train-images-idx3-ubyte", idxFile(nil), "it has no pictures"},
		{"mnist", "t10k-images-idx3-ubyte", idxFile([]byte{1}), "1 dimensions, want 3"},
		{"mnist", "t10k-images-idx3-ubyte", []byte("\x00\x00\x08\x03\xff\xff\xff\xff\x00\x00\x00\x1c\x00\x00\x00\x1c"), "would have more than"},
		{"cifar100", "train.bin", batch, "it has 3073 bytes, want a multiple of 3074 (records of 2 labels and 3072 pixel bytes)"},
		{"cifar100", "train.bin", cifarBinary(0, []byte{20}, []byte{1}), "record 0 (counted from 0) has label 20, want 0 to 19"},
		{"cifar100", "test.bin", cifarBinary(0, []byte{1, 1}, []byte{99, 100}), "record 1 (counted from 0) has label 100, want 0 to 99"},
		{"svhn", "train_32x32.mat", matFile([]byte{11}, 0), "image 0 (counted from 0) has label 11, want 1 to 10"},
		{"svhn", "train_32x32.mat", matFile([]byte{0}, 0), "image 0 (counted from 0) has label 0, want 1 to 10"},
		{"svhn", "test_32x32.mat", matFile([]byte{1}, 0)[:500], "it is cut short"},
		{"svhn", "test_32x32.mat", []byte("\x89HDF\r\n\x1a\n" + strings.Repeat(" ", 200)), "want MATLAB 5.0 MAT-file"},
		{"stl10", "train_y.bin", []byte{0}, "record 0 (counted from 0) has label 0, want 1 to 10"},
		{"stl10", "train_y.bin", []byte{11}, "record 0 (counted from 0) has label 11, want 1 to 10"},
		{"stl10", "test_X.bin", turned(0, 3, 96)[1:], "it has 27647 bytes, want a multiple of 27648"},
		{"cifar10", "cifar-10-python.tar.gz", one(python[:400]),
			"cifar-10-python.tar.gz: data_batch_1: pickle, byte 171: a value would have 6144 bytes, want at most 400: "},
		{"cifar10", "cifar-10-python.tar.gz", one(cifarPython(0, []string{"labels"}, []byte{1, 12})),
			"data_batch_1: record 1 (counted from 0) has labels 12, want 0 to 9"},
		{"cifar10", "cifar-10-python.tar.gz", one(cifarPython(0, []string{"fine"}, []byte{1})),
			"data_batch_1: its labels: None, want a list"},
		{"cifar10", "cifar-10-python.tar.gz", one([]byte("\x80\x02cos\nsystem\n.")),
			`data_batch_1: pickle: it holds "os.system", want a dictionary`},
		{"cifar10", "cifar-10-binary.tar.gz", archive[:len(archive)-20], "cifar-10-binary.tar.gz: "},
		{"cifar10", "cifar-10-binary.tar.gz", tarred(t, five, "data_batch_1.bin"), "cifar-10-binary.tar.gz: data_batch_2.bin is missing"},
		{"cifar10", "cifar-10-binary.tar.gz", []byte("<html>"), "cifar-10-binary.tar.gz: "},
	} {
		dir := t.TempDir()
		for name, raw := range whole[c.set] {
			if name != c.file && name+".gz" != c.file {
				write(t, filepath.Join(dir, name), raw)
			}
		}
		write(t, filepath.Join(dir, c.file), c.raw)
		set, err := Open(t.Context(), c.set, dir, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s with another %s: got %v, error %v, want %q", c.set, c.file, set, err, c.want)
		}
	}
	for set, files := range whole { // without the damage they are read
		dir := t.TempDir()
		if set == "cifar10" {
			files = five
		}
		for name, raw := range files {
			write(t, filepath.Join(dir, name), raw)
		}
		if _, err := Open(t.Context(), set, dir, nil); err != nil {
			t.Errorf("%s undamaged: %v", set, err)
		}
	}
}

// The files of sets that follow MNIST have its names, so one set in the place of another is told by its digest.
func TestAnotherSetsFilesAreToldApart(t *testing.T) {
	k := mnist
	file := tinyMNIST()["t10k-images-idx3-ubyte"]
	f := k.set().forms[0].Files[2]
	if f.Name != "t10k-images-idx3-ubyte" || f.Others[fashionMNIST.md5[2]] != "t10k-images-idx3-ubyte of fashion_mnist" || len(f.Others) != 4 {
		t.Fatalf("file %+v", f)
	}
	p := k.set()
	for i := range p.forms[0].Files {
		p.forms[0].Files[i].Others = map[string]string{md5Of(file): "t10k-images-idx3-ubyte of another_set"}
	}
	dir := t.TempDir()
	for name, raw := range tinyMNIST() {
		write(t, filepath.Join(dir, name), raw)
	}
	const want = "t10k-images-idx3-ubyte: it is t10k-images-idx3-ubyte of another_set"
	if _, err := open(p, dir, 0, 0); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v", err)
	}
}

// Every set that has files can be located, says how to get it, and wants digests that are digests.
func TestPublishedSetsAreComplete(t *testing.T) {
	for _, s := range Sources() {
		if s.Locate == nil {
			continue
		}
		if where, err := s.Where(t.TempDir()); where != "" || err != nil {
			t.Errorf("%s is in an empty folder: %q, %v", s.Name, where, err)
		}
		if len(s.Bundles) == 0 || s.Bundles[0].Name != s.Name {
			t.Errorf("%s: the first of %v is not it", s.Name, s.Bundles)
		}
		_, err := Open(t.Context(), s.Name, t.TempDir(), nil)
		if err == nil || !strings.Contains(err.Error(), s.Bundles[0].Get()) || !strings.Contains(err.Error(), s.Files) {
			t.Errorf("%s in an empty folder: %v", s.Name, err)
		}
		for _, b := range s.Bundles {
			for _, d := range b.Downloads {
				if n := len(d.Sum); n != 32 && n != 64 || d.Bytes < 1000 || len(d.URLs) == 0 || (d.Members != nil) != (d.Room > 0) || b.Site == "" {
					t.Errorf("%s: download %+v", s.Name, d)
				}
			}
		}
	}
	for _, p := range []published{cifar10, cifar100("fine"), mnist.set(), fashionMNIST.set(), svhn(true), stl10, emnist("letters")} {
		for _, f := range p.forms {
			for _, file := range f.Files {
				if file.Bytes < 1000 || strings.Trim(file.MD5+file.SHA256+file.Gzip, "0123456789abcdef") != "" || len(file.MD5)%32 != 0 {
					t.Errorf("%s: file %+v", p.Name, file)
				}
				if !slices.ContainsFunc([]Split{Train, Test, Unlabeled}, func(s Split) bool { return slices.Contains(f.parts[s], file.Name) }) {
					t.Errorf("%s: %s belongs to no split", p.Name, file.Name)
				}
			}
		}
	}
}
