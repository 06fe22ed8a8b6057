package supervise

import (
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
)

// What is there for others to begin with is left out if none of these is to be trained, whatever became of it, and is
// trained if one of them is. A cell of the study is always trained.
func TestBeginningsThatNobodyNeedsAreLeftOut(t *testing.T) {
	done, lost := experiments.Done, experiments.Diverged
	for _, c := range []struct {
		what    string
		states  map[string]experiments.Status
		cell    bool // the pretraining is one of the study
		failed  bool
		want    map[string]Result
		trained string
	}{
		{"it was lost, its runs are done", map[string]experiments.Status{"a": done, "b": done}, false, false,
			map[string]Result{"p": NotNeeded, "a": Skipped, "b": Skipped}, ""},
		{"a cell of the study", map[string]experiments.Status{"a": done, "b": done}, true, false,
			map[string]Result{"p": Trained, "a": Skipped, "b": Skipped}, "p"},
		{"one run is missing", map[string]experiments.Status{"a": done}, false, false,
			map[string]Result{"p": Trained, "a": Skipped, "b": Trained}, "p b"},
		{"the other run diverged", map[string]experiments.Status{"a": done, "b": lost}, false, false,
			map[string]Result{"p": NotNeeded, "a": Skipped, "b": StillDiverged}, ""},
		{"and is tried again", map[string]experiments.Status{"a": done, "b": lost}, false, true,
			map[string]Result{"p": Trained, "a": Skipped, "b": Trained}, "p b"},
		{"it diverged itself, its runs are done", map[string]experiments.Status{"p": lost, "a": done, "b": done}, false, false,
			map[string]Result{"p": NotNeeded, "a": Skipped, "b": Skipped}, ""},
		{"it diverged, a run is missing", map[string]experiments.Status{"p": lost, "a": done}, false, false,
			map[string]Result{"p": StillDiverged, "a": Skipped, "b": Blocked}, ""},
		{"it is done", map[string]experiments.Status{"p": done, "a": done, "b": done}, false, false,
			map[string]Result{"p": Skipped, "a": Skipped, "b": Skipped}, ""},
	} {
		store := newMemoryStore()
		runs := needing(store, "p a:p b:p")
		runs[0].Shared = !c.cell
		for id, status := range c.states {
			store.status[id] = status
		}
		s := scheduler(store, InProcess{counting(1)})
		s.Failed = c.failed
		var expected []string
		for _, r := range s.Trains(runs, store.status) {
			expected = append(expected, r.ID)
		}
		summary, err := s.Run(t.Context(), runs)
		if got := results(summary); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.what, got, err, c.want)
		}
		if began := strings.Join(store.begun, " "); began != c.trained || strings.Join(expected, " ") != c.trained {
			t.Errorf("%s: began %q, expected %q, want %q", c.what, began, expected, c.trained)
		}
	}
}
