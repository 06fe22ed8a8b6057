package main

import (
	"context"
	"maps"
	"path/filepath"
	"testing"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/data"
	"workbench/experiments/studyfile"
	"workbench/experiments/supervise"
	"workbench/experiments/train"
	"workbench/nn/plan"
	"workbench/store"
)

// keptWeights are the digests of the weights that each run of testdata/kept comes to, recorded without any interruption
// by the program that made the database.
var keptWeights = map[string]string{
	"df45426a936051fd": "96afab8ef2994adc6ff7c329ae4b28578d41d9d182803d7f7cdb86a18e0b2351",
	"ddd8a8f9a4c5b759": "3ef2558d4ad796025c9fce9745f1e078e4ed2be83b99ccaf558260dec6827078",
	"320e6e1a8e70680f": "4948dcd348b5f5543ba2e16e6fc76e460a20ca4e45109965a4e05d8d7e64f026",
	"f669c3b6e74d9991": "a0a2fb6b52feca07974ca85868a23594a242b818f44e75038a99b188324e0c06",
}

// keptDatabase unpacks the database of an earlier program.
func keptDatabase(t *testing.T) *store.DB {
	t.Helper()
	name := filepath.Join(t.TempDir(), "kept.db")
	unpacked(t, "testdata/kept/kept.db.gz", name)
	db, err := store.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// A database of an earlier program goes on: what is done is found done, and what failed, was interrupted or never began
// comes to the bits that a run without interruption has.
func TestRunsOfAnEarlierProgramContinue(t *testing.T) {
	ctx, db := t.Context(), keptDatabase(t)
	s, err := studyfile.Load("testdata/kept/kept.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := s.Runs((&openSets{ctx: ctx, open: map[string]data.Set{}}).digest)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	statuses, err := db.Statuses(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]experiments.Status{"df45426a936051fd": experiments.Queued, "ddd8a8f9a4c5b759": experiments.Failed,
		"320e6e1a8e70680f": experiments.Interrupted, "f669c3b6e74d9991": experiments.Done}
	if !maps.Equal(statuses, want) {
		t.Fatalf("before: %v, want %v", statuses, want)
	}
	reference := func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
		return train.Run(ctx, job, plan.Reference{}, emit)
	}
	if err := db.Enlist(ctx, s, runs); err != nil {
		t.Fatal(err)
	}
	scheduler := supervise.Scheduler{Ledger: db, Recorder: db, Launcher: supervise.InProcess{Train: reference},
		Jobs: 1, Threads: 1, Failed: true}
	if _, err := scheduler.Run(ctx, runs); err != nil {
		t.Fatal(err)
	}
	for id, weights := range keptWeights {
		r, err := db.Run(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != experiments.Done || r.Checkpoint == nil || r.Checkpoint.Digest != weights {
			t.Errorf("run %s is %s with checkpoint %+v, want weights %s", id, r.Status, r.Checkpoint, weights)
		}
		if attempts := map[experiments.Status]int{experiments.Done: 1, experiments.Queued: 1}[want[id]]; attempts != 0 && r.Attempt != attempts {
			t.Errorf("run %s took %d attempts, want %d", id, r.Attempt, attempts)
		}
	}
}

// The study that an earlier program stored is judged as that program judged it.
func TestStudiesOfAnEarlierProgramAreRead(t *testing.T) {
	ctx, db := t.Context(), keptDatabase(t)
	info, err := db.Study(ctx, "kept")
	if err != nil {
		t.Fatal(err)
	}
	runs, err := db.Runs(ctx, experiments.RunFilter{Study: "kept"})
	if err != nil {
		t.Fatal(err)
	}
	table, err := analysis.Ablate(info.Study, runs)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range table.Rows {
		if n := map[string]int{"shortcut=none": 1}[row.Cell]; row.N != n || row.Planned != 2 {
			t.Errorf("%s: %d of %d runs count, want %d of 2", row.Cell, row.N, row.Planned, n)
		}
	}
	if len(table.Rows) != 2 {
		t.Errorf("got %d rows, want 2", len(table.Rows))
	}
}
