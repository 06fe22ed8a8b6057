package supervise

import (
	"context"
	"testing"

	"workbench/experiments"
)

// A run begins with the last state of the run that it needs. Where that state cannot be had, it does the part itself;
// one that is not the last is an error.
func TestARunBeginsWithWhatItNeeds(t *testing.T) {
	for _, c := range []struct {
		saved *experiments.Checkpoint
		step  int64 // with which the run begins; 0: at its start
		want  Result
	}{
		{&experiments.Checkpoint{Run: "a", Step: 7, Final: true}, 7, Trained},
		{nil, 0, Trained},
		{&experiments.Checkpoint{Run: "a", Step: 5}, 0, Broke},
	} {
		store := newMemoryStore()
		runs := needing(store, "a b:a")
		store.status["a"] = experiments.Done
		if c.saved != nil {
			store.saved["a"] = *c.saved
		}
		var step int64
		launch := InProcess{func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
			if job.Resume != nil {
				step = job.Resume.Step
			}
			return counting(2)(ctx, job, emit)
		}}
		summary, err := scheduler(store, launch).Run(t.Context(), runs)
		if err != nil || step != c.step || summary.Outcomes[1].Result != c.want {
			t.Errorf("%+v: began at step %d and was %s (%s, %v), want %d and %s", c.saved, step, summary.Outcomes[1].Result,
				reasonOf(summary, "b"), err, c.step, c.want)
		}
	}
}
