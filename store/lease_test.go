package store

import (
	"errors"
	"testing"
	"time"

	"workbench/experiments"
)

func TestLease(t *testing.T) {
	db, c := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Environment: map[string]string{"cpu": "a"}})
	for range 3 {
		c.now = c.now.Add(Lease - time.Second)
		if _, err := db.Begin(ctx, "r0"); !errors.Is(err, experiments.ErrHeld) {
			t.Fatalf("a held run began: %v", err)
		}
		check(t, db.Renew(ctx, a))
	}
	if n := must[int](t)(db.Sweep(ctx)); n != 0 {
		t.Fatalf("swept %d living runs", n)
	}
	c.now = c.now.Add(time.Second)
	record(t, db, a, experiments.Record{Log: "still here"})
	alive := c.now
	c.now = c.now.Add(Lease)
	r := info(t, db, "r0") // readers see it before anybody has swept
	if r.Status != experiments.Interrupted || r.Reason != gone || r.Seconds != alive.Sub(r.Started).Seconds() {
		t.Errorf("expired: %s (%s) after %v s", r.Status, r.Reason, r.Seconds)
	}
	if s := must[experiments.StudyInfo](t)(db.Study(ctx, "depth")); s.Counts[experiments.Interrupted] != 1 {
		t.Errorf("counts %v", s.Counts)
	}
	if s := must[map[string]experiments.Status](t)(db.Statuses(ctx, []string{"r0"})); s["r0"] != experiments.Interrupted {
		t.Errorf("statuses %v", s)
	}
	check(t, db.Renew(ctx, a)) // late, but nobody has taken the run
	c.now = c.now.Add(Lease)
	if n := must[int](t)(db.Sweep(ctx)); n != 1 {
		t.Fatalf("swept %d runs, want 1", n)
	}
	if err := db.Renew(ctx, a); !errors.Is(err, experiments.ErrFenced) {
		t.Errorf("renewed after the sweep: %v", err)
	}
	if r := info(t, db, "r0"); r.Status != experiments.Interrupted || r.Reason != gone {
		t.Errorf("swept: %s (%s)", r.Status, r.Reason)
	}
}

// A run has trained as long as its attempts were heard of. Neither the time in which an attempt was dead and nobody
// knew counts nor that between two attempts, and every attempt that is over is closed.
func TestDeadTimeIsNoTraining(t *testing.T) {
	db, c := fresh(t, 1)
	pass := func(d time.Duration) { c.now = c.now.Add(d) }
	want := 0.0
	trained := func(what string, seconds float64) {
		t.Helper()
		want += seconds
		if r := info(t, db, "r0"); r.Seconds != want {
			t.Errorf("%s: %v s of training, want %v", what, r.Seconds, want)
		}
	}
	attempt := func() experiments.Attempt {
		a := begin(t, db, "r0")
		record(t, db, a, experiments.Record{Environment: map[string]string{"threads": "2"}}) // it came so far as to train
		return a
	}
	a := attempt()
	pass(5 * time.Second)
	record(t, db, a, experiments.Record{Log: "the last word of the first attempt"})
	pass(time.Hour)
	a = attempt()
	trained("taken over from a dead attempt", 5)
	pass(7 * time.Second)
	check(t, db.End(ctx, a, experiments.Interrupted, "stopped"))
	pass(time.Hour)
	trained("interrupted", 7)
	a = attempt()
	pass(2 * time.Second)
	check(t, db.Renew(ctx, a))
	pass(time.Hour)
	if n := must[int](t)(db.Sweep(ctx)); n != 1 {
		t.Fatalf("swept %d runs, want 1", n)
	}
	trained("swept", 2)
	closed := "SELECT count(*) FROM attempts WHERE ended IS NOT NULL AND status = 'interrupted'"
	if n := value[int](t, db, closed); n != 3 {
		t.Errorf("%d attempts are closed as interrupted, want 3", n)
	}
}

