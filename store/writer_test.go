package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"workbench/experiments"
)

func (s Stats) commits() (n uint64) {
	for _, c := range s.Commits {
		n += c
	}
	return n
}

// busy keeps the writer inside a group until the returned function is called.
func busy(t *testing.T, db *DB) (release func()) {
	t.Helper()
	entered, leave, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- db.update(ctx, 0, func(*tx) error {
			close(entered)
			<-leave
			return nil
		})
	}()
	<-entered
	return func() {
		close(leave)
		check(t, <-done)
	}
}

func TestWaitingRecordsShareACommit(t *testing.T) {
	const callers = 50
	db, _ := fresh(t, callers)
	var attempts []experiments.Attempt
	for i := range callers {
		attempts = append(attempts, begin(t, db, fmt.Sprintf("r%d", i)))
	}
	before := db.Stats().commits()
	release := busy(t, db)
	var wg sync.WaitGroup
	errs := make(chan error, callers)
	for _, a := range attempts {
		wg.Go(func() { errs <- db.Record(ctx, a, experiments.Record{Points: points("loss", 1, 1)}) })
	}
	for db.Stats().Pending < callers {
		runtime.Gosched()
	}
	release()
	wg.Wait()
	for range callers {
		check(t, <-errs)
	}
	// The senders may be anywhere between being counted and standing in the queue, so not all must make the first group.
	if n := db.Stats().commits() - before; n > callers/2 {
		t.Errorf("%d commits for %d records", n, callers)
	}
	if n := value[int](t, db, "SELECT count(*) FROM metrics"); n != callers {
		t.Errorf("%d points, want %d", n, callers)
	}
}

func TestOneBadRequestOfAGroup(t *testing.T) {
	db, _ := fresh(t, 2)
	a, b := begin(t, db, "r0"), begin(t, db, "r1")
	check(t, db.End(ctx, b, experiments.Failed, "broken"))
	release := busy(t, db)
	good, bad := make(chan error), make(chan error)
	go func() { good <- db.Record(ctx, a, experiments.Record{Points: points("loss", 1, 1)}) }()
	go func() { bad <- db.Record(ctx, b, experiments.Record{Points: points("loss", 1, 1)}) }()
	release()
	if err := <-bad; !errors.Is(err, experiments.ErrFenced) {
		t.Errorf("stale record: %v", err)
	}
	check(t, <-good)
}

func TestWaitForTheWriterCanBeGivenUp(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	release := busy(t, db)
	late, cancel := context.WithCancel(ctx)
	result := make(chan error)
	go func() { result <- db.Record(late, a, experiments.Record{Points: points("loss", 1, 1)}) }()
	for db.Stats().Pending < 1 {
		runtime.Gosched()
	}
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	release()
	if n := value[int](t, db, "SELECT count(*) FROM metrics"); n != 0 {
		t.Errorf("%d points of a record that was given up", n)
	}
}

func TestProgressIsTheLatest(t *testing.T) {
	db, c := fresh(t, 1)
	a := begin(t, db, "r0")
	before := db.Stats().commits()
	release := busy(t, db)
	var last experiments.Progress
	for step := range int64(100) {
		last = experiments.Progress{Run: "r0", Epoch: 1, Epochs: 10, Step: step, Steps: 1000, Loss: 0.5, Top1: 0.25, ImagesPerSec: 1e3,
			Left: time.Minute, Interval: time.Second, Time: c.now}
		record(t, db, a, experiments.Record{Progress: &last}) // does not wait for the writer
	}
	release()
	check(t, db.Renew(ctx, a)) // its group takes the progress along
	r := info(t, db, "r0")
	if r.Progress == nil || *r.Progress != last {
		t.Fatalf("progress %+v, want %+v", r.Progress, last)
	}
	if n := db.Stats().commits() - before; n > 10 {
		t.Errorf("%d commits for 100 reports", n)
	}
	changes := must[[]experiments.Change](t)(db.Changes(ctx, 0, 0))
	if got := changes[len(changes)-1]; got.Kind != "progress" || got.Run != "r0" || got.Study != "depth" {
		t.Errorf("last change %+v", got)
	}
}

