package store

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// copyOf is a copy of a closed database, changed by SQL past all checks.
func copyOf(t *testing.T, path string, statements ...string) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy.db")
	check(t, os.WriteFile(copied, must[[]byte](t)(os.ReadFile(path)), 0o600))
	alter(t, copied, statements...)
	return copied
}

// Whatever a stranger's file holds, it is refused with a reason before anything is taken from it.
func TestStrangeFilesAreRefused(t *testing.T) {
	path := lively(t)
	for _, c := range []struct{ statement, want string }{
		{"PRAGMA user_version=99", "use the newer workbench"},
		{"PRAGMA application_id=7", "another program"},
		{"CREATE VIEW v AS SELECT 1", "view 'v'"},
		{"CREATE TRIGGER g AFTER INSERT ON looks BEGIN DELETE FROM runs; END", "trigger 'g'"},
		{"DROP TABLE looks; CREATE VIEW looks AS SELECT 1 AS id, 'a' AS name", "view 'looks'"},
		{"CREATE TABLE more (x)", "table more"},
		{"ALTER TABLE looks ADD COLUMN more TEXT", "table looks"},
		{"DROP INDEX looks_by_data", "index looks_by_data"},
		{"PRAGMA foreign_keys=OFF; DELETE FROM studies", "refers to a missing row"},
		{"PRAGMA ignore_check_constraints=ON; UPDATE runs SET status = 'perfect'", "a row of runs is none that this workbench writes"},
		{"PRAGMA ignore_check_constraints=ON; UPDATE runs SET config = 'x'", "a row of runs is none that this workbench writes"},
		{"PRAGMA ignore_check_constraints=ON; UPDATE metrics SET kind = 9", "a row of metrics is none"},
		{"PRAGMA ignore_check_constraints=ON; UPDATE run_phases SET epochs = -1", "a row of run_phases is none"},
		{"UPDATE runs SET config = '[]'", "cannot unmarshal"},
		{"UPDATE runs SET hash = '../r' || id", `a run is named "../r1"`},
		{"UPDATE study_runs SET levels = '3'", "cannot unmarshal"},
		{"UPDATE attempts SET environment = '[1]'", "cannot unmarshal"},
		{"UPDATE study_versions SET definition = '{\"name\":\"other\"}' WHERE number = 1", `named "other"`},
		{"UPDATE study_versions SET definition = '[]' WHERE number = 1", "cannot unmarshal"},
		{"UPDATE studies SET version = 7", "no current version"},
		{"UPDATE metric_names SET name = 'a' || char(10)", "control character"},
		{"UPDATE metrics SET epoch = 9e999", "infinite and does not say so"},
		{"UPDATE metrics SET value = 9e999 WHERE kind = 0", "infinite and does not say so"},
		{"UPDATE run_phases SET name = ''", "the name is empty"},
		{"UPDATE artefacts SET media = 'text' || char(10)", "printable ASCII"},
		{"UPDATE artefacts SET kind = 'program'", `kind "program"`},
		{"UPDATE artefacts SET bytes = 1000000000", "more than"},
		{"UPDATE artefacts SET digest = zeroblob(32)", "is damaged"},
		{"UPDATE chunks SET data = zeroblob(length(data))", "SHA-256 differs"},
		{"UPDATE chunks SET digest = zeroblob(32) WHERE id = 1", "SHA-256 differs"},
		{"UPDATE checkpoints SET state = x'00'", "manifest or state is not what was saved"},
		{"UPDATE checkpoint_tensors SET shape = '[1000000,1000000]'", "manifest or state is not what was saved"},
		{"DELETE FROM tensor_chunks WHERE seq = 1", "is not what was saved"},
		{"INSERT INTO run_needs (run, needs, position) SELECT needs, run, 0 FROM run_needs", "runs need one another"},
		{"DELETE FROM study_runs WHERE run = 1", "is of no study"},
		{fmt.Sprintf("UPDATE run_log SET line = hex(zeroblob(%d))", mostOfAValue), "line of run_log"},
		{fmt.Sprintf("UPDATE checkpoints SET state = zeroblob(%d) WHERE id = 1", mostOfAValue+1), "state of checkpoints"},
	} {
		ours := filepath.Join(t.TempDir(), "ours.db")
		file := copyOf(t, path, c.statement)
		err := mergeInto(t, ours, file)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.statement, err, c.want)
		}
		if rows := meant(t, ours); len(rows["runs"])+len(rows["studies"]) > 0 {
			t.Errorf("%s: %d runs and %d studies were taken", c.statement, len(rows["runs"]), len(rows["studies"]))
		}
	}
}

