package main

import (
	"strings"
	"testing"
	"time"

	"workbench/experiments"
)

// A run that is being trained is called silent after several of the intervals that it promised, not after one.
func TestSilenceIsToldLate(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	a := &app{now: func() time.Time { return now }}
	for silent, want := range map[time.Duration]string{0: "", time.Second: "", 9 * time.Second: "", 10 * time.Second: "",
		11 * time.Second: ", silent for 11 s", 2 * time.Hour: ", silent for 2 h 00 m"} {
		p := &experiments.Progress{Epoch: 2, Epochs: 5, Interval: time.Second, Time: now.Add(-silent)}
		got := a.standing(experiments.RunInfo{Status: experiments.Running, Progress: p})
		if tail := strings.TrimPrefix(got, "running, "+epochOf(*p)); tail != want {
			t.Errorf("after %v: %q, want it to end in %q", silent, got, want)
		}
		if got := a.standing(experiments.RunInfo{Status: experiments.Interrupted, Progress: p}); got != "interrupted" {
			t.Errorf("a run that is not trained is %q", got)
		}
	}
}
