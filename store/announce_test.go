package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

// Whoever follows the changes hears of everything that a page shows, once for each study that a run belongs to, and
// nothing of what shows nowhere.
func TestEveryChangeIsAnnounced(t *testing.T) {
	db, c := fresh(t, 0)
	var a experiments.Attempt
	last := must[int64](t)(db.LastChange(ctx))
	if first := must[int64](t)(open(t, filepath.Join(t.TempDir(), "new.db")).LastChange(ctx)); first != 0 || last != 1 {
		t.Errorf("the last change of a new file is %d, after a study %d", first, last)
	}
	for _, step := range []struct {
		what string
		do   func()
		want string // kind, run and study
	}{
		{"a study", func() { check(t, db.Enlist(ctx, study("depth"), needing(2, "r1 r0"))) }, "study . depth"},
		{"another study of the same run", func() { check(t, db.Enlist(ctx, study("wide"), runsOf("wide", 1))) }, "study . wide"},
		{"an attempt", func() { a = begin(t, db, "r0") }, "status r0 depth, status r0 wide"},
		{"a lease", func() { check(t, db.Renew(ctx, a)) }, ""},
		{"an environment", func() { record(t, db, a, experiments.Record{Environment: map[string]string{}}) }, "status r0 depth, status r0 wide"},
		{"points", func() { record(t, db, a, experiments.Record{Points: points("loss", 1, 3)}) }, "points r0 depth, points r0 wide"},
		{"the same points", func() { record(t, db, a, experiments.Record{Points: points("loss", 1, 3)}) }, "points r0 depth, points r0 wide"},
		{"a checkpoint", func() { save(t, db, a, 2) }, "status r0 depth, status r0 wide"},
		{"a phase", func() { enter(t, db, a, pretraining) }, "status r0 depth, status r0 wide"},
		{"the same phase", func() { enter(t, db, a, pretraining) }, ""},
		{"an artefact", func() { keep(t, db, a, picture("p", 1, 1, 9)) }, "points r0 depth, points r0 wide"},
		{"the same artefact", func() { keep(t, db, a, picture("p", 1, 1, 9)) }, ""},
		{"a line", func() { record(t, db, a, experiments.Record{Log: "x"}) }, "status r0 depth, status r0 wide"},
		{"nothing", func() { record(t, db, a, experiments.Record{}) }, ""},
		{"several at once", func() {
			record(t, db, a, experiments.Record{Log: "x", Points: points("loss", 4, 4), Environment: map[string]string{"a": "b"}})
		}, "status r0 depth, status r0 wide, points r0 depth, points r0 wide"},
		{"a failure", func() { check(t, db.End(ctx, a, experiments.Failed, "x")) },
			"status r1 depth, status r0 depth, status r0 wide"}, // r1 is blocked
		{"an attempt that supersedes points", func() { a = begin(t, db, "r0") },
			"status r1 depth, points r0 depth, points r0 wide, status r0 depth, status r0 wide"},
		{"a stop that nobody told", func() {
			c.now = c.now.Add(Lease)
			must[int](t)(db.Sweep(ctx))
		}, "status r0 depth, status r0 wide"},
		{"a sweep that finds nothing", func() { must[int](t)(db.Sweep(ctx)) }, ""},
		{"the end, for which another run waits", func() { finish(t, db, begin(t, db, "r0"), 9) },
			"points r0 depth, points r0 wide, status r0 depth, status r0 wide, " + // it begins
				"status r0 depth, status r0 wide, " + // its checkpoint
				"status r1 depth, status r0 depth, status r0 wide"},
		{"the same run afresh", func() { a = must[experiments.Attempt](t)(db.BeginAfresh(ctx, "r0")) },
			"status r1 depth, points r0 depth, points r0 wide, status r0 depth, status r0 wide"},
	} {
		step.do()
		var told []string
		for _, change := range must[[]experiments.Change](t)(db.Changes(ctx, last, 0)) {
			if change.Seq <= last {
				t.Errorf("%s: change %d after %d", step.what, change.Seq, last)
			}
			last = change.Seq
			told = append(told, strings.Join([]string{change.Kind, strings.ReplaceAll(change.Run+".", "r0.", "r0"), change.Study}, " "))
		}
		got := strings.ReplaceAll(strings.Join(told, ", "), "r1.", "r1")
		if got != step.want {
			t.Errorf("%s:\n got %s\nwant %s", step.what, got, step.want)
		}
	}
	all := must[[]experiments.Change](t)(db.Changes(ctx, 0, 0))
	for _, n := range []int{-1, 0, 1, 3, len(all), len(all) + 1} {
		want := len(all)
		if n > 0 {
			want = min(n, len(all))
		}
		if got := must[[]experiments.Change](t)(db.Changes(ctx, 0, n)); len(got) != want || got[0] != all[0] {
			t.Errorf("at most %d: %d changes from %+v", n, len(got), got[0])
		}
	}
}

