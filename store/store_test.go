package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

var ctx = context.Background()

// clock is a clock that stands still until it is moved.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, path string) *DB {
	t.Helper()
	db := must[*DB](t)(Open(path))
	t.Cleanup(func() { db.Close() })
	return db
}

// fresh is a database with study "depth" of n queued runs r0, r1, … and a clock at a whole second.
func fresh(t *testing.T, n int) (*DB, *clock) {
	t.Helper()
	db := open(t, filepath.Join(t.TempDir(), "runs.db"))
	c := &clock{time.Unix(1_700_000_000, 0).UTC()}
	db.Now = c.Now
	check(t, db.Enlist(ctx, study("depth"), runsOf("depth", n)))
	return db, c
}

func study(name string) experiments.Study {
	return experiments.Study{
		Name: name, Base: recorded(experiments.Config{}), Design: "factorial", Seeds: []uint64{1, math.MaxUint64},
		Metric: metric.TestTop1, Report: "last",
		Factors: []experiments.Factor{{Name: "depth",
			Levels: []experiments.Level{{Label: "20", Set: []experiments.Assignment{{Path: "model.n", Value: 3}}}}}},
	}
}

// recorded is a configuration as it comes back from a database, with what is always written.
func recorded(c experiments.Config) experiments.Config {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	var back experiments.Config
	if err := json.Unmarshal(text, &back); err != nil {
		panic(err)
	}
	return back
}

func runsOf(study string, n int) []experiments.Run {
	var runs []experiments.Run
	for i := range n {
		var c experiments.Config
		c.Model.Name, c.Model.Options = "resnet20_cifar", map[string]any{"n": 3.0, "shortcut": "none"}
		c.Optim.Options, c.Epochs = map[string]any{"lr": 0.1}, 10
		c = recorded(c)
		runs = append(runs, experiments.Run{ID: fmt.Sprintf("r%d", i), Study: study, Cell: "depth=20", Levels: map[string]string{"depth": "20"},
			Seed: math.MaxUint64 - uint64(i), Config: c, DataDigest: "abc"})
	}
	return runs
}

func begin(t *testing.T, db *DB, run string) experiments.Attempt {
	t.Helper()
	return must[experiments.Attempt](t)(db.Begin(ctx, run))
}

func points(metric string, from, to int64) []experiments.Point {
	var ps []experiments.Point
	for s := from; s <= to; s++ {
		ps = append(ps, experiments.Point{Metric: metric, Step: s, Epoch: float64(s) / 10, Value: float64(s), Time: time.Unix(s, 0).UTC()})
	}
	return ps
}

func record(t *testing.T, db *DB, a experiments.Attempt, r experiments.Record) {
	t.Helper()
	check(t, db.Record(ctx, a, r))
}

// weights are tensors that differ with the number, but for a frozen one of more than one chunk.
func weights(n float32) []experiments.Tensor {
	frozen := make([]float32, chunkFloats+7)
	for i := range frozen {
		frozen[i] = float32(i)
	}
	return []experiments.Tensor{
		{Name: "model/frozen", Shape: []int{chunkFloats + 7}, Data: frozen},
		{Name: "model/conv1.weight", Shape: []int{2, 2},
			Data: []float32{n, float32(math.Copysign(0, -1)), float32(math.Inf(1)), math.Float32frombits(0x7fc12345)}},
		{Name: "optim/momentum/conv1.weight", Shape: []int{1}, Data: []float32{n}},
		{Name: "model/empty", Shape: []int{0, 3}, Data: []float32{}},
	}
}

func checkpoint(a experiments.Attempt, step int64) *experiments.Checkpoint {
	return &experiments.Checkpoint{Run: a.Run, Attempt: a.Number, Step: step, State: fmt.Appendf(nil, `{"step":%d}`, step),
		Tensors: weights(float32(step))}
}

func save(t *testing.T, db *DB, a experiments.Attempt, step int64) {
	t.Helper()
	record(t, db, a, experiments.Record{Checkpoint: checkpoint(a, step)})
}

func finish(t *testing.T, db *DB, a experiments.Attempt, step int64) {
	t.Helper()
	c := checkpoint(a, step)
	c.Final = true
	record(t, db, a, experiments.Record{Checkpoint: c})
	check(t, db.End(ctx, a, experiments.Done, ""))
}

