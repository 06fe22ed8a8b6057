package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/store"
)

// Numbers and times at the edges at which they are written in another way.
func TestNumbersAtTheirEdges(t *testing.T) {
	second := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	at := func(ago time.Duration) string { return ago2(ago) }
	for i, c := range []struct{ got, want string }{
		{took(-1), "–"}, {took(0), "0.0 s"}, {took(second(9.94)), "9.9 s"}, {took(second(10)), "10 s"}, {took(second(59.4)), "59 s"},
		{took(time.Minute), "1 m 00 s"}, {took(time.Hour - 1), "60 m 00 s"}, {took(time.Hour), "1 h 00 m"}, {took(second(3599.4)), "59 m 59 s"},
		{took(90 * time.Minute), "1 h 30 m"}, {took(100 * time.Hour), "100 h 00 m"},
		{magnitude(0), "0"}, {magnitude(999.4), "999"}, {magnitude(999.5), "1 k"}, {magnitude(1000), "1 k"}, {magnitude(999_499), "999 k"},
		{magnitude(999_500), "1 M"}, {magnitude(1e9), "1 G"}, {magnitude(1e12), "1 T"}, {magnitude(1.5e15), "1.5 P"},
		{magnitude(2e18), "2e+03 P"},
		{short(40_551_040), "40.6 M"},
		{count(0), "0"}, {count(999), "999"}, {count(1000), "1,000"}, {count(-999), "-999"}, {count(-1000), "-1,000"},
		{count(100_000), "100,000"},
		{value(metric.TestLoss, 0).text, "0.000"}, {value(metric.TestLoss, 0.1).text, "0.100"}, {value(metric.TestLoss, 0.0999).text, "0.0999"},
		{value(metric.TestLoss, 999.9994).text, "999.999"}, {value(metric.TestLoss, 1000).text, "1000"},
		{value(metric.TestLoss, -1234.5).text, "−1234"}, {value(metric.TestTop1, 0.5).text, "50.00"},
		{value(metric.TrainRate, 1e-5).text, "1e-05"},
		{decimal(-0.004, 2), "0.00"}, {decimal(-0.006, 2), "−0.01"}, {decimal(1.25, 0), "1"},
		{fmt.Sprint(digitsFor(0)), "2"}, {fmt.Sprint(digitsFor(-1)), "2"}, {fmt.Sprint(digitsFor(math.NaN())), "2"},
		{fmt.Sprint(digitsFor(math.Inf(1))), "2"},
		{fmt.Sprint(digitsFor(1)), "1"}, {fmt.Sprint(digitsFor(0.99)), "2"}, {fmt.Sprint(digitsFor(10)), "0"},
		{fmt.Sprint(digitsFor(9.9)), "1"}, {fmt.Sprint(digitsFor(1e-9)), "5"}, {fmt.Sprint(digitsFor(1e9)), "0"},
		{signed(metric.TestTop1, math.NaN(), 1), "–"}, {signed(metric.TestLoss, 0, 0.1), "+0.00 ± 0.10"},
		{at(0), "now"}, {at(time.Second - 1), "now"}, {at(time.Second), "1.0 s ago"}, {at(-time.Hour), "now"},
		{seconds(0).text, "–"}, {seconds(math.NaN()).text, "–"}, {seconds(0.25).text, "0.2 s"}, {seconds(60).text, "1 m 00 s"},
		{headOf(metric.TestTop1), "test/top1 %"}, {headOf(metric.TestLoss), "test/loss"}, {headOf(metric.TrainSpeed), "train/images_per_second"},
		{plural(0), "s"}, {plural(1), ""}, {plural(2), "s"},
	} {
		if c.got != c.want {
			t.Errorf("case %d: got %q, want %q", i, c.got, c.want)
		}
	}
	if got := ago(time.Time{}, noon); got != (cell{nil, missing}) {
		t.Errorf("what never happened was %v", got)
	}
	if got := ago(noon.Add(-time.Minute).In(time.FixedZone("", 7200)), noon); got != (cell{"2026-05-04T11:59:00Z", "1 m 00 s ago"}) {
		t.Errorf("a minute ago is %v", got)
	}
}

