package supervise

import (
	"bytes"
	"context"
	"reflect"
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

// A run that begins with another's weights is given that run's configuration and last state, in its first attempt
// alone.
func TestARunIsGivenTheRunWhoseWeightsItBeginsWith(t *testing.T) {
	final := experiments.Checkpoint{Run: "a", Step: 7, Final: true}
	for _, c := range []struct {
		what   string
		saved  map[string]experiments.Checkpoint
		known  bool // the configuration of the other run
		step   int64
		want   Result
		reason string
	}{
		{"the last state is there", map[string]experiments.Checkpoint{"a": final}, true, 7, Trained, ""},
		{"it is not the last", map[string]experiments.Checkpoint{"a": {Run: "a", Step: 5}}, true, 0, Broke,
			"start.from: run a: its newest checkpoint, of step 5, is not its last"},
		{"there is none", nil, true, 0, Broke, "start.from: run a: no checkpoint"},
		{"the run is unknown", map[string]experiments.Checkpoint{"a": final}, false, 0, Broke, "start.from: run a: not found"},
		{"the run goes on from its own", map[string]experiments.Checkpoint{"a": final, "b": {Run: "b", Step: 3}}, true, 0, Trained, ""},
	} {
		store := newMemoryStore()
		for id, checkpoint := range c.saved {
			store.saved[id] = checkpoint
		}
		if c.known {
			store.configs["a"] = experiments.Config{Batch: 17}
		}
		var begun *experiments.Beginning
		launch := InProcess{func(ctx context.Context, job experiments.Job, emit func(experiments.Record) error) error {
			begun = job.Start
			return counting(2)(ctx, job, emit)
		}}
		b := experiments.Run{ID: "b", Config: experiments.Config{Start: map[string]any{"from": "run:a"}}}
		summary, err := scheduler(store, launch).Run(t.Context(), []experiments.Run{b})
		if err != nil || summary.Outcomes[0].Result != c.want || summary.Outcomes[0].Reason != c.reason {
			t.Errorf("%s: %s (%q, %v), want %s (%q)", c.what, summary.Outcomes[0].Result, summary.Outcomes[0].Reason, err, c.want, c.reason)
		}
		switch {
		case c.step == 0 && begun != nil:
			t.Errorf("%s: was given step %d", c.what, begun.Last.Step)
		case c.step != 0 && (begun == nil || begun.Last.Step != c.step || begun.Config.Batch != 17):
			t.Errorf("%s: was given %+v", c.what, begun)
		}
	}
}

// A job reaches the process that trains it with the run whose weights it begins with.
func TestAJobBringsItsBeginning(t *testing.T) {
	last := experiments.Checkpoint{Run: "a", Attempt: 1, Step: 7, State: []byte(`{}`), Final: true,
		Tensors: []experiments.Tensor{{Name: "model/fc.weight", Shape: []int{2}, Data: []float32{1, 2}}}}
	for _, resumes := range []bool{false, true} {
		job := experiments.Job{Run: experiments.Run{ID: "r"}, Start: &experiments.Beginning{Config: experiments.Defaults(), Last: last}}
		if resumes {
			own := last
			own.Run, own.Step = "r", 3
			job.Resume = &own
		}
		var wire bytes.Buffer
		if err := writeJob(&wire, job); err != nil {
			t.Fatal(err)
		}
		got, err := (&frameReader{r: &wire}).job()
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Start.Last, last) || got.Start.Config.Batch != job.Start.Config.Batch || wire.Len() > 0 {
			t.Errorf("resumes %v: begins with %+v, want %+v", resumes, got.Start.Last, last)
		}
		if (got.Resume != nil) != resumes || resumes && got.Resume.Step != job.Resume.Step {
			t.Errorf("resumes %v: from another state", resumes)
		}
	}
}

// What is known of a run before it trains is recorded with what computes it, and of no other run.
func TestFactsAreRecordedWithWhatComputes(t *testing.T) {
	store := newMemoryStore()
	runs := needing(store, "a b")
	launch := InProcess{func(_ context.Context, _ experiments.Job, emit func(experiments.Record) error) error {
		return emit(experiments.Record{Environment: map[string]string{"threads": "1"}})
	}}
	s := scheduler(store, launch)
	s.Facts = map[string]map[string]string{"a": {experiments.StartFact: "off"}}
	seen := map[string]map[string]string{}
	s.Observe = func(e Event) {
		if e.Record != nil && e.Record.Environment != nil {
			seen[e.Run.ID] = e.Record.Environment
		}
	}
	if _, err := s.Run(t.Context(), runs); err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]string{"a": {"threads": "1", experiments.StartFact: "off"}, "b": {"threads": "1"}}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("%v, want %v", seen, want)
	}
}
