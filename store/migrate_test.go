package store

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

// Runs of the databases in testdata; schema_1.go tells what they recorded.
const (
	finishedRun    = "d000000000000001"
	failedRun      = "f000000000000002"
	interruptedRun = "1000000000000003"
	lostRun        = "a000000000000004" // done by version 1, with a loss that is no number
	queuedRun      = "0000000000000005"
)

// unpack gives the path of a copy of a database in testdata.
func unpack(t *testing.T, packed string) string {
	t.Helper()
	file := must[*os.File](t)(os.Open(packed))
	defer file.Close()
	path := filepath.Join(t.TempDir(), "old.db")
	check(t, os.WriteFile(path, must[[]byte](t)(io.ReadAll(must[*gzip.Reader](t)(gzip.NewReader(file)))), 0o644))
	return path
}

// dump gives the rows of every table as text, of the columns named (none: of all, which it names).
func dump(t *testing.T, path string, columns map[string]string) map[string][]string {
	t.Helper()
	conn := must[*sql.DB](t)(sql.Open("sqlite3", path))
	defer conn.Close()
	if len(columns) == 0 {
		rows, err := conn.Query(`SELECT s.name, group_concat('"' || c.name || '"') FROM sqlite_schema s, pragma_table_info(s.name) c
			WHERE s.type = 'table' GROUP BY s.name`)
		check(t, each(rows, err, func(rows *sql.Rows) error {
			var table, names string
			err := rows.Scan(&table, &names)
			columns[table] = names
			return err
		}))
	}
	all := map[string][]string{}
	for table, names := range columns {
		quoted := "quote(" + strings.ReplaceAll(names, ",", ") || ', ' || quote(") + ")"
		all[table] = must[[]string](t)(collect[string](conn.Query("SELECT " + quoted + " FROM " + table + " ORDER BY 1")))
	}
	return all
}

// structure are the indexes and the references of a file.
func structure(t *testing.T, path string) []string {
	t.Helper()
	conn := must[*sql.DB](t)(sql.Open("sqlite3", path))
	defer conn.Close()
	return must[[]string](t)(collect[string](conn.Query(`
		SELECT tbl_name || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE type = 'index' UNION ALL
		SELECT s.name || ' ' || f."from" || ' ' || f."table" || ' ' || f."to" || ' ' || f.on_delete
			FROM sqlite_schema s, pragma_foreign_key_list(s.name) f WHERE s.type = 'table'`)))
}

// without are the strings of a that are not in b.
func without(a, b []string) (rest []string) {
	for _, s := range a {
		if !slices.Contains(b, s) {
			rest = append(rest, s)
		}
	}
	return rest
}

// A file of an earlier version is brought up by whoever reads it first. Where that cannot be, the error says both.
func TestReadersBringOldFilesUp(t *testing.T) {
	for _, packed := range must[[]string](t)(filepath.Glob("testdata/schema_*.db.gz")) {
		path := unpack(t, packed)
		held := must[*writeLock](t)(lock(path))
		_, err := OpenReadOnly(path)
		if !errors.Is(err, errOlder) || !errors.Is(err, ErrLocked) {
			t.Errorf("%s while somebody writes: got %v, want that it is older and locked", packed, err)
		}
		check(t, held.release())
		db := must[*DB](t)(OpenReadOnly(path))
		if studies, err := db.Studies(ctx); err != nil || len(studies) == 0 {
			t.Errorf("%s: %d studies, %v", packed, len(studies), err)
		}
		check(t, db.Close())
	}
}

