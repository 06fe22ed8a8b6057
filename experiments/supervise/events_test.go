package supervise

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// told is an event in words: the run, its attempt, its status with the reason, and what of a record it brings.
func told(e Event) string {
	text := fmt.Sprintf("%s#%d %s", e.Run.ID, e.Attempt.Number, e.Status)
	if e.Reason != "" {
		text += " (" + e.Reason + ")"
	}
	if r := e.Record; r != nil {
		for _, p := range r.Points {
			text += fmt.Sprintf(" point %d", p.Step)
		}
		if r.Checkpoint != nil {
			text += fmt.Sprintf(" checkpoint %d", r.Checkpoint.Step)
		}
	}
	return text
}

// The observer is told everything that happens to a run, in its order: that it begins, each record, and how it ended.
// Of a run that another process took over, the end is for that process to tell.
func TestObserverIsToldEverything(t *testing.T) {
	nan := &experiments.DivergedError{Metric: metric.TrainLoss, Value: math.NaN(), Step: 7, Epoch: 2}
	for _, test := range []struct {
		name string
		ends error
		want []string
	}{
		{"trained", nil, []string{"r#3 running", "r#3 running point 1", "r#3 running point 2", "r#3 running checkpoint 2", "r#3 done"}},
		{"failed", errors.New("out of memory"), []string{"r#3 running", "r#3 failed (out of memory)"}},
		{"diverged", nan, []string{"r#3 running", "r#3 diverged (train/loss is NaN at step 7 (epoch 2))"}},
		{"gone", fmt.Errorf("%w: a signal", ErrGone), []string{"r#3 running", "r#3 interrupted (its process is gone: a signal)"}},
		{"taken over", fmt.Errorf("r: %w", experiments.ErrFenced), []string{"r#3 running"}},
	} {
		store := newMemoryStore()
		store.attempts["r"] = 2
		var got []string
		s := scheduler(store, failing(map[string]error{"r": test.ends}))
		s.Observe = func(e Event) {
			got = append(got, told(e))
			store.held["r"] = true // whoever takes it over keeps it
		}
		synctest.Test(t, func(t *testing.T) {
			if _, err := s.Run(t.Context(), []experiments.Run{{ID: "r"}}); err != nil {
				t.Fatal(err)
			}
		})
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: told\n%s\nwant\n%s", test.name, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
		}
	}
}

