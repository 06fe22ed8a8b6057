package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// meaning are the rows of a database by what they say: keys, which differ from file to file, are names.
var meaning = map[string]string{
	"studies":        "SELECT name, version, created, updated FROM studies",
	"study_versions": "SELECT study, number, definition, created, updated FROM study_versions",
	"study_runs":     "SELECT l.study, version, r.hash, position, planned, cell, levels FROM study_runs l JOIN runs r ON r.id = l.run",
	"runs": "SELECT hash, study, seed, config, data_digest, status, reason, attempt, fence, lease, created, started, updated " +
		"FROM runs",
	"attempts": "SELECT r.hash, number, a.fence, resumed, kept, host, pid, a.started, ended, a.status, a.reason, environment " +
		"FROM attempts a JOIN runs r ON r.id = a.run",
	"metrics": "SELECT r.hash, n.name, m.attempt, step, kind, value, epoch, time FROM metrics m JOIN runs r ON r.id = m.run " +
		"JOIN metric_names n ON n.id = m.metric",
	"summaries": "SELECT r.hash, n.name, points, last_step, last_kind, last_value, least, greatest FROM summaries s " +
		"JOIN runs r ON r.id = s.run JOIN metric_names n ON n.id = s.metric",
	"run_progress": "SELECT r.hash, p.attempt, epoch, epochs, step, steps, loss, top1, images_per_second, remaining, interval, time, phase " +
		"FROM run_progress p JOIN runs r ON r.id = p.run",
	"run_log": "SELECT r.hash, seq, l.attempt, time, line FROM run_log l JOIN runs r ON r.id = l.run",
	"run_phases": "SELECT r.hash, p.attempt, idx, name, count, first, steps, p.started, epochs, images, multiply_adds " +
		"FROM run_phases p JOIN runs r ON r.id = p.run",
	"run_needs": "SELECT r.hash, o.hash, position FROM run_needs n JOIN runs r ON r.id = n.run JOIN runs o ON o.id = n.needs",
	"checkpoints": "SELECT r.hash, c.attempt, step, final, state, bytes, digest, manifest, c.created FROM checkpoints c " +
		"JOIN runs r ON r.id = c.run",
	"tensors": "SELECT r.hash, c.step, t.position, name, shape, t.digest, seq, k.digest, k.data FROM checkpoint_tensors t " +
		"JOIN checkpoints c ON c.id = t.checkpoint JOIN runs r ON r.id = c.run " +
		"LEFT JOIN tensor_chunks u ON (u.checkpoint, u.position) = (t.checkpoint, t.position) LEFT JOIN chunks k ON k.id = u.chunk",
	"artefacts": "SELECT r.hash, x.attempt, step, name, kind, media, bytes, x.digest, x.created, seq, k.data FROM artefacts x " +
		"JOIN runs r ON r.id = x.run LEFT JOIN artefact_chunks u ON u.artefact = x.id LEFT JOIN chunks k ON k.id = u.chunk",
	"looks": "SELECT name, path, split, what, time FROM looks",
	"latencies": "SELECT r.hash, host, cpu, backend, threads, precision, batch, passes, median, slow, time FROM latencies l " +
		"JOIN runs r ON r.id = l.run",
}

// meant gives all that a file says, by table, sorted.
func meant(t *testing.T, path string) map[string][]string {
	t.Helper()
	conn := must[*sql.DB](t)(sql.Open("sqlite3", path))
	defer conn.Close()
	all := map[string][]string{}
	for table, query := range meaning {
		rows, err := conn.Query(query)
		check(t, each(rows, err, func(rows *sql.Rows) error {
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			values, targets := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				targets[i] = &values[i]
			}
			err = rows.Scan(targets...)
			all[table] = append(all[table], fmt.Sprintf("%x", fmt.Sprint(values...))) // contents may hold any byte
			return err
		}))
		slices.Sort(all[table])
	}
	return all
}

// sameMeaning compares two files but for the tables named.
func sameMeaning(t *testing.T, got, want map[string][]string, but ...string) {
	t.Helper()
	for table := range meaning {
		if slices.Contains(but, table) || slices.Equal(got[table], want[table]) {
			continue
		}
		gone, more := without(want[table], got[table]), without(got[table], want[table])
		t.Errorf("%s: %d rows, want %d; %d are missing, %d too many, such as\n%s\n%s", table, len(got[table]), len(want[table]),
			len(gone), len(more), firstText(gone), firstText(more))
	}
}

func firstText(rows []string) string {
	if len(rows) == 0 {
		return "-"
	}
	var text []byte
	fmt.Sscanf(rows[0], "%x", &text)
	return string(text[:min(len(text), 300)])
}

