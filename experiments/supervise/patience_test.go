package supervise

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"workbench/experiments"
)

// While there is something else to do, waiting for another process costs no patience, however long it takes.
func TestPatienceIsForIdleTimeOnly(t *testing.T) {
	for _, text := range []string{"b:a c", "a b:a c"} { // the held run is not among those to train, or is
		synctest.Test(t, func(t *testing.T) {
			store := newMemoryStore()
			runs := needing(store, text)
			store.held["a"], store.status["a"] = true, experiments.Running
			time.AfterFunc(10*time.Minute, func() {
				store.mu.Lock()
				defer store.mu.Unlock()
				store.status["a"] = experiments.Done
			})
			long := func(_ context.Context, job experiments.Job, _ func(experiments.Record) error) error {
				if job.Run.ID == "c" {
					time.Sleep(time.Hour)
				}
				return nil
			}
			s := scheduler(store, InProcess{long})
			s.Jobs = 2
			summary, err := s.Run(t.Context(), runs)
			if got := results(summary); err != nil || got["b"] != Trained || got["c"] != Trained {
				t.Errorf("%s: got %v, %q, %v, want b trained beside c", text, got, reasonOf(summary, "b"), err)
			}
		})
	}
}