// Only so many changes are kept, the newest.
func TestKeptChanges(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	tamper(t, db, `INSERT INTO changes (seq, run, study, kind)
		WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 5095) SELECT i, 'r0', 'depth', 'status' FROM n`)
	for _, want := range []string{"1001 5096 4096", "1002 5097 4096"} {
		record(t, db, a, experiments.Record{Log: "x"})
		if got := value[string](t, db, "SELECT min(seq) || ' ' || max(seq) || ' ' || count(*) FROM changes"); got != want {
			t.Errorf("kept %s, want %s", got, want)
		}
	}
	if n := len(must[[]experiments.Change](t)(db.Changes(ctx, 0, 0))); n != 4096 {
		t.Errorf("%d changes are told, want 4096", n)
	}
}

// A run is held up to the moment at which its lease ends, for everybody who looks.
func TestTheMomentALeaseEnds(t *testing.T) {
	for _, test := range []struct {
		late   time.Duration
		status experiments.Status
		ended  time.Duration
	}{
		{-time.Microsecond, experiments.Running, Lease - time.Microsecond},
		{0, experiments.Interrupted, 0},
	} {
		db, c := fresh(t, 2)
		check(t, db.Enlist(ctx, study("depth"), needing(2, "r1 r0")))
		enter(t, db, begin(t, db, "r0"), whole)
		began := c.now
		c.now = began.Add(Lease + test.late)
		held := test.status == experiments.Running
		r := info(t, db, "r0")
		a := r.Attempts[0]
		if r.Status != test.status || a.Status != test.status || !a.Ended.Equal(began.Add(test.ended)) || (r.Reason == gone) == held {
			t.Errorf("%v late: %s (%s), its attempt %+v", test.late, r.Status, r.Reason, a)
		}
		if got := must[map[string]experiments.Status](t)(db.Statuses(ctx, []string{"r0"})); got["r0"] != test.status {
			t.Errorf("%v late: statuses %v", test.late, got)
		}
		counts := must[experiments.StudyInfo](t)(db.Study(ctx, "depth")).Counts
		only := must[[]experiments.RunInfo](t)(db.Runs(ctx, experiments.RunFilter{Status: []experiments.Status{test.status}}))
		if counts[test.status] != 1 || len(only) != 1 {
			t.Errorf("%v late: counts %v, %d runs of the status", test.late, counts, len(only))
		}
		_, err := db.Begin(ctx, "r1")
		if want := fmt.Sprintf("run r1: %v: r0 (%s)", experiments.ErrBlocked, test.status); fmt.Sprint(err) != want {
			t.Errorf("%v late: got %v, want %s", test.late, err, want)
		}
		_, err = db.Begin(ctx, "r0")
		if want := fmt.Sprintf("run r0, attempt 1, at least until %s: %v", began.Add(Lease).Format(time.RFC3339), experiments.ErrHeld); held &&
			fmt.Sprint(err) != want || !held && err != nil {
			t.Errorf("%v late: begun with %v, want %s", test.late, err, want)
		}
	}
}

// What a stale or a strange attempt is told.
func TestWhatAStaleAttemptIsTold(t *testing.T) {
	db, _ := fresh(t, 1)
	a := begin(t, db, "r0")
	for _, c := range []struct {
		status experiments.Status
		want   string
	}{
		{experiments.Running, "run r0 cannot end as \"running\": want one of [done interrupted failed diverged]"},
		{experiments.Queued, "run r0 cannot end as \"queued\": want one of [done interrupted failed diverged]"},
		{experiments.Done, "run r0 cannot end as done: its final checkpoint is missing"},
		{experiments.Interrupted, "<nil>"},
		{experiments.Failed, "run r0, attempt 1: the run was taken from it and is interrupted: a newer attempt has taken over"},
	} {
		if err := db.End(ctx, a, c.status, ""); fmt.Sprint(err) != c.want {
			t.Errorf("%s: got %v, want %s", c.status, err, c.want)
		}
	}
	b := begin(t, db, "r0")
	if err := db.Renew(ctx, a); fmt.Sprint(err) != "run r0, attempt 1: attempt 2 has begun: a newer attempt has taken over" {
		t.Errorf("got %v", err)
	}
	for _, change := range []func(*experiments.Attempt){
		func(a *experiments.Attempt) { a.Fence++ }, func(a *experiments.Attempt) { a.Fence-- },
		func(a *experiments.Attempt) { a.Number++ }, func(a *experiments.Attempt) { a.Number-- },
	} {
		odd := b
		change(&odd)
		if err := db.Renew(ctx, odd); err == nil {
			t.Errorf("%+v renewed the lease of %+v", odd, b)
		}
	}
	finish(t, db, b, 1)
	if _, err := db.Begin(ctx, "r0"); fmt.Sprint(err) != "run r0 is done, there is nothing left to begin" {
		t.Errorf("got %v", err)
	}
}
