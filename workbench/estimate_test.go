package main

import (
	"maps"
	"testing"

	"workbench/experiments"
	"workbench/experiments/machine"
	"workbench/experiments/train"
)

// A cell of which nothing is known takes as long as the others in the mean, at least as the fastest of them and at most
// as the slowest.
func TestUnknownCellsTakeAsLongAsOthers(t *testing.T) {
	e := estimate{paces: map[string]paceOf{
		"a": {Pace: train.Pace{Middle: 2, Fastest: 1, Slowest: 3}},
		"b": {Pace: train.Pace{Middle: 4, Fastest: 3.5, Slowest: 7}, timed: true},
	}, work: map[string]train.Work{"a": {Training: 10}, "b": {Training: 10}, "new": {Training: 80, Evaluation: 20}}}
	for cell, want := range map[string][3]float64{"a": {20, 10, 30}, "b": {40, 35, 70}, "new": {300, 100, 700}} {
		if middle, least, most := e.takes(cell); [3]float64{middle, least, most} != want {
			t.Errorf("%s takes %v, %v to %v, want %v", cell, middle, least, most, want)
		}
	}
	runs := []experiments.Run{{Cell: "a"}, {Cell: "new"}}
	for jobs, want := range map[int][3]float64{1: {320, 110, 730}, 2: {300, 100, 700}} {
		if middle, least, most := e.all(runs, jobs); [3]float64{middle.Seconds(), least.Seconds(), most.Seconds()} != want {
			t.Errorf("%d at a time take %v, %v to %v, want %v s", jobs, middle, least, most, want)
		}
	}
	if got, want := e.source(), "1 cell by earlier runs on this processor, 1 cell by a few training steps timed just now, "+
		"1 cell by the mean of the others"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Only runs that took as long as this one will tell its pace: done, of the same costs, on this processor with this
// backend and as many threads.
func TestPacesOfEarlierRuns(t *testing.T) {
	run := experiments.Run{ID: "new", Cell: "a", Config: experiments.Defaults()}
	run.Config.Epochs = 2
	run.Config.Dataset, run.Config.Model = experiments.Choice{Name: "shapes"}, experiments.Choice{Name: "resnet_mini"}
	w := worklist{works: map[string]train.Work{}}
	knows := func(c experiments.Config, work train.Work) {
		w.works[workKey(experiments.Run{Config: c})] = work
	}
	knows(run.Config, train.Work{Training: 8, Evaluation: 2})
	past := func(seconds float64) experiments.RunInfo {
		return experiments.RunInfo{Run: run, Status: experiments.Done, Seconds: seconds, Environment: map[string]string{
			"threads": "2", "cpu": machine.Facts()["cpu"], "backend": backend(1).Name()}}
	}
	e := estimate{threads: 2}
	longer := past(400)
	longer.Config.Epochs, longer.Seed, longer.Cell = run.Config.Epochs*10, 7, "b"
	knows(longer.Config, train.Work{Training: 100})
	got, known := e.seen(run, w, []experiments.RunInfo{past(20), past(90), past(10), longer})
	if want := (paceOf{Pace: train.Pace{Middle: 3, Fastest: 1, Slowest: 9}, earlier: 4}); !known || got != want {
		t.Errorf("got %+v, %v, want %+v", got, known, want)
	}
	told := func(key, value string) func(*experiments.RunInfo) {
		return func(r *experiments.RunInfo) { r.Environment = maps.Clone(r.Environment); r.Environment[key] = value }
	}
	for what, change := range map[string]func(*experiments.RunInfo){
		"interrupted":            func(r *experiments.RunInfo) { r.Status = experiments.Interrupted },
		"without a time":         func(r *experiments.RunInfo) { r.Seconds = 0 },
		"another processor":      told("cpu", "another"),
		"another backend":        told("backend", "another"),
		"more threads":           told("threads", "3"),
		"another data set":       func(r *experiments.RunInfo) { r.Config.Dataset.Name = "digits" },
		"other data":             func(r *experiments.RunInfo) { r.Config.Dataset.Options = map[string]any{"size": 64} },
		"another network":        func(r *experiments.RunInfo) { r.Config.Model.Name = "vgg16" },
		"another depth":          func(r *experiments.RunInfo) { r.Config.Model.Options = map[string]any{"depth": 56} },
		"another optimizer":      func(r *experiments.RunInfo) { r.Config.Optim.Name = "adam" },
		"another batch":          func(r *experiments.RunInfo) { r.Config.Batch++ },
		"micro-batches":          func(r *experiments.RunInfo) { r.Config.MicroBatch = 1 },
		"another precision":      func(r *experiments.RunInfo) { r.Config.Precision = "bf16" },
		"other algorithms":       func(r *experiments.RunInfo) { r.Config.Algorithms = "direct" },
		"recomputation":          func(r *experiments.RunInfo) { r.Config.Recompute = "blocks" },
		"another augmentation":   func(r *experiments.RunInfo) { r.Config.Augment = map[string]any{"flip": true} },
		"work that is not known": func(r *experiments.RunInfo) { knows(r.Config, train.Work{}) },
	} {
		r := past(20)
		change(&r)
		if got, known := e.seen(run, w, []experiments.RunInfo{r}); known {
			t.Errorf("%s: the pace is %+v, want none", what, got)
		}
		knows(run.Config, train.Work{Training: 8, Evaluation: 2})
	}
}

// The work of an earlier run is that which it did itself: all of it, or what comes behind a run with which it began, if
// that is known here.
func TestPacesOfRunsThatBeganWithOthers(t *testing.T) {
	run := experiments.Run{ID: "probe", Cell: "a", Config: experiments.Defaults(), Needs: []string{"pretraining"}}
	run.Config.Epochs = 2
	w := worklist{works: map[string]train.Work{}, runs: []experiments.Run{{ID: "pretraining"}, run}}
	w.works[workKey(run)] = train.Work{Training: 10}
	whole := run
	whole.Needs = nil
	w.works[workKey(whole)] = train.Work{Training: 100}
	e := estimate{threads: 2}
	past := func(seconds float64, first int, needs string) experiments.RunInfo {
		r := experiments.RunInfo{Run: run, Status: experiments.Done, Seconds: seconds, Environment: map[string]string{
			"threads": "2", "cpu": machine.Facts()["cpu"], "backend": backend(1).Name()}}
		r.Needs, r.Phases = []string{needs}, []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "x", Index: first, Count: 2}}}
		return r
	}
	for what, c := range map[string]struct {
		past experiments.RunInfo
		pace float64 // 0: not known
	}{
		"it shared":               {past(20, 1, "pretraining"), 2},
		"it made all itself":      {past(200, 0, "pretraining"), 2},
		"it began with a strange": {past(20, 1, "another"), 0},
	} {
		if got, known := e.seen(run, w, []experiments.RunInfo{c.past}); known != (c.pace > 0) || got.Middle != c.pace {
			t.Errorf("%s: the pace is %v, want %v", what, got.Middle, c.pace)
		}
	}
}