// The conditions are found in the text of every table that has some.
func TestConditionsOfTables(t *testing.T) {
	db, _ := fresh(t, 0)
	rows, err := db.read.Query("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
	check(t, each(rows, err, func(rows *sql.Rows) error {
		var name, text string
		err := rows.Scan(&name, &text)
		found := conditions(text)
		if want := strings.Count(text, "CHECK ("); len(found) != want {
			t.Errorf("%s: %q, want %d", name, found, want)
		}
		for _, c := range found {
			if _, err := db.read.Exec("SELECT 1 FROM " + name + " WHERE NOT (" + c + ")"); err != nil {
				t.Errorf("%s: %q: %v", name, c, err)
			}
		}
		return err
	}))
}

// mergeInto brings a file into a database that is made if it is missing.
func mergeInto(t *testing.T, ours, file string) error {
	t.Helper()
	db := must[*DB](t)(Open(ours))
	defer db.Close()
	o, err := OpenOther(ctx, file, t.TempDir(), true)
	if err != nil {
		return err
	}
	defer o.Close()
	_, err = db.Merge(ctx, o, nil)
	return err
}

// Files that are cut, changed in any of their pages, or no database are refused.
func TestDamagedFilesAreRefused(t *testing.T) {
	path := lively(t)
	whole := must[[]byte](t)(os.ReadFile(path))
	ours := filepath.Join(t.TempDir(), "ours.db")
	empty := meant(t, open(t, ours).Path())
	check(t, os.WriteFile(filepath.Join(t.TempDir(), "x"), nil, 0o600))
	file := filepath.Join(t.TempDir(), "file.db")
	refuse := func(what string, content []byte) {
		t.Helper()
		check(t, os.WriteFile(file, content, 0o600))
		o, err := OpenOther(ctx, file, t.TempDir(), true)
		if err == nil {
			t.Errorf("%s was accepted", what)
			o.Close()
		} else if !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v, want the name of the file", what, err)
		}
	}
	for _, n := range []int{0, 10, 100, 16384, len(whole) / 2, len(whole) - 16384, len(whole) - 1} {
		refuse(fmt.Sprintf("the first %d bytes", n), whole[:n])
	}
	refuse("a text", []byte("run,seed\n1,2\n"))
	refuse("a zip", []byte("PK\x03\x04 and so on"))
	flipped := 0
	for at := 100; at < len(whole); at += 160_001 { // some lie in room that is not used
		damaged := append([]byte(nil), whole...)
		damaged[at] ^= 0x55
		check(t, os.WriteFile(file, damaged, 0o600))
		o, err := OpenOther(ctx, file, t.TempDir(), true)
		if err != nil {
			flipped++
			continue
		}
		if _, err := o.choose(ctx, nil); err != nil {
			t.Errorf("byte %d: %v, after the inspection", at, err)
		}
		check(t, o.Close())
	}
	if flipped < 10 {
		t.Errorf("%d changed bytes were noticed, want most", flipped)
	}
	if _, err := OpenOther(ctx, filepath.Join(t.TempDir(), "nosuch.db"), t.TempDir(), true); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	sameMeaning(t, meant(t, ours), empty)
}

// The scratch of an older file may be named from the folder in which the program runs.
func TestOlderDatabasesAreReadInAnyFolder(t *testing.T) {
	path := unpack(t, "testdata/schema_1.db.gz")
	t.Chdir(t.TempDir())
	o := must[*Other](t)(OpenOther(ctx, path, ".", true))
	check(t, o.Close())
}

// Every run is visited with what decides its id, and a refusal names the file.
func TestRunsOfOthersAreVisited(t *testing.T) {
	o := other(t, lively(t), true)
	defer o.Close()
	seen := map[string]uint64{}
	check(t, o.EachRun(ctx, func(r experiments.Run) error {
		seen[r.ID] = r.Seed
		if r.DataDigest == "" {
			t.Errorf("run %s comes without its data", r.ID)
		}
		return nil
	}))
	if len(seen) != 6 || seen["a1"] == seen["r2"] {
		t.Errorf("visited %v", seen)
	}
	err := o.EachRun(ctx, func(r experiments.Run) error { return errors.New("not this one") })
	if err == nil || !strings.Contains(err.Error(), "nothing was taken from "+o.path+": not this one") {
		t.Errorf("got %v", err)
	}
}

