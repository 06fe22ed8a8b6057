package store

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
)

// needing makes the runs of runsOf need others: "r1 r0" says that r1 needs r0.
func needing(n int, needs ...string) []experiments.Run {
	runs := runsOf("depth", n)
	for _, line := range needs {
		ids := strings.Fields(line)
		i := slices.IndexFunc(runs, func(r experiments.Run) bool { return r.ID == ids[0] })
		runs[i].Needs = ids[1:]
	}
	return runs
}

func TestNeededRunsComeFirst(t *testing.T) {
	db, c := fresh(t, 0)
	check(t, db.Enlist(ctx, study("depth"), needing(4, "r0 r3 r2", "r1 r2"))) // before those they need
	if r := info(t, db, "r0"); !reflect.DeepEqual(r.Needs, []string{"r3", "r2"}) || !reflect.DeepEqual(r.BlockedBy, r.Needs) {
		t.Errorf("needs %q, blocked by %q", r.Needs, r.BlockedBy)
	}
	blocked := func(run string, want map[string]experiments.Status) {
		t.Helper()
		for _, begin := range []func() (experiments.Attempt, error){
			func() (experiments.Attempt, error) { return db.Begin(ctx, run) },
			func() (experiments.Attempt, error) { return db.BeginAfresh(ctx, run) },
		} {
			_, err := begin()
			var e *experiments.BlockedError
			if !errors.As(err, &e) || !errors.Is(err, experiments.ErrBlocked) || e.Run != run || !reflect.DeepEqual(e.By, want) {
				t.Errorf("%s: %v, want blocked by %v", run, err, want)
			}
		}
	}
	blocked("r0", map[string]experiments.Status{"r2": experiments.Queued, "r3": experiments.Queued})
	a, b := begin(t, db, "r2"), begin(t, db, "r3")
	blocked("r0", map[string]experiments.Status{"r2": experiments.Running, "r3": experiments.Running})
	check(t, db.End(ctx, b, experiments.Diverged, "train/loss was NaN at step 3"))
	c.now = c.now.Add(Lease) // nobody has noticed yet that r2's process is gone
	blocked("r0", map[string]experiments.Status{"r2": experiments.Interrupted, "r3": experiments.Diverged})
	check(t, db.Renew(ctx, a))

	seq := must[int64](t)(db.LastChange(ctx))
	finish(t, db, a, 9)
	told := map[string]bool{}
	for _, change := range must[[]experiments.Change](t)(db.Changes(ctx, seq, 0)) {
		told[change.Run] = true
	}
	if !told["r0"] || !told["r1"] || told["r3"] {
		t.Errorf("changes of %v, want r2 and those that waited for it", told)
	}
	blocked("r0", map[string]experiments.Status{"r3": experiments.Diverged})
	if r := info(t, db, "r0"); !reflect.DeepEqual(r.BlockedBy, []string{"r3"}) {
		t.Errorf("blocked by %q", r.BlockedBy)
	}
	begin(t, db, "r1")
	finish(t, db, begin(t, db, "r3"), 9)
	finish(t, db, begin(t, db, "r0"), 9)
	if r := info(t, db, "r0"); r.BlockedBy != nil || len(r.Needs) != 2 || r.Attempt != 1 {
		t.Errorf("done: needs %q, blocked by %q, %d attempts: a blocked begin must leave none", r.Needs, r.BlockedBy, r.Attempt)
	}

	seq = must[int64](t)(db.LastChange(ctx))
	must[experiments.Attempt](t)(db.BeginAfresh(ctx, "r2")) // who needs it waits again
	if _, err := db.BeginAfresh(ctx, "r0"); !errors.Is(err, experiments.ErrBlocked) {
		t.Errorf("afresh while what it needs is made afresh: %v", err)
	}
	if n := len(must[[]experiments.Change](t)(db.Changes(ctx, seq, 0))); n < 3 {
		t.Errorf("%d changes, want r2 and the two that need it", n)
	}
	sound(t, db)
}