func steps(s experiments.Series) []int64 {
	var all []int64
	for _, p := range s.Points {
		all = append(all, p.Step)
	}
	return all
}

func info(t *testing.T, db *DB, id string) experiments.RunInfo {
	t.Helper()
	return must[experiments.RunInfo](t)(db.Run(ctx, id))
}

// value reads one value by SQL from another connection.
func value[T any](t *testing.T, db *DB, query string, args ...any) T {
	t.Helper()
	var v T
	check(t, db.read.QueryRow(query, args...).Scan(&v))
	return v
}

// tamper writes by SQL past the store.
func tamper(t *testing.T, db *DB, query string, args ...any) {
	t.Helper()
	check(t, db.update(ctx, 0, func(tx *tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}))
}

func TestLifeOfARun(t *testing.T) {
	db, c := fresh(t, 2)
	want := runsOf("depth", 1)[0]
	r := info(t, db, "r0")
	if !reflect.DeepEqual(r.Run, want) || r.Status != experiments.Queued || !r.Started.IsZero() || !r.Created.Equal(c.now) {
		t.Fatalf("queued run %+v, want %+v", r, want)
	}
	a := begin(t, db, "r0")
	if a != (experiments.Attempt{Run: "r0", Number: 1, Fence: 1}) {
		t.Fatalf("first attempt %+v", a)
	}
	record(t, db, a, experiments.Record{Environment: map[string]string{"cpu": "a", "threads": "2"}})
	record(t, db, a, experiments.Record{Points: points(metric.TestTop1, 1, 3)})
	record(t, db, a, experiments.Record{Log: "begun\n"})
	c.now = c.now.Add(20 * time.Second)
	finish(t, db, a, 3)
	c.now = c.now.Add(time.Hour)
	r = info(t, db, "r0")
	if r.Status != experiments.Done || r.Seconds != 20 || r.Attempt != 1 || r.Environment["cpu"] != "a" || r.Last[metric.TestTop1] != 3 ||
		r.Max[metric.TestTop1] != 3 || r.Min[metric.TestTop1] != 1 {
		t.Errorf("finished run %+v", r)
	}
	if k := r.Checkpoint; k == nil || k.Step != 3 || !k.Final || k.Attempt != 1 || len(k.Digest) != 64 || k.Bytes != 4*(chunkFloats+7+4+1)+10 {
		t.Errorf("its checkpoint %+v", k)
	}
	if _, err := db.Begin(ctx, "r0"); err == nil {
		t.Error("a done run began again")
	}
	if log := must[[]string](t)(db.Log(ctx, "r0", 0)); !reflect.DeepEqual(log, []string{"begun"}) {
		t.Errorf("log %q", log)
	}
	s := must[experiments.StudyInfo](t)(db.Study(ctx, "depth"))
	if !reflect.DeepEqual(s.Study, study("depth")) || s.Counts[experiments.Done] != 1 || s.Counts[experiments.Queued] != 1 {
		t.Errorf("study %+v", s)
	}
}

func TestDoneNeedsFinalCheckpoint(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	save(t, db, a, 3)
	if err := db.End(ctx, a, experiments.Done, ""); err == nil {
		t.Error("done without a final checkpoint")
	}
	if err := db.End(ctx, a, experiments.Running, ""); err == nil {
		t.Error("ended as running")
	}
	check(t, db.End(ctx, a, experiments.Failed, "out of memory"))
	if r := info(t, db, "r0"); r.Status != experiments.Failed || r.Reason != "out of memory" {
		t.Errorf("%s: %s", r.Status, r.Reason)
	}
}

