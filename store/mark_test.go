package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"workbench/experiments"
)

// image copies a database and its log as a kill would leave them.
func image(t *testing.T, path string) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "image.db")
	for _, suffix := range []string{"", "-wal"} {
		if content, err := os.ReadFile(path + suffix); err == nil {
			check(t, os.WriteFile(copied+suffix, content, 0o600))
		}
	}
	return copied
}

// beside puts the log of one database beside another.
func beside(t *testing.T, file, log string) string {
	t.Helper()
	path := image(t, file)
	check(t, os.WriteFile(path+"-wal", must[[]byte](t)(os.ReadFile(log+"-wal")), 0o600))
	return path
}

func TestLogOfAnotherFile(t *testing.T) {
	young, _ := fresh(t, 0) // its log holds every page it has
	db, _ := started(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	check(t, db.Backup(ctx, backup))
	check(t, db.Close())
	closed := image(t, db.Path())
	for round := range 2 { // two logs further, the second of which is left behind
		db = open(t, db.Path())
		save(t, db, begin(t, db, "r0"), int64(10+round))
		if round == 0 {
			check(t, db.Close())
		}
	}
	for name, files := range map[string][2]string{
		"a backup under the log of a new database":  {backup, young.Path()},
		"a backup under the log of its original":    {backup, db.Path()},
		"an old copy under the log of its original": {closed, db.Path()},
		"another database":                          {young.Path(), db.Path()},
	} {
		t.Run(name, func(t *testing.T) {
			path := beside(t, files[0], files[1])
			before, log := contentOf(t, path), contentOf(t, path+"-wal")
			refused(t, path, errStrangeLog.Error(), "move the log elsewhere")
			if contentOf(t, path) != before || contentOf(t, path+"-wal") != log {
				t.Error("the files were changed")
			}
			check(t, os.Rename(path+"-wal", path+".old"))
			if name != "another database" { // of which most was in its log
				holds(t, path)
			}
		})
	}
}

// Whatever the moment of a kill, a database is read with its own log: over several logs, also such as cannot be begun
// anew because of a reader, and whether the log has been copied into the file or not.
func TestLogIsOnesOwn(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	check(t, tune(db, "PRAGMA wal_autocheckpoint=3"))
	logs := map[generation]bool{}
	step := int64(0)
	for round := range 12 {
		if round%5 == 4 { // with a log that begins where the last one was left
			db.Close()
			db = open(t, db.Path())
			a = begin(t, db, "r0")
			check(t, tune(db, "PRAGMA wal_autocheckpoint=3"))
		}
		var release func() error
		if round%3 == 2 {
			q, err := db.read.Begin()
			check(t, err)
			var n int
			check(t, q.QueryRow("SELECT count(*) FROM runs").Scan(&n))
			release = q.Rollback
		}
		for range 3 {
			step++
			record(t, db, a, experiments.Record{Points: points("loss", step, step)})
			g, _, err := logGeneration(db.Path())
			check(t, err)
			logs[g] = true
			left := image(t, db.Path())
			reader := must[*DB](t)(OpenReadOnly(left))
			if r := info(t, reader, "r0"); r.Last["loss"] != float64(step) {
				t.Fatalf("step %d: the image has step %v", step, r.Last["loss"])
			}
			check(t, reader.Close())
			check(t, must[*DB](t)(Open(left)).Close())
		}
		if release != nil {
			check(t, release())
		}
	}
	if len(logs) < 5 {
		t.Errorf("%d logs, want several", len(logs))
	}
}

// tune changes a setting of the writing connection between commits.
func tune(db *DB, pragma string) error {
	rows, err := db.writer.conn.Query(pragma)
	if err != nil {
		return err
	}
	return rows.Close()
}

// A log that was copied into the file in part leaves a file that cannot be read alone.
func TestLogCopiedInPart(t *testing.T) {
	db, _ := started(t)
	whole := contentOf(t, db.Path())
	left := image(t, db.Path())
	check(t, emptyLog(db.writer.conn))
	complete := contentOf(t, db.Path())
	if len(complete) <= len(whole) {
		t.Fatalf("the file has %d bytes with the log, %d without", len(complete), len(whole))
	}
	for pages := 1; pages*16384 < len(complete); pages += 3 {
		part := complete[:pages*16384]
		if len(part) < len(whole) {
			part += whole[len(part):]
		}
		check(t, os.WriteFile(left, []byte(part), 0o600))
		reader, err := OpenReadOnly(left)
		if err != nil {
			t.Fatalf("%d pages are copied: %v", pages, err)
		}
		if r := info(t, reader, "r0"); r.Last["loss"] != 5 {
			t.Errorf("%d pages are copied: last %v", pages, r.Last)
		}
		check(t, reader.Close())
	}
	holds(t, left)
}

// A log is marked before anybody is told that something in it is safe.
func TestEveryLogIsMarked(t *testing.T) {
	db, a := started(t)
	for range 3 {
		check(t, emptyLog(db.writer.conn))
		record(t, db, a, experiments.Record{Log: "a line"})
		if log := contentOf(t, db.Path()+"-wal"); !strings.Contains(log, markRow+db.writer.guard.mark.log) {
			t.Fatal("a log without its mark")
		}
		if now, _, err := logGeneration(db.Path()); err != nil || now != db.writer.guard.marked {
			t.Errorf("log %v, marked %v, %v", now, db.writer.guard.marked, err)
		}
	}
	if text := fmt.Sprint(db.writer.guard.mark); !strings.Contains(text, " ") {
		t.Errorf("mark %q", text)
	}
}
