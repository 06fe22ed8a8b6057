package supervise

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"workbench/experiments"
)

// shift is the state of one call of Scheduler.Run. Only the goroutine of dispatch uses it, except for Scheduler, abort
// and watching, which the workers use too.
type shift struct {
	Scheduler
	abort    context.CancelCauseFunc // ends everything: nothing can be recorded any more
	outcomes []Outcome
	stands   []stand
	needs    [][]string // of each run, the runs that must be done before it
	index    map[string]int
	watching sync.Mutex

	// elsewhere holds the ledger's status of needed runs that are not among those to train, or that another process has
	// begun again.
	elsewhere map[string]experiments.Status
	// waited is how long this call has waited, with nothing else to do, for a run that another process holds.
	waited map[string]time.Duration
}

// stand is how far the dispatcher is with a run.
type stand int

const (
	waiting  stand = iota // it waits for a worker, and perhaps for the runs that it needs
	training              // a worker has it
	held                  // another process had it when it was last tried
	settled               // its outcome is known
)

// attended is what a worker made of a run. If no attempt could begin, refused says why.
type attended struct {
	index   int
	outcome Outcome
	refused error
}

func newShift(s Scheduler, runs []experiments.Run, abort context.CancelCauseFunc) *shift {
	w := &shift{Scheduler: s, abort: abort, outcomes: make([]Outcome, len(runs)), stands: make([]stand, len(runs)),
		needs: make([][]string, len(runs)), index: map[string]int{},
		elsewhere: map[string]experiments.Status{}, waited: map[string]time.Duration{}}
	for i, r := range runs {
		w.outcomes[i] = Outcome{Run: r, Result: NotStarted}
		w.needs[i], w.index[r.ID] = slices.Clone(r.Needs), i
	}
	return w
}

// lookUp settles the runs that are left as they are. It also finds out the status of needed runs that are not among
// those to train.
func (w *shift) lookUp(ctx context.Context) error {
	var all []string
	for i, o := range w.outcomes {
		all = append(append(all, o.Run.ID), w.needs[i]...)
	}
	slices.Sort(all)
	statuses, err := w.Ledger.Statuses(ctx, slices.Compact(all))
	if err != nil {
		return err
	}
	runs := make([]experiments.Run, len(w.outcomes))
	for i, o := range w.outcomes {
		runs[i] = o.Run
	}
	left := func(id string) bool { _, yes := w.leaves(statuses[id]); return yes }
	unneeded := needless(runs, left)
	for i, o := range w.outcomes {
		switch left, yes := w.leaves(statuses[o.Run.ID]); {
		case yes && left.Result == Skipped:
			w.settle(i, left)
		case unneeded[o.Run.ID]:
			w.settle(i, Outcome{Result: NotNeeded, Reason: "no run to train begins with it"})
		case yes:
			w.settle(i, left)
		}
		for _, id := range w.needs[i] {
			if _, listed := w.index[id]; !listed {
				w.elsewhere[id] = statuses[id]
			}
		}
	}
	return nil
}

func (w *shift) settle(i int, o Outcome) {
	o.Run = w.outcomes[i].Run
	w.outcomes[i], w.stands[i] = o, settled
}

// dispatch trains the waiting runs in their order. Each begins as soon as the runs that it needs are done and one of
// Jobs workers is free. From time to time dispatch looks again at the runs that another process holds; when there is
// nothing else to do, it does so no longer than Patience. It returns when nothing more can be done, or when ctx has
// ended and the workers with it.
func (w *shift) dispatch(ctx context.Context) {
	ended := make(chan attended)
	for busy := 0; ; {
		for i := w.next(ctx, busy); i >= 0; i = w.next(ctx, busy) {
			w.stands[i] = training
			busy++
			go func(run experiments.Run) {
				outcome, refused := w.once(ctx, run)
				ended <- attended{i, outcome, refused}
			}(w.outcomes[i].Run)
		}
		looking := ctx.Err() == nil && busy < w.Jobs && w.expects()
		if busy == 0 && !looking {
			break
		}
		var again <-chan time.Time
		var stopped <-chan struct{}
		if looking {
			again, stopped = time.After(w.pause()), ctx.Done()
		}
		select {
		case a := <-ended:
			busy--
			w.take(a)
		case <-again:
			w.lookAgain(ctx, busy == 0)
		case <-stopped:
		}
	}
	if ctx.Err() == nil {
		w.untie()
	}
}

// next returns the first run that can be trained now, or -1 if there is none or no worker is free. On the way it
// settles the runs that can never be trained.
func (w *shift) next(ctx context.Context, busy int) int {
	if busy >= w.Jobs || ctx.Err() != nil {
		return -1
	}
	for i := 0; i < len(w.stands); i++ {
		if w.stands[i] != waiting {
			continue
		}
		never, wait := w.obstacle(i)
		switch {
		case never.Result != "":
			w.settle(i, never)
			i = -1 // start again, because a run before this one may need it
		case !wait:
			return i
		}
	}
	return -1
}

// take notes what a worker made of a run.
func (w *shift) take(a attended) {
	w.settle(a.index, a.outcome)
	var blocked *experiments.BlockedError
	switch {
	case errors.As(a.refused, &blocked):
		w.heed(a.index, blocked)
	case a.outcome.Result == HeldBack:
		w.stands[a.index] = held
	}
}

// pause returns the time between two looks at the runs that another process holds.
func (w *shift) pause() time.Duration { return min(time.Second, w.Patience/4) }

// lookAgain asks the ledger about the runs that another process holds. Those among the runs to train are tried again,
// because a lease may have ended. idle says that no worker has anything to do; then the wait counts against Patience.
func (w *shift) lookAgain(ctx context.Context, idle bool) {
	all := w.awaited()
	for i, o := range w.outcomes {
		if w.stands[i] == held {
			all = append(all, o.Run.ID)
		}
	}
	statuses, err := w.Ledger.Statuses(ctx, all)
	if err != nil && ctx.Err() == nil {
		w.Log.Warn("the state of runs that another process holds cannot be read", "why", err)
	}
	for _, id := range all {
		if _, told := w.waited[id]; !told {
			w.Log.Info("waiting for a run that another process holds", "run", id, "at most", w.Patience)
			w.waited[id] = 0
		}
		if idle {
			w.waited[id] += w.pause()
		}
		status, known := statuses[id]
		i, listed := w.index[id]
		switch {
		case !listed || w.stands[i] != held:
			if known {
				w.elsewhere[id] = status
			}
		case status == experiments.Done:
			w.settle(i, Outcome{Result: Skipped, Reason: finishedElsewhere})
		case w.waited[id] >= w.Patience:
			w.stands[i] = settled // its outcome remains HeldBack
		default:
			w.stands[i] = waiting
			if left, yes := w.leaves(status); yes {
				w.settle(i, left)
			}
		}
	}
}