func TestRunsOfSeveralStudies(t *testing.T) {
	db, c := fresh(t, 2)
	c.now = c.now.Add(time.Second)
	other := runsOf("other", 3)[1:]
	other[0].Cell, other[0].Levels = "lr=0.1", map[string]string{"lr": "0.1"}
	check(t, db.Enlist(ctx, study("other"), other))
	ids := func(f experiments.RunFilter) (ids []string) {
		for _, r := range must[[]experiments.RunInfo](t)(db.Runs(ctx, f)) {
			ids = append(ids, r.ID+" "+r.Study+" "+r.Cell)
		}
		return ids
	}
	for _, c := range []struct {
		filter experiments.RunFilter
		want   []string
	}{
		{experiments.RunFilter{}, []string{"r2 other depth=20", "r1 depth depth=20", "r0 depth depth=20"}},
		{experiments.RunFilter{Study: "depth"}, []string{"r1 depth depth=20", "r0 depth depth=20"}},
		{experiments.RunFilter{Study: "other"}, []string{"r2 other depth=20", "r1 other lr=0.1"}},
		{experiments.RunFilter{Study: "nowhere"}, nil},
		{experiments.RunFilter{IDs: []string{"r0", "r9"}}, []string{"r0 depth depth=20"}},
		{experiments.RunFilter{Status: []experiments.Status{experiments.Done, experiments.Failed}}, nil},
		{experiments.RunFilter{Study: "other", IDs: []string{"r1"}, Status: []experiments.Status{experiments.Queued}},
			[]string{"r1 other lr=0.1"}},
	} {
		if got := ids(c.filter); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.filter, got, c.want)
		}
	}
	finish(t, db, begin(t, db, "r1"), 1)
	check(t, db.Enlist(ctx, study("other"), other[:1])) // r2, which was never begun, is not wanted any more
	if got := ids(experiments.RunFilter{Study: "other"}); !reflect.DeepEqual(got, []string{"r1 other lr=0.1"}) {
		t.Errorf("after the change: %q", got)
	}
	if s := must[map[string]experiments.Status](t)(db.Statuses(ctx, []string{"r0", "r1", "r9"})); !reflect.DeepEqual(s,
		map[string]experiments.Status{"r0": experiments.Queued, "r1": experiments.Done}) {
		t.Errorf("statuses %v", s)
	}
	if all := must[[]experiments.StudyInfo](t)(db.Studies(ctx)); len(all) != 2 || all[0].Study.Name != "other" ||
		all[0].Counts[experiments.Done] != 1 || all[0].Counts[experiments.Queued] != 0 || all[1].Counts[experiments.Done] != 1 {
		t.Errorf("studies %+v", all)
	}
}

func TestEnlistIsAllOrNothing(t *testing.T) {
	db, _ := fresh(t, 1)
	changed := runsOf("depth", 2)
	changed[0].DataDigest = "other data under the same id"
	changed[0], changed[1] = changed[1], changed[0]
	if err := db.Enlist(ctx, study("wide"), changed); err == nil {
		t.Fatal("an id with two meanings was accepted")
	}
	if n := value[int](t, db, "SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM studies)"); n != 2 {
		t.Errorf("%d rows, want the 2 of before", n)
	}
	if err := db.Enlist(ctx, study("bad\nname"), nil); err == nil {
		t.Error("a name with a line break was accepted")
	}
}

func TestRunByPrefix(t *testing.T) {
	db, c := fresh(t, 0)
	ids := []string{"aa11", "aa1122", "ab00", "b0"}
	for i, id := range ids {
		c.now = c.now.Add(time.Second)
		r := runsOf("depth", i+1)[i:]
		r[0].ID = id
		check(t, db.Enlist(ctx, study("depth"), r))
	}
	for _, c := range []struct {
		prefix, want string
		err          error
	}{
		{"aa11", "aa11", nil}, {"aa112", "aa1122", nil}, {"AB", "ab00", nil}, {"b", "b0", nil}, {"latest", "b0", nil},
		{"a", "", experiments.ErrAmbiguous}, {"c", "", experiments.ErrNotFound}, {"", "", experiments.ErrNotFound},
		{"a%", "", experiments.ErrNotFound},
	} {
		r, err := db.Run(ctx, c.prefix)
		if !errors.Is(err, c.err) || r.ID != c.want {
			t.Errorf("%q: run %q, error %v; want %q, %v", c.prefix, r.ID, err, c.want, c.err)
		}
	}
	if _, err := db.Study(ctx, "dept"); !errors.Is(err, experiments.ErrNotFound) || err.Error() == "" {
		t.Errorf("unknown study: %v", err)
	}
}