// A stale attempt can do nothing, however it lost the run.
func TestFence(t *testing.T) {
	for name, lose := range map[string]func(t *testing.T, db *DB, c *clock, a experiments.Attempt){
		"expired, then another began": func(t *testing.T, db *DB, c *clock, a experiments.Attempt) {
			c.now = c.now.Add(Lease)
			begin(t, db, "r0")
		},
		"swept": func(t *testing.T, db *DB, c *clock, a experiments.Attempt) {
			c.now = c.now.Add(Lease)
			must[int](t)(db.Sweep(ctx))
		},
		"ended itself": func(t *testing.T, db *DB, c *clock, a experiments.Attempt) {
			check(t, db.End(ctx, a, experiments.Interrupted, "stopped"))
		},
		"ended, another began": func(t *testing.T, db *DB, c *clock, a experiments.Attempt) {
			check(t, db.End(ctx, a, experiments.Failed, "broken"))
			begin(t, db, "r0")
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, c := fresh(t, 1)
			a := begin(t, db, "r0")
			record(t, db, a, experiments.Record{Points: points("loss", 0, 1)})
			lose(t, db, c, a)
			k := checkpoint(a, 9)
			k.Final = true
			for what, err := range map[string]error{
				"points":      db.Record(ctx, a, experiments.Record{Points: points("loss", 2, 3)}),
				"progress":    db.Record(ctx, a, experiments.Record{Progress: &experiments.Progress{Run: "r0"}}),
				"checkpoint":  db.Record(ctx, a, experiments.Record{Checkpoint: k}),
				"phase":       db.Record(ctx, a, experiments.Record{Phase: &experiments.Phase{Count: 1}}),
				"artefact":    db.Record(ctx, a, experiments.Record{Artefact: picture("p", 1, 1, 1)}),
				"log":         db.Record(ctx, a, experiments.Record{Log: "still here"}),
				"environment": db.Record(ctx, a, experiments.Record{Environment: map[string]string{"a": "b"}}),
				"renew":       db.Renew(ctx, a),
				"end":         db.End(ctx, a, experiments.Failed, ""),
				"divergence":  db.End(ctx, a, experiments.Diverged, ""),
			} {
				if !errors.Is(err, experiments.ErrFenced) {
					t.Errorf("%s: %v, want ErrFenced", what, err)
				}
			}
			rows := `SELECT (SELECT count(*) FROM metrics) + (SELECT count(*) FROM checkpoints) +
				(SELECT count(*) FROM run_log) + (SELECT count(*) FROM chunks) + (SELECT count(*) FROM run_phases)`
			if n := value[int](t, db, rows); n != 2 {
				t.Errorf("%d rows, want the 2 points of before", n)
			}
		})
	}
	db, _ := fresh(t, 1)
	err := db.Record(ctx, experiments.Attempt{Run: "r9", Number: 1}, experiments.Record{Log: "x"})
	if !errors.Is(err, experiments.ErrNotFound) {
		t.Errorf("unknown run: %v", err)
	}
	if _, err := db.Begin(ctx, "r9"); !errors.Is(err, experiments.ErrNotFound) {
		t.Errorf("unknown run: %v", err)
	}
}

// Progress that waits is dropped if the run changes hands before it is written.
func TestLateProgressIsDropped(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	check(t, db.End(ctx, a, experiments.Interrupted, ""))
	db.writer.progress.put(report{a, experiments.Progress{Run: "r0", Step: 7}}) // handed in before End, written after it
	begin(t, db, "r0")
	if r := info(t, db, "r0"); r.Progress != nil {
		t.Errorf("progress of a dead attempt: %+v", r.Progress)
	}
}

// Opening for writing proves that the processes of this host are gone; one on another host may live.
func TestOpenSweepsThisHost(t *testing.T) {
	db, _ := fresh(t, 2)
	db.Now = time.Now
	begin(t, db, "r0")
	begin(t, db, "r1")
	tamper(t, db, "UPDATE attempts SET host = 'elsewhere' WHERE run = (SELECT id FROM runs WHERE hash = 'r1')")
	check(t, db.Close())
	again := open(t, db.Path())
	if a, b := info(t, again, "r0"), info(t, again, "r1"); a.Status != experiments.Interrupted || b.Status != experiments.Running {
		t.Errorf("own run %s, other host's run %s", a.Status, b.Status)
	}
}

