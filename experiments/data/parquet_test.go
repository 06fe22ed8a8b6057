package data_test

import (
	"slices"
	"strings"
	"testing"

	"workbench/experiments/data"
)

// Files of the hub make a set: pictures, labels and classes are those of the files.
func TestParquet(t *testing.T) {
	open := func(more map[string]any) (data.Set, error) {
		given := map[string]any{"path": "shards/testdata", "size": 8, "resize": 8}
		for name, value := range more {
			given[name] = value
		}
		return data.Open(t.Context(), "parquet", ".", given)
	}
	set, err := open(nil)
	if err != nil {
		t.Fatal(err)
	}
	if lengths(set) != [3]int{5, 2, 0} || !slices.Equal(set.Info().Classes, []string{"cat", "dog", "eel"}) {
		t.Errorf("%v pictures of %v", lengths(set), set.Info().Classes)
	}
	if got, want := middles(t, set, data.Train), []int{10, 20, 30, 40, 10}; !slices.Equal(got, want) {
		t.Errorf("pictures %v, want %v", got, want)
	}
	if a, b := set.Label(data.Test, 0), set.Label(data.Test, 1); a != 2 || b != -1 {
		t.Errorf("labels %d and %d, want 2 and none", a, b)
	}
	again, err := open(map[string]any{"cache": 0, "memory": 1, "damaged": "skip"})
	if err != nil || again.Digest() != set.Digest() {
		t.Errorf("how pictures are kept changes the digest, or %v", err)
	}
	if grey, err := open(map[string]any{"channels": 1}); err != nil || grey.Digest() == set.Digest() {
		t.Errorf("grey pictures have the same digest, or %v", err)
	}
	if _, err := open(map[string]any{"path": "augment"}); err == nil || !strings.Contains(err.Error(), "has no files train-….parquet") {
		t.Errorf("a folder without files: %v", err)
	}
}