func other(t *testing.T, path string, checkpoints bool) *Other {
	t.Helper()
	o := must[*Other](t)(OpenOther(ctx, path, t.TempDir(), checkpoints))
	t.Cleanup(func() { o.Close() })
	return o
}

// brought merges a file into a database with all that it has.
func brought(t *testing.T, db *DB, path string, studies ...string) Merged {
	t.Helper()
	o := other(t, path, true)
	defer o.Close()
	return must[Merged](t)(db.Merge(ctx, o, studies))
}

// lively is the path of a closed database in which a run has all that one can have.
func lively(t *testing.T) string {
	t.Helper()
	db, _ := everything(t)
	began := db.Now()
	db.Now = func() time.Time { return began.Add(time.Minute) }
	must[int](t)(db.Sweep(ctx))
	a := begin(t, db, "r2")
	keep(t, db, a, picture("p", 3, 1, chunkBytes+1))
	check(t, db.End(ctx, a, experiments.Interrupted, "stopped"))
	check(t, db.Look(ctx, experiments.Choice{Name: "shapes"}, "test", "weights.safetensors"))
	check(t, db.Late(ctx, []experiments.Latency{latencyOf("r2", "laboratory", 0.25)}))
	s, runs := edited(3, "a", 1, 2)
	enlist(t, db, s, runs)
	finish(t, db, begin(t, db, "a1"), 1)
	s, runs = edited(9, "b", 1)
	enlist(t, db, s, runs)
	check(t, db.End(ctx, begin(t, db, "b1"), experiments.Failed, "broken"))
	check(t, db.Close())
	return db.Path()
}

// A study comes back from an archive as it was, in every table.
func TestArchiveKeepsEverything(t *testing.T) {
	path := lively(t)
	want := meant(t, path)
	for table := range meaning {
		if len(want[table]) == 0 {
			t.Errorf("nothing is in %s, want something to copy", table)
		}
	}
	file := filepath.Join(t.TempDir(), "archive.db")
	o := other(t, path, true)
	m := must[Merged](t)(o.Archive(ctx, file, "Of a test.\n", nil))
	check(t, o.Close())
	if m.Runs[Added] != 6 || len(m.Versions) != 3 || m.Bare != 0 || m.Looks != 1 {
		t.Errorf("archived %+v", m)
	}
	sameMeaning(t, meant(t, file), want)
	back := filepath.Join(t.TempDir(), "back.db")
	db := open(t, back)
	brought(t, db, file)
	sound(t, db)
	check(t, db.Close())
	sameMeaning(t, meant(t, back), want)
	conn := must[*sql.DB](t)(sql.Open("sqlite3", file))
	defer conn.Close()
	about := must[[]string](t)(collect[string](conn.Query("SELECT text FROM about")))
	if len(about) != 1 || !strings.Contains(about[0], "merge FILE") || !strings.HasSuffix(about[0], "Of a test.\n") {
		t.Errorf("it says of itself %q", about)
	}
	for _, entry := range must[[]os.DirEntry](t)(os.ReadDir(filepath.Dir(file))) {
		if !strings.HasPrefix(entry.Name(), "archive.db") || strings.Contains(entry.Name(), "partial") {
			t.Errorf("%s was left beside the archive", entry.Name())
		}
	}
}

// Without checkpoints all else is there, and what has none says so.
func TestArchiveWithoutCheckpoints(t *testing.T) {
	path := lively(t)
	file := filepath.Join(t.TempDir(), "archive.db")
	o := other(t, path, false)
	m := must[Merged](t)(o.Archive(ctx, file, "", nil))
	got := meant(t, file)
	sameMeaning(t, got, meant(t, path), "checkpoints", "tensors")
	if len(got["checkpoints"])+len(got["tensors"]) > 0 || m.Bare != 3 {
		t.Errorf("%d checkpoints, %d runs are said to have none", len(got["checkpoints"]), m.Bare)
	}
	// Those that have the runs without get them from one that has them.
	db := open(t, filepath.Join(t.TempDir(), "back.db"))
	brought(t, db, file)
	if m := brought(t, db, path); m.Runs[Advanced] != 4 || m.Runs[Same] != 2 {
		t.Errorf("checkpoints later: %+v", m)
	}
	sound(t, db)
	check(t, db.Close())
	sameMeaning(t, meant(t, db.Path()), meant(t, path), "runs", "attempts") // whose fences have grown
}