func ago2(d time.Duration) string { return ago(noon.Add(-d), noon).text }

// The best of a run is the lowest of a loss and the highest of whatever else there is.
func TestBestOfARun(t *testing.T) {
	r := experiments.RunInfo{Min: map[string]float64{metric.TestLoss: 1, metric.TestTop1: 0.1, metric.TrainRate: 0.125},
		Max: map[string]float64{metric.TestLoss: 2, metric.TestTop1: 0.9, metric.TrainRate: 0.5}}
	for name, want := range map[string]cell{metric.TestLoss: {1.0, "1.000"}, metric.TestTop1: {0.9, "90.00"}, metric.TrainRate: {0.5, "0.500"},
		metric.TrainLoss: {nil, "–"}} {
		if got := best(name, r); got != want {
			t.Errorf("the best %s is %v, want %v", name, got, want)
		}
	}
}

// Every kind of error has its status and its words, however it is wrapped.
func TestErrorsHaveTheirStatusAndWords(t *testing.T) {
	wrapped := func(err error) error { return fmt.Errorf("about it: %w", err) }
	problem := experiments.Problem{Path: "batch", Message: "is wrong"}
	for _, c := range []struct {
		err    error
		status int
		said   string
	}{
		{errors.New("broken\x1b"), exitFailed, "workbench: broken\ufffd\n"},
		{fs.ErrNotExist, exitFailed, "workbench: file does not exist\n"},
		{context.DeadlineExceeded, exitFailed, "workbench: context deadline exceeded\n"},
		{usagef("want %d\nlines", 2), exitUsage, "workbench: want 2\nlines\n"},
		{wrapped(usagef("want")), exitUsage, "workbench: about it: want\n"},
		{problem, exitUsage, problem.Error() + "\n"},
		{wrapped(problem), exitUsage, "about it: " + problem.Error() + "\n"},
		{wrapped(experiments.ErrNotFound), exitUsage, "workbench: about it: not found\n"},
		{wrapped(experiments.ErrAmbiguous), exitUsage, "workbench: " + wrapped(experiments.ErrAmbiguous).Error() + "\n"},
		{wrapped(store.ErrLocked), exitLocked, "workbench: " + wrapped(store.ErrLocked).Error() + "\n"},
		{wrapped(experiments.ErrHeld), exitLocked, "workbench: " + wrapped(experiments.ErrHeld).Error() + "\n"},
		{wrapped(context.Canceled), exitInterrupted, "stopped\n"},
		{interrupted{"workbench run x"}, exitInterrupted, "stopped; to continue: workbench run x\n"},
		{reported{exitFailed}, exitFailed, ""},
		{wrapped(reported{exitPipe}), exitPipe, ""},
		{errors.Join(context.Canceled, reported{exitLocked}), exitLocked, ""},
	} {
		a := newApp()
		var said builder
		a.err = &said
		if a.complain(c.err); exitCode(c.err) != c.status || string(said) != c.said {
			t.Errorf("%v: status %d and %q, want %d and %q", c.err, exitCode(c.err), said, c.status, c.said)
		}
	}
	if exitCode(nil) != 0 || exitFailed != 1 || exitUsage != 2 || exitLocked != 5 || exitInterrupted != 130 || exitPipe != 141 {
		t.Error("a status is not as help lists it")
	}
	if got := (reported{7}).Error(); got != "exit status 7" {
		t.Errorf("got %q", got)
	}
}

// Only errors of a stopped training become a command that continues.
func TestOnlyAStoppedTrainingContinues(t *testing.T) {
	a := newApp()
	cmd := a.runCommand()
	broken := errors.New("broken")
	if err := a.resumable(cmd, nil, broken); err != broken {
		t.Errorf("an error becomes %v", err)
	}
	if err := a.resumable(cmd, nil, nil); err != nil {
		t.Errorf("success becomes %v", err)
	}
}
