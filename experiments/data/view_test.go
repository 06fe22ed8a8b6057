package data_test

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
)

// three views: augmented, turned, and as the set has it with the original as its target.
var three = []data.View{
	{Augment: map[string]any{"pad": 1, "flip": true}},
	{Augment: map[string]any{"flip": true}, Emit: "rotation", Options: map[string]any{"turns": 2}},
	{Augment: map[string]any{"pad": 2}, Emit: "original"},
}

// Order, flips and turns are those that the definitions of package rng, written in Python, give for seed 1 and epoch 4.
func TestStreamsAndViewsDrawTheirOwnChances(t *testing.T) {
	flips := []data.View{{Augment: map[string]any{"flip": true}, Emit: "rotation", Options: map[string]any{"turns": 2}}}
	flips = append(flips, flips[0])
	for name, want := range map[string]struct {
		order []int32
		flips [2][]int32
		turns [2][]int32
	}{
		"": {[]int32{7, 8, 6, 0, 2, 4, 9, 3, 5, 1},
			[2][]int32{{0, 1, 0, 0, 0, 1, 1, 1, 1, 0}, {1, 1, 0, 1, 1, 1, 1, 1, 0, 0}},
			[2][]int32{{0, 1, 1, 1, 0, 1, 1, 1, 0, 0}, {1, 1, 1, 1, 0, 1, 0, 1, 1, 0}}},
		"unlabelled": {[]int32{7, 6, 4, 2, 1, 0, 5, 9, 8, 3},
			[2][]int32{{0, 1, 1, 0, 1, 0, 0, 0, 1, 0}, {0, 0, 0, 0, 0, 1, 1, 0, 0, 0}},
			[2][]int32{nil, {1, 1, 1, 1, 1, 0, 1, 1, 1, 0}}},
	} {
		l := data.Loader{Part: data.Part{Set: count(10)}, Name: name, Batch: 10, Seed: 1, Shuffle: true, Views: flips}
		b := epoch(t, l, 4, 0)[0]
		if !slices.Equal(b.Samples, want.order) {
			t.Errorf("stream %q: order %v, want %v", name, b.Samples, want.order)
		}
		for k := range flips {
			for row, i := range b.Samples {
				turned := b.Targets[k].Classes[row]
				if want.turns[k] != nil && turned != want.turns[k][i] {
					t.Errorf("stream %q, view %d: image %d is turned %d times, want %d", name, k, i, turned, want.turns[k][i])
				}
				whole := shown(image(l.Part.Set, data.Train, int(i)), want.flips[k][i] == 1, turned == 1)
				if !slices.Equal(b.Views[k][24*row:24*row+24], whole) {
					t.Errorf("stream %q, view %d: image %d is not flipped %d times and then turned %d times", name, k, i, want.flips[k][i], turned)
				}
			}
		}
	}
}

// shown is the definition of a view of an image [2, 3, 4]: mirrored from left to right, then turned upside down.
func shown(whole []float32, flip, turn bool) []float32 {
	out := slices.Clone(whole)
	if flip {
		for row := range slices.Chunk(out, 4) {
			slices.Reverse(row)
		}
	}
	if turn {
		for channel := range slices.Chunk(out, 12) {
			slices.Reverse(channel)
		}
	}
	return out
}

// Further views leave the first as it is, and what a batch calls its images is the first view.
func TestFirstViewStaysAsItWas(t *testing.T) {
	l := data.Loader{Part: data.Part{Set: count(50)}, Batch: 7, Seed: 3, Shuffle: true, KeepLast: true, Views: three[:1]}
	alone := epoch(t, l, 2, 0)
	l.Views = three
	for s, b := range epoch(t, l, 2, 0) {
		if !slices.Equal(b.Images, alone[s].Images) || &b.Images[0] != &b.Views[0][0] || len(b.Views) != 3 {
			t.Fatalf("step %d: other images, or not those of the first of %d views", s, len(b.Views))
		}
		if slices.Equal(b.Views[0], b.Views[1]) || slices.Equal(b.Views[0], b.Views[2]) {
			t.Errorf("step %d: two views are the same", s)
		}
	}
}

func TestViewsDependOnSeedAndEpochAlone(t *testing.T) {
	l := data.Loader{Part: data.Part{Set: count(53)}, Name: "b", Batch: 5, Seed: 1, Shuffle: true, KeepLast: true, Views: three}
	want := epoch(t, l, 3, 0)
	for _, workers := range []int{1, 3, 20} {
		l.Workers = workers
		for _, from := range []int{0, 4, 10} {
			if !equal(epoch(t, l, 3, from), want[from:]) {
				t.Errorf("%d workers from step %d: other batches", workers, from)
			}
		}
	}
	if l.Seed = 2; equal(epoch(t, l, 3, 0), want) {
		t.Error("seeds 1 and 2 give equal views")
	}
}

