package supervise

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// needing gives runs named by a text such as "a b:a c:b,x": b needs a, c needs b and x. The ledger knows it too.
func needing(store *memoryStore, text string) []experiments.Run {
	var runs []experiments.Run
	for word := range strings.FieldsSeq(text) {
		id, needs, _ := strings.Cut(word, ":")
		r := experiments.Run{ID: id, Cell: id, Seed: 1}
		if needs != "" {
			r.Needs = strings.Split(needs, ",")
		}
		store.status[id], store.needs[id] = experiments.Queued, r.Needs
		runs = append(runs, r)
	}
	return runs
}

// reasonOf a run in the summary.
func reasonOf(s Summary, id string) string {
	i := slices.IndexFunc(s.Outcomes, func(o Outcome) bool { return o.Run.ID == id })
	return s.Outcomes[i].Reason
}

// failing trains a moment but for the runs that end with an error.
func failing(how map[string]error) InProcess {
	return InProcess{func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
		if err := how[job.Run.ID]; err != nil {
			return err
		}
		return counting(2)(ctx, job, emit)
	}}
}

func TestNeededRunsComeFirst(t *testing.T) {
	for text, want := range map[string]string{
		"a b c":                   "a b c",
		"b:a c:a a d":             "a b c d", // trained once for both
		"d:c c:b b:a a":           "a b c d",
		"x y:x,z z w":             "x z y w",
		"p:q q:p r":               "q p r", // which the ledger would not have taken
		"a b:a c:elsewhere,a":     "a b c",
		"d:b,c c:a b:a a e:d,a f": "a b c d e f",
	} {
		var got []string
		for _, r := range needsFirst(needing(newMemoryStore(), text)) {
			got = append(got, r.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: ordered %v, want %s", text, got, want)
		}
	}
}

// A pretraining of each seed is needed by two cells: it comes before them and is trained once, and the order of seeds
// stays.
func TestSharedPretrainingIsTrainedOnce(t *testing.T) {
	for jobs := 1; jobs <= 3; jobs++ {
		store := newMemoryStore()
		var runs []experiments.Run
		for seed := range uint64(2) {
			pretraining := fmt.Sprintf("p%d", seed)
			for _, cell := range []string{"a", "b"} {
				id := fmt.Sprintf("%s%d", cell, seed)
				store.needs[id] = []string{pretraining}
				runs = append(runs, experiments.Run{ID: id, Cell: cell, Seed: seed, Needs: store.needs[id]})
			}
			runs = append(runs, experiments.Run{ID: pretraining, Cell: "p", Seed: seed})
		}
		s := scheduler(store, InProcess{counting(2)})
		s.Jobs = jobs
		summary, err := s.Run(t.Context(), runs)
		if err != nil || len(summary.Only(Trained)) != len(runs) {
			t.Fatalf("%d jobs: %v, %v, want all trained", jobs, results(summary), err)
		}
		if want := []string{"p0", "a0", "b0", "p1", "a1", "b1"}; jobs == 1 && !slices.Equal(store.begun, want) {
			t.Errorf("began %v, want %v", store.begun, want)
		}
		if len(store.begun) != len(runs) {
			t.Errorf("%d jobs: began %v, want every run once", jobs, store.begun)
		}
	}
}

// What waits for a run takes no worker: the other runs go on beside it.
func TestWaitingRunsOccupyNoWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		runs := needing(store, "p a:p b:p c d")
		var asked int
		train := func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
			if job.Run.ID == "p" {
				time.Sleep(time.Hour)
			} else {
				time.Sleep(time.Minute)
			}
			return nil
		}
		s := scheduler(store, InProcess{train})
		s.Jobs, s.Ledger = 2, countingLedger{store, &asked}
		began := time.Now()
		if summary, err := s.Run(t.Context(), runs); err != nil || len(summary.Only(Trained)) != len(runs) {
			t.Fatalf("%v, %v, want all trained", results(summary), err)
		}
		if first := slices.Sorted(slices.Values(store.begun[:3])); !slices.Equal(first, []string{"c", "d", "p"}) {
			t.Errorf("began %v, want first p beside c and d", store.begun)
		}
		if took := time.Since(began); took != time.Hour+time.Minute {
			t.Errorf("took %v, want 1h1m0s", took)
		}
		if asked != 1 {
			t.Errorf("the ledger was asked %d times, want once: nothing is held by others", asked)
		}
	})
}

