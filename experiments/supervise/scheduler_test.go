package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"workbench/experiments"
)

func scheduler(store *memoryStore, l Launcher) Scheduler {
	return Scheduler{Ledger: store, Recorder: store, Launcher: l, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func results(s Summary) map[string]Result {
	all := map[string]Result{}
	for _, o := range s.Outcomes {
		all[o.Run.ID] = o.Result
	}
	return all
}

func TestSchedulerTrainsWhatIsMissing(t *testing.T) {
	runs := grid(5, 1)
	before := map[string]experiments.Status{
		"c1s0": experiments.Done, "c2s0": experiments.Failed, "c3s0": experiments.Interrupted, "c4s0": experiments.Running,
	}
	tests := []struct {
		name   string
		change func(*Scheduler)
		want   map[string]Result
		steps  int64 // points that c3s0 gets, which stopped after 3 of 5
	}{
		{"default", func(*Scheduler) {},
			map[string]Result{"c0s0": Trained, "c1s0": Skipped, "c2s0": StillFailed, "c3s0": Trained, "c4s0": Trained}, 2},
		{"failed", func(s *Scheduler) { s.Failed = true },
			map[string]Result{"c0s0": Trained, "c1s0": Skipped, "c2s0": Trained, "c3s0": Trained, "c4s0": Trained}, 2},
		{"force", func(s *Scheduler) { s.Force = true },
			map[string]Result{"c0s0": Trained, "c1s0": Trained, "c2s0": Trained, "c3s0": Trained, "c4s0": Trained}, 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := newMemoryStore()
			for id, s := range before {
				store.status[id] = s
			}
			store.saved["c3s0"] = experiments.Checkpoint{Run: "c3s0", Step: 3}
			s := scheduler(store, InProcess{counting(5)})
			s.Jobs = 2
			test.change(&s)
			summary, err := s.Run(t.Context(), runs)
			if err != nil {
				t.Fatal(err)
			}
			if got := results(summary); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			for id, r := range test.want {
				statuses := map[Result]experiments.Status{
					Trained: experiments.Done, Skipped: experiments.Done, StillFailed: experiments.Failed,
				}
				if want := statuses[r]; store.status[id] != want {
					t.Errorf("%s is %s in the ledger, want %s", id, store.status[id], want)
				}
			}
			if got := len(store.points("c3s0")); int64(got) != test.steps {
				t.Errorf("the interrupted run recorded %d steps, want %d", got, test.steps)
			}
		})
	}
}

func TestSchedulerGivesEveryCellItsFirstSeedEarly(t *testing.T) {
	store := newMemoryStore()
	if _, err := scheduler(store, InProcess{counting(1)}).Run(t.Context(), grid(3, 2)); err != nil {
		t.Fatal(err)
	}
	want := []string{"c0s0", "c1s0", "c2s0", "c0s1", "c1s1", "c2s1"}
	if !reflect.DeepEqual(store.begun, want) {
		t.Errorf("began %v, want %v", store.begun, want)
	}
}

func TestOneFailureStopsNoOther(t *testing.T) {
	store := newMemoryStore()
	train := func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
		switch job.Run.ID {
		case "c0s0":
			return errors.New("out of memory")
		case "c1s0":
			panic("index out of range")
		case "c2s0":
			return fmt.Errorf("%w: killed", ErrGone)
		}
		return nil
	}
	summary, err := scheduler(store, InProcess{train}).Run(t.Context(), grid(4, 1))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Result{"c0s0": Broke, "c1s0": Broke, "c2s0": Stopped, "c3s0": Trained}
	if got := results(summary); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if store.reason["c0s0"] != "out of memory" || store.reason["c1s0"] != "the trainer crashed: index out of range" {
		t.Errorf("reasons in the ledger: %q", store.reason)
	}
	if store.status["c2s0"] != experiments.Interrupted {
		t.Errorf("a run whose process vanished is %s, want interrupted", store.status["c2s0"])
	}
}

func TestStopSavesACheckpointAndStartsNothingNew(t *testing.T) {
	store := newMemoryStore()
	ctx, stop := context.WithCancel(t.Context())
	store.onRecord = func(a experiments.Attempt, r experiments.Record) {
		if len(r.Points) > 0 {
			stop()
		}
	}
	endless := counting(1 << 60)
	summary, err := scheduler(store, InProcess{endless}).Run(ctx, grid(2, 1))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	if got, want := results(summary), (map[string]Result{"c0s0": Stopped, "c1s0": NotStarted}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if c, saved := store.saved["c0s0"]; !saved || c.Step == 0 || store.status["c0s0"] != experiments.Interrupted {
		t.Errorf("checkpoint %+v, status %s, want a checkpoint and interrupted", c, store.status["c0s0"])
	}
	points := store.points("c0s0")
	if last := points[len(points)-1].Step; last != store.saved["c0s0"].Step {
		t.Errorf("the last point is of step %d, the checkpoint of step %d", last, store.saved["c0s0"].Step)
	}
}

func TestFencedAttemptStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		train := func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
			store.mu.Lock()
			store.fences[job.Run.ID]++ // another process takes over
			store.mu.Unlock()
			<-ctx.Done()
			return ctx.Err()
		}
		summary, err := scheduler(store, InProcess{train}).Run(t.Context(), grid(1, 1))
		if err != nil {
			t.Fatal(err)
		}
		if got := results(summary)["c0s0"]; got != HeldBack {
			t.Errorf("got %s, want held", got)
		}
		if store.status["c0s0"] != experiments.Running {
			t.Errorf("the stale attempt wrote status %s", store.status["c0s0"])
		}
	})
}

func TestLeaseIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		train := func(context.Context, experiments.Job, func(experiments.Record) error) error {
			time.Sleep(35 * time.Second) // of the bubble's clock
			return nil
		}
		if _, err := scheduler(store, InProcess{train}).Run(t.Context(), grid(1, 1)); err != nil {
			t.Fatal(err)
		}
		if store.renewed != 3 {
			t.Errorf("renewed %d times in 35 s, want 3", store.renewed)
		}
	})
}

func TestHeldRuns(t *testing.T) {
	tests := []struct {
		name   string
		happen func(*memoryStore) // after 20 s
		want   Result
	}{
		{"its lease ends", func(m *memoryStore) { m.held["c0s0"] = false }, Trained},
		{"the other process finishes it", func(m *memoryStore) { m.status["c0s0"] = experiments.Done }, Skipped},
		{"the other process goes on", func(*memoryStore) {}, HeldBack},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemoryStore()
				store.held["c0s0"], store.status["c0s0"] = true, experiments.Running
				time.AfterFunc(20*time.Second, func() {
					store.mu.Lock()
					defer store.mu.Unlock()
					test.happen(store)
				})
				started := time.Now()
				summary, err := scheduler(store, InProcess{counting(1)}).Run(t.Context(), grid(2, 1))
				if err != nil {
					t.Fatal(err)
				}
				if got := results(summary); got["c0s0"] != test.want || got["c1s0"] != Trained {
					t.Errorf("got %v, want c0s0 %s and c1s0 trained", got, test.want)
				}
				if store.begun[0] != "c1s0" {
					t.Errorf("began %v: the free run had to wait", store.begun)
				}
				if waited := time.Since(started); waited > 46*time.Second {
					t.Errorf("waited %v", waited)
				}
				synctest.Wait()
				time.Sleep(time.Minute) // the timer of this test must fire inside the bubble
			})
		})
	}
}

func TestFullDiskEndsEverything(t *testing.T) {
	store := newMemoryStore()
	store.recordErr = errors.New("database or disk is full")
	summary, err := scheduler(store, InProcess{counting(1 << 60)}).Run(t.Context(), grid(3, 1))
	if !errors.Is(err, store.recordErr) {
		t.Errorf("got %v, want the recorder's error", err)
	}
	want := map[string]Result{"c0s0": Stopped, "c1s0": NotStarted, "c2s0": NotStarted}
	if got := results(summary); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestJobsAndThreads(t *testing.T) {
	store := newMemoryStore()
	var running, most, threads atomic.Int64
	var together sync.WaitGroup
	together.Add(3)
	train := func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
		n := running.Add(1)
		defer running.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		threads.Store(int64(job.Threads))
		if job.Run.Seed == 1 { // the first three: none ends before all have begun
			together.Done()
			together.Wait()
		}
		return nil
	}
	s := scheduler(store, InProcess{train})
	s.Jobs, s.Threads = 3, 8
	if _, err := s.Run(t.Context(), grid(3, 3)); err != nil {
		t.Fatal(err)
	}
	if most.Load() != 3 || threads.Load() != 2 {
		t.Errorf("at most %d runs with %d threads each, want 3 with 2", most.Load(), threads.Load())
	}
}

func TestSinkKeepsOrderAndGathers(t *testing.T) {
	release := make(chan struct{})
	var got []experiments.Record
	s := newSink(func(r experiments.Record) error {
		<-release
		got = append(got, r)
		return nil
	})
	put := func(r experiments.Record) {
		if err := s.put(r); err != nil {
			t.Error(err)
		}
	}
	for i := range int64(10) {
		put(experiments.Record{Points: []experiments.Point{{Step: i}}})
		put(experiments.Record{Progress: &experiments.Progress{Step: i}})
	}
	put(experiments.Record{Log: "between"})
	put(experiments.Record{Points: []experiments.Point{{Step: 10}}})
	close(release)
	put(experiments.Record{Checkpoint: &experiments.Checkpoint{Step: 11}})
	put(experiments.Record{Points: []experiments.Point{{Step: 12}}})
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	var steps []int64
	saved, progress := -1, int64(-1)
	for _, r := range got {
		for _, p := range r.Points {
			steps = append(steps, p.Step)
		}
		if r.Checkpoint != nil {
			saved = len(steps)
		}
		if r.Progress != nil {
			progress = r.Progress.Step
		}
	}
	if want := []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12}; !reflect.DeepEqual(steps, want) || saved != 11 || progress != 9 {
		t.Errorf("points %v, checkpoint after %d of them, last progress %d", steps, saved, progress)
	}
	if len(got) > 8 {
		t.Errorf("%d records were written one by one", len(got))
	}
}

// A trainer that reports nothing for long must not train on when its records have nowhere to go.
func TestLostDatabaseEndsEverything(t *testing.T) {
	for _, gone := range []error{experiments.ErrMissing, experiments.ErrReplaced} {
		synctest.Test(t, func(t *testing.T) {
			store := newMemoryStore()
			store.renewErr = fmt.Errorf("runs.db: %w", gone)
			train := func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(time.Hour): // or a loss that nobody notices would end no test
					return nil
				}
			}
			summary, err := scheduler(store, InProcess{train}).Run(t.Context(), grid(2, 1))
			if !errors.Is(err, gone) {
				t.Errorf("got %v, want %v", err, gone)
			}
			want := map[string]Result{"c0s0": Stopped, "c1s0": NotStarted}
			if got := results(summary); !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}
