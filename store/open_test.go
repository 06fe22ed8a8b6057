package store

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"workbench/experiments"
)

// alter opens a file as another program would.
func alter(t *testing.T, path string, statements ...string) {
	t.Helper()
	conn := must[*sql.DB](t)(sql.Open("sqlite3", path))
	defer conn.Close()
	for _, s := range statements {
		must[sql.Result](t)(conn.Exec(s))
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string) string // gives the path to open
		want []string
	}{
		{"a missing folder", func(t *testing.T, path string) string { return filepath.Join(filepath.Dir(path), "gone", "runs.db") },
			[]string{"gone does not exist", "make it"}},
		{"a folder", func(t *testing.T, path string) string { return filepath.Dir(path) }, []string{"is a folder"}},
		{"a file as folder", func(t *testing.T, path string) string {
			check(t, os.WriteFile(path, nil, 0o644))
			return filepath.Join(path, "runs.db")
		}, []string{"is not a folder"}},
		{"text", func(t *testing.T, path string) string {
			check(t, os.WriteFile(path, []byte("epochs: 10\n"), 0o644))
			return path
		}, []string{"not a workbench database", `"epochs: 10\n"`}},
		{"another program's database", func(t *testing.T, path string) string {
			alter(t, path, "CREATE TABLE music (title TEXT)")
			before := must[[]byte](t)(os.ReadFile(path))
			t.Cleanup(func() {
				if !bytes.Equal(before, must[[]byte](t)(os.ReadFile(path))) {
					t.Error("the file was changed")
				}
			})
			return path
		}, []string{"not a workbench database", "another program"}},
		{"a newer schema", func(t *testing.T, path string) string {
			check(t, must[*DB](t)(Open(path)).Close())
			alter(t, path, "PRAGMA user_version=99")
			return path
		}, []string{"schema version 99", "use the newer workbench"}},
		{"a damaged file", func(t *testing.T, path string) string {
			check(t, must[*DB](t)(Open(path)).Close())
			check(t, os.WriteFile(path, append([]byte("SQLite format 3\x00"), make([]byte, 500)...), 0o644))
			return path
		}, []string{"not a workbench database"}},
	} {
		for how, open := range map[string]func(string) (*DB, error){"Open": Open, "OpenReadOnly": OpenReadOnly} {
			t.Run(c.name+"/"+how, func(t *testing.T) {
				path := c.make(t, filepath.Join(t.TempDir(), "runs.db"))
				db, err := open(path)
				if err == nil {
					db.Close()
					t.Fatal("opened")
				}
				wants := append(c.want, path)
				if how == "OpenReadOnly" && (errors.Is(err, fs.ErrNotExist)) {
					wants = []string{"there is no database " + path}
				}
				for _, want := range wants {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("error %q lacks %q", err, want)
					}
				}
			})
		}
	}
}

func TestEveryProblemNamesTheFile(t *testing.T) {
	for _, code := range []sqlite3.ErrNo{sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrFull, sqlite3.ErrReadonly, sqlite3.ErrPerm,
		sqlite3.ErrCantOpen, sqlite3.ErrNotADB, sqlite3.ErrCorrupt, sqlite3.ErrIoErr} {
		cause := sqlite3.Error{Code: code}
		if err := explain("/data/runs.db", cause); !errors.Is(err, cause) || !strings.Contains(err.Error(), "/data/runs.db") {
			t.Errorf("code %d: %v", code, err)
		}
	}
	for _, cause := range []error{fs.ErrPermission, fs.ErrNotExist, fs.ErrInvalid} {
		if err := unusable("/data/runs.db", cause); !errors.Is(err, cause) || !strings.Contains(err.Error(), "/data/runs.db") {
			t.Errorf("%v: %v", cause, err)
		}
	}
}

