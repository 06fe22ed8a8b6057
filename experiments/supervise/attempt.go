package supervise

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"workbench/experiments"
	"workbench/experiments/start"
	"workbench/experiments/strategy"
)

// once makes one attempt at a run, from taking the lease to closing it; refused is why it could not begin.
func (w *shift) once(ctx context.Context, run experiments.Run) (o Outcome, refused error) {
	begin := w.Ledger.Begin
	if w.Force {
		begin = w.Ledger.(Restarter).BeginAfresh // Run has checked that the ledger is a Restarter
	}
	attempt, err := begin(ctx, run.ID)
	if err != nil {
		return w.notBegun(ctx, run, err), err
	}
	w.observe(Event{Run: run, Attempt: attempt, Status: experiments.Running})
	err = w.train(ctx, run, attempt)
	outcome := outcomeOf(run, err)
	if ended := w.close(ctx, attempt, outcome); ended != nil {
		outcome = Outcome{Run: run, Result: Stopped, Reason: ended.Error()}
	}
	status, ok := statusOf[outcome.Result]
	if ok {
		w.observe(Event{Run: run, Attempt: attempt, Status: status, Reason: outcome.Reason})
	}
	return outcome, nil
}

// finishedElsewhere is why a run that was to be trained is done.
const finishedElsewhere = "another process finished it"

// notBegun is the outcome of a run whose attempt could not begin. Only what speaks against the ledger ends everything:
// the other process may have finished the run since it was looked at.
func (w *shift) notBegun(ctx context.Context, run experiments.Run, err error) Outcome {
	if errors.Is(err, experiments.ErrHeld) || errors.Is(err, experiments.ErrBlocked) || ctx.Err() != nil {
		return outcomeOf(run, err)
	}
	if statuses, _ := w.Ledger.Statuses(ctx, []string{run.ID}); statuses[run.ID] == experiments.Done && !w.Force {
		return Outcome{Run: run, Result: Skipped, Reason: finishedElsewhere}
	}
	w.abort(fmt.Errorf("run %s: beginning an attempt: %w", run.ID, err))
	return outcomeOf(run, err)
}

// statusOf is what the ledger is told of a result. A run that another process took over is no longer ours to close.
var statusOf = map[Result]experiments.Status{Trained: experiments.Done, Stopped: experiments.Interrupted,
	Broke: experiments.Failed, Diverged: experiments.Diverged}

// close ends the attempt in the ledger. The ledger must be told even when ctx is over.
func (w *shift) close(ctx context.Context, attempt experiments.Attempt, o Outcome) error {
	status, ours := statusOf[o.Result]
	if !ours {
		return nil
	}
	err := w.Ledger.End(context.WithoutCancel(ctx), attempt, status, o.Reason)
	if err != nil && !errors.Is(err, experiments.ErrFenced) {
		err = fmt.Errorf("run %s: ending attempt %d as %s: %w", attempt.Run, attempt.Number, status, err)
		w.abort(err)
	}
	return err
}

// train launches the attempt, records what it reports and keeps its lease. Recording goes on after ctx has ended,
// because the checkpoint of a stopped run comes only then.
func (w *shift) train(ctx context.Context, run experiments.Run, attempt experiments.Attempt) error {
	recording := context.WithoutCancel(ctx)
	job := experiments.Job{Run: run, Attempt: attempt, DataDir: w.DataDir, Threads: max(w.Threads/w.Jobs, 1)}
	var err error
	if job.Resume, err = w.resume(ctx, run, attempt); err != nil {
		return err
	}
	if job.Resume == nil {
		if job.Start, err = w.last(ctx, "start.from", start.Of(run.Config.Start)); err != nil {
			return err
		}
		taught, _ := strategy.TeacherOf(run.Config.Strategy.Options)
		if job.Teacher, err = w.last(ctx, "strategy.teacher", taught.Start); err != nil {
			return err
		}
	}
	training, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	leased, release := context.WithCancel(recording) // a stopped run still needs its lease for the checkpoint
	defer release()
	go w.keepLease(leased, attempt, stop)
	sink := newSink(func(r experiments.Record) error { return w.Recorder.Record(recording, attempt, r) })
	err = w.Launcher.Launch(training, job, func(r experiments.Record) error {
		if r.Environment != nil && w.Facts[run.ID] != nil {
			r.Environment = maps.Clone(r.Environment)
			maps.Copy(r.Environment, w.Facts[run.ID])
		}
		w.observe(Event{Run: run, Attempt: attempt, Status: experiments.Running, Record: &r})
		return sink.put(r)
	})
	lost := sink.close()
	if cause := context.Cause(training); errors.Is(cause, experiments.ErrFenced) {
		return cause
	}
	if lost != nil {
		if !errors.Is(lost, experiments.ErrFenced) {
			lost = fmt.Errorf("recording run %s: %w", run.ID, lost)
			w.abort(lost)
			return fmt.Errorf("%w: %w", ErrGone, lost) // nothing is wrong with the run: it can continue later
		}
		return lost
	}
	return err
}

