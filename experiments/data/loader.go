package data

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strings"

	"workbench/experiments/data/mixing"
)

// Loader turns a part of a set into a stream of batches. The order of the images in an epoch is a function of (Seed,
// Name, epoch), and what happens to an image in a view is a function of (Seed, Name, the view's number, epoch, the
// image's index in the split). Neither depends on Workers or on where an epoch or a cycle is entered, so a run may
// be resumed anywhere, and runs with one seed see the same data in the same order.
type Loader struct {
	Part     Part
	Name     string // of the stream: a step's streams have other names, so that each has chances of its own; no slash in it
	Views    []View // of every image; nil: one, with images as they are
	Batch    int    // images a batch
	Seed     uint64
	Shuffle  bool // false: in the order of the part
	Workers  int  // goroutines that load ahead, each with two batches of memory; below 1: one
	Bare     bool // batches have rows and labels, and no pictures: nothing is read
	KeepLast bool // give the last, smaller batch of an epoch too; false: drop it

	Candidates *Candidates   // partial labels that the batches have as soft targets; nil: none
	Mixing     mixing.Mixing // of the images of a batch with one another, whose soft targets it has; zero: none
}

// Batch holds the images of one step. Its slices belong to the loader, which overwrites them after the next step of the
// iteration: copy what must last longer.
type Batch struct {
	Index   int         // step within the epoch or the cycle
	N       int         // images; the rows from N on are unused
	Images  []float32   // the first view
	Views   [][]float32 // by view: [batch, channels, height, width], zeros in unused rows
	Targets []Target    // by view: what it emits
	Labels  []int32     // [batch], those of the part, 0 in unused rows; −1: nobody knows the class
	Soft    []float32   // [batch, classes], zeros in unused rows: the loader's candidates as 0 and 1, or the mixed labels; nil: neither
	Rows    []int32     // [batch], each image's row in the part, −1 in unused rows
	Samples []int32     // [batch], each image's index in the split, −1 in unused rows
}

// Steps is the number of batches an epoch has; 0 if the loader has no set or no batch size.
func (l Loader) Steps() int {
	if l.Part.Set == nil || l.Batch < 1 {
		return 0
	}
	n := l.Part.Len()
	if l.KeepLast {
		n += l.Batch - 1
	}
	return n / l.Batch
}

// Epoch yields the batches from step from to the end of the epoch. After an error, of the loader's fields or of the
// context, no batches follow. When the loop over it ends, early or not, all its goroutines have ended.
func (l Loader) Epoch(ctx context.Context, epoch, from int) iter.Seq2[Batch, error] {
	return l.pass(ctx, func() (pass, error) {
		n, steps := l.Part.Len(), l.Steps()
		switch {
		case steps == 0:
			return pass{}, fmt.Errorf("a batch of %d images is more than the %s has (%d), so an epoch has no step", l.Batch, l.Part, n)
		case epoch < 0:
			return pass{}, fmt.Errorf("epoch %d, want at least 0", epoch)
		case from < 0 || from > steps:
			return pass{}, fmt.Errorf("cannot start at step %d of an epoch of %d steps", from, steps)
		}
		return pass{begin: epoch * n, end: epoch*n + n, from: from, steps: steps}, nil
	})
}

// Cycle yields batches without end, from step from on: the images of one epoch after another, none dropped, so a batch
// may span the border of two epochs, or hold a small part several times. Batch s has the images at the positions
// s·Batch to s·Batch + Batch − 1; what happens to one depends on the epoch of its position. It ends when the loop over
// it does; else it is as Epoch is. KeepLast has no meaning here.
func (l Loader) Cycle(ctx context.Context, from int) iter.Seq2[Batch, error] {
	return l.pass(ctx, func() (pass, error) {
		switch {
		case l.Part.Len() == 0:
			return pass{}, fmt.Errorf("the %s has no images", l.Part)
		case from < 0 || from > math.MaxInt/2/l.Batch: // so that no position overflows
			return pass{}, fmt.Errorf("cannot start at step %d of a cycle", from)
		}
		return pass{end: math.MaxInt, from: from, steps: math.MaxInt}, nil
	})
}

// pass yields the batches of a stretch if neither the loader's fields nor the stretch are wrong.
func (l Loader) pass(ctx context.Context, stretch func() (pass, error)) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		views, err := l.check()
		var p pass
		if err == nil {
			p, err = stretch()
		}
		if err != nil {
			yield(Batch{}, fmt.Errorf("loader: %w", err))
			return
		}
		p.Loader, p.views = l, views
		p.run(ctx, yield)
	}
}

// check says what is wrong, or returns what makes the views.
func (l Loader) check() ([]maker, error) {
	if err := l.Part.Check(); err != nil {
		return nil, err
	}
	switch {
	case strings.Contains(l.Name, "/"):
		return nil, fmt.Errorf("stream %q, want a name without a slash", l.Name)
	case l.Batch < 1:
		return nil, fmt.Errorf("batch of %d images, want at least 1", l.Batch)
	case l.Views != nil && len(l.Views) == 0:
		return nil, fmt.Errorf("no views, want at least one, or none said for images as they are")
	}
	if l.Candidates != nil {
		if err := l.Candidates.Check(l.Part); err != nil {
			return nil, err
		}
	}
	if err := l.mixes(); err != nil {
		return nil, err
	}
	if l.Bare {
		return nil, nil
	}
	return l.makers()
}

// stream is how the names of the stream's random numbers begin.
func (l Loader) stream() string {
	if l.Name == "" {
		return ""
	}
	return "stream/" + l.Name + "/"
}
