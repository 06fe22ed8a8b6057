package supervise

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
)

var everyStatus = []experiments.Status{"", experiments.Queued, experiments.Running, experiments.Interrupted, experiments.Done,
	experiments.Failed, experiments.Diverged, experiments.Blocked}

func TestOutcomeOfEveryError(t *testing.T) {
	nan := &experiments.DivergedError{Metric: metric.TrainLoss, Value: math.Inf(1), Step: 9, Epoch: 4}
	blocked := &experiments.BlockedError{Run: "r", By: map[string]experiments.Status{"b": experiments.Failed, "a": experiments.Queued}}
	for _, test := range []struct {
		err    error
		result Result
		reason string
	}{
		{nil, Trained, ""},
		{nan, Diverged, "train/loss is +Inf at step 9 (epoch 4)"},
		{errors.Join(context.Canceled, nan), Diverged, "train/loss is +Inf at step 9 (epoch 4)"},
		{blocked, Blocked, "run r: it needs a run that is not done: a (queued), b (failed)"},
		{fmt.Errorf("x: %w", experiments.ErrHeld), HeldBack, "x: another process is working at it"},
		{fmt.Errorf("x: %w", experiments.ErrFenced), HeldBack, "x: a newer attempt has taken over"},
		{fmt.Errorf("%w: killed", ErrGone), Stopped, "its process is gone: killed"},
		{fmt.Errorf("x: %w", context.Canceled), Stopped, "stopped on request"},
		{fmt.Errorf("x: %w", context.DeadlineExceeded), Stopped, "stopped on request"},
		{errors.New("out of memory"), Broke, "out of memory"},
	} {
		got, want := outcomeOf(experiments.Run{ID: "r"}, test.err), Outcome{experiments.Run{ID: "r"}, test.result, test.reason}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%v: got %+v, want %+v", test.err, got, want)
		}
	}
}

func TestTrainsByStatusAndFlags(t *testing.T) {
	for _, test := range []struct {
		failed, force bool
		left          string // the runs that are left alone, by status, with their result and reason
	}{
		{false, false, "done: skipped , failed: still failed it failed before, diverged: still diverged it diverged before"},
		{true, false, "done: skipped "},
		{false, true, ""}, {true, true, ""},
	} {
		s := Scheduler{Failed: test.failed, Force: test.force}
		var left []string
		for _, status := range everyStatus {
			o, yes := s.leaves(status)
			trained := s.Trains([]experiments.Run{{ID: "r"}}, map[string]experiments.Status{"r": status})
			if yes == (len(trained) == 1) {
				t.Errorf("%q is left alone: %v, and trained: %v", status, yes, trained)
			}
			if yes {
				left = append(left, fmt.Sprintf("%s: %s %s", status, o.Result, o.Reason))
			}
		}
		if got := strings.Join(left, ", "); got != test.left {
			t.Errorf("failed %v, force %v: left alone %q, want %q", test.failed, test.force, got, test.left)
		}
	}
}

func TestForceWantsALedgerThatBeginsAgain(t *testing.T) {
	store := newMemoryStore()
	s := scheduler(store, InProcess{counting(1)})
	s.Ledger, s.Force = struct{ experiments.Ledger }{store}, true
	summary, err := s.Run(t.Context(), grid(1, 1))
	if err == nil || !strings.HasSuffix(err.Error(), "does not begin done ones") || summary.Outcomes != nil {
		t.Errorf("got %v, %v", summary, err)
	}
	s.Force = false
	if summary, err = s.Run(t.Context(), grid(1, 1)); err != nil || len(summary.Only(Trained)) != 1 || len(summary.Only(Broke)) != 0 {
		t.Errorf("without force: got %v, %v", summary, err)
	}
}

func TestDefaultsOfTheScheduler(t *testing.T) {
	s := Scheduler{}.withDefaults()
	if s.Jobs != 1 || s.Threads != runtime.NumCPU() || s.Log != slog.Default() || s.Renew != 10*time.Second ||
		s.Patience != 45*time.Second {
		t.Errorf("defaults %+v", s)
	}
	given := Scheduler{Jobs: 2, Threads: 3, Log: slog.New(slog.DiscardHandler), Renew: 1, Patience: 1}
	if got := given.withDefaults(); !reflect.DeepEqual(got, given) {
		t.Errorf("what is given becomes %+v, want %+v", got, given)
	}
	if g := (ProcessLauncher{}).grace(); g != 30*time.Second {
		t.Errorf("grace %v, want 30s", g)
	}
	if g := (ProcessLauncher{Grace: 1}).grace(); g != 1 {
		t.Errorf("grace %v, want 1ns", g)
	}
	for patience, want := range map[time.Duration]time.Duration{45 * time.Second: time.Second, 4 * time.Second: time.Second,
		2 * time.Second: time.Second / 2} {
		if got := newShift(Scheduler{Patience: patience}, nil, nil).pause(); got != want {
			t.Errorf("with a patience of %v a pause of %v, want %v", patience, got, want)
		}
	}
}

