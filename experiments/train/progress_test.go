//go:build !race

package train

import (
	"fmt"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/nn/plan"
)

// The time left is that of all images to come at the speed given, and the next report comes after half a second or
// after a step, whichever is later. Steps are those of all phases.
func TestProgressSaysHowLongItTakes(t *testing.T) {
	for _, c := range []struct {
		name           string
		job            experiments.Job
		epoch, step    int
		rate           float64
		steps          int64
		left, interval time.Duration
	}{
		{"a slow run at its first step", smallJob(), 0, 1, 8, 6, 10 * time.Second, 2 * time.Second},
		{"a fast one in its second epoch", smallJob(), 1, 2, 1600, 6, 10 * time.Millisecond, reportEvery},
		{"the last step", smallJob(), 1, 3, 8, 6, 0, 2 * time.Second},
		{"the first of two phases", strategyJob(t, "relabelled"), 0, 2, 4, 8, 14 * time.Second, 2 * time.Second},
	} {
		x, err := newTrainer(t.Context(), c.job, plan.Reference{}, func(experiments.Record) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		x.state.Epoch, x.state.Step, x.state.Loss = c.epoch, c.step, 3*float64(c.step)
		now := time.Now()
		p := x.progress(now, c.rate)
		got := fmt.Sprint(p.Epoch, p.Epochs, p.Step, p.Steps, p.Loss, p.ImagesPerSec, p.Left, p.Interval, p.Time.Equal(now))
		want := fmt.Sprint(c.epoch+1, 2, 3*c.epoch+c.step, c.steps, 3, c.rate, c.left, c.interval, true)
		if got != want {
			t.Errorf("%s: %s, want %s", c.name, got, want)
		}
		x.close()
	}
}
