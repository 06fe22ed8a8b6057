package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"workbench/experiments"
)

// started is a database with a run that has recorded something.
func started(t *testing.T) (*DB, experiments.Attempt) {
	t.Helper()
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	save(t, db, a, 1)
	record(t, db, a, experiments.Record{Points: points("loss", 1, 5)})
	return db, a
}

// holds wants a sound database at a path, with what started has recorded.
func holds(t *testing.T, path string) {
	t.Helper()
	db := must[*DB](t)(OpenReadOnly(path))
	defer db.Close()
	if r := info(t, db, "r0"); r.Last["loss"] != 5 {
		t.Errorf("%s: last %v, want the loss of step 5", path, r.Last)
	}
	if c := must[experiments.Checkpoint](t)(db.Restore(ctx, "r0")); c.Step != 1 {
		t.Errorf("%s: restored step %d", path, c.Step)
	}
	sound(t, db)
}

// A writer whose file is taken away stops at the next renewal, says so, and loses nothing.
func TestFileTakenAway(t *testing.T) {
	another := func(t *testing.T) string {
		path := filepath.Join(t.TempDir(), "another.db")
		check(t, must[*DB](t)(Open(path)).Close())
		return path
	}
	for _, c := range []struct {
		name string
		do   func(t *testing.T, path string)
		said string
		why  error
		left string // where everything is, after the path
	}{
		{"deleted", func(t *testing.T, path string) { check(t, os.Remove(path)) }, "was deleted", experiments.ErrMissing, ".rescued"},
		{"deleted with its log", func(t *testing.T, path string) {
			for _, suffix := range []string{"", "-wal", "-shm"} {
				check(t, os.Remove(path+suffix))
			}
		}, "was deleted", experiments.ErrMissing, ".rescued"},
		{"renamed", func(t *testing.T, path string) { check(t, os.Rename(path, path+".old")) }, "was renamed", experiments.ErrMissing, ".old"},
		{"replaced", func(t *testing.T, path string) { check(t, os.Rename(another(t), path)) },
			"was replaced", experiments.ErrReplaced, ".rescued"},
		{"moved, and another made", func(t *testing.T, path string) {
			check(t, os.Rename(path, path+".old"))
			check(t, os.Rename(another(t), path))
		}, "was replaced", experiments.ErrReplaced, ".old"},
		{"log deleted", func(t *testing.T, path string) { check(t, os.Remove(path+"-wal")) }, "-wal or", experiments.ErrMissing, ""},
		{"shared memory deleted", func(t *testing.T, path string) { check(t, os.Remove(path+"-shm")) },
			"-shm was deleted", experiments.ErrMissing, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, a := started(t)
			c.do(t, db.Path())
			err := db.Renew(ctx, a)
			if !errors.Is(err, c.why) || !strings.Contains(err.Error(), c.said) || !strings.Contains(err.Error(), db.Path()+c.left) {
				t.Fatalf("got %v, want that it %s, and where the data are", err, c.said)
			}
			if err := db.Record(ctx, a, experiments.Record{Points: points("loss", 6, 6)}); !errors.Is(err, c.why) {
				t.Errorf("the next record: %v, want %v", err, c.why)
			}
			if err := db.Close(); !errors.Is(err, c.why) {
				t.Errorf("Close: %v, want %v", err, c.why)
			}
			holds(t, db.Path()+c.left)
		})
	}
}

// What is taken away after the last record is noticed when the file is closed.
func TestFileTakenAwayAtTheEnd(t *testing.T) {
	db, _ := started(t)
	check(t, os.Remove(db.Path()))
	if err := db.Close(); !errors.Is(err, experiments.ErrMissing) {
		t.Errorf("got %v, want ErrMissing", err)
	}
	holds(t, db.Path()+".rescued")
}

// Copying over a file keeps its inode. The writer must not add its log to the copy, neither then nor when it ends.
func TestFileOverwritten(t *testing.T) {
	db, a := started(t)
	old := filepath.Join(t.TempDir(), "old.db")
	check(t, db.Backup(ctx, old))
	copied := must[[]byte](t)(os.ReadFile(old))
	check(t, os.WriteFile(db.Path(), copied, 0o600))
	if err := db.Renew(ctx, a); !errors.Is(err, experiments.ErrReplaced) || !strings.Contains(err.Error(), "was overwritten") {
		t.Fatalf("got %v, want that it was overwritten", err)
	}
	if err := db.Close(); !errors.Is(err, experiments.ErrReplaced) {
		t.Errorf("Close: %v", err)
	}
	if got := contentOf(t, db.Path()); got != string(copied) {
		t.Error("the copy was changed")
	}
	refused(t, db.Path(), errStrangeLog.Error())
}

// The same while a transaction is under way: neither its commit nor its failure may take the copy for the file.
func TestFileOverwrittenWhileItIsWritten(t *testing.T) {
	failed := errors.New("damaged")
	for name, fails := range map[string]error{"committed": nil, "failed": failed} {
		t.Run(name, func(t *testing.T) {
			db, a := started(t)
			other, _ := started(t)
			old := filepath.Join(t.TempDir(), "old.db")
			check(t, other.Backup(ctx, old))
			copied := must[[]byte](t)(os.ReadFile(old))
			err := db.update(ctx, 0, func(t *tx) error {
				if _, err := t.Exec("UPDATE runs SET reason = 'x'"); err != nil {
					return err
				}
				return errors.Join(os.WriteFile(db.Path(), copied, 0o600), fails)
			})
			if !errors.Is(err, experiments.ErrReplaced) {
				t.Errorf("got %v, want that it was overwritten", err)
			}
			if err := db.Renew(ctx, a); !errors.Is(err, experiments.ErrReplaced) {
				t.Errorf("then %v", err)
			}
			db.Close()
			if got := contentOf(t, db.Path()); got != string(copied) {
				t.Error("the copy was changed")
			}
		})
	}
}

// A new time of change alone, as touch makes it, means nothing.
func TestTouchedFile(t *testing.T) {
	for _, again := range []bool{false, true} {
		db, a := started(t)
		if again {
			check(t, db.Close())
			db = open(t, db.Path())
			a = begin(t, db, "r0")
		}
		check(t, os.Chtimes(db.Path(), db.Now(), db.Now()))
		check(t, db.Renew(ctx, a))
		check(t, db.Close())
	}
}