// A run that needs a lost one, itself or through others, is blocked in every answer, and says why, until the lost one
// is tried again. One that has begun, or needs one that may still come, is not.
func TestRunsThatNeedALostOneAreBlocked(t *testing.T) {
	db, _ := fresh(t, 0)
	check(t, db.Enlist(ctx, study("depth"), needing(5, "r1 r0", "r2 r1", "r3 r4")))
	stands := func(when string, want ...experiments.Status) {
		t.Helper()
		ids := []string{"r0", "r1", "r2", "r3", "r4"}
		counts := map[experiments.Status]int{}
		for i, status := range must[map[string]experiments.Status](t)(db.Statuses(ctx, ids)) {
			at := slices.Index(ids, i)
			if r := info(t, db, i); status != want[at] || r.Status != want[at] {
				t.Errorf("%s: %s is %s, and %s by itself, want %s", when, i, status, r.Status, want[at])
			}
			counts[want[at]]++
		}
		if got := must[experiments.StudyInfo](t)(db.Study(ctx, "depth")).Counts; !reflect.DeepEqual(got, counts) {
			t.Errorf("%s: counts %v, want %v", when, got, counts)
		}
	}
	const queued, blocked = experiments.Queued, experiments.Blocked
	stands("at first", queued, queued, queued, queued, queued)
	a := begin(t, db, "r0")
	seq := must[int64](t)(db.LastChange(ctx))
	check(t, db.End(ctx, a, experiments.Diverged, "train/loss was NaN at step 3"))
	stands("after it diverged", experiments.Diverged, blocked, blocked, queued, queued)
	if !slices.ContainsFunc(must[[]experiments.Change](t)(db.Changes(ctx, seq, 0)), func(c experiments.Change) bool { return c.Run == "r1" }) {
		t.Error("nobody is told of the run that became blocked")
	}
	for id, want := range map[string]string{"r1": "needs run r0, which diverged", "r2": "needs run r1, which cannot begin", "r3": ""} {
		if r := info(t, db, id); r.Reason != want {
			t.Errorf("%s: reason %q, want %q", id, r.Reason, want)
		}
	}
	listed := must[[]experiments.RunInfo](t)(db.Runs(ctx, experiments.RunFilter{Status: []experiments.Status{blocked}}))
	if len(listed) != 2 {
		t.Errorf("%d blocked runs are listed, want 2", len(listed))
	}
	a = begin(t, db, "r0")
	stands("tried again", experiments.Running, queued, queued, queued, queued)
	check(t, db.End(ctx, a, experiments.Failed, "the disk is full"))
	stands("after it failed", experiments.Failed, blocked, blocked, queued, queued)
	finish(t, db, begin(t, db, "r0"), 9)
	stands("after it was done", experiments.Done, queued, queued, queued, queued)
	sound(t, db)
}

func TestNeedsOfARunThatIsEnlistedAgain(t *testing.T) {
	db, _ := fresh(t, 3)
	enlist := func(needs ...string) []string {
		t.Helper()
		check(t, db.Enlist(ctx, study("depth"), needing(3, needs...)))
		return info(t, db, "r2").Needs
	}
	for _, c := range []struct{ enlisted, want []string }{
		{[]string{"r2 r0 r1 r0"}, []string{"r0", "r1"}}, // twice is once
		{[]string{"r2 r1"}, []string{"r1"}},
		{[]string{"r1 r2"}, nil}, // the other way round than before
	} {
		if got := enlist(c.enlisted...); !slices.Equal(got, c.want) {
			t.Errorf("%q: needs %q, want %q", c.enlisted, got, c.want)
		}
	}
}

func TestNeedsThatCannotBeMet(t *testing.T) {
	for name, c := range map[string]struct {
		runs []experiments.Run
		want string
	}{
		"itself":                    {needing(2, "r1 r1"), "study wide, run r1: it needs itself"},
		"unknown":                   {needing(2, "r1 r0 r7"), `study wide, run r1: it needs run "r7", which is neither recorded nor enlisted`},
		"circle":                    {needing(4, "r0 r1", "r1 r2", "r2 r3", "r3 r1"), "r1 needs r2 needs r3 needs r1"},
		"circle through known runs": {needing(2, "r0 r9"), "r0 needs r9 needs r0"},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := fresh(t, 1)
			known := runsOf("depth", 10)[9:]
			known[0].Needs = []string{"r0"}
			check(t, db.Enlist(ctx, study("depth"), known))
			before := value[string](t, db, "SELECT group_concat(run || ' ' || needs) FROM run_needs")
			err := db.Enlist(ctx, study("wide"), c.runs)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			if name == "unknown" != errors.Is(err, experiments.ErrNotFound) {
				t.Errorf("error %v: ErrNotFound is of unknown runs", err)
			}
			if after := value[string](t, db, "SELECT group_concat(run || ' ' || needs) FROM run_needs"); after != before {
				t.Errorf("needs %q, want those of before, %q", after, before)
			}
		})
	}
}

// Where needs meet again and again, following every way would not end in a lifetime.
func TestManyNeeds(t *testing.T) {
	db, _ := fresh(t, 0)
	runs := runsOf("depth", 60)
	for i := 2; i < len(runs); i++ {
		runs[i].Needs = []string{runs[i-1].ID, runs[i-2].ID}
	}
	check(t, db.Enlist(ctx, study("depth"), runs))
	if r := info(t, db, "r59"); len(r.BlockedBy) != 2 {
		t.Errorf("blocked by %q", r.BlockedBy)
	}
}
