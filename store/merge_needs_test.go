package store

import (
	"path/filepath"
	"slices"
	"testing"

	"workbench/experiments"
)

// A run that begins with one of another study brings it along, placed where it stands, and nothing else of that study.
func TestArchiveBringsWhatRunsNeed(t *testing.T) {
	db, _ := fresh(t, 3)
	finish(t, db, begin(t, db, "r1"), 4)
	later := runsOf("later", 4)[3:]
	later[0].Needs = []string{"r1"}
	check(t, db.Enlist(ctx, study("later"), later))
	finish(t, db, begin(t, db, "r3"), 5)
	check(t, db.Close())
	file := filepath.Join(t.TempDir(), "archive.db")
	o := other(t, db.Path(), true)
	must[Merged](t)(o.Archive(ctx, file, "", []string{"later"}))
	back := open(t, filepath.Join(t.TempDir(), "back.db"))
	brought(t, back, file)
	sound(t, back)
	var runs []string
	for _, r := range must[[]experiments.RunInfo](t)(back.Runs(ctx, experiments.RunFilter{})) {
		runs = append(runs, r.ID+" "+r.Study)
	}
	slices.Sort(runs)
	if want := []string{"r1 depth", "r3 later"}; !slices.Equal(runs, want) {
		t.Errorf("runs %q, want %q", runs, want)
	}
	if r := info(t, back, "r3"); !slices.Equal(r.Needs, []string{"r1"}) || len(r.BlockedBy) > 0 {
		t.Errorf("it needs %q, is blocked by %q", r.Needs, r.BlockedBy)
	}
	if c := must[experiments.Checkpoint](t)(back.Restore(ctx, "r1")); c.Step != 4 || !c.Final {
		t.Errorf("what it begins with has the checkpoint %+v", c)
	}
}
