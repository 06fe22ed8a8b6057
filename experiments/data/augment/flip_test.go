package augment

import (
	"slices"
	"testing"
)

// Half of the pictures are mirrored, and in the next epoch all others.
func TestAlternatingFlip(t *testing.T) {
	const n = 2000
	size := Size{3, 4, 5}
	chain, start, p := chainOf(t, size, map[string]any{"alternating_flip": true}), noisy(size), NewPicture(size)
	mirrored := func(epoch uint64, i int) bool {
		copy(p.Values, start.Values)
		chain.Start("", 1, epoch)
		chain.Apply(&p, i)
		return !slices.Equal(p.Values, start.Values)
	}
	times := 0
	for i := range n {
		first := mirrored(0, i)
		if first {
			times++
		}
		for epoch := range uint64(5) {
			if mirrored(epoch, i) != (first == (epoch%2 == 0)) {
				t.Fatalf("picture %d is mirrored in epoch 0: %v, in epoch %d: %v", i, first, epoch, !first)
			}
		}
	}
	near(t, "a picture is mirrored in the first epoch", times, n, 0.5)
	want := "augment.alternating_flip: it takes the place of augment.flip, which is on too"
	if _, err := New(map[string]any{"alternating_flip": true, "flip": true}, size); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}