// A run that is trained again from the start shows nothing of before, and cannot end on the old final checkpoint.
func TestBeginAfresh(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Points: points("loss", 0, 5)})
	save(t, db, a, 4)
	finish(t, db, a, 5)
	b := must[experiments.Attempt](t)(db.BeginAfresh(ctx, "r0"))
	if b.Resume || b.Number != 2 {
		t.Errorf("attempt %+v", b)
	}
	if _, err := db.BeginAfresh(ctx, "r0"); !errors.Is(err, experiments.ErrHeld) {
		t.Errorf("begun twice: %v", err)
	}
	if _, err := db.Restore(ctx, "r0"); !errors.Is(err, experiments.ErrNoCheckpoint) {
		t.Errorf("restored what is superseded: %v", err)
	}
	if r := info(t, db, "r0"); r.Status != experiments.Running || len(r.Last) != 0 || r.Checkpoint != nil {
		t.Errorf("%s, last %v, checkpoint %+v", r.Status, r.Last, r.Checkpoint)
	}
	if err := db.End(ctx, b, experiments.Done, ""); err == nil {
		t.Error("done on the final checkpoint of an earlier attempt")
	}
	record(t, db, b, experiments.Record{Points: points("loss", 0, 2)})
	save(t, db, b, 2)
	check(t, db.End(ctx, b, experiments.Interrupted, ""))
	if n := value[int](t, db, "SELECT count(*) FROM checkpoints"); n != 1 {
		t.Errorf("%d checkpoints, want the new one alone", n)
	}
	if c := begin(t, db, "r0"); !c.Resume { // and an ordinary attempt continues the new one
		t.Errorf("attempt %+v", c)
	}
	if c := must[experiments.Checkpoint](t)(db.Restore(ctx, "r0")); c.Attempt != 2 || c.Step != 2 {
		t.Errorf("restored attempt %d, step %d", c.Attempt, c.Step)
	}
}

// A diverged run needs no final checkpoint, is a state of its own wherever states are counted, and begins again as a
// failed one does.
func TestDiverged(t *testing.T) {
	db, c := fresh(t, 2)
	a := begin(t, db, "r0")
	record(t, db, a, experiments.Record{Environment: map[string]string{"cpu": "a"}})
	record(t, db, a, experiments.Record{Points: points("loss", 0, 5)})
	save(t, db, a, 4)
	c.now = c.now.Add(3 * time.Second)
	check(t, db.End(ctx, a, experiments.Diverged, "train/loss was NaN at step 5"))
	c.now = c.now.Add(2 * Lease)
	if n := must[int](t)(db.Sweep(ctx)); n != 0 {
		t.Errorf("swept %d runs", n)
	}
	r := info(t, db, "r0")
	if r.Status != experiments.Diverged || r.Reason != "train/loss was NaN at step 5" || r.Seconds != 3 || r.Last["loss"] != 5 {
		t.Errorf("%s (%s) after %v s, last %v", r.Status, r.Reason, r.Seconds, r.Last)
	}
	if s := must[experiments.StudyInfo](t)(db.Study(ctx, "depth")); s.Counts[experiments.Diverged] != 1 || s.Counts[experiments.Failed] != 0 {
		t.Errorf("counts %v", s.Counts)
	}
	only := experiments.RunFilter{Status: []experiments.Status{experiments.Diverged}}
	if all := must[[]experiments.RunInfo](t)(db.Runs(ctx, only)); len(all) != 1 || all[0].ID != "r0" {
		t.Errorf("diverged runs %+v", all)
	}
	if s := must[map[string]experiments.Status](t)(db.Statuses(ctx, []string{"r0"})); s["r0"] != experiments.Diverged {
		t.Errorf("statuses %v", s)
	}
	b := begin(t, db, "r0")
	if !b.Resume || b.Number != 2 {
		t.Errorf("attempt %+v", b)
	}
	finish(t, db, b, 9)
	if r := info(t, db, "r0"); r.Status != experiments.Done || r.Reason != "" {
		t.Errorf("in the end: %s (%s)", r.Status, r.Reason)
	}
}
