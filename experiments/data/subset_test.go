package data_test

import (
	"slices"
	"testing"

	"workbench/experiments/data"
)

func subset(t *testing.T, s data.Subset, p data.Part) data.Part {
	t.Helper()
	some, err := s.Of(p)
	if err != nil {
		t.Fatal(err)
	}
	return some
}

// The images are those that the definitions of package rng, written in Python, put first in each class. A class of
// seven gives four by the share of a half, one of six gives three.
func TestSubsetsByHand(t *testing.T) {
	for _, c := range []struct {
		subset data.Subset
		want   []int
	}{
		{data.Subset{PerClass: 2, Seed: 5}, []int{2, 5, 6, 10, 15, 16}},
		{data.Subset{Share: 0.5, Seed: 5}, []int{0, 2, 4, 5, 6, 10, 15, 16, 17, 18, 19}},
		{data.Subset{Classes: []int{2, 0}, PerClass: 1, Seed: 5}, []int{5, 6}},
		{data.Subset{Classes: []int{1}, Seed: 5}, []int{1, 4, 7, 10, 13, 16, 19}},
		{data.Subset{Share: 1}, samples(thirds(20))},
		{data.Subset{}, samples(thirds(20))},
	} {
		if got := samples(subset(t, c.subset, thirds(20))); !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.subset, got, c.want)
		}
	}
}

// Of one seed, fewer images are among more, by count and by share. Another seed draws others.
func TestSubsetsAreNested(t *testing.T) {
	p := thirds(3000)
	before := data.Part{Set: p.Set, Index: []int32{}}
	for _, n := range []int{4, 25, 400, 1000} {
		now := subset(t, data.Subset{PerClass: n, Seed: 7}, p)
		if perClass(now) != [3]int{n, n, n} || !within(samples(before), samples(now)) {
			t.Errorf("%d images a class: got %v, or others than of fewer", n, perClass(now))
		}
		share := subset(t, data.Subset{Share: float64(n) / 1000, Seed: 7}, p)
		if share.Digest() != now.Digest() {
			t.Errorf("a share of %v draws other images than %d a class", float64(n)/1000, n)
		}
		other := subset(t, data.Subset{PerClass: n, Seed: 8}, p)
		if n < 1000 && slices.Equal(samples(other), samples(now)) {
			t.Errorf("seeds 7 and 8 draw the same %d images a class", n)
		}
		before = now
	}
}

// A subset of a part draws from it alone, and leaves its order.
func TestSubsetOfAPart(t *testing.T) {
	p := thirds(20)
	p.Index = []int32{12, 3, 4, 19}
	if got := samples(subset(t, data.Subset{PerClass: 1, Seed: 5}, p)); !slices.Equal(got, []int{3, 4}) {
		t.Errorf("got %v, want 3, which stands before 12, and 4, which stands before 19", got)
	}
}

// Images without a label are drawn as a class of their own.
func TestSubsetOfUnlabelledImages(t *testing.T) {
	p := data.Part{Set: named{labels: slices.Repeat([]int{-1}, 50)}}
	if got := subset(t, data.Subset{Share: 0.1}, p).Len(); got != 5 {
		t.Errorf("a tenth of 50 is %d", got)
	}
	for _, c := range []struct {
		part data.Part
		want string
	}{
		{p, "subset: the train split of named has 50 images without a label: want at least 51 (images a class)"},
		{data.Part{Set: count(7)}, "subset: the train split of counted has 1 images of class 0: want at least 51 (images a class)"},
	} {
		if _, err := (data.Subset{PerClass: 51}).Of(c.part); err == nil || err.Error() != c.want {
			t.Errorf("got error %v, want %s", err, c.want)
		}
	}
}

func TestSubsetNamesWhatIsWrong(t *testing.T) {
	const cow = "subset: the train split of named has 6 images of class cow: "
	for _, c := range []struct {
		subset data.Subset
		want   string
	}{
		{data.Subset{PerClass: 7}, cow + "want at least 7 (images a class)"},
		{data.Subset{Classes: []int{2}, PerClass: 8}, cow + "want at least 8 (images a class)"},
		{data.Subset{Share: 0.08}, cow + "a share of 0.08 of them is none"},
		{data.Subset{Classes: []int{3}}, "subset: class 3, want 0 to 2"},
		{data.Subset{Classes: []int{-1}}, "subset: class -1, want 0 to 2"},
		{data.Subset{Classes: []int{1, 1}}, "subset: class 1 is there twice"},
		{data.Subset{Classes: []int{}}, "subset: no classes, want at least one, or none said for all"},
		{data.Subset{PerClass: -1}, "subset: -1 images a class, want at least 0 (0: all)"},
		{data.Subset{Share: 1.5}, "subset: share 1.5, want 0 to 1 (0: all)"},
		{data.Subset{Share: 0.5, PerClass: 3}, "subset: 3 images a class and a share of 0.5, want one of the two"},
	} {
		if _, err := c.subset.Of(thirds(20)); err == nil || err.Error() != c.want {
			t.Errorf("got error %v, want %s", err, c.want)
		}
	}
	_, err := data.Subset{Classes: []int{2}}.Of(classes(3, 3))
	if want := "subset: the train split of named has 0 images of class cow: want at least 1"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}
