package supervise

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"workbench/experiments"
)

// Scheduler trains those of a list of runs that are not done, several at a time, and records them. The failure of one
// run does not stop the others. Ledger, Recorder and Launcher are required.
type Scheduler struct {
	Ledger   experiments.Ledger
	Recorder experiments.Recorder
	Launcher Launcher

	Jobs    int    // runs at a time; 0: one
	Threads int    // of all runs together, divided evenly; 0: one a core
	DataDir string // given to every Job
	Failed  bool   // try failed and diverged runs again; otherwise they are reported and left alone
	// Facts are what is known of runs before they train, by id: they are recorded with what computes.
	Facts map[string]map[string]string
	Force bool // train every run again from the start, as a new attempt whose records replace the old

	Log     *slog.Logger  // nil: slog.Default()
	Observe func(Event)   // told everything that happens, one event at a time; it must not wait long. nil: nobody
	Renew   time.Duration // between renewals of a lease; 0: 10 s
	// Patience is how long Run waits, with nothing else to do, for a run that another process holds. That process may be
	// dead. 0: 45 s.
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
	Reason  string             // why it was Interrupted, Failed or Diverged
	Record  *experiments.Record
}

// Result says what became of a run in one call of Scheduler.Run.
type Result string

const (
	Trained       Result = "trained"        // complete, by this call
	Skipped       Result = "skipped"        // was done before
	Stopped       Result = "stopped"        // interrupted, its checkpoint is stored if it had come that far
	Broke         Result = "failed"         // ended with an error
	Diverged      Result = "diverged"       // ended because its loss became no number
	StillFailed   Result = "still failed"   // failed before and was left alone
	StillDiverged Result = "still diverged" // diverged before and was left alone
	HeldBack      Result = "held"           // another process is working at it, or at a run it needs
	Blocked       Result = "blocked"        // needs a run that will not be done in this call
	NotNeeded     Result = "not needed"     // others begin with it, none of which is to be trained
	NotStarted    Result = "not started"    // the scheduler was stopped before its turn
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

// Run trains the runs, which must be enlisted. The first seed of every cell comes before any second one, so that a
// study can be looked at early; and a run comes after those that it needs. Run returns when every run has its outcome.
// The error is ctx's if Run was stopped, or else what made recording impossible. Failures of runs are in the summary
// only.
func (s Scheduler) Run(ctx context.Context, runs []experiments.Run) (Summary, error) {
	if _, can := s.Ledger.(Restarter); s.Force && !can {
		return Summary{}, fmt.Errorf("runs cannot be trained again: %T does not begin done ones", s.Ledger)
	}
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	w := newShift(s.withDefaults(), needsFirst(bySeed(runs)), abort)
	if err := w.lookUp(ctx); err != nil {
		return Summary{}, fmt.Errorf("asking what is done: %w", err)
	}
	w.dispatch(ctx)
	return Summary{w.outcomes}, context.Cause(ctx)
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

// Trains returns those of the runs, in states by id, that Run trains if all goes well, in the order given.
func (s Scheduler) Trains(runs []experiments.Run, states map[string]experiments.Status) []experiments.Run {
	left, wanted := map[string]Outcome{}, []experiments.Run{}
	for _, r := range needsFirst(runs) {
		if o, yes := s.leaves(states[r.ID]); yes {
			left[r.ID] = o
			continue
		}
		for _, id := range r.Needs {
			if before, yes := left[id]; yes && before.Result != Skipped {
				left[r.ID] = Outcome{Result: Blocked}
			}
		}
	}
	unneeded := needless(runs, func(id string) bool { _, yes := left[id]; return yes })
	for _, r := range runs {
		if _, yes := left[r.ID]; !yes && !unneeded[r.ID] {
			wanted = append(wanted, r)
		}
	}
	return wanted
}

// needless are the runs that are only there for others to begin with, all of which are left as they are.
func needless(runs []experiments.Run, left func(id string) bool) map[string]bool {
	unneeded, wanted := map[string]bool{}, map[string]bool{}
	for _, r := range slices.Backward(needsFirst(runs)) {
		if r.Shared && !wanted[r.ID] {
			unneeded[r.ID] = true
			continue
		}
		for _, id := range r.Needs {
			wanted[id] = wanted[id] || !left(r.ID)
		}
	}
	return unneeded
}

// leaves says whether a run in that state is left alone.
func (s Scheduler) leaves(status experiments.Status) (left Outcome, yes bool) {
	switch {
	case s.Force:
	case status == experiments.Done:
		return Outcome{Result: Skipped}, true
	case status == experiments.Failed && !s.Failed:
		return Outcome{Result: StillFailed, Reason: "it failed before"}, true
	case status == experiments.Diverged && !s.Failed:
		return Outcome{Result: StillDiverged, Reason: "it diverged before"}, true
	}
	return Outcome{}, false
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
	var diverged *experiments.DivergedError
	switch {
	case err == nil:
		return Outcome{Run: run, Result: Trained}
	case errors.As(err, &diverged): // also when it was to stop just then
		return Outcome{Run: run, Result: Diverged, Reason: diverged.Error()}
	case errors.Is(err, experiments.ErrBlocked):
		return Outcome{Run: run, Result: Blocked, Reason: err.Error()}
	case errors.Is(err, experiments.ErrHeld), errors.Is(err, experiments.ErrFenced):
		return Outcome{Run: run, Result: HeldBack, Reason: err.Error()}
	case errors.Is(err, ErrGone):
		return Outcome{Run: run, Result: Stopped, Reason: err.Error()}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Outcome{Run: run, Result: Stopped, Reason: "stopped on request"}
	}
	return Outcome{Run: run, Result: Broke, Reason: err.Error()}
}
