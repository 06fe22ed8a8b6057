package data_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
)

// The real labels that people gave: how many are wrong is what the authors say.
func TestCIFAR10NsOwnFile(t *testing.T) {
	dir, there := dataFolder(t, "the labels of CIFAR-10N")
	if !there {
		return
	}
	for kind, want := range map[string]float64{
		"clean": 0, "aggre": 9.01, "random1": 17.23, "random2": 18.12, "random3": 17.64, "worse": 40.21,
	} {
		given := map[string]any{"labels": kind, "test": 1}
		set, err := data.Open(t.Context(), "cifar10", dir, given)
		if err != nil {
			t.Fatal(err)
		}
		train, _, err := data.Choose(set, given, 1)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := 100 * train.Wrong(); !(math.Abs(wrong-want) <= 0.005) {
			t.Errorf("%s: %.3f %% of the labels are wrong, want %v %%", kind, wrong, want)
		}
	}
}

// The first records of the real CIFAR-100: another length, so the files are noted.
func TestCIFAR100sFirstRecords(t *testing.T) {
	dir, there := dataFolder(t, "records of CIFAR-100")
	if !there {
		return
	}
	dir = filepath.Join(dir, "cifar-100-binary-mini")
	for labels, file := range map[string]string{"fine": "fine_label_names.txt", "coarse": "coarse_label_names.txt"} {
		set, err := data.Open(t.Context(), "cifar100", dir, map[string]any{"labels": labels})
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if names := strings.Fields(string(text)); !slices.Equal(set.Info().Classes, names) {
			t.Errorf("classes %v, want %v", set.Info().Classes, names)
		}
		if set.Len(data.Train) != 2000 || set.Len(data.Test) != 1000 {
			t.Errorf("%d and %d images, want 2000 and 1000", set.Len(data.Train), set.Len(data.Test))
		}
		if o, _ := data.OriginOf(set); o.Remark() != "files other than the published ones: train.bin, test.bin" {
			t.Errorf("remark %q", o.Remark())
		}
	}
}

// The real test parts of MNIST and Fashion-MNIST, which also stand in for the training parts here.
func TestMNISTsOfficialTestFiles(t *testing.T) {
	dir, there := dataFolder(t, "the test files of MNIST")
	if !there {
		return
	}
	for name, folder := range map[string]string{"mnist": "mnist-t10k", "fashion_mnist": "fashion-mnist-t10k"} {
		here := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(here, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"} {
			for _, part := range []string{"train-", "t10k-"} {
				if err := os.Symlink(filepath.Join(dir, folder, "t10k-"+kind), filepath.Join(here, part+kind)); err != nil {
					t.Fatal(err)
				}
			}
		}
		set, err := data.Open(t.Context(), name, here, nil)
		if err != nil {
			t.Fatal(err)
		}
		count := make([]int, 10)
		for i := range set.Len(data.Test) {
			count[set.Label(data.Test, i)]++
		}
		want := slices.Repeat([]int{1000}, 10)
		if name == "mnist" {
			want = []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}
		}
		if !slices.Equal(count, want) {
			t.Errorf("%s: test images a class %v, want %v", name, count, want)
		}
		o, _ := data.OriginOf(set)
		if !slices.Equal(o.Proved, []string{"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) || len(o.Other) != 2 {
			t.Errorf("%s: origin %+v", name, o)
		}
		other := map[string]string{"mnist": "fashion_mnist", "fashion_mnist": "mnist"}[name]
		_, err = data.Open(t.Context(), other, here, nil)
		if err == nil || !strings.Contains(err.Error(), "it is t10k-images-idx3-ubyte of "+name) {
			t.Errorf("%s read as %s: %v", name, other, err)
		}
	}
}
