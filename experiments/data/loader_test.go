package data_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"workbench/experiments/data"
)

// counted is a set of n images [2, 3, 4]. The values of an image differ from one another and from black, and images
// next to one another differ. They are normalised with mean 1 and std 2, so that black is −0.5. The set counts how
// often an image is drawn.
type counted struct {
	n     int
	drawn *atomic.Int64
}

func (c counted) Info() data.Info {
	return data.Info{Name: "counted", Classes: make([]string, 7), Channels: 2, Height: 3, Width: 4,
		Mean: []float64{1, 1}, Std: []float64{2, 2}}
}
func (c counted) Digest() string                    { return "" }
func (c counted) Len(split data.Split) int          { return c.n }
func (c counted) Label(split data.Split, i int) int { return i % 7 }
func (c counted) Pixels(split data.Split, i int, dst []uint8) error {
	c.drawn.Add(1)
	for j := range dst {
		dst[j] = uint8(1 + (10*j+7*i)%250)
	}
	return nil
}

func count(n int) counted { return counted{n: n, drawn: new(atomic.Int64)} }

// view is one view with augmentations.
func view(augment map[string]any) []data.View { return []data.View{{Augment: augment}} }

// epoch returns copies of the batches.
func epoch(t *testing.T, l data.Loader, epoch, from int) []data.Batch {
	t.Helper()
	var all []data.Batch
	for b, err := range l.Epoch(context.Background(), epoch, from) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, clone(b))
	}
	return all
}

func clone(b data.Batch) data.Batch {
	b.Labels, b.Rows, b.Samples = slices.Clone(b.Labels), slices.Clone(b.Rows), slices.Clone(b.Samples)
	b.Soft = slices.Clone(b.Soft)
	b.Views, b.Targets = slices.Clone(b.Views), slices.Clone(b.Targets)
	for k := range b.Views {
		b.Views[k] = slices.Clone(b.Views[k])
		b.Targets[k] = data.Target{Classes: slices.Clone(b.Targets[k].Classes), Picture: slices.Clone(b.Targets[k].Picture)}
	}
	b.Images = b.Views[0]
	return b
}

func equal(a, b []data.Batch) bool {
	return slices.EqualFunc(a, b, func(a, b data.Batch) bool { return reflect.DeepEqual(a, b) })
}

func TestEpochGivesEveryImageOnce(t *testing.T) {
	for _, c := range []struct {
		keep         bool
		steps, given int
	}{{false, 5, 50}, {true, 6, 53}} {
		l := data.Loader{Part: data.Part{Set: count(53)}, Batch: 10, Seed: 3, Shuffle: true, KeepLast: c.keep}
		batches := epoch(t, l, 2, 0)
		if l.Steps() != c.steps || len(batches) != c.steps {
			t.Errorf("keep last %v: %d steps, %d batches, want %d", c.keep, l.Steps(), len(batches), c.steps)
		}
		seen := map[int32]bool{}
		for k, b := range batches {
			if b.Index != k {
				t.Errorf("batch %d has index %d", k, b.Index)
			}
			for row, i := range b.Samples[:b.N] {
				seen[i] = true
				if b.Labels[row] != i%7 || !slices.Equal(b.Images[24*row:24*row+24], image(l.Part.Set, data.Train, int(i))) {
					t.Errorf("batch %d row %d: sample %d with label %d and image %v", k, row, i, b.Labels[row], b.Images[24*row:24*row+24])
				}
			}
		}
		if len(seen) != c.given {
			t.Errorf("keep last %v: %d different images, want %d", c.keep, len(seen), c.given)
		}
	}
}

func TestUnusedRowsAreEmpty(t *testing.T) {
	l := data.Loader{Part: data.Part{Set: count(11)}, Batch: 4, KeepLast: true}
	batches := epoch(t, l, 0, 0)
	last := batches[len(batches)-1]
	if last.N != 3 || last.Samples[2] != 10 {
		t.Errorf("last batch has %d images, samples %v", last.N, last.Samples)
	}
	if len(last.Images) != 4*24 || slices.ContainsFunc(last.Images[3*24:], func(v float32) bool { return v != 0 }) ||
		last.Labels[3] != 0 || last.Samples[3] != -1 {
		t.Errorf("unused row: %v, label %d, sample %d", last.Images[3*24:], last.Labels[3], last.Samples[3])
	}
}

