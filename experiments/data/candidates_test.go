package data_test

import (
	"math"
	"slices"
	"testing"

	"workbench/experiments/data"
)

// The candidates are those that the definitions, written in Python, give for seed 5.
func TestCandidatesByHand(t *testing.T) {
	p := thirds(20)
	for row, want := range [][]float32{{1, 0, 1}, {0, 1, 0}, {1, 1, 1}, {1, 1, 0}, {1, 1, 0}, {0, 0, 1}} {
		got := []float32{7, 7, 7}
		data.Candidates{Rate: 0.4, Seed: 5}.Of(p, row, got)
		if !slices.Equal(got, want) {
			t.Errorf("row %d: %v, want %v", row, got, want)
		}
	}
}

// The true class is always a candidate, and every other one as often as was asked for, by four deviations; also where
// the labels are wrong.
func TestCandidatesHaveTheirRate(t *testing.T) {
	p := noisy(t, data.Noise{Kind: "pairflip", Rate: 0.5}, data.Part{Set: pets{perClass: 500}})
	for _, q := range []float64{0, 0.1, 0.5} {
		var seen [10][10]int
		got := make([]float32, 10)
		for row := range p.Len() {
			data.Candidates{Rate: q, Seed: 1}.Of(p, row, got)
			for class, v := range got {
				seen[p.True(row)][class] += int(v)
			}
		}
		for class, row := range seen {
			for other, n := range row {
				want, within := 500*q, 4*math.Sqrt(500*q*(1-q))
				if other == class {
					want, within = 500, 0
				}
				if !(math.Abs(float64(n)-want) <= within) {
					t.Errorf("rate %v: class %d is a candidate of %d of 500 images of class %d, want %.0f ± %.0f", q, other, n, class, want, within)
				}
			}
		}
	}
}

// Batches have candidates beside the labels of the part, with zeros in unused rows, whoever loads them.
func TestBatchesHaveSoftTargets(t *testing.T) {
	p := data.Part{Set: count(23)}
	l := data.Loader{Part: p, Batch: 5, Seed: 1, Shuffle: true, KeepLast: true, Candidates: &data.Candidates{Rate: 0.3, Seed: 2}}
	want := epoch(t, l, 1, 0)
	for _, b := range want {
		for row := range 5 {
			got, soft := b.Soft[7*row:7*row+7], make([]float32, 7)
			if row < b.N {
				l.Candidates.Of(p, int(b.Rows[row]), soft)
				if want := p.Label(int(b.Rows[row])); int(b.Labels[row]) != want {
					t.Errorf("image %d has the label %d, want %d", b.Samples[row], b.Labels[row], want)
				}
			}
			if !slices.Equal(got, soft) {
				t.Errorf("step %d, row %d of %d: %v, want %v", b.Index, row, b.N, got, soft)
			}
		}
	}
	for _, workers := range []int{2, 9} {
		if l.Workers = workers; !equal(epoch(t, l, 1, 3), want[3:]) {
			t.Errorf("%d workers from step 3: other batches", workers)
		}
	}
	l.Candidates = &data.Candidates{Rate: 0.3, Seed: 3}
	if equal(epoch(t, l, 1, 0), want) {
		t.Error("two seeds give the same candidates")
	}
	if l.Candidates = nil; epoch(t, l, 1, 0)[0].Soft != nil {
		t.Error("soft targets without candidates")
	}
}

func TestWrongCandidates(t *testing.T) {
	for want, l := range map[string]data.Loader{
		"loader: candidates: rate 1, want at least 0 and below 1": {Part: data.Part{Set: count(9)}, Batch: 3,
			Candidates: &data.Candidates{Rate: 1}},
		"loader: candidates: image 1 of the train split of named has no label": {Part: data.Part{Set: named{labels: []int{0, -1}}}, Batch: 1,
			Candidates: &data.Candidates{Rate: 0.5}},
		"loader: candidates: the train split of counted has other labels than the set's, which have no effect: the set's own are among them": {
			Part: data.Part{Set: count(2), Labels: []int32{1, 1}}, Batch: 1, Candidates: &data.Candidates{Rate: 0.5}},
	} {
		for _, err := range l.Cycle(t.Context(), 0) {
			if err == nil || err.Error() != want {
				t.Errorf("got error %v, want %s", err, want)
			}
		}
	}
}