// A view emits nothing, a class or the image before its changes. Unused rows have no class and black zeros.
func TestViewsEmit(t *testing.T) {
	l := data.Loader{Part: data.Part{Set: count(10)}, Batch: 6, KeepLast: true, Views: three}
	for _, b := range epoch(t, l, 0, 0) {
		if b.Targets[0].Classes != nil || b.Targets[0].Picture != nil || b.Targets[1].Picture != nil || b.Targets[2].Classes != nil {
			t.Fatalf("targets that no view emits: %v", b.Targets)
		}
		for row, i := range b.Samples {
			class, whole := b.Targets[1].Classes[row], b.Targets[2].Picture[24*row:24*row+24]
			switch {
			case row >= b.N && (i != -1 || b.Rows[row] != -1 || class != -1 || slices.ContainsFunc(whole, func(v float32) bool { return v != 0 })):
				t.Errorf("unused row %d: image %d, class %d, original %v", row, i, class, whole)
			case row < b.N && !slices.Equal(whole, image(l.Part.Set, data.Train, int(i))):
				t.Errorf("row %d: original %v", row, whole)
			}
		}
	}
}

// Every class of a task comes about equally often.
func TestTasksDrawAllClasses(t *testing.T) {
	set := openShapes(t, map[string]any{"train": 2400, "test": 1, "clutter": 0})
	for task, classes := range map[string]int{"rotation": 4, "jigsaw": 24, "original": 0, "": 0} {
		v := data.View{Emit: task}
		if got, err := v.Classes(set.Info()); got != classes || err != nil {
			t.Errorf("%s: %d classes, error %v, want %d", task, got, err, classes)
		}
		if classes == 0 {
			continue
		}
		seen := make([]int, classes)
		for _, class := range epoch(t, data.Loader{Part: data.Part{Set: set}, Batch: 2400, Views: []data.View{v}}, 0, 0)[0].Targets[0].Classes {
			seen[class]++
		}
		for class, times := range seen {
			if want := 2400 / classes; times < want*6/10 || times > want*14/10 {
				t.Errorf("%s: class %d came %d times, want about %d", task, class, times, want)
			}
		}
	}
}

// A loader over a part gives its images alone, with their rows in the part and their indexes in the split.
func TestLoaderOverAPart(t *testing.T) {
	p := data.Part{Set: count(40), Index: []int32{30, 7, 12, 5, 9}}
	l := data.Loader{Part: p, Batch: 5, Seed: 1, Shuffle: true, Views: three}
	whole := data.Loader{Part: data.Part{Set: p.Set}, Batch: 40, Seed: 1, Views: three}
	all := epoch(t, whole, 2, 0)[0]
	b := epoch(t, l, 2, 0)[0]
	if rows := slices.Sorted(slices.Values(b.Rows)); !slices.Equal(rows, []int32{0, 1, 2, 3, 4}) {
		t.Errorf("rows %v", b.Rows)
	}
	for k, row := range b.Rows {
		i := p.Index[row]
		if b.Samples[k] != i || b.Labels[k] != i%7 {
			t.Errorf("row %d is image %d with label %d, want %d with %d", row, b.Samples[k], b.Labels[k], i, i%7)
		}
		// What happens to an image is the same in all parts.
		for v := range three {
			if !slices.Equal(b.Views[v][24*k:24*k+24], all.Views[v][24*i:24*i+24]) {
				t.Errorf("view %d of image %d differs from that in the whole split", v, i)
			}
		}
	}
}

func TestWrongViews(t *testing.T) {
	for _, c := range []struct {
		views []data.View
		name  string
		want  string
	}{
		{[]data.View{}, "", "loader: no views, want at least one, or none said for images as they are"},
		{[]data.View{{Emit: "rotate"}}, "", `loader: unknown task "rotate": want one of jigsaw, original, rotation`},
		{[]data.View{{}, {Emit: "rotation"}}, "", "loader: view 1: rotation: a quarter turn of images of 3×4, want square ones, or turns 2"},
		{[]data.View{{Options: map[string]any{"turns": 2}}}, "", "loader: options map[turns:2] of a task, but the view emits nothing"},
		{[]data.View{{Augment: map[string]any{"pad": 3}}, {}}, "", "loader: view 0: augment.pad: pad of 3 pixels on images of 3×4, want 0 to 2"},
		{nil, "a/b", `loader: stream "a/b", want a name without a slash`},
	} {
		rounds := 0
		for _, err := range (data.Loader{Part: data.Part{Set: count(9)}, Name: c.name, Batch: 3, Views: c.views}).Epoch(t.Context(), 0, 0) {
			if rounds++; err == nil || err.Error() != c.want {
				t.Errorf("got error %v, want %s", err, c.want)
			}
		}
		if rounds != 1 {
			t.Errorf("%d rounds, want one with the error %s", rounds, c.want)
		}
	}
	_, err := data.View{Emit: "rotation"}.Classes(count(1).Info())
	if err == nil || !strings.HasPrefix(err.Error(), "rotation: a quarter turn") {
		t.Errorf("got error %v", err)
	}
}
