package data

import (
	"bytes"
	"strings"
	"testing"

	"workbench/experiments/data/release"
)

// No bytes make a reader of a format panic, and what is read has as many labels as pictures where it has both.
func FuzzFormats(f *testing.F) {
	f.Add(cifarBinary(0, []byte{1}))
	f.Add(cifarBinary(0, []byte{1}, []byte{2}))
	f.Add(cifarPython(0, []string{"labels"}, []byte{1}))
	f.Add(cifarPython(0, []string{"coarse_labels", "fine_labels"}, []byte{1}, []byte{2}))
	f.Add(idxFile(nil, picture(0, 1, 28)))
	f.Add(idxFile([]byte{1, 2}))
	f.Add(matFile([]byte{10, 1}, 0))
	f.Add(turned(0, 3, 96))
	f.Add(humanPickle(map[string][]byte{"clean_label": {1, 2}, "worse_label": {2, 1}}))
	sets := []published{cifar10, cifar100("fine"), cifar100("coarse"), mnist.set(), emnist("letters"), svhn(true), stl10}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, p := range sets {
			for _, form := range p.forms {
				for _, file := range form.Files {
					file.Bytes = min(file.Bytes, 1<<20)
					got, err := form.read(release.Content{File: file, Size: -1, Reader: bytes.NewReader(raw)})
					if err != nil || p.check(got) != nil {
						continue
					}
					both := got.labels != nil && got.pixels != nil
					if both && len(got.pixels) != len(got.labels)*p.Size() {
						t.Errorf("%s: %d labels, %d bytes of pictures", file.Name, len(got.labels), len(got.pixels))
					}
				}
			}
		}
		if labels, err := unpickleHuman(raw, "worse"); err == nil && len(labels["worse"]) != len(labels[cleanLabels]) {
			t.Errorf("%d labels, %d clean ones", len(labels["worse"]), len(labels[cleanLabels]))
		} else if err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Error("an error without words")
		}
	})
}