// resume returns the checkpoint to continue from; nil means to start from the beginning.
func (w *shift) resume(ctx context.Context, r experiments.Run, a experiments.Attempt) (*experiments.Checkpoint, error) {
	if !a.Resume || w.Force {
		return w.beginning(ctx, r)
	}
	c, err := w.Ledger.Restore(ctx, a.Run)
	if errors.Is(err, experiments.ErrNoCheckpoint) {
		w.Log.Warn("no checkpoint of the run can be used, it starts from the beginning", "run", a.Run, "why", err)
		return w.beginning(ctx, r)
	}
	if err != nil {
		return nil, fmt.Errorf("restoring its checkpoint: %w", err)
	}
	return &c, nil
}

// beginning is the state of the needed run with which a run begins; nil if it needs none.
func (w *shift) beginning(ctx context.Context, r experiments.Run) (*experiments.Checkpoint, error) {
	if len(r.Needs) == 0 {
		return nil, nil
	}
	c, err := w.Ledger.Restore(ctx, r.Needs[0])
	if errors.Is(err, experiments.ErrNoCheckpoint) && r.Continues() == "" {
		w.Log.Warn("no checkpoint of the run that it needs can be used, it does that part itself", "run", r.ID, "needs", r.Needs[0], "why", err)
		return nil, nil
	}
	if err == nil && !c.Final {
		err = fmt.Errorf("its newest checkpoint, of step %d, is not its last", c.Step)
	}
	if err != nil {
		return nil, fmt.Errorf("run %s, with which it begins: %w", r.Needs[0], err)
	}
	return &c, nil
}

// last is the end of the run whose weights a key names; nil if it names no run.
func (w *shift) last(ctx context.Context, key string, from start.Start) (*experiments.Beginning, error) {
	if from.Run == "" {
		return nil, nil
	}
	var b experiments.Beginning
	last, err := w.Ledger.Restore(ctx, from.Run)
	if err == nil && !last.Final {
		err = fmt.Errorf("its newest checkpoint, of step %d, is not its last", last.Step)
	}
	if b.Last = last; err == nil {
		b.Config, err = w.Ledger.Config(ctx, from.Run)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: run %s: %w", key, from.Run, err)
	}
	return &b, nil
}

// keepLease renews the lease until ctx ends. It stops the training when another attempt has begun, and everything when
// the database is lost.
func (w *shift) keepLease(ctx context.Context, a experiments.Attempt, stop context.CancelCauseFunc) {
	tick := time.NewTicker(w.Renew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		switch err := w.Ledger.Renew(ctx, a); {
		case errors.Is(err, experiments.ErrFenced):
			stop(err)
			return
		case errors.Is(err, experiments.ErrMissing), errors.Is(err, experiments.ErrReplaced):
			w.abort(fmt.Errorf("recording run %s: %w", a.Run, err)) // whatever is reported later cannot be recorded
			return
		case err != nil && ctx.Err() == nil:
			w.Log.Warn("the lease of a run could not be renewed", "run", a.Run, "why", err)
		}
	}
}
