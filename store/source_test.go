package store

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"workbench/experiments"
)

const nobody = 65534

// ordinary makes this test one of a user whom permissions bind: root gives its rights up for the files that this
// thread opens.
func ordinary(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	runtime.LockOSThread()
	check(t, syscall.Setfsuid(nobody))
	t.Cleanup(func() {
		check(t, syscall.Setfsuid(0))
		runtime.UnlockOSThread()
	})
}

// readOnlyFolder puts files into a folder in which nothing can be made.
func readOnlyFolder(t *testing.T, from string, suffixes ...string) string {
	t.Helper()
	dir := t.TempDir()
	check(t, os.Chmod(filepath.Dir(dir), 0o755))
	path := filepath.Join(dir, "runs.db")
	for _, suffix := range suffixes {
		check(t, os.WriteFile(path+suffix, must[[]byte](t)(os.ReadFile(from+suffix)), 0o644))
	}
	check(t, os.Chmod(dir, 0o555))
	t.Cleanup(func() { check(t, os.Chmod(dir, 0o755)) })
	return path
}

func TestReadOnlyFolder(t *testing.T) {
	for _, c := range []struct {
		name   string
		closed bool
		files  []string
		way    string
	}{
		{"closed", true, []string{""}, immutable},
		{"left by a kill", false, []string{"", "-wal"}, unshared},
		{"left by a kill with its shared memory", false, []string{"", "-wal", "-shm"}, shared},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, _ := started(t)
			if c.closed {
				check(t, db.Close())
			}
			path := readOnlyFolder(t, db.Path(), c.files...)
			check(t, db.Close())
			ordinary(t)
			if _, err := os.Create(filepath.Join(filepath.Dir(path), "new")); err == nil {
				t.Fatal("the folder can be written")
			}
			holds(t, path)
			reader := must[*DB](t)(OpenReadOnly(path))
			defer reader.Close()
			if reader.source.how != c.way {
				t.Errorf("read by %q, want %q", reader.source.how, c.way)
			}
			check(t, reader.Healthy(ctx))
			if _, err := Open(path); !errors.Is(err, os.ErrPermission) {
				t.Errorf("writing: %v, want that it is not permitted", err)
			}
		})
	}
}

// What is read without locks is read again when it has changed: others may write where this process cannot.
func TestReadOnlyFolderOfAWriter(t *testing.T) {
	db, _ := started(t)
	check(t, db.Close())
	s := &source{path: db.Path()}
	pool := sql.OpenDB(s)
	defer pool.Close()
	count := func() (n int) {
		check(t, pool.QueryRow("SELECT count(*) FROM metrics").Scan(&n))
		return n
	}
	first := count()
	s.how, s.state = immutable, stateOf(db.Path()) // as in a folder that it cannot write
	pool.SetMaxIdleConns(0)
	pool.SetMaxIdleConns(2)
	if n := count(); n != first {
		t.Fatalf("%d points, want %d", n, first)
	}
	db = open(t, db.Path())
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Points: points("loss", 6, 9)})
	if n := count(); n != first+4 {
		t.Errorf("%d points while it is written, want %d", n, first+4)
	}
}

func TestUnreadableFile(t *testing.T) {
	db, _ := fresh(t, 0)
	check(t, db.Close())
	path := readOnlyFolder(t, db.Path(), "")
	check(t, os.Chmod(path, 0))
	ordinary(t)
	if _, err := OpenReadOnly(path); !errors.Is(err, os.ErrPermission) {
		t.Errorf("got %v, want that it is not permitted", err)
	}
}

