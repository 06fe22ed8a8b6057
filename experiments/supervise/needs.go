package supervise

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"workbench/experiments"
)

// need is how a run stands for those that need it.
type need int

const (
	met    need = iota
	coming      // it is not done, but may be later in this call
	taken       // another process has held it for longer than Patience
	lost        // it will not be done in this call
)

// inWords says what became of a run that is not done. The words follow "it needs run X, which".
var inWords = map[Result]string{
	Broke: "failed", StillFailed: "failed", Diverged: "diverged", StillDiverged: "diverged", Stopped: "was interrupted",
	Blocked: "cannot begin", HeldBack: "another process holds", NotNeeded: "was not needed when this began",
}

// inWordsElsewhere does the same for runs that are not among those to train.
var inWordsElsewhere = map[experiments.Status]string{
	experiments.Failed: "failed", experiments.Diverged: "diverged", experiments.Blocked: "cannot begin",
	experiments.Running:     "another process holds",
	experiments.Interrupted: "was interrupted and is not among the runs to train",
	experiments.Queued:      "was never started and is not among the runs to train",
	"":                      "is not recorded",
}

// needed returns how the run stands for those that need it. It also says so in words, unless the run is met or coming.
func (w *shift) needed(id string) (need, string) {
	if status, told := w.elsewhere[id]; told {
		switch {
		case status == experiments.Done:
			return met, ""
		case status != experiments.Running:
			return lost, inWordsElsewhere[status]
		case w.waited[id] < w.Patience:
			return coming, ""
		}
		return taken, inWordsElsewhere[status]
	}
	i := w.index[id]
	if w.stands[i] != settled {
		return coming, ""
	}
	switch result := w.outcomes[i].Result; result {
	case Trained, Skipped:
		return met, ""
	case HeldBack:
		return taken, inWords[result]
	default:
		return lost, inWords[result]
	}
}

// obstacle says what keeps run i from beginning. If the run can never begin, `never` is its outcome and has a Result.
// Otherwise `wait` tells whether it must wait for a run that it needs.
func (w *shift) obstacle(i int) (never Outcome, wait bool) {
	var reasons []string
	for _, id := range w.needs[i] {
		stands, words := w.needed(id)
		switch stands {
		case coming:
			wait = true
		case taken, lost:
			reasons = append(reasons, fmt.Sprintf("it needs run %s, which %s", id, words))
			if never.Result != Blocked {
				never.Result = map[need]Result{taken: HeldBack, lost: Blocked}[stands]
			}
		}
	}
	never.Reason = strings.Join(reasons, "; ")
	return never, wait
}

// heed takes in what the ledger said when it refused to begin run i. The ledger may know of needs that the list of runs
// does not name, and another process may have begun a run again that was done.
func (w *shift) heed(i int, refused *experiments.BlockedError) {
	for _, id := range slices.Sorted(maps.Keys(refused.By)) {
		if needed, listed := w.index[id]; !listed || w.stands[needed] == settled {
			w.elsewhere[id] = refused.By[id]
		}
		if !slices.Contains(w.needs[i], id) {
			w.needs[i] = append(w.needs[i], id)
		}
	}
	never, wait := w.obstacle(i)
	if wait || never.Result != "" {
		w.stands[i] = waiting
	}
}

// awaited returns the runs that a waiting run needs, that are not among those to train, and that another process holds.
func (w *shift) awaited() []string {
	var all []string
	for i := range w.needs {
		for _, id := range w.needs[i] {
			stands, _ := w.needed(id)
			_, told := w.elsewhere[id]
			if w.stands[i] == waiting && stands == coming && told && !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
	}
	return all
}

// expects reports whether another process holds a run that is waited for.
func (w *shift) expects() bool { return slices.Contains(w.stands, held) || len(w.awaited()) > 0 }

// untie settles the runs that are still waiting when nothing more happens. They wait for one another.
func (w *shift) untie() {
	for i, s := range w.stands {
		if s != waiting {
			continue
		}
		w.settle(i, Outcome{Result: Blocked, Reason: "the runs that it needs wait for one another: " + strings.Join(w.needs[i], ", ")})
	}
}