// A file of an earlier version is read through a copy, and stays as it is.
func TestOlderDatabasesAreMerged(t *testing.T) {
	files := must[[]string](t)(filepath.Glob("testdata/schema_*.db.gz"))
	for _, packed := range files {
		path := unpack(t, packed)
		before := string(must[[]byte](t)(os.ReadFile(path)))
		scratch := t.TempDir()
		o := must[*Other](t)(OpenOther(ctx, path, scratch, true))
		db := open(t, filepath.Join(t.TempDir(), "new.db"))
		m := must[Merged](t)(db.Merge(ctx, o, nil))
		check(t, o.Close())
		if m.Runs[Added] != 5 {
			t.Errorf("%s: %+v", packed, m)
		}
		oldRuns(t, db, filepath.Base(packed) >= "schema_3")
		oldValues(t, db)
		sound(t, db)
		if string(must[[]byte](t)(os.ReadFile(path))) != before {
			t.Errorf("%s was changed", packed)
		}
		if left := must[[]os.DirEntry](t)(os.ReadDir(scratch)); len(left) > 0 {
			t.Errorf("%s: %v was left", packed, left)
		}
	}
	trap := unpack(t, "testdata/schema_2.db.gz")
	alter(t, trap, "CREATE TRIGGER g AFTER DELETE ON runs BEGIN DELETE FROM metrics; END")
	if err := mergeInto(t, filepath.Join(t.TempDir(), "new.db"), trap); err == nil || !strings.Contains(err.Error(), "trigger 'g'") {
		t.Errorf("an old file with a trigger: %v", err)
	}
}

// A database that a program writes to is read as it was at one moment, and what is under way counts as interrupted.
func TestMergeOfADatabaseInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	cmd, said := otherProcess(t, path)
	heard(t, said, 25)
	db := open(t, filepath.Join(t.TempDir(), "ours.db"))
	first := brought(t, db, path)
	r := info(t, db, "r0")
	last := int64(r.Last["loss"])
	if first.Runs[Added] != 1 || r.Status != experiments.Interrupted || r.Reason != elsewhere || last < 25 ||
		r.Checkpoint == nil || r.Checkpoint.Step != last/10*10 && r.Checkpoint.Step != (last-1)/10*10 {
		t.Errorf("%+v: %+v with checkpoint %+v", first, r, r.Checkpoint)
	}
	sound(t, db)
	heard(t, said, last+25)
	if m := brought(t, db, path); m.Runs[Advanced] != 1 {
		t.Errorf("later: %+v", m)
	}
	if now := info(t, db, "r0"); int64(now.Last["loss"]) < last+25 {
		t.Errorf("it has come to %v, want more than %d", now.Last["loss"], last+24)
	}
	sound(t, db)
	check(t, cmd.Process.Kill())
	_ = cmd.Wait()
	a := begin(t, db, "r0") // it goes on here
	if !a.Resume || a.Number != 2 {
		t.Errorf("the attempt is %+v", a)
	}
}

// A run that is being trained here is left alone, and a stale attempt at one that was replaced is refused.
func TestMergeLeavesAttemptsTheirFence(t *testing.T) {
	path := filepath.Join(t.TempDir(), "theirs.db")
	theirs := open(t, path)
	check(t, theirs.Enlist(ctx, study("depth"), runsOf("depth", 1)))
	finish(t, theirs, begin(t, theirs, "r0"), 9)
	check(t, theirs.Close())
	db, c := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Points: points(metric.TestTop1, 1, 2)})
	if m := brought(t, db, path); m.Runs[Held] != 1 {
		t.Errorf("while it is trained: %+v", m)
	}
	record(t, db, a, experiments.Record{Points: points(metric.TestTop1, 3, 3)})
	c.now = c.now.Add(time.Hour)
	if m := brought(t, db, path); m.Runs[Advanced] != 1 {
		t.Errorf("when nobody answers: %+v", m)
	}
	err := db.Record(ctx, a, experiments.Record{Points: points(metric.TestTop1, 4, 4)})
	if !errors.Is(err, experiments.ErrFenced) {
		t.Errorf("a stale attempt: %v", err)
	}
	if r := info(t, db, "r0"); r.Status != experiments.Done || len(r.Last) != 0 {
		t.Errorf("the run is %+v", r)
	}
	sound(t, db)
}
