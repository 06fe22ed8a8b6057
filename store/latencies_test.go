package store

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

// latencyOf is one of batch 1 and two threads, measured so many seconds after the start of 2023.
func latencyOf(run, host string, median float64, after ...int64) experiments.Latency {
	l := experiments.Latency{Run: run, Host: host, CPU: "a processor", Backend: "onednn", Threads: 2, Precision: "float32", Batch: 1,
		Passes: 30, Median: median, Slow: 2 * median, Time: time.Unix(1_672_531_200, 0)}
	for _, s := range after {
		l.Time = l.Time.Add(time.Duration(s) * time.Second)
	}
	return l
}

func same(a, b experiments.Latency) bool {
	at := a.Time.Equal(b.Time)
	a.Time, b.Time = time.Time{}, time.Time{}
	return at && a == b
}

// Of one machine and circumstance the last measurement counts; other machines, threads and batches stand beside it.
func TestLatenciesAreKept(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "runs.db"))
	check(t, db.Enlist(ctx, study("depth"), runsOf("depth", 3)))
	if none, err := db.Latencies(ctx, []string{"r0", "r1"}); err != nil || len(none) != 0 {
		t.Errorf("%v, %v, want none", none, err)
	}
	again, batch, elsewhere := latencyOf("r0", "a", 0.5, 20), latencyOf("r0", "a", 4, 10), latencyOf("r0", "b", 0.25)
	batch.Batch = 32
	check(t, db.Late(ctx, []experiments.Latency{latencyOf("r0", "a", 1), elsewhere, batch, latencyOf("r1", "a", 3)}))
	check(t, db.Late(ctx, []experiments.Latency{again}))
	got := must[[]experiments.Latency](t)(db.Latencies(ctx, []string{"r0", "r2", "nosuch"}))
	if !slices.EqualFunc(got, []experiments.Latency{again, batch, elsewhere}, same) {
		t.Errorf("got %+v", got)
	}
	changes := must[int64](t)(db.LastChange(ctx))
	wrong := latencyOf("r2", "a", 1)
	wrong.Slow = 0.5
	err := db.Late(ctx, []experiments.Latency{latencyOf("r2", "a", 2), wrong})
	if err == nil || !strings.Contains(err.Error(), "latency of run r2") {
		t.Errorf("a quantile below the median: %v, want an error", err)
	}
	if err := db.Late(ctx, []experiments.Latency{latencyOf("nosuch", "a", 2)}); err == nil || !strings.Contains(err.Error(), `run "nosuch"`) {
		t.Errorf("an unknown run: %v, want an error", err)
	}
	if got := must[[]experiments.Latency](t)(db.Latencies(ctx, []string{"r2"})); len(got) != 0 ||
		must[int64](t)(db.LastChange(ctx)) != changes {
		t.Errorf("after errors there are %v", got)
	}
}

// Where two databases have measured the same, the later measurement counts, whichever is brought into which.
func TestMergedLatenciesAreTheLater(t *testing.T) {
	one := func(latencies ...experiments.Latency) *DB {
		db := open(t, filepath.Join(t.TempDir(), "runs.db"))
		check(t, db.Enlist(ctx, study("depth"), runsOf("depth", 2)))
		check(t, db.Late(ctx, latencies))
		return db
	}
	early, late, ours, theirs := latencyOf("r0", "a", 1), latencyOf("r0", "a", 2, 60), latencyOf("r0", "b", 1), latencyOf("r1", "a", 9)
	for _, c := range []struct{ here, there experiments.Latency }{{early, late}, {late, early}} {
		db, from := one(c.here, ours), one(c.there, theirs)
		check(t, from.Close())
		brought(t, db, from.Path())
		got := must[[]experiments.Latency](t)(db.Latencies(ctx, []string{"r0", "r1"}))
		if !slices.EqualFunc(got, []experiments.Latency{late, ours, theirs}, same) {
			t.Errorf("got %+v", got)
		}
	}
}