// countingLedger counts questions for statuses.
type countingLedger struct {
	*memoryStore
	asked *int
}

func (c countingLedger) Statuses(ctx context.Context, ids []string) (map[string]experiments.Status, error) {
	*c.asked++
	return c.memoryStore.Statuses(ctx, ids)
}

func TestWhatNeedsALostRunIsBlocked(t *testing.T) {
	nan := &experiments.DivergedError{Metric: metric.TrainLoss, Value: math.NaN(), Step: 7, Epoch: 2}
	tests := []struct {
		name, runs string
		how        map[string]error
		before     map[string]experiments.Status
		want       map[string]Result
		reason     string // of b
	}{
		{"failed", "a b:a c:b d", map[string]error{"a": errors.New("out of memory")}, nil,
			map[string]Result{"a": Broke, "b": Blocked, "c": Blocked, "d": Trained}, "it needs run a, which failed"},
		{"diverged", "a b:a c", map[string]error{"a": nan}, nil,
			map[string]Result{"a": Diverged, "b": Blocked, "c": Trained}, "it needs run a, which diverged"},
		{"killed", "a b:a c", map[string]error{"a": fmt.Errorf("%w: killed", ErrGone)}, nil,
			map[string]Result{"a": Stopped, "b": Blocked, "c": Trained}, "it needs run a, which was interrupted"},
		{"failed before", "a b:a", nil, map[string]experiments.Status{"a": experiments.Failed},
			map[string]Result{"a": StillFailed, "b": Blocked}, "it needs run a, which failed"},
		{"diverged before", "a b:a", nil, map[string]experiments.Status{"a": experiments.Diverged},
			map[string]Result{"a": StillDiverged, "b": Blocked}, "it needs run a, which diverged"},
		{"two of three", "a x y b:a,x,y", map[string]error{"a": nan, "y": errors.New("oh")}, nil,
			map[string]Result{"a": Diverged, "x": Trained, "y": Broke, "b": Blocked},
			"it needs run a, which diverged; it needs run y, which failed"},
		{"done elsewhere", "b:a", nil, map[string]experiments.Status{"a": experiments.Done}, map[string]Result{"b": Trained}, ""},
		{"interrupted elsewhere", "b:a", nil, map[string]experiments.Status{"a": experiments.Interrupted},
			map[string]Result{"b": Blocked}, "it needs run a, which was interrupted and is not among the runs to train"},
		{"unknown", "b:a", nil, nil, map[string]Result{"b": Blocked}, "it needs run a, which is not recorded"},
		{"a circle", "a:b b:a c:a d", nil, nil, map[string]Result{"a": Blocked, "b": Blocked, "c": Blocked, "d": Trained},
			"the runs that it needs wait for one another: a"},
		{"several in a circle", "b:a,c a:b c:b", nil, nil, map[string]Result{"a": Blocked, "b": Blocked, "c": Blocked},
			"the runs that it needs wait for one another: a, c"},
		{"itself", "b:b", nil, nil, map[string]Result{"b": Blocked}, "the runs that it needs wait for one another: b"},
	}
	for _, test := range tests {
		for jobs := 1; jobs <= 2; jobs++ {
			t.Run(fmt.Sprintf("%s, %d jobs", test.name, jobs), func(t *testing.T) {
				store := newMemoryStore()
				runs := needing(store, test.runs)
				for id, status := range test.before {
					store.status[id] = status
				}
				s := scheduler(store, failing(test.how))
				s.Jobs = jobs
				summary, err := s.Run(t.Context(), runs)
				if err != nil || !reflect.DeepEqual(results(summary), test.want) {
					t.Errorf("got %v, %v, want %v", results(summary), err, test.want)
				}
				if got := reasonOf(summary, "b"); got != test.reason && jobs == 1 { // with two, the first loss settles it
					t.Errorf("reason %q, want %q", got, test.reason)
				}
			})
		}
	}
}

