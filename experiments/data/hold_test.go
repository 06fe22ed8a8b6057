package data_test

import (
	"slices"
	"testing"

	"workbench/experiments/data"
)

// What is taken, by hand: the quotas are 2.1, 2.1 and 1.8 images of six, so two of each class. The images are those
// that the definitions of package rng, written in Python, put first in each class.
func TestHoldTakesAStratifiedPart(t *testing.T) {
	p := thirds(20)
	rest, held, err := data.Hold(p, 0.3, 5)
	if err != nil {
		t.Fatal(err)
	}
	if got := samples(held); !slices.Equal(got, []int{1, 3, 5, 13, 17, 18}) {
		t.Errorf("held %v", got)
	}
	if got := samples(rest); !slices.Equal(got, []int{0, 2, 4, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 19}) {
		t.Errorf("left %v", got)
	}
	_, other, err := data.Hold(p, 0.3, 6)
	if err != nil || slices.Equal(samples(other), samples(held)) {
		t.Errorf("seeds 5 and 6 hold %v and %v, error %v", samples(held), samples(other), err)
	}
	_, more, err := data.Hold(p, 0.6, 5)
	if err != nil || !within(samples(held), samples(more)) {
		t.Errorf("a share of 0.3 holds %v, of 0.6 %v, error %v", samples(held), samples(more), err)
	}
	all, none, err := data.Hold(p, 0, 5)
	if err != nil || all.Digest() != p.Digest() || none.Len() != 0 {
		t.Errorf("a share of 0 leaves %d images and holds %d, error %v", all.Len(), none.Len(), err)
	}
}

// A part is taken of a part: it gives no others, and keeps the order of its rows.
func TestHoldOfAPart(t *testing.T) {
	p := thirds(20)
	p.Index = []int32{18, 3, 5, 17, 9, 12, 2}
	rest, held, err := data.Hold(p, 0.4, 5)
	// By hand: 2.8 images are 3; class 0 has 18, 3, 9, 12 in this order and a quota of 12/7, class 2 has 17, 5, 2 and 9/7.
	if err != nil || !slices.Equal(samples(held), []int{18, 3, 17}) || !slices.Equal(samples(rest), []int{5, 9, 12, 2}) {
		t.Errorf("held %v, left %v, error %v", samples(held), samples(rest), err)
	}
}

// The counts by hand. Where quotas are alike, lower classes go first.
func TestHoldGivesEachClassItsShare(t *testing.T) {
	for _, c := range []struct {
		sizes []int
		share float64
		want  [3]int
	}{
		{[]int{10, 10, 10}, 0.5, [3]int{5, 5, 5}},
		{[]int{10, 10, 10}, 0.17, [3]int{2, 2, 1}}, // 5 images: three times 1.67
		{[]int{10, 6, 5}, 0.5, [3]int{5, 3, 3}},    // 10.5 images are 11: 5.24, 3.14, 2.62
		{[]int{96, 2, 2}, 0.1, [3]int{8, 1, 1}},    // 9.6, 0.2 and 0.2, but none is lost
		{[]int{97, 2, 1}, 0.97, [3]int{96, 1, 0}},  // 94.09, 1.94 and 0.97, but each keeps one, and of one there is no part
		{[]int{0, 5, 5}, 0.2, [3]int{0, 1, 1}},
	} {
		p := classes(c.sizes...)
		rest, held, err := data.Hold(p, c.share, 3)
		if err != nil || perClass(held) != c.want {
			t.Errorf("%v of %v: got %v, error %v, want %v", c.share, c.sizes, perClass(held), err, c.want)
		}
		for label, n := range perClass(rest) {
			if n+c.want[label] != c.sizes[label] {
				t.Errorf("%v of %v leaves %v", c.share, c.sizes, perClass(rest))
			}
		}
	}
}

// Whatever the sizes, the total is exact and no class is lost. Where no class has to be saved, each gives its quota,
// rounded down or up.
func TestHoldIsExact(t *testing.T) {
	for seed := range 200 {
		sizes := [3]int{2 + seed%7, 2 + seed*seed%31, 2 + seed*7%13}
		n := sizes[0] + sizes[1] + sizes[2]
		for total := 3; total <= n-3; total++ {
			rest, held, err := data.Hold(classes(sizes[:]...), float64(total)/float64(n), uint64(seed))
			if err != nil || held.Len() != total || rest.Len() != n-total {
				t.Fatalf("%d of %v: held %d, left %d, error %v", total, sizes, held.Len(), rest.Len(), err)
			}
			taken, left := perClass(held), perClass(rest)
			saved, near := false, true
			for c, size := range sizes {
				if taken[c] == 0 || left[c] == 0 {
					t.Fatalf("%d of %v: held %v", total, sizes, taken)
				}
				saved = saved || total*size < n || total*size > n*(size-1)
				near = near && n*(taken[c]-1) < total*size && total*size < n*(taken[c]+1)
			}
			if !saved && !near {
				t.Fatalf("%d of %v: held %v", total, sizes, taken)
			}
		}
	}
}

func TestHoldNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		share float64
		want  string
	}{
		{-0.1, "hold: share -0.1, want at least 0 and below 1"},
		{1, "hold: share 1, want at least 0 and below 1"},
		{0.05, "hold: a share of 0.05 of 20 images: got 1 images, want at least 3: one of each class that has two or more"},
		{0.9, "hold: a share of 0.9 of 20 images: got 18 images, want at most 17: each class keeps one"},
	} {
		if _, _, err := data.Hold(thirds(20), c.share, 1); err == nil || err.Error() != c.want {
			t.Errorf("got error %v, want %s", err, c.want)
		}
	}
	if _, _, err := data.Hold(data.Part{Set: named{}, Split: data.Val}, 0.5, 1); err != nil {
		t.Errorf("half of nothing: got error %v, want nothing", err)
	}
}