// How every run stands for those that need it, by its result, or by its status in the ledger if it is not listed.
func TestHowEveryRunStandsForThoseThatNeedIt(t *testing.T) {
	w := newShift(Scheduler{Patience: time.Second}, []experiments.Run{{ID: "a"}}, nil)
	if n, words := w.needed("a"); n != coming || words != "" {
		t.Errorf("a waiting run: %d %q", n, words)
	}
	for result, want := range map[Result]string{Trained: "0 ", Skipped: "0 ", Broke: "3 failed", StillFailed: "3 failed",
		Diverged: "3 diverged", StillDiverged: "3 diverged", Stopped: "3 was interrupted", Blocked: "3 cannot begin",
		HeldBack: "2 another process holds", NotNeeded: "3 was not needed when this began"} {
		w.settle(0, Outcome{Result: result})
		if n, words := w.needed("a"); fmt.Sprint(int(n), " ", words) != want {
			t.Errorf("%s: %d %q, want %s", result, n, words, want)
		}
	}
	for i, want := range []string{"3 is not recorded", "3 was never started and is not among the runs to train", "1 ",
		"3 was interrupted and is not among the runs to train", "0 ", "3 failed", "3 diverged", "3 cannot begin"} {
		w.elsewhere["b"] = everyStatus[i]
		if n, words := w.needed("b"); fmt.Sprint(int(n), " ", words) != want {
			t.Errorf("%q elsewhere: %d %q, want %s", everyStatus[i], n, words, want)
		}
	}
	w.elsewhere["b"] = experiments.Running
	for waited, want := range map[time.Duration]string{time.Second - 1: "1 ", time.Second: "2 another process holds"} {
		w.waited["b"] = waited
		if n, words := w.needed("b"); fmt.Sprint(int(n), " ", words) != want {
			t.Errorf("after %v: %d %q, want %s", waited, n, words, want)
		}
	}
}

func TestFirstSeedsComeFirst(t *testing.T) {
	var runs []experiments.Run
	for word := range strings.FieldsSeq("a1 a2 a3 b1 c1 c2") {
		runs = append(runs, experiments.Run{ID: word, Cell: word[:1]})
	}
	var got []string
	for _, r := range bySeed(runs) {
		got = append(got, r.ID)
	}
	if want := strings.Fields("a1 b1 c1 a2 c2 a3"); !slices.Equal(got, want) {
		t.Errorf("ordered %v, want %v", got, want)
	}
}

// A ledger that cannot be asked for a moment ends nothing: it is told in the log and asked again.
func TestMomentaryTroubleIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		store.renewErr = errors.New("busy")
		store.saved["c0s0"] = experiments.Checkpoint{Step: 1}
		store.held["c1s0"], store.status["c1s0"] = true, experiments.Running
		var log bytes.Buffer
		var trouble error
		s := scheduler(store, InProcess{func(context.Context, experiments.Job, func(experiments.Record) error) error {
			time.Sleep(35 * time.Second)
			return nil
		}})
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
		asked := 0
		s.Ledger = askedLedger{ledger{memoryStore: store, restore: experiments.ErrNoCheckpoint}, func() error {
			if asked++; asked == 3 {
				trouble = errors.New("locked")
				return trouble
			}
			return nil
		}}
		summary, err := s.Run(t.Context(), grid(2, 1))
		if got := results(summary); err != nil || got["c0s0"] != Trained || got["c1s0"] != HeldBack || trouble == nil {
			t.Errorf("got %v, %v, trouble %v", got, err, trouble)
		}
		for text, want := range map[string]int{
			`msg="the lease of a run could not be renewed" run=c0s0 why=busy`:                                       3,
			`msg="no checkpoint of the run can be used, it starts from the beginning" run=c0s0 why="no checkpoint"`: 1,
			`msg="the state of runs that another process holds cannot be read" why=locked`:                          1,
			`level=INFO msg="waiting for a run that another process holds" run=c1s0 "at most"=45s`:                  1,
		} {
			if got := strings.Count(log.String(), text); got != want {
				t.Errorf("logged %d times, want %d: %s\n%s", got, want, text, log.String())
			}
		}
		if lines := strings.Count(log.String(), "\n"); lines != 6 {
			t.Errorf("logged %d lines, want 6:\n%s", lines, log.String())
		}
	})
}