// The pretraining's process is killed in mid-training; the next call continues it from its checkpoint, then trains what
// needs it.
func TestKilledPretrainingContinuesLater(t *testing.T) {
	store := newMemoryStore()
	runs := needing(store, "p a:p b:p")
	dying := func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
		if job.Run.ID != "p" {
			return counting(5)(ctx, job, emit)
		}
		return errors.Join(emit(experiments.Record{Checkpoint: &experiments.Checkpoint{Run: "p", Step: 3}}), ErrGone)
	}
	summary, err := scheduler(store, InProcess{dying}).Run(t.Context(), runs)
	if want := (map[string]Result{"p": Stopped, "a": Blocked, "b": Blocked}); err != nil || !reflect.DeepEqual(results(summary), want) {
		t.Fatalf("got %v, %v, want %v", results(summary), err, want)
	}
	if store.status["a"] != experiments.Queued {
		t.Errorf("a run that never began is %s in the ledger", store.status["a"])
	}
	summary, err = scheduler(store, InProcess{counting(5)}).Run(t.Context(), runs)
	if err != nil || len(summary.Only(Trained)) != 3 {
		t.Fatalf("continued: %v, %v, want all trained", results(summary), err)
	}
	if got := len(store.points("p")); got != 2 {
		t.Errorf("the pretraining recorded %d steps more, want the 2 that were missing", got)
	}
}

func TestStopLeavesWaitingRunsNotStarted(t *testing.T) {
	store := newMemoryStore()
	ctx, stop := context.WithCancel(t.Context())
	store.onRecord = func(experiments.Attempt, experiments.Record) { stop() }
	summary, err := scheduler(store, InProcess{counting(1 << 60)}).Run(ctx, needing(store, "p a:p"))
	want := map[string]Result{"p": Stopped, "a": NotStarted}
	if !errors.Is(err, context.Canceled) || !reflect.DeepEqual(results(summary), want) {
		t.Errorf("got %v, %v, want %v", results(summary), err, want)
	}
}

// Another process trains the needed run, whether or not it is of the list.
func TestNeedsThatAnotherProcessHolds(t *testing.T) {
	tests := []struct {
		name, runs string
		happen     func(*memoryStore) // after 20 s
		want       map[string]Result
		reason     string
	}{
		{"it finishes", "b:a c", func(m *memoryStore) { m.status["a"] = experiments.Done },
			map[string]Result{"b": Trained, "c": Trained}, ""},
		{"it fails", "b:a c", func(m *memoryStore) { m.status["a"] = experiments.Failed },
			map[string]Result{"b": Blocked, "c": Trained}, "it needs run a, which failed"},
		{"it goes on", "b:a c", func(*memoryStore) {},
			map[string]Result{"b": HeldBack, "c": Trained}, "it needs run a, which another process holds"},
		{"a listed one finishes", "a b:a c", func(m *memoryStore) { m.status["a"] = experiments.Done },
			map[string]Result{"a": Skipped, "b": Trained, "c": Trained}, ""},
		{"a listed one diverges", "a b:a c", func(m *memoryStore) { m.status["a"] = experiments.Diverged },
			map[string]Result{"a": StillDiverged, "b": Blocked, "c": Trained}, "it needs run a, which diverged"},
		{"a listed one's lease ends", "a b:a c", func(m *memoryStore) { m.held["a"] = false },
			map[string]Result{"a": Trained, "b": Trained, "c": Trained}, ""},
		{"a listed one goes on", "a b:a c", func(*memoryStore) {},
			map[string]Result{"a": HeldBack, "b": HeldBack, "c": Trained}, "it needs run a, which another process holds"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemoryStore()
				runs := needing(store, test.runs)
				store.held["a"], store.status["a"] = true, experiments.Running
				time.AfterFunc(20*time.Second, func() {
					store.mu.Lock()
					defer store.mu.Unlock()
					test.happen(store)
				})
				began := time.Now()
				summary, err := scheduler(store, InProcess{counting(1)}).Run(t.Context(), runs)
				if err != nil || !reflect.DeepEqual(results(summary), test.want) || reasonOf(summary, "b") != test.reason {
					t.Errorf("got %v, %q, %v, want %v, %q", results(summary), reasonOf(summary, "b"), err, test.want, test.reason)
				}
				if store.begun[0] != "c" || time.Since(began) > 46*time.Second {
					t.Errorf("began %v, waited %v", store.begun, time.Since(began))
				}
				time.Sleep(time.Minute) // the timer of this test must fire inside the bubble
			})
		})
	}
}