// A reader notices that its file is gone, and follows another one that takes its place.
func TestReaderFollowsThePath(t *testing.T) {
	db, a := started(t)
	reader := must[*DB](t)(OpenReadOnly(db.Path()))
	defer reader.Close()
	check(t, reader.Healthy(ctx))
	saved := filepath.Join(t.TempDir(), "saved.db")
	check(t, db.Backup(ctx, saved))
	record(t, db, a, experiments.Record{Points: points("loss", 6, 9)})
	check(t, db.Close())
	if r := info(t, reader, "r0"); r.Last["loss"] != 9 {
		t.Fatalf("last %v", r.Last)
	}
	aside := db.Path() + ".aside"
	check(t, os.Rename(db.Path(), aside))
	if _, err := reader.Run(ctx, "r0"); !errors.Is(err, experiments.ErrMissing) {
		t.Errorf("a page of a deleted file: %v, want ErrMissing", err)
	}
	if err := reader.Healthy(ctx); !errors.Is(err, experiments.ErrMissing) {
		t.Errorf("health: %v, want ErrMissing", err)
	}
	check(t, os.Rename(aside, db.Path()))
	check(t, reader.Healthy(ctx))
	check(t, os.Rename(saved, db.Path()))
	if r := info(t, reader, "r0"); r.Last["loss"] != 5 {
		t.Errorf("after another file has come: last %v, want that of the other", r.Last)
	}
	if err := reader.Healthy(ctx); !errors.Is(err, experiments.ErrReplaced) {
		t.Errorf("health: %v, want ErrReplaced", err)
	}
	reader.source.replaced = reader.source.replaced.Add(-replacedFor)
	check(t, reader.Healthy(ctx))
	check(t, os.WriteFile(db.Path()+"2", []byte("no database"), 0o600))
	check(t, os.Rename(db.Path()+"2", db.Path()))
	if err := reader.Healthy(ctx); err == nil {
		t.Error("well with a file that is no database")
	}
}

func TestHealthySeesDamage(t *testing.T) {
	page := make([]byte, 16384)
	for name, at := range map[string]func(db *DB) int64{
		"a table": func(db *DB) int64 {
			return value[int64](t, db, "SELECT rootpage FROM sqlite_schema WHERE name = 'runs'")
		},
		"content of a checkpoint": func(db *DB) int64 { // an overflow page: most of a chunk lies in those
			return value[int64](t, db, "PRAGMA page_count") / 2
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := started(t)
			broken := at(db)
			check(t, db.Close())
			reader := must[*DB](t)(OpenReadOnly(db.Path()))
			defer reader.Close()
			check(t, reader.Healthy(ctx))
			f := must[*os.File](t)(os.OpenFile(db.Path(), os.O_WRONLY, 0))
			must[int](t)(f.WriteAt(page, (broken-1)*16384))
			check(t, reader.Healthy(ctx)) // for ten seconds, what was found is believed
			reader.doctor.at = reader.doctor.at.Add(-healthEvery)
			if err := reader.Healthy(ctx); !errors.Is(err, experiments.ErrDamaged) {
				t.Errorf("page %d is zero: %v, want ErrDamaged", broken, err)
			}
			check(t, f.Close())
		})
	}
}

// Where a file is too large for one look, the tables and the content are looked at in turn.
func TestHealthyLooksInTurn(t *testing.T) {
	db, a := started(t)
	for step := range int64(2) {
		record(t, db, a, experiments.Record{Checkpoint: large(a, step+2)})
	}
	var d doctor
	conn := sql.OpenDB(readerTo(db.Path()))
	defer conn.Close()
	check(t, d.examineTables(ctx, conn))
	if d.table == 0 {
		t.Error("no table was looked at")
	}
	seen := map[int64]bool{}
	for range 4 {
		check(t, d.examineChunks(ctx, conn))
		seen[d.chunk] = true
	}
	if len(seen) < 3 {
		t.Errorf("looked at chunks up to %v, want several windows", seen)
	}
	tamper(t, db, "UPDATE chunks SET data = zeroblob(length(data)) WHERE id = (SELECT max(id) FROM chunks)")
	var err error
	for range 5 {
		err = errors.Join(err, damaged(d.examineChunks(ctx, conn)))
	}
	if !errors.Is(err, experiments.ErrDamaged) {
		t.Errorf("got %v, want ErrDamaged", err)
	}
}
