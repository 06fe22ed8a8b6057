package store

import (
	"path/filepath"
	"strings"
	"testing"

	"workbench/experiments"
)

// Looks at a split are the evaluations of all runs on these images, each once whatever it measured, and what was
// counted outside of training: those of one set and path, whichever of its images runs take. Other splits do not count.
func TestLooksAreCounted(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "runs.db"))
	flowers := func(path string, images int) experiments.Choice {
		return experiments.Choice{Name: "folder", Options: map[string]any{"path": path, "train": images}}
	}
	runs := runsOf("depth", 4)
	for i, set := range []experiments.Choice{flowers("a", 100), flowers("a", 200), flowers("b", 100), {Name: "shapes"}} {
		runs[i].Config.Dataset = set
	}
	check(t, db.Enlist(ctx, study("depth"), runs))
	for i, id := range []string{"r0", "r1", "r2"} {
		a := begin(t, db, id)
		var all []experiments.Point
		for _, name := range []string{"test/loss", "test/top1", "train/loss", "probe/test/top1", "contest/loss"} {
			all = append(all, points(name, 1, int64(3+i))...)
		}
		record(t, db, a, experiments.Record{Points: append(all, points("val/loss", 1, 1)...)})
	}
	for range 2 {
		if err := db.Look(t.Context(), flowers("a", 7), "test", "run x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Look(t.Context(), flowers("a", 7), "val", strings.Repeat("ß", 5000)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		data  experiments.Choice
		split string
		want  experiments.Looks
	}{
		{flowers("a", 1), "test", experiments.Looks{Runs: 2, Training: 3 + 3 + 4 + 4, Outside: 2}}, // two phases measure
		{flowers("a", 1), "val", experiments.Looks{Runs: 2, Training: 2, Outside: 1}},
		{flowers("b", 1), "test", experiments.Looks{Runs: 1, Training: 5 + 5}},
		{experiments.Choice{Name: "shapes"}, "test", experiments.Looks{}},
	} {
		got, err := db.Looks(t.Context(), c.data, c.split)
		if err != nil || got != c.want {
			t.Errorf("%s of %v: %+v, %v, want %+v", c.split, c.data, got, err, c.want)
		}
		if got.All() != c.want.Training+c.want.Outside {
			t.Errorf("all are %d", got.All())
		}
	}
}