// Of a study or a version only that is taken, and what its runs need.
func TestArchiveOfAVersion(t *testing.T) {
	path := lively(t)
	for _, c := range []struct {
		ref  string
		runs string
	}{{"tiny@1", "a1 a2"}, {"tiny@2", "b1"}, {"tiny", "a1 a2 b1"}, {"depth", "r0 r1 r2"}} {
		file := filepath.Join(t.TempDir(), "archive.db")
		o := other(t, path, true)
		must[Merged](t)(o.Archive(ctx, file, "", []string{c.ref}))
		db := must[*DB](t)(OpenReadOnly(file))
		var runs []string
		for _, r := range must[[]experiments.RunInfo](t)(db.Runs(ctx, experiments.RunFilter{})) {
			runs = append(runs, r.ID)
		}
		slices.Sort(runs)
		if got := strings.Join(runs, " "); got != c.runs {
			t.Errorf("%s: runs %s, want %s", c.ref, got, c.runs)
		}
		must[experiments.StudyInfo](t)(db.Study(ctx, c.ref))
		check(t, db.Close())
	}
	o := other(t, path, true)
	for _, ref := range []string{"tiny@7", "nosuch"} {
		file := filepath.Join(t.TempDir(), "archive.db")
		if _, err := o.Archive(ctx, file, "", []string{ref}); !errors.Is(err, experiments.ErrNotFound) {
			t.Errorf("%s: %v", ref, err)
		}
		if left := must[[]os.DirEntry](t)(os.ReadDir(filepath.Dir(file))); len(left) > 0 {
			t.Errorf("%s: %v was left", ref, left)
		}
	}
}

// A second merge finds everything there, also that of an archive of it.
func TestMergeTwiceChangesNothing(t *testing.T) {
	path := lively(t)
	db := open(t, filepath.Join(t.TempDir(), "all.db"))
	brought(t, db, path)
	before, changes := meant(t, db.Path()), must[int64](t)(db.LastChange(ctx))
	if m := brought(t, db, path); !maps.Equal(m.Runs, map[Brought]int{Same: 6}) || m.Looks != 0 {
		t.Errorf("the second merge: %+v", m)
	}
	if after := must[int64](t)(db.LastChange(ctx)); after != changes {
		t.Errorf("%d changes were announced", after-changes)
	}
	sameMeaning(t, meant(t, db.Path()), before)
}

// Two databases with a half of the seeds each make one with all.
func TestHalvesMakeAWhole(t *testing.T) {
	half := func(seeds ...uint64) string {
		db := open(t, filepath.Join(t.TempDir(), "half.db"))
		db.Now = (&clock{time.Unix(1_700_000_000, 0)}).Now
		s, runs := edited(3, "a", seeds...)
		enlist(t, db, s, runs)
		for _, r := range runs {
			a := begin(t, db, r.ID)
			record(t, db, a, experiments.Record{Points: points(metric.TestTop1, 1, int64(r.Seed))})
			finish(t, db, a, 5)
		}
		check(t, db.Close())
		return db.Path()
	}
	want := meant(t, half(1, 2, 3, 4))
	first, second := half(1, 2), half(3, 4)
	for _, order := range [][]string{{first, second}, {second, first}} {
		db := open(t, filepath.Join(t.TempDir(), "whole.db"))
		for _, path := range order {
			brought(t, db, path)
		}
		sound(t, db)
		check(t, db.Close())
		sameMeaning(t, meant(t, db.Path()), want, "study_runs", "attempts") // positions, processes
	}
}

// What is further counts, whichever database has it.
func TestTheMoreCompleteRunCounts(t *testing.T) {
	make := func(name string, do func(*DB)) string {
		db := open(t, filepath.Join(t.TempDir(), name))
		db.Now = (&clock{time.Unix(1_700_000_000, 0)}).Now
		check(t, db.Enlist(ctx, study("depth"), runsOf("depth", 1)))
		do(db)
		check(t, db.Close())
		return db.Path()
	}
	stopped := func(step int64) func(*DB) {
		return func(db *DB) {
			a := begin(t, db, "r0")
			record(t, db, a, experiments.Record{Points: points("loss", 1, step)})
			save(t, db, a, step)
			check(t, db.End(ctx, a, experiments.Interrupted, "stopped"))
		}
	}
	done := func(db *DB) {
		a := begin(t, db, "r0")
		record(t, db, a, experiments.Record{Points: points("loss", 1, 9)})
		finish(t, db, a, 9)
	}
	ranks := []string{make("queued", func(*DB) {}), make("failed", func(db *DB) {
		check(t, db.End(ctx, begin(t, db, "r0"), experiments.Failed, "no memory"))
	}), make("early", stopped(2)), make("late", stopped(5)), make("done", done)}
	for i, ours := range ranks {
		for k, theirs := range ranks {
			copied := filepath.Join(t.TempDir(), "ours.db")
			check(t, os.WriteFile(copied, must[[]byte](t)(os.ReadFile(ours)), 0o600))
			db := open(t, copied)
			m := brought(t, db, theirs)
			want := map[Brought]int{[]Brought{Kept, Same, Advanced}[1+min(1, max(-1, k-i))]: 1}
			if !maps.Equal(m.Runs, want) {
				t.Errorf("%s into %s: %v, want %v", filepath.Base(theirs), filepath.Base(ours), m.Runs, want)
			}
			sound(t, db)
			check(t, db.Close())
			sameMeaning(t, meant(t, copied), meant(t, ranks[max(i, k)]), "runs", "attempts")
		}
	}
}