func TestEpochDependsOnSeedAndEpochAlone(t *testing.T) {
	augment := map[string]any{"pad": 1, "flip": true}
	l := data.Loader{Part: data.Part{Set: count(103)}, Batch: 8, Seed: 1, Shuffle: true, Views: view(augment), KeepLast: true}
	want := epoch(t, l, 4, 0)
	for _, workers := range []int{1, 2, 4, 50} {
		l.Workers = workers
		for _, from := range []int{0, 1, 7, 12, 13} {
			if got := epoch(t, l, 4, from); !equal(got, want[from:]) {
				t.Errorf("%d workers from step %d: other batches than the tail of one worker's epoch", workers, from)
			}
		}
	}
	if equal(epoch(t, l, 5, 0), want) {
		t.Error("epochs 4 and 5 are equal")
	}
	l.Seed = 2
	if equal(epoch(t, l, 4, 0), want) {
		t.Error("seeds 1 and 2 give equal epochs")
	}
}

// What happens to an image depends on the seed and the epoch, also where the order of the images does not. So does the
// order where nothing happens to the images.
func TestSeedAndEpochDecideOrderAndAugmentationEach(t *testing.T) {
	for name, l := range map[string]data.Loader{
		"order": {Shuffle: true},
		"crop":  {Views: view(map[string]any{"pad": 1})},
		"flip":  {Views: view(map[string]any{"flip": true})},
	} {
		l.Part.Set, l.Batch, l.Seed = count(64), 8, 1
		first := epoch(t, l, 0, 0)
		if equal(epoch(t, l, 1, 0), first) {
			t.Errorf("%s: epochs 0 and 1 are equal", name)
		}
		for _, seed := range []uint64{2, 1 + 1<<32} {
			if l.Seed = seed; equal(epoch(t, l, 0, 0), first) {
				t.Errorf("%s: seeds 1 and %d give equal epochs", name, seed)
			}
		}
	}
}

// The random choices for an image do not depend on its place in the epoch.
func TestAugmentationBelongsToTheSample(t *testing.T) {
	l := data.Loader{Part: data.Part{Set: count(40)}, Batch: 5, Seed: 1, Views: view(map[string]any{"pad": 2, "flip": true})}
	byIndex := map[int32][]float32{}
	for _, b := range epoch(t, l, 0, 0) {
		for row, i := range b.Samples {
			byIndex[i] = b.Images[24*row : 24*row+24]
		}
	}
	l.Shuffle, l.Batch = true, 8
	for _, b := range epoch(t, l, 0, 0) {
		for row, i := range b.Samples {
			if !slices.Equal(byIndex[i], b.Images[24*row:24*row+24]) {
				t.Errorf("image %d differs between shuffled and unshuffled epochs", i)
			}
		}
	}
}

func TestLoaderNamesWhatIsWrong(t *testing.T) {
	set := count(20)
	whole := data.Part{Set: set}
	for want, c := range map[string]struct {
		l           data.Loader
		epoch, from int
	}{
		"no data set":                                           {l: data.Loader{Batch: 4}},
		"batch of 0 images":                                     {l: data.Loader{Part: whole}},
		"split 9, want one of train":                            {l: data.Loader{Part: data.Part{Set: set, Split: 9}, Batch: 4}},
		"more than the test split":                              {l: data.Loader{Part: data.Part{Set: set, Split: data.Test}, Batch: 21}},
		"pad of 3 pixels on images of 3":                        {l: data.Loader{Part: whole, Batch: 4, Views: view(map[string]any{"pad": 3})}},
		"option pad: want a whole number of at least 0, got -1": {l: data.Loader{Part: whole, Batch: 4, Views: view(map[string]any{"pad": -1})}},
		"step 6 of an epoch of 5 steps":                         {l: data.Loader{Part: whole, Batch: 4}, from: 6},
		"cannot start at step -1":                               {l: data.Loader{Part: whole, Batch: 4}, from: -1},
		"epoch -1, want at least 0":                             {l: data.Loader{Part: whole, Batch: 4}, epoch: -1},
	} {
		rounds := 0
		for _, err := range c.l.Epoch(context.Background(), c.epoch, c.from) {
			rounds++
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got error %v, want %q", err, want)
			}
		}
		if rounds != 1 {
			t.Errorf("%s: %d rounds, want one with the error", want, rounds)
		}
	}
}