func TestStrangePaths(t *testing.T) {
	path := filepath.Join(t.TempDir(), "what? a #1 100% name & more.db")
	db := open(t, path)
	check(t, db.Enlist(ctx, study("depth"), runsOf("depth", 1)))
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link.db")
	check(t, os.Symlink(path, link))
	if _, err := Open(link); !errors.Is(err, ErrLocked) {
		t.Errorf("the same file by another name: %v, want ErrLocked", err)
	}
	reader := must[*DB](t)(OpenReadOnly(link))
	defer reader.Close()
	if r := info(t, reader, "r0"); r.ID != "r0" {
		t.Errorf("run %q", r.ID)
	}
}

func TestSettings(t *testing.T) {
	db, _ := fresh(t, 0)
	for name, want := range map[string]string{"page_size": "16384", "auto_vacuum": "2", "journal_mode": "wal",
		"query_only": "1", "application_id": "2003526254", "user_version": "6"} {
		if got := value[string](t, db, "PRAGMA "+name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if n := value[int](t, db, `SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
		AND NOT strict AND name NOT LIKE 'sqlite_%'`); n != 0 {
		t.Errorf("%d tables are not STRICT", n)
	}
	err := db.update(ctx, 0, func(t *tx) error {
		_, err := t.Exec("INSERT INTO run_log (run, seq, attempt, time, line) VALUES (77, 1, 1, 1, '')")
		return err
	})
	if err == nil {
		t.Error("a row without its parent was accepted")
	}
	if database, _, free, err := db.Sizes(ctx); database <= 0 || free <= 0 || err != nil {
		t.Errorf("sizes %d, %d, %v", database, free, err)
	}
	other := writerTo(filepath.Join(t.TempDir(), "other.db"))
	other.pragmas = []pragma{{"page_size", "12345", "12345"}} // not a power of two
	if err := sql.OpenDB(other).Ping(); err == nil || !strings.Contains(err.Error(), "page_size is 4096, want 12345") {
		t.Errorf("a setting that was ignored: %v", err)
	}
}

func TestBackup(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	save(t, db, a, 1)
	record(t, db, a, experiments.Record{Points: points("loss", 0, 9)})
	keep(t, db, a, picture("p", 9, 1, chunkBytes+1))
	copied := filepath.Join(t.TempDir(), "copy.db")
	check(t, os.WriteFile(copied+".partial", []byte("of a backup that was stopped"), 0o644))
	check(t, db.Backup(ctx, copied))
	if err := db.Backup(ctx, copied); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over an existing file: %v", err)
	}
	if err := db.Backup(ctx, filepath.Join(copied, "x.db")); err == nil {
		t.Error("into a file")
	}
	if _, err := os.Stat(copied + ".partial"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the partial file is left: %v", err)
	}
	reader := must[*DB](t)(OpenReadOnly(copied))
	defer reader.Close()
	if problems := must[[]string](t)(reader.Verify(ctx)); len(problems) != 0 {
		t.Errorf("problems %q", problems)
	}
	if c := must[experiments.Checkpoint](t)(reader.Restore(ctx, "r0")); c.Step != 1 || !sameTensors(c.Tensors, weights(1)) {
		t.Errorf("restored step %d", c.Step)
	}
	x := must[experiments.Artefact](t)(reader.Artefact(ctx, "r0", "p", 9))
	if !bytes.Equal(x.Data, picture("p", 9, 1, chunkBytes+1).Data) {
		t.Errorf("artefact %+v", x.ArtefactInfo)
	}
	check(t, reader.Close())
	continued := open(t, copied) // and one can go on with it
	if r := info(t, continued, "r0"); r.Status != experiments.Interrupted || r.Last["loss"] != 9 {
		t.Errorf("in the backup: %s, last %v", r.Status, r.Last)
	}
}

// A writer that has the file for a moment only does not turn the next one away.
func TestOpenWithin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	held := must[*writeLock](t)(lock(path))
	if _, err := OpenWithin(path, 20*time.Millisecond); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	time.AfterFunc(100*time.Millisecond, func() { held.release() })
	check(t, must[*DB](t)(OpenWithin(path, time.Minute)).Close())
}
