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
	coming      // it may be done yet
	taken       // another process has it, for longer than Patience
	lost        // it will not be done in this call
)

// inWords says of a run that is not done what became of it, after "it needs run X, which".
var inWords = map[Result]string{
	Broke: "failed", StillFailed: "failed", Diverged: "diverged", StillDiverged: "diverged", Stopped: "was interrupted",
	Blocked: "cannot begin", HeldBack: "another process holds",
}

// inWordsElsewhere does so for runs that are not of the list.
var inWordsElsewhere = map[experiments.Status]string{
	experiments.Failed: "failed", experiments.Diverged: "diverged", experiments.Running: "another process holds",
	experiments.Interrupted: "was interrupted and is not among the runs to train",
	experiments.Queued:      "was never started and is not among the runs to train",
	"":                      "is not recorded",
}

// needed says how the run stands for those that need it, and in words unless it is met or coming.
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

// obstacle says what keeps run i from beginning: wait if that may pass, else, with a Result, the outcome that it has.
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

// heed takes in what the ledger said when it refused to begin run i: the list need not know of all needs, and what was
// done may have been begun again by another process.
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

// awaited are the runs beside the list that another process holds and a waiting run needs.
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

// untie settles the runs that are still waiting when nothing more happens: each needs another one of them.
func (w *shift) untie() {
	for i, s := range w.stands {
		if s != waiting {
			continue
		}
		w.settle(i, Outcome{Result: Blocked, Reason: "the runs that it needs wait for one another: " + strings.Join(w.needs[i], ", ")})
	}
}