// Files of every earlier version open, with every row that they had, and can all that a new one can.
func TestOldFiles(t *testing.T) {
	files := must[[]string](t)(filepath.Glob("testdata/schema_*.db.gz"))
	if want := len(must[[]string](t)(migrations())) - 1; len(files) != want {
		t.Errorf("%d files of earlier versions, want %d", len(files), want)
	}
	for _, packed := range files {
		t.Run(filepath.Base(packed), func(t *testing.T) {
			path := unpack(t, packed)
			if _, err := openReadable(path); !errors.Is(err, errOlder) {
				t.Errorf("as it is: %v, want that it is older", err)
			}
			columns := map[string]string{}
			before := dump(t, path, columns)
			if len(before["metrics"]) < 10 || len(before["chunks"]) < 3 {
				t.Fatalf("before: %v, want a file with something in it", before)
			}
			built := structure(t, path)
			versioned := filepath.Base(packed) >= "schema_3" // studies have versions
			db := open(t, path)
			changed := []string{"study_runs study studies name NO ACTION"} // refers to the versions
			if lost := without(without(built, structure(t, path)), changed); len(lost) > 0 || len(built) < 25 {
				t.Errorf("of the structure %q, lost: %q", built, lost)
			}
			delete(before, "studies") // made anew; oldRuns looks at them
			delete(columns, "studies")
			after := dump(t, path, columns)
			for table := range before {
				gone, new := without(before[table], after[table]), without(after[table], before[table])
				changed := 0
				if filepath.Base(packed) == "schema_1.db.gz" && (table == "runs" || table == "attempts") {
					changed = 1 // the run that is diverged now
				}
				added := 0
				if marked := filepath.Base(packed) >= "schema_3"; table == "sqlite_sequence" && marked {
					changed = 1 // the mark of the log
				} else if table == "sqlite_sequence" {
					added = 1
				}
				if len(before[table])+added != len(after[table]) || len(gone) != changed || len(new) != changed+added {
					t.Errorf("table %s: gone %q, new %q", table, gone, new)
				}
			}
			sound(t, db)
			if on := value[int](t, &DB{read: db.writer.conn}, "PRAGMA foreign_keys"); on != 1 {
				t.Error("the writer does not enforce foreign keys")
			}
			oldRuns(t, db, versioned)
			oldValues(t, db)
			goOn(t, db)
			sound(t, db)
			check(t, db.Close())
			oldRuns(t, open(t, path), versioned) // and it stays as it is
		})
	}
}

func oldRuns(t *testing.T, db *DB, versioned bool) {
	t.Helper()
	for id, want := range map[string]struct {
		status  experiments.Status
		reason  string
		attempt int
		seconds float64
	}{
		finishedRun:    {experiments.Done, "", 2, 22},
		failedRun:      {experiments.Failed, "out of memory", 1, 11},
		interruptedRun: {experiments.Interrupted, "stopped", 1, 11},
		lostRun:        {experiments.Diverged, "the last train/loss, at step 30, is NaN", 1, 11},
		queuedRun:      {experiments.Queued, "", 0, 0},
	} {
		r := info(t, db, id)
		if r.Status != want.status || r.Reason != want.reason || r.Attempt != want.attempt || r.Seconds != want.seconds {
			t.Errorf("run %s: %s (%s), attempt %d, %v s; want %+v", id, r.Status, r.Reason, r.Attempt, r.Seconds, want)
		}
		if r.Config.Model.Name != "resnet20_cifar" || r.Config.Optim.Options["lr"] != 0.1 || r.DataDigest != "abc" || r.Levels["depth"] != "20" ||
			r.Created.Unix() != 1_700_000_000 || r.Needs != nil || r.Phases != nil {
			t.Errorf("run %s: %+v", id, r)
		}
		if r.Attempt > 0 && r.Environment["cpu"] != "a processor" {
			t.Errorf("run %s: environment %v", id, r.Environment)
		}
	}
	p := info(t, db, interruptedRun).Progress
	if p == nil || p.Step != 5 || !math.IsNaN(p.Top1) || p.Left != time.Minute || p.Phase != "" {
		t.Errorf("progress %+v", p)
	}
	s := must[experiments.StudyInfo](t)(db.Study(ctx, "depth"))
	if s.Study.Title != "Of an earlier version" || s.Study.Seeds[1] != math.MaxUint64 ||
		s.Counts[experiments.Diverged] != 1 || s.Counts[experiments.Done] != 1 {
		t.Errorf("study %+v", s)
	}
	other := must[[]experiments.RunInfo](t)(db.Runs(ctx, experiments.RunFilter{Study: "other"}))
	// The study was last asked to train without the failed run. Before there were versions, that was an earlier one.
	ref, failures, versions := "other@0", 0, 2
	if versioned {
		ref, failures, versions = "other", 1, 1
	}
	if len(other) != 2 || other[0].ID != failedRun || other[0].Earlier == versioned || other[0].StudyRef() != ref ||
		other[1].ID != finishedRun || other[1].StudyRef() != "other" {
		t.Errorf("study other has %+v", other)
	}
	if s := must[experiments.StudyInfo](t)(db.Study(ctx, "other")); s.Version != 1 || s.Counts[experiments.Failed] != failures ||
		s.All[experiments.Failed] != 1 || len(s.Versions) != versions {
		t.Errorf("study other: %+v", s)
	}
}

