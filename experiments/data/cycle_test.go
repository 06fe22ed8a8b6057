package data_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"workbench/experiments/data"
)

// cycle returns copies of n batches from a step on.
func cycle(t *testing.T, l data.Loader, from, n int) []data.Batch {
	t.Helper()
	var all []data.Batch
	for b, err := range l.Cycle(t.Context(), from) {
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, clone(b)); len(all) == n {
			break
		}
	}
	return all
}

// The definition of a cycle: the images of epoch 0, of epoch 1 and so on, as an epoch with one batch of all images
// gives them, cut into batches. The part is smaller than a batch, as large, or larger.
func TestCycleIsOneEpochAfterAnother(t *testing.T) {
	for _, n := range []int{5, 8, 30} {
		l := data.Loader{Part: data.Part{Set: count(n)}, Name: "labelled", Batch: n, Seed: 1, Shuffle: true, Views: three}
		var samples, turns []int32
		var views [3][]float32
		for e := range 20 {
			b := epoch(t, l, e, 0)[0]
			samples, turns = append(samples, b.Samples...), append(turns, b.Targets[1].Classes...)
			for k := range views {
				views[k] = append(views[k], b.Views[k]...)
			}
		}
		l.Batch = 8
		for s, b := range cycle(t, l, 0, 20*n/8) {
			at, to := 8*s, 8*s+8
			if b.Index != s || b.N != 8 || !slices.Equal(b.Samples, samples[at:to]) || !slices.Equal(b.Targets[1].Classes, turns[at:to]) {
				t.Fatalf("%d images, step %d: %+v, want images %v", n, s, b, samples[at:to])
			}
			for k := range views {
				if !slices.Equal(b.Views[k], views[k][24*at:24*to]) {
					t.Fatalf("%d images, step %d: view %d differs from that in its epoch", n, s, k)
				}
			}
		}
	}
}

// By hand, from the orders of epoch 0 and 1 that a definition in Python gives; without shuffling by counting.
func TestCycleDropsNothing(t *testing.T) {
	l := data.Loader{Part: data.Part{Set: count(10)}, Batch: 4}
	if got := cycle(t, l, 2, 1)[0].Samples; !slices.Equal(got, []int32{8, 9, 0, 1}) {
		t.Errorf("step 2 has the images %v, want the last two and the first two", got)
	}
	l.Seed, l.Shuffle = 1, true
	first, at := cycle(t, l, 0, 3), []int32{1, 6, 4, 7, 0, 8, 2, 5, 3, 9}
	if got := slices.Concat(first[0].Samples, first[1].Samples, first[2].Samples)[:10]; !slices.Equal(got, at) {
		t.Errorf("the first ten images are %v, want %v", got, at)
	}
}

func TestCycleMayBeEnteredAnywhere(t *testing.T) {
	l := data.Loader{Part: data.Part{Set: count(11)}, Batch: 4, Seed: 1, Shuffle: true, Views: three}
	want := cycle(t, l, 0, 60)
	for _, workers := range []int{1, 2, 7} {
		l.Workers = workers
		for _, from := range []int{0, 1, 2, 10, 47} {
			if got := cycle(t, l, from, 60-from); !equal(got, want[from:]) {
				t.Errorf("%d workers from step %d: other batches", workers, from)
			}
		}
	}
	if l.Name = "other"; equal(cycle(t, l, 0, 60), want) {
		t.Error("two streams give the same batches")
	}
	if l.Name, l.Seed = "", 2; equal(cycle(t, l, 0, 60), want) {
		t.Error("two seeds give the same batches")
	}
}

// Nothing runs on when the caller stops, or the context is done; that is told once.
func TestCycleEndsWithItsLoop(t *testing.T) {
	for _, workers := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			set := count(10)
			cycle(t, data.Loader{Part: data.Part{Set: set}, Batch: 4, Workers: workers}, 0, 5)
			drawn := set.drawn.Load()
			synctest.Wait()
			if later := set.drawn.Load() - drawn; later != 0 || drawn > int64(4*(5+2*workers)) {
				t.Errorf("%d images loaded for 5 batches of 4, %d after the loop", drawn, later)
			}
		})
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			reason := errors.New("enough")
			given, told := 0, []error(nil)
			for b, err := range (data.Loader{Part: data.Part{Set: count(10)}, Batch: 4, Workers: workers}).Cycle(ctx, 0) {
				if err != nil {
					told = append(told, err)
					continue
				}
				if given++; b.Index == 6 {
					cancel(reason)
				}
			}
			if given != 7 || len(told) != 1 || !errors.Is(told[0], reason) {
				t.Errorf("%d batches and errors %v, want 7 and %v", given, told, reason)
			}
		})
	}
}

// Memory does not grow with the number of steps.
func TestCycleHasBoundedMemory(t *testing.T) {
	l := data.Loader{Part: data.Part{Set: count(40)}, Batch: 16, Shuffle: true, Views: three}
	allocations := func(steps int) float64 {
		return testing.AllocsPerRun(3, func() {
			for b, err := range l.Cycle(context.Background(), 0) {
				if err != nil {
					t.Fatal(err)
				}
				if b.Index == steps {
					break
				}
			}
		})
	}
	if few, many := allocations(10), allocations(1000); many > few+10 {
		t.Errorf("%v allocations for 10 steps, %v for 1000", few, many)
	}
}

func TestWrongCycles(t *testing.T) {
	whole := data.Part{Set: count(9)}
	none := data.Part{Set: whole.Set, Index: []int32{}}
	for want, c := range map[string]struct {
		l    data.Loader
		from int
	}{
		"loader: batch of 0 images, want at least 1":                     {l: data.Loader{Part: whole}},
		"loader: the part of the train split of counted has no images":   {l: data.Loader{Part: none, Batch: 4}},
		"loader: cannot start at step -1 of a cycle":                     {l: data.Loader{Part: whole, Batch: 4}, from: -1},
		fmt.Sprintf("loader: cannot start at step %d of a cycle", 1<<62): {l: data.Loader{Part: whole, Batch: 4}, from: 1 << 62},
	} {
		rounds := 0
		for _, err := range c.l.Cycle(t.Context(), c.from) {
			if rounds++; err == nil || err.Error() != want {
				t.Errorf("got error %v, want %s", err, want)
			}
		}
		if rounds != 1 {
			t.Errorf("%d rounds, want one with the error %s", rounds, want)
		}
	}
}
