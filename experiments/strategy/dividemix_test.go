package strategy_test

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"workbench/experiments/strategy"
)

// divided is what DivideMix's division keeps of images, to whose own class network k gives the logit own[k][row], and 0
// to the other one. truth and labels are by row.
func divided(t *testing.T, own [2][]float32, labels, truth []int32) (map[string][]float32, error) {
	t.Helper()
	n := len(labels)
	state := map[string][]float32{"memory.right_by_first": make([]float32, n), "memory.right_by_second": make([]float32, n),
		"memory.precision": {0}, "memory.recall": {0}}
	b := strategy.Between{
		Read:  func(path string) ([]float32, error) { return slices.Clone(state[path]), nil },
		Write: func(path string, values []float32) error { state[path] = slices.Clone(values); return nil },
		Look: func(_ context.Context, stream string, each func(strategy.Seen) error) error {
			for row := range n { // batches of one, the last image first
				row = n - 1 - row
				seen := strategy.Seen{Rows: []int32{int32(row)}, Labels: labels[row : row+1], True: truth[row : row+1],
					Embeddings: make([]float32, 4)}
				seen.Embeddings[truth[row]], seen.Embeddings[2+truth[row]] = own[0][row], own[1][row]
				if err := each(seen); err != nil {
					return err
				}
			}
			return nil
		},
	}
	before := maps.Clone(state)
	err := phaseOf(t, "dividemix", "divide", nil).Between(t.Context(), b)
	for path := range state {
		if before[path] == nil {
			t.Errorf("the division writes %s", path)
		}
	}
	return state, err
}

// Each network judges by its own losses. An image without a label has none that could be right.
func TestDivisionByLosses(t *testing.T) {
	labels := []int32{0, 1, 0, 1, 1, 0, 0, -1}
	truth := []int32{0, 1, 0, 1, 0, 1, 0, 0}
	sure := [2][]float32{{4, 4.1, 4.2, 3.9, 4, 4.3, 4, 4}, {4, 4, 4.1, -4, 4, 0, 4.2, 4}}
	got, err := divided(t, sure, labels, truth)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]float32{"memory.right_by_first": {1, 1, 1, 1, 0, 0, 1, 0},
		"memory.right_by_second": {1, 1, 1, 0, 0, 1, 1, 0}} {
		for row, p := range got[path] {
			if math.Abs(float64(p-want[row])) > 0.3 {
				t.Errorf("%s of image %d is %v, want near %v", path, row, p, want[row])
			}
		}
	}
	// The first network finds both wrong labels and the missing one; the second one of them, the missing and a right one.
	if p, r := got["memory.precision"][0], got["memory.recall"][0]; math.Abs(float64(p)-(1+2.0/3)/2) > 1e-6 ||
		math.Abs(float64(r)-(1+2.0/3)/2) > 1e-6 {
		t.Errorf("precision %v and recall %v, want %v both", p, r, (1+2.0/3)/2)
	}
}

// Losses that are all the same say nothing against a label; those that are no numbers are an error.
func TestDivisionOfLossesThatSayNothing(t *testing.T) {
	same := [2][]float32{{1, 1, 1}, {2, 2, 2}}
	got, err := divided(t, same, []int32{0, 1, -1}, []int32{0, 1, 0})
	if want := []float32{1, 1, 0}; err != nil || !slices.Equal(got["memory.right_by_first"], want) {
		t.Errorf("right are %v (%v), want %v", got["memory.right_by_first"], err, want)
	}
	nan := float32(math.NaN())
	if _, err := divided(t, [2][]float32{{1, 2, nan}, {1, 2, 3}}, []int32{0, 1, 0}, []int32{0, 1, 0}); err == nil ||
		!strings.Contains(err.Error(), "network 1: mixture: a value is NaN") {
		t.Errorf("of no number: %v", err)
	}
}