func oldValues(t *testing.T, db *DB) {
	t.Helper()
	for _, c := range []struct {
		run, metric string
		want        string // steps and values
	}{
		{finishedRun, "train/loss", "10=4 20=3 30=NaN 40=1.5 50=0.125"}, // without the superseded ones
		{finishedRun, "test/top1", "20=0.25"},
		{interruptedRun, "grad/norm", "1=+Inf 2=-Inf 3=NaN 4=-0 5=0.1"},
		{lostRun, "train/loss", "10=4 20=5 30=NaN"},
	} {
		s := must[[]experiments.Series](t)(db.Series(ctx, []string{c.run}, []string{c.metric}, 0))
		var got []string
		for _, p := range s[0].Points {
			got = append(got, fmt.Sprintf("%d=%v", p.Step, p.Value))
			if p.Time.Unix() != p.Step || p.Epoch != float64(p.Step)/5 {
				t.Errorf("run %s, %s: %+v", c.run, c.metric, p)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("run %s, %s: %s, want %s", c.run, c.metric, got, c.want)
		}
	}
	if log := must[[]string](t)(db.Log(ctx, finishedRun, 0)); !slices.Equal(log, []string{"a line, ü and \"quotes\""}) {
		t.Errorf("log %q", log)
	}
	for run, step := range map[string]int64{finishedRun: 50, interruptedRun: 4, lostRun: 40} {
		c := must[experiments.Checkpoint](t)(db.Restore(ctx, run))
		weight := []float32{float32(step), float32(math.Copysign(0, -1)), float32(math.Inf(1)), math.Float32frombits(0x7fc12345)}
		want := []experiments.Tensor{{Name: "model/conv1.weight", Shape: []int{2, 2}, Data: weight},
			{Name: "model/frozen", Shape: []int{3}, Data: []float32{1, 2, 3}}, {Name: "model/empty", Shape: []int{0, 3}}}
		if c.Step != step || c.Final != (run != interruptedRun) || !sameTensors(c.Tensors, want) {
			t.Errorf("run %s: checkpoint %+v", run, c)
		}
	}
}

// goOn does with an old file what it could not do before.
func goOn(t *testing.T, db *DB) {
	t.Helper()
	db.Now = (&clock{time.Unix(1_700_001_000, 0)}).Now
	last := runsOf("depth", 2)
	last[0].Needs, last[1].Needs = []string{finishedRun}, []string{interruptedRun, lostRun}
	check(t, db.Enlist(ctx, study("new"), last))
	var blocked *experiments.BlockedError
	if _, err := db.Begin(ctx, "r1"); !errors.As(err, &blocked) ||
		!maps.Equal(blocked.By, map[string]experiments.Status{interruptedRun: experiments.Interrupted, lostRun: experiments.Diverged}) {
		t.Errorf("a run that needs a diverged one: %v", err)
	}
	a := begin(t, db, "r0")
	enter(t, db, a, pretraining)
	x := picture("p", 3, 1, chunkBytes+1)
	keep(t, db, a, x)
	record(t, db, a, experiments.Record{Progress: &experiments.Progress{Run: "r0", Phase: "pretrain"}})
	check(t, db.End(ctx, a, experiments.Diverged, "train/loss was +Inf at step 3"))
	if got := must[experiments.Artefact](t)(db.Artefact(ctx, "r0", "p", 3)); !bytes.Equal(got.Data, x.Data) {
		t.Errorf("artefact %+v", got.ArtefactInfo)
	}
	if r := info(t, db, "r0"); r.Status != experiments.Diverged || len(r.Phases) != 1 || !slices.Equal(r.Needs, []string{finishedRun}) {
		t.Errorf("run %+v", r)
	}
}

// A step of the schema that leaves a reference to nothing is not taken.
func TestMigrationKeepsReferences(t *testing.T) {
	path := unpack(t, "testdata/schema_1.db.gz")
	alter(t, path, "DELETE FROM runs WHERE id = 1") // as another program would, which enforces nothing
	before := dump(t, path, map[string]string{})
	_, err := Open(path)
	if err == nil || !strings.Contains(err.Error(), "to schema version 2: ") || !strings.Contains(err.Error(), "missing row of runs") {
		t.Errorf("error %v, want the broken references", err)
	}
	if after := dump(t, path, map[string]string{}); !maps.EqualFunc(before, after, slices.Equal) {
		t.Error("the file was changed")
	}
}
