package supervise

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"workbench/experiments"
)

// Scheduler trains what is missing of a list of runs, several at a time, and records it. The failure of one run does
// not stop the others. Ledger, Recorder and Launcher are required.
type Scheduler struct {
	Ledger   experiments.Ledger
	Recorder experiments.Recorder
	Launcher Launcher

	Jobs    int    // runs at a time; 0: one
	Threads int    // of all runs together, divided evenly; 0: one a core
	DataDir string // given to every Job
	Failed  bool   // try failed runs again; otherwise they are reported and left alone
	// Force trains done, failed and interrupted runs again from the start, as a new attempt whose records replace the old.
	Force bool

	Log     *slog.Logger  // nil: slog.Default()
	Observe func(Event)   // told everything that happens, one event at a time; it must not wait long. nil: nobody
	Renew   time.Duration // between renewals of a lease; 0: 10 s
	// Patience is how long to wait for a run that another process holds; if that process is dead, its lease ends
	// meanwhile. 0 means 45 s.
	Patience time.Duration
}

// Restarter is a Ledger that can begin a run again from the start, whatever its state. The new attempt resumes nothing;
// its points and checkpoints supersede all earlier ones. Scheduler.Force needs a Restarter.
type Restarter interface {
	BeginAfresh(ctx context.Context, run string) (experiments.Attempt, error)
}

// Event is something that happened to a run. Record is nil when the event is a change of status.
type Event struct {
	Run     experiments.Run
	Attempt experiments.Attempt
	Status  experiments.Status // Running while records come
	Reason  string             // why it was Interrupted or Failed
	Record  *experiments.Record
}

// Result says what became of a run in one call of Scheduler.Run.
type Result string

const (
	Trained     Result = "trained"      // complete, by this call
	Skipped     Result = "skipped"      // was done before
	Stopped     Result = "stopped"      // interrupted, its checkpoint is stored if it had come that far
	Broke       Result = "failed"       // ended with an error
	StillFailed Result = "still failed" // failed before and was left alone
	HeldBack    Result = "held"         // another process is working at it
	NotStarted  Result = "not started"  // the scheduler was stopped before its turn
)

// Outcome is the result of one run.
type Outcome struct {
	Run    experiments.Run
	Result Result
	Reason string
}

// Summary has one outcome for each run, in the order of training.
type Summary struct{ Outcomes []Outcome }

// Only returns the outcomes that have this result.
func (s Summary) Only(result Result) []Outcome {
	var only []Outcome
	for _, o := range s.Outcomes {
		if o.Result == result {
			only = append(only, o)
		}
	}
	return only
}

// Run trains the runs, the first seed of every cell before any second one, so that a study can be looked at early. The
// runs must be enlisted. Run returns when it has finished with all of them. The error is that of ctx if Run was
// stopped, otherwise it tells what made recording impossible. Failures of runs are only in the summary.
func (s Scheduler) Run(ctx context.Context, runs []experiments.Run) (Summary, error) {
	if _, can := s.Ledger.(Restarter); s.Force && !can {
		return Summary{}, fmt.Errorf("runs cannot be trained again: %T does not begin done ones", s.Ledger)
	}
	runs = bySeed(runs)
	statuses, err := s.Ledger.Statuses(ctx, ids(runs))
	if err != nil {
		return Summary{}, fmt.Errorf("asking what is done: %w", err)
	}
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	w := &shift{Scheduler: s.withDefaults(), abort: abort, outcomes: make([]Outcome, len(runs))}
	var pending, held []int
	for i, r := range runs {
		w.outcomes[i] = Outcome{Run: r, Result: NotStarted}
		switch status := statuses[r.ID]; {
		case status == experiments.Done && !s.Force:
			w.outcomes[i].Result = Skipped
		case status == experiments.Failed && !s.Force && !s.Failed:
			w.outcomes[i].Result, w.outcomes[i].Reason = StillFailed, "it failed before"
		default:
			pending = append(pending, i)
		}
	}
	w.all(ctx, pending, w.once)
	for _, i := range pending {
		if w.outcomes[i].Result == HeldBack {
			held = append(held, i)
		}
	}
	w.all(ctx, held, w.patiently)
	if err := context.Cause(ctx); err != nil {
		return Summary{w.outcomes}, err
	}
	return Summary{w.outcomes}, nil
}

func (s Scheduler) withDefaults() Scheduler {
	s.Jobs = max(s.Jobs, 1)
	if s.Threads <= 0 {
		s.Threads = runtime.NumCPU()
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	if s.Renew <= 0 {
		s.Renew = 10 * time.Second
	}
	if s.Patience <= 0 {
		s.Patience = 45 * time.Second
	}
	return s
}

// shift is the work of one call of Scheduler.Run.
type shift struct {
	Scheduler
	abort    context.CancelCauseFunc // ends everything, because nothing can be recorded any more
	outcomes []Outcome               // each written by the worker that has its run
	watching sync.Mutex
}

// all gives the runs with these indices to the workers, in order, until ctx ends.
func (w *shift) all(ctx context.Context, indices []int, work func(context.Context, experiments.Run) Outcome) {
	queue := make(chan int, len(indices))
	for _, i := range indices {
		queue <- i
	}
	close(queue)
	var workers sync.WaitGroup
	for range min(w.Jobs, len(indices)) {
		workers.Go(func() {
			for i := range queue {
				if ctx.Err() != nil {
					return
				}
				w.outcomes[i] = work(ctx, w.outcomes[i].Run)
			}
		})
	}
	workers.Wait()
}

// patiently waits for a run that another process holds, until the lease ends or that process has finished the run.
func (w *shift) patiently(ctx context.Context, run experiments.Run) Outcome {
	w.Log.Info("waiting for a run that another process holds", "run", run.ID, "cell", run.Cell, "seed", run.Seed, "at most", w.Patience)
	deadline := time.NewTimer(w.Patience)
	defer deadline.Stop()
	again := time.NewTicker(min(time.Second, w.Patience/4))
	defer again.Stop()
	for {
		outcome := w.once(ctx, run)
		if outcome.Result != HeldBack {
			return outcome
		}
		select {
		case <-ctx.Done():
			return outcome
		case <-deadline.C:
			return outcome
		case <-again.C:
		}
		statuses, err := w.Ledger.Statuses(ctx, []string{run.ID})
		if err == nil && statuses[run.ID] == experiments.Done {
			return Outcome{Run: run, Result: Skipped, Reason: "another process finished it"}
		}
	}
}

func (w *shift) observe(e Event) {
	if w.Observe == nil {
		return
	}
	w.watching.Lock()
	defer w.watching.Unlock()
	w.Observe(e)
}

func outcomeOf(run experiments.Run, err error) Outcome {
	switch {
	case err == nil:
		return Outcome{Run: run, Result: Trained}
	case errors.Is(err, experiments.ErrHeld), errors.Is(err, experiments.ErrFenced):
		return Outcome{Run: run, Result: HeldBack, Reason: err.Error()}
	case errors.Is(err, ErrGone):
		return Outcome{Run: run, Result: Stopped, Reason: err.Error()}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Outcome{Run: run, Result: Stopped, Reason: "stopped on request"}
	}
	return Outcome{Run: run, Result: Broke, Reason: err.Error()}
}
