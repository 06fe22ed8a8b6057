package store

import (
	"slices"
	"testing"
	"time"

	"workbench/experiments"
)

var whole = experiments.Phase{Count: 1, Steps: 10}

// Time counts while a run trains: not while its process starts, not between attempts, and not after the last word of a
// process that is gone.
func TestOnlyTrainingIsTrainingTime(t *testing.T) {
	db, c := fresh(t, 1)
	start := c.now
	pass := func(seconds int) { c.now = c.now.Add(time.Duration(seconds) * time.Second) }
	spent := func(when string, want float64) {
		t.Helper()
		if r := info(t, db, "r0"); r.Seconds != want || r.Elapsed(c.now) != want {
			t.Errorf("%s: %v s, of which %v s have passed, want %v s", when, r.Seconds, r.Elapsed(c.now), want)
		}
	}
	a := begin(t, db, "r0")
	spent("begun", 0)
	pass(3) // data are read
	record(t, db, a, experiments.Record{Environment: map[string]string{"threads": "2"}})
	enter(t, db, a, whole)
	spent("trains", 0)
	pass(5)
	save(t, db, a, 4)
	spent("trains", 5)
	check(t, db.End(ctx, a, experiments.Interrupted, "stopped"))
	pass(1000)
	spent("interrupted", 5)

	b := begin(t, db, "r0")
	pass(4)
	spent("does not train yet", 5)
	record(t, db, b, experiments.Record{Environment: map[string]string{"threads": "4"}})
	enter(t, db, b, whole)
	pass(2)
	record(t, db, b, experiments.Record{Log: "the last word"})
	pass(500)
	spent("without an answer", 7)

	d := begin(t, db, "r0")
	pass(1)
	check(t, db.End(ctx, d, experiments.Failed, "the data are gone"))
	spent("failed before it trained", 7)

	r := info(t, db, "r0")
	var stands []experiments.Status
	for _, a := range r.Attempts {
		stands = append(stands, a.Status)
	}
	if want := []experiments.Status{experiments.Interrupted, experiments.Interrupted, experiments.Failed}; !slices.Equal(stands, want) {
		t.Errorf("attempts ended as %v, want %v", stands, want)
	}
	if r.Environment["threads"] != "4" || r.Attempts[0].Environment["threads"] != "2" || r.Attempts[1].Resumed != 4 {
		t.Errorf("attempts %+v", r.Attempts)
	}
	for after, want := range map[int]float64{0: 0, 2: 0, 3: 0, 5: 2, 8: 5, 900: 5, 1008: 5, 1012: 5, 1013: 6, 1014: 7, 5000: 7} {
		if got := r.Elapsed(start.Add(time.Duration(after) * time.Second)); got != want {
			t.Errorf("after %d s it had trained %v s, want %v s", after, got, want)
		}
	}
}

// What was active last comes first, whatever was recorded first.
func TestTheLastActiveComesFirst(t *testing.T) {
	db, c := fresh(t, 3)
	check(t, db.Enlist(ctx, study("later"), runsOf("later", 1)))
	order := func(when string, want ...string) {
		t.Helper()
		var got []string
		for _, r := range must[[]experiments.RunInfo](t)(db.Runs(ctx, experiments.RunFilter{Study: "depth"})) {
			got = append(got, r.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: runs %v, want %v", when, got, want)
		}
		if latest := info(t, db, "latest").ID; latest != want[0] {
			t.Errorf("%s: latest is %s, want %s", when, latest, want[0])
		}
	}
	pass := func() { c.now = c.now.Add(time.Second) }
	pass()
	a := begin(t, db, "r1")
	order("one began", "r1", "r2", "r0")
	pass()
	b := begin(t, db, "r0")
	order("another began", "r0", "r1", "r2")
	pass()
	record(t, db, a, experiments.Record{Points: points("loss", 0, 1)})
	order("the first reported", "r1", "r0", "r2")
	pass()
	check(t, db.Enlist(ctx, study("depth"), runsOf("depth", 3))) // which is no activity of a run
	order("enlisted again", "r1", "r0", "r2")
	check(t, db.End(ctx, b, experiments.Interrupted, "stopped"))
	order("ended", "r0", "r1", "r2")
	c.now = c.now.Add(2 * Lease)
	if n := must[int](t)(db.Sweep(ctx)); n != 1 {
		t.Fatalf("swept %d runs, want 1", n)
	}
	order("somebody noticed that one is gone", "r0", "r1", "r2")
}

func TestStudiesByLastActivity(t *testing.T) {
	db, c := fresh(t, 2)
	c.now = c.now.Add(time.Second)
	check(t, db.Enlist(ctx, study("wide"), nil))
	first := func(want string) {
		t.Helper()
		if got := must[[]experiments.StudyInfo](t)(db.Studies(ctx)); got[0].Study.Name != want {
			t.Errorf("the first study is %s, want %s", got[0].Study.Name, want)
		}
	}
	first("wide")
	c.now = c.now.Add(time.Second)
	begin(t, db, "r1")
	first("depth")
}

// Progress is that of the running attempt: what an earlier one reported is no news of this one.
func TestProgressIsOfTheRunningAttempt(t *testing.T) {
	for _, again := range []func(*DB) (experiments.Attempt, error){
		func(db *DB) (experiments.Attempt, error) { return db.Begin(ctx, "r0") },
		func(db *DB) (experiments.Attempt, error) { return db.BeginAfresh(ctx, "r0") },
	} {
		db, _ := fresh(t, 1)
		a := begin(t, db, "r0")
		record(t, db, a, experiments.Record{Progress: &experiments.Progress{Run: "r0", Step: 7}})
		record(t, db, a, experiments.Record{Points: points("loss", 0, 1)}) // written with it
		check(t, db.End(ctx, a, experiments.Interrupted, "stopped"))
		if p := info(t, db, "r0").Progress; p == nil || p.Step != 7 {
			t.Fatalf("progress of the last attempt: %+v", p)
		}
		b := must[experiments.Attempt](t)(again(db))
		if p := info(t, db, "r0").Progress; p != nil {
			t.Errorf("an attempt that has reported nothing has the progress %+v", p)
		}
		record(t, db, b, experiments.Record{Progress: &experiments.Progress{Run: "r0", Step: 2}})
		record(t, db, b, experiments.Record{Points: points("loss", 2, 3)})
		if p := info(t, db, "r0").Progress; p == nil || p.Step != 2 {
			t.Errorf("progress %+v, want that of the new attempt", p)
		}
	}
}
