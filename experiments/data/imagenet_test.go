package data_test

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
)

// The layout of ILSVRC2012 as torchvision wants it, with the names of the classes that stand beside it.
func TestImageNet(t *testing.T) {
	p := pictureFile(t, 20, 30, 7)
	files := map[string][]byte{"imagenet/train/n02/n02_1.JPEG": p, "imagenet/train/n01/n01_2.JPEG": p, "imagenet/train/n01/n01_1.JPEG": p,
		"imagenet/val/n02/ILSVRC2012_val_1.JPEG": p}
	open := func(files map[string][]byte) (data.Set, error) {
		return data.Open(t.Context(), "imagenet", tree(t, files), map[string]any{"size": 8})
	}
	set, err := open(files)
	if err != nil {
		t.Fatal(err)
	}
	got := set.Info().Classes
	if lengths(set) != [3]int{3, 1, 0} || !slices.Equal(got, []string{"n01", "n02"}) || set.Label(data.Test, 0) != 1 {
		t.Errorf("%v pictures of classes %v", lengths(set), got)
	}
	files["imagenet/LOC_synset_mapping.txt"] = []byte("n01 tench, Tinca tinca\r\nn02 goldfish\nn03 shark\n")
	named, err := open(files)
	if err != nil {
		t.Fatal(err)
	}
	if got := named.Info().Classes; !slices.Equal(got, []string{"tench, Tinca tinca", "goldfish"}) {
		t.Errorf("classes %q", got)
	}
	files["imagenet/LOC_synset_mapping.txt"] = []byte("n01 tench\nn02\n")
	want := `LOC_synset_mapping.txt, line 2: got "n02", want a synset and its names`
	if _, err := open(files); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a line without a name: %v", err)
	}
	delete(files, "imagenet/val/n02/ILSVRC2012_val_1.JPEG")
	files["imagenet/val/ILSVRC2012_val_1.JPEG"] = p
	if _, err := open(files); err == nil || !strings.Contains(err.Error(), "no pictures in folders of synsets") {
		t.Errorf("a val folder as it is unpacked: %v", err)
	}
	if _, err := open(nil); err == nil || !strings.Contains(err.Error(), "https://www.image-net.org") {
		t.Errorf("no folder: %v", err)
	}
}

// The files of tiny-imagenet-200.zip.
func TestTinyImageNet(t *testing.T) {
	level := func(v uint8) []byte { return pictureFile(t, 64, 64, v) }
	files := map[string][]byte{"wnids.txt": []byte("n2\nn1\n"), "words.txt": []byte("n1\tfish\nn2\tdog, hound\nn3\tcat\n"),
		"train/n1/images/n1_0.JPEG": level(1), "train/n1/n1_boxes.txt": []byte("n1_0.JPEG\t0\t0\t1\t1\n"), "train/n2/images/n2_0.JPEG": level(2),
		"val/images/val_0.JPEG": level(3), "val/images/val_1.JPEG": level(4),
		"val/val_annotations.txt": []byte("val_1.JPEG\tn1\t0\t32\t44\t62\nval_0.JPEG\tn2\t52\t55\t57\t59\n")}
	open := func() (data.Set, error) {
		return data.Open(t.Context(), "tiny_imagenet", tree(t, under("tiny-imagenet-200/", files)), nil)
	}
	set, err := open()
	if err != nil {
		t.Fatal(err)
	}
	info := set.Info()
	if lengths(set) != [3]int{2, 2, 0} || !slices.Equal(info.Classes, []string{"fish", "dog, hound"}) || info.Height != 64 {
		t.Errorf("%v pictures of %+v", lengths(set), info)
	}
	raw := make([]uint8, info.Size())
	for i, want := range []uint8{4, 3} { // in the order of the file
		if err := set.Pixels(data.Test, i, raw); err != nil || raw[65] != want || set.Label(data.Test, i) != i {
			t.Errorf("test picture %d: level %d, label %d, %v; want %d and %d", i, raw[65], set.Label(data.Test, i), err, want, i)
		}
	}
	for line, want := range map[string]string{"val_0.JPEG\tn7": `line 1: there is no class "n7"`,
		"../x.JPEG\tn1": "want the name of a file, a tab", "val_9.JPEG\tn1": "line 1: stat ", "": "has no lines"} {
		files["val/val_annotations.txt"] = []byte(line)
		if _, err := open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("annotations %q: error %v, want one with %q", line, err, want)
		}
	}
}
