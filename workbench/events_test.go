package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/experiments/supervise"
)

// Each event of a training has its line, or none; the labels stand in a column.
func TestLinesOfEvents(t *testing.T) {
	now := noon
	var out bytes.Buffer
	l := &lines{out: &out, tracker: tracker{now: func() time.Time { return now }, width: len("ab seed 10"), judged: "test",
		tracks: map[string]*track{}, study: newForecast(1), runs: 2}}
	config := experiments.Config{Epochs: 3, Batch: 10}
	a, b := experiments.Run{ID: "a", Cell: "a", Seed: 1, Config: config}, experiments.Run{ID: "b", Cell: "ab", Seed: 10, Config: config}
	l.study.expect(a, 100)
	l.study.expect(b, 200)
	begins := supervise.Event{Run: a, Status: experiments.Running}
	resumed := begins
	resumed.Attempt.Resume = true
	record := func(r experiments.Record) supervise.Event {
		return supervise.Event{Run: a, Status: experiments.Running, Record: &r}
	}
	points := func(epoch float64, values ...float64) supervise.Event {
		names := []string{metric.TestTop1, metric.TrainTop1, metric.TrainSpeed, metric.TrainLoss}
		var all []experiments.Point
		for i, v := range values {
			all = append(all, experiments.Point{Metric: names[len(names)-len(values)+i], Epoch: epoch, Value: v})
		}
		return record(experiments.Record{Points: all})
	}
	ends := func(r experiments.Run, status experiments.Status, reason string) supervise.Event {
		return supervise.Event{Run: r, Status: status, Reason: reason}
	}
	for i, c := range []struct {
		event supervise.Event
		want  string
	}{
		{begins, ""},
		{resumed, "a seed 1    continues from its checkpoint"},
		{record(experiments.Record{Environment: map[string]string{"cpu": "x"}}), ""},
		{record(experiments.Record{Phase: &experiments.Phase{Count: 1}}), ""},
		{record(experiments.Record{Phase: &experiments.Phase{Name: "probe\x1b", Index: 1, Count: 3}}), "a seed 1    phase probe\ufffd, 2 of 3"},
		{record(experiments.Record{Log: "first\x1b\nsecond"}), "a seed 1    first\ufffd"},
		{record(experiments.Record{Progress: &experiments.Progress{Run: "a", Steps: 10, ImagesPerSec: 10, Left: 8 * time.Second}}), ""},
		{points(0.5, 2), ""},
		{points(1, 0.9, 0.5, 123.4, 1.5),
			"a seed 1    epoch 1/3  train/loss 1.500  train/top1 50.00 %  test/top1 90.00 %  123 images/s  left 8.0 s"},
		{points(2, 0.25), "a seed 1    epoch 2/3  train/loss 0.250  train/top1 50.00 %  test/top1 90.00 %  123 images/s  left 8.0 s"},
		{points(3, 0.125), "a seed 1    epoch 3/3  train/loss 0.125  train/top1 50.00 %  test/top1 90.00 %  123 images/s"},
		{record(experiments.Record{Points: []experiments.Point{{Metric: metric.TestTop1, Epoch: 3, Value: 0.75}}}), ""},
		{ends(a, experiments.Done, ""), "a seed 1    done in 5.0 s  train/top1 50.00 %  test/top1 75.00 %  (1 of 2 runs, about 20 s left)"},
		{supervise.Event{Run: b, Status: experiments.Running}, ""},
		{ends(b, experiments.Interrupted, "stopped\x1b"), "ab seed 10  interrupted: stopped\ufffd"},
		{ends(b, experiments.Failed, "why\x1b"), "ab seed 10  FAILED: why\ufffd"},
		{ends(b, experiments.Diverged, "loss"), "ab seed 10  DIVERGED: loss"},
	} {
		if i == 12 {
			now = now.Add(5 * time.Second)
		}
		out.Reset()
		if l.observe(c.event); strings.TrimSuffix(out.String(), "\n") != c.want {
			t.Errorf("event %d: got %q, want %q", i, out.String(), c.want)
		}
	}
	var none bytes.Buffer
	s := silence{&none}
	s.observe(resumed)
	if s.close(); s.errors() != &none || none.Len() > 0 || l.errors() != &out {
		t.Errorf("silence says %q, or messages go elsewhere", none.String())
	}
}

// What became of the runs is counted by kind in one order, and those that did not end well are named.
func TestOutcomesAreCountedAndNamed(t *testing.T) {
	var all []supervise.Outcome
	add := func(r supervise.Result, n int, reason string) {
		for range n {
			all = append(all, supervise.Outcome{Run: experiments.Run{ID: "id-" + string(r), Cell: "cell", Seed: 7}, Result: r, Reason: reason})
		}
	}
	add(supervise.NotStarted, 10, "")
	add(supervise.HeldBack, 9, "")
	add(supervise.Blocked, 8, "")
	add(supervise.StillDiverged, 1, "loss is NaN")
	add(supervise.StillFailed, 1, "broke\x1b")
	add(supervise.Diverged, 1, "now NaN")
	add(supervise.Broke, 4, "")
	add(supervise.Stopped, 1, "stopped on request")
	add(supervise.Skipped, 2, "done before")
	add(supervise.Trained, 1, "")
	said := func(s supervise.Summary) string {
		name := filepath.Join(t.TempDir(), "said")
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		newApp().sayOutcomes(f, s)
		text, err := os.ReadFile(name)
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	want := "1 trained, 2 done before, 1 interrupted, 4 failed, 1 diverged, 1 failed before, 1 diverged before, 8 blocked, " +
		"9 held by another process, 10 not started\n" +
		"  id-still diverged  cell  seed 7  still diverged: loss is NaN\n  id-still failed  cell  seed 7  still failed: broke\ufffd\n" +
		"  id-diverged  cell  seed 7  diverged: now NaN\n" +
		"  --failed tries failed and diverged runs again; the log of one: " + newApp().program().On("show", "id-still failed") + "\n"
	if got := said(supervise.Summary{Outcomes: all}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got, want := said(supervise.Summary{Outcomes: all[len(all)-1:]}), "1 trained\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
