package data_test

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
	"workbench/experiments/data/mixing"
)

// mixes is what the tests ask for: both ways, not every batch.
var mixes = mixing.Mixing{Mixup: 1, Cutmix: 1, Probability: 0.8, Switch: 0.5}

// Images are mixed with those before them in the batch by the share that their targets say, after they are normalised.
func TestImagesOfABatchAreMixed(t *testing.T) {
	plain := data.Loader{Part: data.Part{Set: count(60)}, Batch: 8, Seed: 3, Shuffle: true}
	mixed := plain
	mixed.Mixing = mixing.Mixing{Mixup: 1, Probability: 1}
	kinds := map[bool]int{}
	for step, b := range epoch(t, mixed, 1, 0) {
		was := epoch(t, plain, 1, 0)[step]
		size := len(b.Images) / 8
		for i := range 8 {
			partner := (i + 7) % 8
			row := b.Soft[i*7 : (i+1)*7]
			own, other := row[was.Labels[i]], row[was.Labels[partner]]
			if was.Labels[i] == was.Labels[partner] {
				continue // their shares cannot be told apart
			}
			kinds[own > 0.5]++
			if d := own + other - 1; d > 1e-6 || d < -1e-6 {
				t.Fatalf("step %d, image %d: shares %v", step, i, row)
			}
			for k := range size {
				want := own*was.Images[i*size+k] + other*was.Images[partner*size+k]
				if d := b.Images[i*size+k] - want; d > 1e-5 || d < -1e-5 {
					t.Fatalf("step %d, image %d, value %d is %v, want %v", step, i, k, b.Images[i*size+k], want)
				}
			}
		}
		if !slices.Equal(b.Labels, was.Labels) || !slices.Equal(b.Rows, was.Rows) {
			t.Errorf("step %d: other images than without mixing", step)
		}
	}
	if len(kinds) != 2 {
		t.Errorf("shares above a half: %v", kinds)
	}
}

// What a batch becomes depends on seed, stream, epoch and step alone: not on where an epoch is entered, nor on workers.
func TestMixingDependsOnTheStepAlone(t *testing.T) {
	l := data.Loader{Part: data.Part{Set: count(60)}, Batch: 8, Seed: 3, Shuffle: true, Mixing: mixes}
	whole := epoch(t, l, 2, 0)
	l.Workers = 3
	for i, b := range epoch(t, l, 2, 3) {
		if !slices.Equal(b.Images, whole[3+i].Images) || !slices.Equal(b.Soft, whole[3+i].Soft) {
			t.Errorf("step %d is another when the epoch is entered at step 3 by other workers", 3+i)
		}
	}
	differ := func(what string, other []data.Batch) {
		same := 0
		for i := range other {
			if slices.Equal(shares(other[i]), shares(whole[i])) {
				same++
			}
		}
		if same == len(other) {
			t.Errorf("another %s mixes by the same shares", what)
		}
	}
	differ("epoch", epoch(t, l, 3, 0))
	l.Name = "other"
	differ("stream", epoch(t, l, 2, 0))
	l.Name, l.Seed = "", 4
	differ("seed", epoch(t, l, 2, 0))
}

// shares are the greatest of the images that have two classes, which do not depend on what the images are.
func shares(b data.Batch) (all []float32) {
	for i := range b.N {
		if share := slices.Max(b.Soft[i*7 : (i+1)*7]); share < 1 {
			all = append(all, share)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// The last, smaller batch is mixed within itself, and unused rows stay empty.
func TestASmallerBatchIsMixedWithinItself(t *testing.T) {
	l := data.Loader{Part: data.Part{Set: count(11)}, Batch: 8, KeepLast: true, Mixing: mixing.Mixing{Mixup: 8, Probability: 1}}
	last := epoch(t, l, 0, 0)[1]
	for i := range 8 {
		sum := float32(0)
		for _, v := range last.Soft[i*7 : (i+1)*7] {
			sum += v
		}
		if want := i < 3; want != (sum > 0.999 && sum < 1.001) || !want && sum != 0 {
			t.Errorf("row %d has shares of %v in sum", i, sum)
		}
	}
	if row := last.Soft[:7]; row[8%7] == 0 || row[10%7] == 0 {
		t.Errorf("the first of three images is mixed to %v, want with the last", row)
	}
}

func TestWhatCannotBeMixedIsRefused(t *testing.T) {
	nobody := data.Part{Set: count(20), Labels: make([]int32, 20)}
	nobody.Labels[4] = -1
	for want, l := range map[string]data.Loader{
		"images of 2 views, want one":                  {Views: []data.View{{}, {}}},
		"a view that emits a target of its own":        {Views: []data.View{{Emit: "rotation"}}},
		"images with candidates for their labels":      {Candidates: &data.Candidates{Rate: 0.1}},
		"mixup: image 4 of the train split of counted": {Part: nobody},
	} {
		if l.Part.Set == nil {
			l.Part.Set = count(20)
		}
		l.Batch, l.Mixing = 4, mixes
		for _, err := range l.Epoch(t.Context(), 0, 0) {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
	}
}