// A run that needs one that is lost is blocked, whatever else it needs: waiting for others would not help it.
func TestALostNeedOutweighsOneThatIsHeld(t *testing.T) {
	for text, want := range map[string]struct {
		result Result
		wait   bool
		reason string
	}{
		"b:coming":      {"", true, ""},
		"b:done":        {"", false, ""},
		"b:taken,done":  {HeldBack, false, "it needs run taken, which another process holds"},
		"b:taken,lost":  {Blocked, false, "it needs run taken, which another process holds; it needs run lost, which failed"},
		"b:lost,taken":  {Blocked, false, "it needs run lost, which failed; it needs run taken, which another process holds"},
		"b:lost,coming": {Blocked, true, "it needs run lost, which failed"},
	} {
		s := scheduler(newMemoryStore(), InProcess{counting(1)}).withDefaults()
		w := newShift(s, needing(newMemoryStore(), text), nil)
		w.elsewhere = map[string]experiments.Status{"coming": experiments.Running, "taken": experiments.Running,
			"lost": experiments.Failed, "done": experiments.Done}
		w.waited["taken"] = s.Patience
		never, wait := w.obstacle(0)
		if never.Result != want.result || wait != want.wait || never.Reason != want.reason {
			t.Errorf("%s: got %q, waiting %v, %q, want %+v", text, never.Result, wait, never.Reason, want)
		}
	}
}

// Needs that the ledger alone knows are heeded too, and a needed run that another process begins again.
func TestTheLedgersNeedsAreHeeded(t *testing.T) {
	store := newMemoryStore()
	runs := needing(store, "b:a a c:x")
	for i := range runs {
		runs[i].Needs = nil
	}
	store.status["x"] = experiments.Diverged
	summary, err := scheduler(store, InProcess{counting(1)}).Run(t.Context(), runs)
	want := map[string]Result{"a": Trained, "b": Trained, "c": Blocked}
	if err != nil || !reflect.DeepEqual(results(summary), want) || reasonOf(summary, "c") != "it needs run x, which diverged" {
		t.Errorf("got %v, %v, want %v", summary.Outcomes, err, want)
	}
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		runs := needing(store, "a b:a")
		var once sync.Once
		train := func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
			time.Sleep(time.Second)
			return nil
		}
		s := scheduler(store, InProcess{train})
		s.Observe = func(e Event) {
			if e.Run.ID == "a" && e.Status == experiments.Done {
				once.Do(func() { store.status["a"] = experiments.Running }) // the ledger has just been told
				time.AfterFunc(10*time.Second, func() {
					store.mu.Lock()
					defer store.mu.Unlock()
					store.status["a"] = experiments.Done
				})
			}
		}
		if summary, err := s.Run(t.Context(), runs); err != nil || len(summary.Only(Trained)) != 2 {
			t.Errorf("got %v, %v, want both trained", summary.Outcomes, err)
		}
	})
}

func TestForceTrainsNeedsAgainFirst(t *testing.T) {
	store := newMemoryStore()
	runs := needing(store, "b:a a")
	store.status["a"], store.status["b"] = experiments.Done, experiments.Done
	s := scheduler(store, InProcess{counting(1)})
	s.Force, s.Jobs = true, 2
	summary, err := s.Run(t.Context(), runs)
	if err != nil || len(summary.Only(Trained)) != 2 || !slices.Equal(store.begun, []string{"a", "b"}) {
		t.Errorf("got %v, %v, began %v", results(summary), err, store.begun)
	}
}

func TestDivergedRunsAreLeftAlone(t *testing.T) {
	for result, change := range map[Result]func(*Scheduler){
		StillDiverged: func(*Scheduler) {},
		Trained:       func(s *Scheduler) { s.Failed = true },
	} {
		store := newMemoryStore()
		nan := &experiments.DivergedError{Metric: metric.TrainLoss, Value: math.NaN(), Step: 1234, Epoch: 3}
		summary, err := scheduler(store, failing(map[string]error{"c0s0": errors.Join(nan, context.Canceled)})).Run(t.Context(), grid(1, 1))
		if err != nil || results(summary)["c0s0"] != Diverged || store.status["c0s0"] != experiments.Diverged ||
			store.reason["c0s0"] != "train/loss is NaN at step 1234 (epoch 3)" {
			t.Errorf("got %v, %v, %s in the ledger with %q", results(summary), err, store.status["c0s0"], store.reason["c0s0"])
		}
		s := scheduler(store, InProcess{counting(1)})
		change(&s)
		if summary, err = s.Run(t.Context(), grid(1, 1)); err != nil || results(summary)["c0s0"] != result {
			t.Errorf("again: %v, %v, want %s", results(summary), err, result)
		}
	}
}
