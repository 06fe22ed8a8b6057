package data

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"workbench/experiments/data/numpy"
	"workbench/experiments/data/release"
)

// Labels of the training images of CIFAR-10 that people gave, by the settings that choose them and by their names in
// the authors' file (Wei et al. 2022, "Learning with Noisy Labels Revisited", github.com/UCSC-REAL/cifar-10-100n).
// Their order is that of data_batch_1 to 5, as torchvision has it; TensorFlow's copy of the set has another.
const cleanLabels = "clean"

var (
	humanLabels = []string{cleanLabels, "aggre", "worse", "random1", "random2", "random3"}
	humanKeys   = map[string]string{cleanLabels: "clean_label", "aggre": "aggre_label", "worse": "worse_label",
		"random1": "random_label1", "random2": "random_label2", "random3": "random_label3"}
)

const (
	humanFile   = "CIFAR-10_human.pt"
	humanFolder = "cifar-10n"
	humanSum    = "873e69c39cb9b5e97fb6bae2d60bb59b38a5cbc31d2b868f7903dcb2b9dd2310"
	mostHuman   = 16 << 20 // bytes of its pickle, which has 2.4 MB
)

// noisy is a set whose training images have other labels beside their own.
type noisy struct {
	Set
	given  []int32 // of the training images
	digest string
}

func (n noisy) Unwrap() Set    { return n.Set }
func (n noisy) Digest() string { return n.digest }

// Given are the labels that a training uses in place of the set's own.
func (n noisy) Given() []int32 { return n.given }

// relabel gives the rows of training images the labels that come with the set beside its own; nil: none do.
func relabel(train Part) []int32 {
	set, noisy := As[interface{ Given() []int32 }](train.Set)
	if !noisy {
		return nil
	}
	labels := make([]int32, train.Len())
	for row := range labels {
		labels[row] = set.Given()[train.Sample(row)]
	}
	return labels
}

// relabelled is CIFAR-10 with the labels of a kind.
func relabelled(set Set, dir, kind string) (Set, error) {
	where, err := findHuman(dir)
	if err != nil {
		return nil, err
	}
	labels, err := readHuman(where, kind)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	n := set.Len(Train)
	for i := range n {
		if i >= len(labels[cleanLabels]) {
			return nil, fmt.Errorf("%s: it has labels of %d images, want %d", where, len(labels[cleanLabels]), n)
		}
		if own, theirs := set.Label(Train, i), labels[cleanLabels][i]; own != int(theirs) {
			return nil, fmt.Errorf("%s: its clean label of training image %d is %d, the set's is %d: these labels are of other images, or in "+
				"another order (want that of data_batch_1 to 5, not TensorFlow's)", where, i, theirs, own)
		}
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\nlabels=%s\n%v\n", set.Digest(), kind, labels[kind][:n])
	return noisy{Set: set, given: labels[kind][:n], digest: hex.EncodeToString(h.Sum(nil))}, nil
}

func findHuman(dir string) (string, error) {
	for _, folder := range []string{humanFolder, ".", "cifar-10-batches-bin", "cifar-10-batches-py"} {
		where := filepath.Join(dir, folder, humanFile)
		info, err := os.Stat(where)
		switch {
		case err == nil && info.Mode().IsRegular():
			return where, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
	}
	return "", fmt.Errorf("there is no %s in %s or its folder %s: %s", humanFile, dir, humanFolder, cifar10nBundle.Get())
}

// readHuman reads the clean labels and those of a kind. The file is as PyTorch writes one: a zip with a pickle.
func readHuman(where, kind string) (map[string][]int32, error) {
	archive, err := zip.OpenReader(where)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	for _, f := range archive.File {
		if path.Base(f.Name) != "data.pkl" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		defer r.Close()
		text, err := io.ReadAll(io.LimitReader(r, mostHuman+1))
		if err == nil && len(text) > mostHuman {
			err = fmt.Errorf("its pickle has more than %d bytes", mostHuman)
		}
		if err != nil {
			return nil, err
		}
		return unpickleHuman(text, kind)
	}
	return nil, fmt.Errorf("it has no data.pkl, want a file that PyTorch wrote")
}

func unpickleHuman(text []byte, kind string) (map[string][]int32, error) {
	dict, err := numpy.Read(text)
	if err != nil {
		return nil, err
	}
	all := map[string][]int32{}
	for _, k := range []string{cleanLabels, kind} {
		labels, err := numpy.Ints(dict[humanKeys[k]])
		if err != nil {
			return nil, fmt.Errorf("its %s: %w", humanKeys[k], err)
		}
		if len(all) > 0 && len(labels) != len(all[cleanLabels]) {
			return nil, fmt.Errorf("%d of %s and %d of %s", len(labels), humanKeys[k], len(all[cleanLabels]), humanKeys[cleanLabels])
		}
		all[k] = make([]int32, len(labels))
		for i, label := range labels {
			if label < 0 || label >= int64(len(cifar10.Classes)) {
				return nil, fmt.Errorf("its %s of image %d is %d, want 0 to %d", humanKeys[k], i, label, len(cifar10.Classes)-1)
			}
			all[k][i] = int32(label)
		}
	}
	return all, nil
}

var cifar10nBundle = Bundle{Name: "cifar10n", Folder: humanFolder, Site: "https://github.com/UCSC-REAL/cifar-10-100n",
	Licence: "CC BY-NC 4.0: non-commercial use only",
	Downloads: []release.Download{
		release.Below(humanFile, humanSum, 2401007, "https://raw.githubusercontent.com/UCSC-REAL/cifar-10-100n/main/data"),
	}}
