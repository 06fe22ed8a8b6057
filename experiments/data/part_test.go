package data_test

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
)

// named is a set of images without pixels in named classes: the labels of its training images are given, −1 for none.
type named struct {
	data.Set
	labels []int
}

func (named) Info() data.Info {
	return data.Info{Name: "named", Classes: []string{"ant", "bee", "cow"}}
}
func (named) Digest() string { return "0123" }
func (s named) Len(split data.Split) int {
	if split != data.Train {
		return 0
	}
	return len(s.labels)
}
func (s named) Label(_ data.Split, i int) int { return s.labels[i] }

// thirds is the training split of n images with the labels 0, 1, 2, 0, 1, …
func thirds(n int) data.Part {
	s := named{}
	for i := range n {
		s.labels = append(s.labels, i%3)
	}
	return data.Part{Set: s}
}

// classes is the training split with so many images of each class.
func classes(sizes ...int) data.Part {
	s := named{}
	for label, n := range sizes {
		s.labels = append(s.labels, slices.Repeat([]int{label}, n)...)
	}
	return data.Part{Set: s}
}

func samples(p data.Part) []int {
	all := []int{}
	for row := range p.Len() {
		all = append(all, p.Sample(row))
	}
	return all
}

// perClass counts the images of each of the three classes.
func perClass(p data.Part) [3]int {
	var n [3]int
	for row := range p.Len() {
		n[p.Label(row)]++
	}
	return n
}

func within(part, whole []int) bool {
	return !slices.ContainsFunc(part, func(i int) bool { return !slices.Contains(whole, i) })
}

func TestSplitsHaveNames(t *testing.T) {
	for split, want := range map[data.Split]string{data.Train: "train", data.Test: "test", data.Val: "val", data.Unlabeled: "unlabeled"} {
		if back, err := data.ParseSplit(want); split.String() != want || back != split || err != nil {
			t.Errorf("%d is called %s; %s is %d, error %v", int(split), split, want, int(back), err)
		}
	}
	_, err := data.ParseSplit("tset")
	if err == nil || err.Error() != `unknown split "tset": did you mean test?` {
		t.Errorf("got error %v", err)
	}
	for _, split := range []data.Split{data.Val, data.Unlabeled} {
		if n := openShapes(t, nil).Len(split); n != 0 {
			t.Errorf("shapes has %d images in %s, want none", n, split)
		}
	}
}

func TestPartChoosesRows(t *testing.T) {
	p := thirds(20)
	if got := samples(p); len(got) != 20 || got[7] != 7 || p.Label(7) != 1 {
		t.Errorf("without an index: samples %v, label of row 7 is %d", got, p.Label(7))
	}
	p.Index = []int32{8, 3}
	if got := samples(p); !slices.Equal(got, []int{8, 3}) || p.Label(0) != 2 || p.Label(1) != 0 {
		t.Errorf("samples %v with labels %d and %d, want 8 and 3 with 2 and 0", got, p.Label(0), p.Label(1))
	}
	p.Index = []int32{}
	if p.Len() != 0 {
		t.Errorf("%d images, want none", p.Len())
	}
}

// The digest tells parts apart by set, split, images and their order; how a part is written makes no difference.
func TestDigestOfPart(t *testing.T) {
	p := openShapes(t, map[string]any{"train": 4, "test": 4})
	all := data.Part{Set: p, Index: []int32{0, 1, 2, 3}}.Digest()
	if got := (data.Part{Set: p}).Digest(); got != all {
		t.Errorf("all images have the digest %s without an index and %s with one", got, all)
	}
	seen := map[string]string{all: "all"}
	for name, other := range map[string]data.Part{
		"other set":   {Set: openShapes(t, map[string]any{"train": 4, "test": 4, "seed": 1})},
		"other split": {Set: p, Split: data.Test},
		"fewer":       {Set: p, Index: []int32{0, 1, 2}},
		"none":        {Set: p, Index: []int32{}},
		"other order": {Set: p, Index: []int32{1, 0, 2, 3}},
	} {
		if same, twice := seen[other.Digest()]; twice {
			t.Errorf("%s has the digest of %s", name, same)
		}
		seen[other.Digest()] = name
	}
	// By hand: printf 'part 1\nset 0123\nsplit train\n\0\0\0\0\1\0\0\0' | sha256sum
	const want = "0cccd5cea1dfd2df8113ee7e34cf93635e7a33e3f707830216ec13f5f6de7dbe"
	if got := thirds(2).Digest(); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

func TestPartNamesWhatIsWrong(t *testing.T) {
	for want, p := range map[string]data.Part{
		"no data set": {},
		"split 9, want one of train, test, val, unlabeled":                        {Set: named{}, Split: 9},
		"row 1 of a part of the train split of named is image 2, want 0 to 1":     {Set: thirds(2).Set, Index: []int32{0, 2}},
		"row 0 of a part of the train split of named is image -1":                 {Set: thirds(2).Set, Index: []int32{-1}},
		"image 1 of the train split of named has label 3, want 0 to 2, or -1 for": {Set: named{labels: []int{-1, 3}}},
		"image 1 of the train split of named has label -2, want 0 to 2":           {Set: named{labels: []int{-1, -2}}},
		"3 labels for the train split of named, want 2":                           {Set: thirds(2).Set, Labels: make([]int32, 3)},
	} {
		if err := p.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
		if _, _, err := data.Hold(p, 0.5, 1); err == nil || !strings.HasPrefix(err.Error(), "hold: "+want) {
			t.Errorf("hold: got error %v, want %s", err, want)
		}
		if _, err := (data.Subset{}).Of(p); err == nil || !strings.HasPrefix(err.Error(), "subset: "+want) {
			t.Errorf("subset: got error %v, want %s", err, want)
		}
	}
	if err := thirds(3).Check(); err != nil {
		t.Error(err)
	}
}