func TestProgressIsWrittenWithoutCompany(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	seq := must[int64](t)(db.LastChange(ctx))
	record(t, db, a, experiments.Record{Progress: &experiments.Progress{Run: "r0", Step: 5}})
	for must[int64](t)(db.LastChange(ctx)) == seq {
		runtime.Gosched()
	}
	check(t, db.Close())
	again := open(t, db.Path())
	if r := info(t, again, "r0"); r.Progress == nil || r.Progress.Step != 5 {
		t.Errorf("progress %+v", r.Progress)
	}
}

func TestClosedAndReadOnly(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Progress: &experiments.Progress{Run: "r0", Step: 5}})
	check(t, db.Close()) // writes it
	check(t, db.Close())
	if err := db.Renew(ctx, a); !errors.Is(err, ErrClosed) {
		t.Errorf("renewed after Close: %v", err)
	}
	reader := must[*DB](t)(OpenReadOnly(db.Path()))
	defer reader.Close()
	for _, err := range []error{
		reader.Renew(ctx, a),
		reader.Record(ctx, a, experiments.Record{Log: "x"}),
		reader.Record(ctx, a, experiments.Record{Progress: &experiments.Progress{}}),
		reader.Enlist(ctx, study("depth"), nil),
	} {
		if !errors.Is(err, ErrReadOnly) {
			t.Errorf("writing to a reader: %v", err)
		}
	}
	if r := info(t, reader, "r0"); r.Progress == nil || r.Progress.Step != 5 {
		t.Errorf("progress %+v", r.Progress)
	}
}

// Several runs record while readers look: nothing is lost, nobody meets a locked database.
func TestConcurrency(t *testing.T) {
	const runs, records = 8, 40
	db, _ := fresh(t, runs)
	var wg sync.WaitGroup
	for i := range runs {
		id := fmt.Sprintf("r%d", i)
		wg.Go(func() {
			a, err := db.Begin(ctx, id)
			for s := int64(1); s <= records && err == nil; s++ {
				err = db.Record(ctx, a, experiments.Record{Points: append(points("loss", s, s), points("acc", s, s)...)})
			}
			if err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			for range 20 {
				if _, err := db.Runs(ctx, experiments.RunFilter{Study: "depth"}); err != nil {
					t.Error(err)
				}
				if _, err := db.Series(ctx, []string{id}, nil, 10); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, r := range must[[]experiments.RunInfo](t)(db.Runs(ctx, experiments.RunFilter{})) {
		if r.Last["loss"] != records || r.Min["acc"] != 1 {
			t.Errorf("run %s: last %v, min %v", r.ID, r.Last, r.Min)
		}
	}
	if s := db.Stats(); s.Points != 2*runs*records || s.Pending != 0 || s.Failed != 0 || s.Seconds <= 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestChangesArePruned(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	tamper(t, db, "INSERT INTO changes (seq, run, study, kind) VALUES (10000, '', 'depth', 'study')")
	record(t, db, a, experiments.Record{Points: points("loss", 1, 1)})
	all := must[[]experiments.Change](t)(db.Changes(ctx, 0, 0))
	want := []experiments.Change{{Seq: 10000, Study: "depth", Kind: "study"}, {Seq: 10001, Run: "r0", Study: "depth", Kind: "points"}}
	if len(all) != 2 || all[0] != want[0] || all[1] != want[1] {
		t.Errorf("changes %+v, want %+v", all, want)
	}
	if got := must[[]experiments.Change](t)(db.Changes(ctx, 10000, 1)); len(got) != 1 || got[0] != want[1] {
		t.Errorf("changes after 10000: %+v", got)
	}
	if last := must[int64](t)(db.LastChange(ctx)); last != 10001 {
		t.Errorf("last change %d", last)
	}
}
