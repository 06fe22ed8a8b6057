package store

import (
	"strings"
	"testing"

	"workbench/experiments"
)

// Looks at a split are the evaluations of all runs on these images, each once whatever it measured, and what was
// counted outside of training. Other data and other splits do not count.
func TestLooksAreCounted(t *testing.T) {
	db, _ := fresh(t, 3)
	data := info(t, db, "r0").DataDigest
	for i, id := range []string{"r0", "r1"} {
		a := begin(t, db, id)
		var all []experiments.Point
		for _, name := range []string{"test/loss", "test/top1", "train/loss", "probe/test/top1", "contest/loss"} {
			all = append(all, points(name, 1, int64(3+i))...)
		}
		record(t, db, a, experiments.Record{Points: append(all, points("val/loss", 1, 1)...)})
	}
	for range 2 {
		if err := db.Look(t.Context(), data, "test", "run x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Look(t.Context(), data, "val", strings.Repeat("ß", 5000)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		data, split string
		want        experiments.Looks
	}{
		{data, "test", experiments.Looks{Runs: 2, Training: 3 + 3 + 4 + 4, Outside: 2}}, // two phases measure
		{data, "val", experiments.Looks{Runs: 2, Training: 2, Outside: 1}},
		{"other", "test", experiments.Looks{}},
	} {
		got, err := db.Looks(t.Context(), c.data, c.split)
		if err != nil || got != c.want {
			t.Errorf("%s of %s: %+v, %v, want %+v", c.split, c.data, got, err, c.want)
		}
		if got.All() != c.want.Training+c.want.Outside {
			t.Errorf("all are %d", got.All())
		}
	}
}
