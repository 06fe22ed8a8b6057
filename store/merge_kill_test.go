package store

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"workbench/experiments"
)

// mergeFrom brings a file in, as another process.
func mergeFrom(path, from string) error {
	db, err := Open(path)
	if err != nil {
		return err
	}
	defer db.Close()
	o, err := OpenOther(ctx, from, filepath.Dir(path), true)
	if err != nil {
		return err
	}
	defer o.Close()
	_, err = db.Merge(ctx, o, nil)
	return err
}

// A merge that is killed, again and again, leaves runs that are whole or not there, and the next one brings the rest.
func TestKilledMergeGoesOn(t *testing.T) {
	from := open(t, filepath.Join(t.TempDir(), "from.db"))
	const n = 12
	check(t, from.Enlist(ctx, study("depth"), runsOf("depth", n)))
	for _, r := range runsOf("depth", n) {
		a := begin(t, from, r.ID)
		c := checkpoint(a, 9)
		c.Final = true
		record(t, from, a, experiments.Record{Points: points("loss", 1, 300), Checkpoint: c})
		check(t, from.End(ctx, a, experiments.Done, ""))
	}
	check(t, from.Close())
	path := filepath.Join(t.TempDir(), "runs.db")
	killed, parts := 0, 0
	for wait := 20 * time.Millisecond; ; wait *= 2 {
		cmd := exec.Command(must[string](t)(os.Executable()), "-test.run=^$")
		cmd.Env = append(os.Environ(), "STORE_TEST_WRITER="+path, "STORE_TEST_MERGE="+from.Path())
		check(t, cmd.Start())
		stop := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		stop.Stop()
		if err == nil {
			break
		}
		if cmd.ProcessState.ExitCode() >= 0 {
			t.Fatalf("the merge failed: %v", err)
		}
		killed++
		db := open(t, path)
		sound(t, db)
		for _, r := range must[[]experiments.RunInfo](t)(db.Runs(ctx, experiments.RunFilter{})) {
			parts++
			if r.Status != experiments.Done || r.Last["loss"] != 300 || r.Checkpoint == nil || !r.Checkpoint.Final {
				t.Errorf("after %v: run %s is %s with %v", wait, r.ID, r.Status, r.Last)
			}
		}
		check(t, db.Close())
	}
	if killed < 2 || parts == 0 {
		t.Errorf("it was killed %d times, with %d runs: want some in the middle", killed, parts)
	}
	t.Logf("killed %d times; %d runs were seen in between", killed, parts)
	sameMeaning(t, meant(t, path), meant(t, from.Path()))
}