// An attempt's job says what it is to train, where the data are and how many threads it has.
func TestJobsAreToldWhatTheyNeed(t *testing.T) {
	for _, test := range []struct{ jobs, threads, want int }{{1, 6, 6}, {2, 6, 3}, {4, 6, 1}, {8, 6, 1}} {
		store := newMemoryStore()
		store.saved["r"] = experiments.Checkpoint{Run: "r", Step: 5}
		store.attempts["r"], store.fences["r"] = 1, 4
		run := experiments.Run{ID: "r", Cell: "base", Seed: 3}
		var got experiments.Job
		s := scheduler(store, InProcess{func(_ context.Context, job experiments.Job, _ func(experiments.Record) error) error {
			got = job
			return nil
		}})
		s.Jobs, s.Threads, s.DataDir = test.jobs, test.threads, "/data"
		if _, err := s.Run(t.Context(), []experiments.Run{run}); err != nil {
			t.Fatal(err)
		}
		if got.Resume == nil || got.Resume.Step != 5 {
			t.Fatalf("resumes from %+v, want step 5", got.Resume)
		}
		got.Resume = nil
		want := experiments.Job{Run: run, Attempt: experiments.Attempt{Run: "r", Number: 2, Fence: 5, Resume: true},
			DataDir: "/data", Threads: test.want}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

// ledger answers as the store does, but for what a test gives it.
type ledger struct {
	*memoryStore
	begin, end, restore, statuses error
}

func (l ledger) Begin(ctx context.Context, run string) (experiments.Attempt, error) {
	if l.begin != nil {
		return experiments.Attempt{}, l.begin
	}
	return l.memoryStore.Begin(ctx, run)
}

func (l ledger) End(ctx context.Context, a experiments.Attempt, status experiments.Status, reason string) error {
	if err := ctx.Err(); err != nil || l.end != nil {
		return errors.Join(err, l.end)
	}
	return l.memoryStore.End(ctx, a, status, reason)
}

func (l ledger) Restore(ctx context.Context, run string) (experiments.Checkpoint, error) {
	if l.restore != nil {
		return experiments.Checkpoint{}, l.restore
	}
	return l.memoryStore.Restore(ctx, run)
}

func (l ledger) Statuses(ctx context.Context, ids []string) (map[string]experiments.Status, error) {
	if l.statuses != nil {
		return nil, l.statuses
	}
	return l.memoryStore.Statuses(ctx, ids)
}

// What the ledger refuses ends a run, or everything if nothing can be recorded any more.
func TestWhatTheLedgerRefuses(t *testing.T) {
	full := errors.New("disk is full")
	for _, test := range []struct {
		name          string
		change        func(*ledger)
		first, second string // result and reason of the two runs
		err           string // of everything
	}{
		{"nothing", func(*ledger) {}, "trained ", "trained ", ""},
		{"to say what is done", func(l *ledger) { l.statuses = full }, "", "", "asking what is done: disk is full"},
		{"to begin", func(l *ledger) { l.begin = full }, "failed disk is full", "not started ",
			"run c0s0: beginning an attempt: disk is full"},
		{"to end", func(l *ledger) { l.end = full }, "interrupted run c0s0: ending attempt 1 as done: disk is full", "not started ",
			"run c0s0: ending attempt 1 as done: disk is full"},
		{"to end what was taken over", func(l *ledger) { l.end = experiments.ErrFenced },
			"interrupted a newer attempt has taken over", "interrupted a newer attempt has taken over", ""},
		{"a damaged checkpoint", func(l *ledger) { l.restore = full },
			"failed restoring its checkpoint: disk is full", "trained ", ""},
		{"every checkpoint", func(l *ledger) { l.restore = fmt.Errorf("c0s0: %w", experiments.ErrNoCheckpoint) }, "trained ", "trained ", ""},
		{"to record", func(l *ledger) { l.recordErr = full },
			"interrupted its process is gone: recording run c0s0: disk is full", "not started ", "recording run c0s0: disk is full"},
		{"to record what was taken over", func(l *ledger) { l.recordErr = experiments.ErrFenced },
			"held a newer attempt has taken over", "held a newer attempt has taken over", ""},
	} {
		store := newMemoryStore()
		store.saved["c0s0"] = experiments.Checkpoint{Run: "c0s0", Step: 3}
		l := ledger{memoryStore: store}
		test.change(&l)
		s := scheduler(store, InProcess{counting(5)})
		s.Ledger = l
		var summary Summary
		var err error
		synctest.Test(t, func(t *testing.T) { summary, err = s.Run(t.Context(), grid(2, 1)) })
		if text := fmt.Sprint(err); text != test.err && (err != nil || test.err != "") {
			t.Errorf("%s: got error %q, want %q", test.name, text, test.err)
		}
		var got []string
		for _, o := range summary.Outcomes {
			got = append(got, strings.Replace(string(o.Result), string(Stopped), "interrupted", 1)+" "+o.Reason)
		}
		want := slices.DeleteFunc([]string{test.first, test.second}, func(s string) bool { return s == "" })
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", test.name, got, want)
		}
	}
}

// A run that another process finished between the look at it and its turn is skipped; so is none that is forced.
func TestRunFinishedElsewhereMeanwhileIsSkipped(t *testing.T) {
	store := newMemoryStore()
	finishing := InProcess{func(context.Context, experiments.Job, func(experiments.Record) error) error {
		store.mu.Lock()
		defer store.mu.Unlock()
		store.status["c1s0"] = experiments.Done
		return nil
	}}
	summary, err := scheduler(store, finishing).Run(t.Context(), grid(2, 1))
	if err != nil || len(summary.Outcomes) != 2 {
		t.Fatal(summary, err)
	}
	if o := summary.Outcomes[1]; o.Result != Skipped || o.Reason != "another process finished it" {
		t.Errorf("got %s (%s)", o.Result, o.Reason)
	}
}

// A forced run starts from the beginning although it has a checkpoint, for which it never asks.
func TestForcedRunsResumeNothing(t *testing.T) {
	store := newMemoryStore()
	store.saved["c0s0"] = experiments.Checkpoint{Run: "c0s0", Step: 3}
	s := scheduler(store, InProcess{counting(5)})
	s.Ledger, s.Force = ledger{memoryStore: store, restore: errors.New("it was asked")}, true
	summary, err := s.Run(t.Context(), grid(1, 1))
	if err != nil || len(summary.Only(Trained)) != 1 || len(store.points("c0s0")) != 5 {
		t.Errorf("got %v, %v, %d points, want all 5", summary.Outcomes, err, len(store.points("c0s0")))
	}
}
