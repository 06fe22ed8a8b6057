package data

import (
	"context"
	"fmt"
	"iter"

	"workbench/nn/rng"
)

// Loader turns a split into batches. The order of the images in an epoch is a function of (Seed, epoch), and what
// happens to an image is a function of (Seed, epoch, its index). Neither depends on Workers or on where an epoch is
// entered, so a run may be resumed anywhere, and runs with one seed see the same data in the same order.
type Loader struct {
	Set      Set
	Split    Split
	Batch    int // images a batch
	Seed     uint64
	Augment  map[string]any // options of package augment; nil: images as they are
	Shuffle  bool           // false: in the order of the set
	Workers  int            // goroutines that load ahead, each with two batches of memory; below 1: one
	KeepLast bool           // give the last, smaller batch of an epoch too; false: drop it
}

// Batch holds the images of one step. Its slices belong to the loader, which overwrites them after the next step of the
// iteration: copy what must last longer.
type Batch struct {
	Index   int       // step within the epoch
	N       int       // images; the rows from N on are unused
	Images  []float32 // [batch, channels, height, width], zeros in unused rows
	Labels  []int32   // [batch], 0 in unused rows
	Samples []int32   // [batch], each image's index in the split, −1 in unused rows
}

// Steps is the number of batches an epoch has; 0 if the loader has no set or no batch size.
func (l Loader) Steps() int {
	if l.Set == nil || l.Batch < 1 {
		return 0
	}
	n := l.Set.Len(l.Split)
	if l.KeepLast {
		n += l.Batch - 1
	}
	return n / l.Batch
}

// Epoch yields the batches from step from to the end of the epoch. After an error, of the loader's fields or of the
// context, no batches follow. When the loop over it ends, early or not, all its goroutines have ended.
func (l Loader) Epoch(ctx context.Context, epoch, from int) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		if err := l.check(epoch, from); err != nil {
			yield(Batch{}, err)
			return
		}
		p := pass{Loader: l, order: l.order(epoch), steps: l.Steps(), from: from, epoch: epoch}
		p.run(ctx, yield)
	}
}

// order returns the samples of an epoch in the order in which the loader gives them.
func (l Loader) order(epoch int) []int32 {
	n := l.Set.Len(l.Split)
	if l.Shuffle {
		return shuffled(rng.Key(l.Seed, "shuffle", uint64(epoch)), n)
	}
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	return order
}

func (l Loader) check(epoch, from int) error {
	if err := (Part{Set: l.Set, Split: l.Split}).Check(); err != nil {
		return fmt.Errorf("loader: %w", err)
	}
	info, n := l.Set.Info(), l.Set.Len(l.Split)
	switch {
	case l.Batch < 1:
		return fmt.Errorf("loader: batch of %d images, want at least 1", l.Batch)
	case l.Steps() == 0:
		return fmt.Errorf("loader: a batch of %d images is more than the %s split of %s has (%d), so an epoch has no step",
			l.Batch, l.Split, info.Name, n)
	case epoch < 0:
		return fmt.Errorf("loader: epoch %d, want at least 0", epoch)
	case from < 0 || from > l.Steps():
		return fmt.Errorf("loader: cannot start at step %d of an epoch of %d steps", from, l.Steps())
	}
	if _, err := newAugmenter(l, epoch); err != nil {
		return fmt.Errorf("loader: %w", err)
	}
	return nil
}