// Finished runs with other values are named, and ours stays.
func TestFinishedRunsThatDiffer(t *testing.T) {
	with := func(name string, value float64, end experiments.Status) string {
		db := open(t, filepath.Join(t.TempDir(), name))
		check(t, db.Enlist(ctx, study("depth"), runsOf("depth", 2)))
		for _, run := range []string{"r0", "r1"} {
			a := begin(t, db, run)
			ps := append(points("loss", 1, 4), points(metric.TrainSpeed, 1, 1)...)
			if run == "r1" {
				ps[2].Value = value
			}
			ps[4].Value = value // of the machine
			record(t, db, a, experiments.Record{Points: ps})
			if run == "r1" && end == experiments.Diverged {
				check(t, db.End(ctx, a, end, "NaN"))
				continue
			}
			finish(t, db, a, 4)
		}
		check(t, db.Close())
		return db.Path()
	}
	ours := with("ours", 0.25, experiments.Done)
	before := meant(t, ours)
	db := open(t, ours)
	for theirs, want := range map[string]string{
		with("theirs", 0.5, experiments.Done):      "run r1: loss at step 3 is 0.25 here and 0.5 there",
		with("theirs", 0.5, experiments.Diverged):  "run r1 is done here and diverged there",
		with("theirs", 0.25, experiments.Diverged): "run r1 is done here and diverged there",
	} {
		m := brought(t, db, theirs)
		if len(m.Differ) != 1 || m.Differ[0].String() != want || m.Runs[Same] != 1 || m.Runs[Differs] != 1 {
			t.Errorf("%+v, want %s", m, want)
		}
	}
	check(t, db.Close())
	sameMeaning(t, meant(t, ours), before, "studies", "study_versions") // whose times are of the later
}

// Definitions of one name that train other things are versions of the study; what its name means stays.
func TestMergedVersions(t *testing.T) {
	make := func(epochs int, letter string) string {
		db := open(t, filepath.Join(t.TempDir(), "a.db"))
		s, runs := edited(epochs, letter, 1)
		enlist(t, db, s, runs)
		finish(t, db, begin(t, db, letter+"1"), 1)
		check(t, db.Close())
		return db.Path()
	}
	db := open(t, make(3, "a"))
	m := brought(t, db, make(9, "b"))
	if want := (MergedVersion{"tiny@1", "tiny@2", true}); len(m.Versions) != 1 || m.Versions[0] != want {
		t.Errorf("got %+v, want %+v", m.Versions, want)
	}
	m = brought(t, db, make(9, "b"))
	if want := (MergedVersion{"tiny@1", "tiny@2", false}); len(m.Versions) != 1 || m.Versions[0] != want {
		t.Errorf("got %+v, want %+v", m.Versions, want)
	}
	if s := must[experiments.StudyInfo](t)(db.Study(ctx, "tiny")); s.Version != 1 || len(s.Versions) != 2 {
		t.Errorf("the study is %+v", s.Versions)
	}
	if got := refs(t, db, "tiny@2"); got != "b1 tiny@2" {
		t.Errorf("its second version has %s", got)
	}
}

func TestMergeIsRefused(t *testing.T) {
	path := lively(t)
	db := open(t, path)
	if _, err := db.Merge(ctx, other(t, path, true), nil); err == nil || !strings.Contains(err.Error(), "this database itself") {
		t.Errorf("into itself: %v", err)
	}
	another := open(t, filepath.Join(t.TempDir(), "another.db"))
	runs := runsOf("depth", 1)
	runs[0].DataDigest = "of other data"
	check(t, another.Enlist(ctx, study("depth"), runs))
	before := meant(t, another.Path())
	if _, err := another.Merge(ctx, other(t, path, true), nil); err == nil || !strings.Contains(err.Error(), "of other data") {
		t.Errorf("an id with two meanings: %v", err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := another.Merge(stopped, other(t, path, true), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	sameMeaning(t, meant(t, another.Path()), before)
}
