package data

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func md5Of(raw []byte) string {
	sum := md5.Sum(raw)
	return hex.EncodeToString(sum[:])
}

// humanPickle is what the authors' file has in it: arrays of 64 bits that protocol 2 keeps as characters.
func humanPickle(labels map[string][]byte) []byte {
	var b bytes.Buffer
	text := func(s string) {
		b.Write(binary.LittleEndian.AppendUint32([]byte("X"), uint32(len(s))))
		b.WriteString(s)
	}
	b.WriteString("\x80\x02}(")
	for key, all := range labels {
		text(key)
		b.WriteString("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85c_codecs\nencode\n")
		text("b")
		text("latin1")
		b.WriteString("\x86R\x87R(K\x01K" + string(rune(len(all))) + "\x85cnumpy\ndtype\n")
		text("i8")
		b.WriteString("\x89\x88\x87R(K\x03")
		text("<")
		b.WriteString("NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89c_codecs\nencode\n")
		var raw strings.Builder
		for _, l := range all {
			raw.WriteRune(rune(l))
			raw.WriteString("\x00\x00\x00\x00\x00\x00\x00")
		}
		text(raw.String())
		text("latin1")
		b.WriteString("\x86Rtb")
	}
	b.WriteString("u.")
	return b.Bytes()
}

// tenImages is CIFAR-10 with ten training images of the classes 0 to 9, and people's labels of them.
func tenImages(t *testing.T, clean []byte) string {
	dir := t.TempDir()
	for k := range 5 {
		write(t, filepath.Join(dir, "cifar-10-batches-bin", fmt.Sprintf("data_batch_%d.bin", k+1)),
			cifarBinary(2*k, []byte{byte(2 * k), byte(2*k + 1)}))
	}
	write(t, filepath.Join(dir, "cifar-10-batches-bin", "test_batch.bin"), cifarBinary(10, []byte{3}))
	write(t, filepath.Join(dir, "cifar-10n", "CIFAR-10_human.pt"), zipOf(t, map[string][]byte{
		"archive/version": []byte("3\n"),
		"archive/data.pkl": humanPickle(map[string][]byte{"clean_label": clean,
			"worse_label": {9, 8, 7, 6, 4, 5, 6, 7, 8, 9}, "random_label2": {1, 1, 2, 3, 4, 5, 6, 7, 8, 9}}),
	}))
	return dir
}

var inOrder = []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}

// A training gets the labels that people gave, what is measured keeps the true ones, and the data say which they are.
func TestPeoplesLabelsStandBesideTheTrueOnes(t *testing.T) {
	dir := tenImages(t, inOrder)
	digests := map[string]bool{}
	for kind, want := range map[string][]int{
		"clean": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, "worse": {9, 8, 7, 6, 4, 5, 6, 7, 8, 9}, "random2": {1, 1, 2, 3, 4, 5, 6, 7, 8, 9},
	} {
		given := map[string]any{"labels": kind}
		set := opened(t, "cifar10", dir, given)
		digests[set.Digest()] = true
		train, val, err := Choose(set, given, 1)
		must(t, err)
		wrong := 0
		for row := range train.Len() {
			if train.Label(row) != want[row] || train.True(row) != row {
				t.Errorf("%s: image %d has label %d, in truth %d, want %d and %d", kind, row, train.Label(row), train.True(row), want[row], row)
			}
			if want[row] != row {
				wrong++
			}
		}
		if train.Wrong() != float64(wrong)/10 || val.Len() != 0 || set.Label(Test, 0) != 3 {
			t.Errorf("%s: %v of the labels are wrong, want %d of 10", kind, train.Wrong(), wrong)
		}
		if o, known := OriginOf(set); !known || len(o.Other) != 6 {
			t.Errorf("%s: origin %+v", kind, o)
		}
	}
	if len(digests) != 3 {
		t.Errorf("%d digests of three kinds of labels", len(digests))
	}
	first, err := Open(t.Context(), "cifar10", dir, map[string]any{"labels": "worse", "train": 3})
	must(t, err)
	some, _, err := Choose(first, nil, 1)
	must(t, err)
	if some.Len() != 3 || some.Label(2) != 7 || some.True(2) != 2 {
		t.Errorf("of the first three images the third has label %d, want 7", some.Label(2))
	}
}

// A part of the images keeps each image's own label, and noise on top of noise is refused.
func TestPeoplesLabelsFollowTheirImages(t *testing.T) {
	dir := tenImages(t, inOrder)
	set, err := Open(t.Context(), "cifar10", dir, map[string]any{"labels": "worse"})
	must(t, err)
	p := Part{Set: set, Split: Train, Index: []int32{8, 0, 3}}
	if got := relabel(p); !slices.Equal(got, []int32{8, 9, 6}) {
		t.Errorf("labels %v, want 8, 9, 6", got)
	}
	_, _, err = Choose(set, map[string]any{"label_noise": "symmetric", "label_noise_rate": 0.5}, 1)
	if err == nil || !strings.Contains(err.Error(), "other labels than the set's already") {
		t.Errorf("got error %v", err)
	}
}

func TestPeoplesLabelsInAnotherOrderAreRefused(t *testing.T) {
	for _, c := range []struct {
		clean []byte
		kind  string
		want  string
	}{
		{[]byte{1, 0, 2, 3, 4, 5, 6, 7, 8, 9}, "worse", "its clean label of training image 0 is 1, the set's is 0"},
		{[]byte{0, 1, 2}, "worse", "10 of worse_label and 3 of clean_label"},
		{inOrder, "aggre", "its aggre_label: None"},
		{[]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 10}, "worse", "its clean_label of image 9 is 10, want 0 to 9"},
	} {
		_, err := Open(t.Context(), "cifar10", tenImages(t, c.clean), map[string]any{"labels": c.kind})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "CIFAR-10_human.pt") {
			t.Errorf("clean labels %v: got error %v, want %q", c.clean, err, c.want)
		}
	}
	dir := tenImages(t, inOrder)
	where := filepath.Join(dir, "cifar-10n", "CIFAR-10_human.pt")
	for want, raw := range map[string][]byte{
		"zip: not a valid zip file":                []byte("<html>"),
		"it has no data.pkl":                       zipOf(t, map[string][]byte{"a": nil}),
		"pickle: it holds None, want a dictionary": zipOf(t, map[string][]byte{"archive/data.pkl": []byte("\x80\x02N.")}),
		"its pickle has more than":                 zipOf(t, map[string][]byte{"archive/data.pkl": make([]byte, mostHuman+1)}),
	} {
		write(t, where, raw)
		if _, err := Open(t.Context(), "cifar10", dir, map[string]any{"labels": "worse"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	_, err := Open(t.Context(), "cifar10", filepath.Join(dir, "cifar-10-batches-bin"), map[string]any{"labels": "worse"})
	if err == nil || !strings.Contains(err.Error(), "there is no CIFAR-10_human.pt in") ||
		!strings.Contains(err.Error(), "workbench data fetch cifar10n gets") {
		t.Errorf("got error %v", err)
	}
}