// What cannot give a batch has no steps.
func TestStepsOfNothing(t *testing.T) {
	for _, l := range []data.Loader{{}, {Batch: 4}, {Part: data.Part{Set: count(9)}}, {Part: data.Part{Set: count(9)}, Batch: 10}} {
		if got := l.Steps(); got != 0 {
			t.Errorf("a batch of %d: %d steps, want none", l.Batch, got)
		}
	}
}

// A synctest bubble fails if a goroutine that was started in it is still there, or waits for ever, when the test
// returns.
func TestNothingIsLeftBehind(t *testing.T) {
	for _, workers := range []int{1, 3} {
		for stop := range 12 {
			synctest.Test(t, func(t *testing.T) { stopEarly(t, workers, stop) })
			synctest.Test(t, func(t *testing.T) { cancelEarly(t, workers, stop) })
		}
	}
}

func stopEarly(t *testing.T, workers, stop int) {
	set := count(100)
	for b, err := range (data.Loader{Part: data.Part{Set: set}, Batch: 10, Workers: workers}).Epoch(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if b.Index == stop {
			break
		}
	}
	drawn := set.drawn.Load()
	synctest.Wait()
	if later := set.drawn.Load(); later != drawn {
		t.Errorf("%d images were loaded after the loop had ended", later-drawn)
	}
}

func cancelEarly(t *testing.T, workers, stop int) {
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	reason := errors.New("enough")
	given := 0
	var last error
	for b, err := range (data.Loader{Part: data.Part{Set: count(100)}, Batch: 10, Workers: workers}).Epoch(ctx, 0, 0) {
		if last = err; err != nil {
			continue
		}
		given++
		if b.Index == stop {
			cancel(reason)
		}
	}
	wantGiven, wantErr := 10, error(nil)
	if stop < 9 {
		wantGiven, wantErr = stop+1, reason
	}
	if given != wantGiven || !errors.Is(last, wantErr) {
		t.Errorf("cancelled at step %d: %d batches and error %v, want %d and %v", stop, given, last, wantGiven, wantErr)
	}
}

// Memory does not grow with the number of images: an epoch of ten times as many images allocates as often.
func TestNothingIsAllocatedForAnImage(t *testing.T) {
	allocations := func(n int) float64 {
		l := data.Loader{Part: data.Part{Set: count(n)}, Batch: 10, Shuffle: true, Views: view(map[string]any{"pad": 1, "flip": true})}
		return testing.AllocsPerRun(5, func() {
			for _, err := range l.Epoch(context.Background(), 0, 0) {
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if few, many := allocations(100), allocations(1000); many > few+5 {
		t.Errorf("%v allocations for 100 images, %v for 1000", few, many)
	}
}

func BenchmarkEpoch(b *testing.B) {
	for name, l := range map[string]data.Loader{
		"plain":         {Batch: 128, Shuffle: true},
		"pad-crop-flip": {Batch: 128, Shuffle: true, Views: view(map[string]any{"pad": 4, "flip": true})},
	} {
		b.Run(name, func(b *testing.B) {
			l.Part.Set = openShapes(b, map[string]any{"train": 12800})
			if err := l.Part.Set.Pixels(data.Train, 0, make([]uint8, 3072)); err != nil { // draw the pictures
				b.Fatal(err)
			}
			n := 0
			for b.Loop() {
				for batch, err := range l.Epoch(context.Background(), 0, 0) {
					if err != nil {
						b.Fatal(err)
					}
					n += batch.N
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "img/s")
		})
	}
}