// A crash of the training's own goroutine is logged with the place where it happened.
func TestCrashIsLogged(t *testing.T) {
	var logged string
	crashing := InProcess{func(context.Context, experiments.Job, func(experiments.Record) error) error { panic("oh") }}
	err := crashing.Launch(t.Context(), experiments.Job{}, func(r experiments.Record) error {
		logged += r.Log
		return nil
	})
	if fmt.Sprint(err) != "the trainer crashed: oh" || !strings.HasPrefix(logged, "panic: oh\ngoroutine ") ||
		!strings.Contains(logged, "TestCrashIsLogged") {
		t.Errorf("got %v, logged %q", err, logged)
	}
}

// A run that could not begin because everything is to stop was stopped; nothing speaks against the ledger.
func TestRefusalAfterTheStopIsNoFailure(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	w := newShift(scheduler(newMemoryStore(), nil), nil, func(err error) { t.Errorf("everything is ended: %v", err) })
	if o := w.notBegun(ctx, experiments.Run{ID: "r"}, ctx.Err()); o.Result != Stopped {
		t.Errorf("got %+v", o)
	}
}

// askedLedger fails to tell statuses when a test says so.
type askedLedger struct {
	ledger
	ask func() error
}

func (l askedLedger) Statuses(ctx context.Context, ids []string) (map[string]experiments.Status, error) {
	if err := l.ask(); err != nil {
		return nil, err
	}
	return l.ledger.Statuses(ctx, ids)
}

// What the ledger says of a needed run counts when this call has nothing more to do with that run.
func TestWhatTheLedgerSaysOfANeedIsHeeded(t *testing.T) {
	for _, test := range []struct {
		needed string
		stands stand
		want   map[string]experiments.Status
		b      stand
	}{
		{"a", waiting, map[string]experiments.Status{}, waiting},
		{"a", training, map[string]experiments.Status{}, waiting},
		{"a", held, map[string]experiments.Status{}, waiting},
		{"a", settled, map[string]experiments.Status{"a": experiments.Running}, waiting},
		{"x", settled, map[string]experiments.Status{"x": experiments.Running}, waiting},
	} {
		w := newShift(Scheduler{Patience: time.Second}, []experiments.Run{{ID: "a"}, {ID: "b", Needs: []string{"a"}}}, nil)
		w.outcomes[0].Result = Trained
		w.stands[0], w.stands[1] = test.stands, settled
		w.heed(1, &experiments.BlockedError{Run: "b", By: map[string]experiments.Status{test.needed: experiments.Running}})
		needs := slices.Compact([]string{"a", test.needed})
		if !reflect.DeepEqual(w.elsewhere, test.want) || w.stands[1] != test.b || !slices.Equal(w.needs[1], needs) {
			t.Errorf("%s, %d: elsewhere %v, b stands at %d and needs %v", test.needed, test.stands, w.elsewhere, w.stands[1], w.needs[1])
		}
	}
	w := newShift(Scheduler{Patience: time.Second}, []experiments.Run{{ID: "b"}}, nil)
	w.stands[0] = settled
	w.heed(0, &experiments.BlockedError{Run: "b", By: map[string]experiments.Status{}})
	if w.stands[0] != settled {
		t.Error("a run that needs nothing more is tried again")
	}
}

// Only runs that somebody waits for are asked about, each once.
func TestWhatIsAwaited(t *testing.T) {
	runs := []experiments.Run{{ID: "a", Needs: []string{"x", "y"}}, {ID: "b", Needs: []string{"x"}}, {ID: "c", Needs: []string{"z", "a"}}}
	w := newShift(Scheduler{Patience: time.Second}, runs, nil)
	w.elsewhere = map[string]experiments.Status{"x": experiments.Running, "y": experiments.Done, "z": experiments.Running}
	w.stands[2] = settled
	if got := w.awaited(); !slices.Equal(got, []string{"x"}) || !w.expects() {
		t.Errorf("awaits %v, expects %v", got, w.expects())
	}
	w.waited["x"] = time.Second
	if got := w.awaited(); len(got) != 0 || w.expects() {
		t.Errorf("out of patience: awaits %v", got)
	}
	w.stands[1] = held
	if !w.expects() {
		t.Error("a held run is not expected")
	}
}
