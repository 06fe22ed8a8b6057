package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/experiments/start"
	"workbench/experiments/studyfile"
	"workbench/experiments/supervise"
	"workbench/store"
)

// inPhases trains a run of two phases that makes a picture, and one that diverges after its checkpoint.
func inPhases(_ context.Context, job experiments.Job, emit func(experiments.Record) error) error {
	checkpoint := &experiments.Checkpoint{Run: job.Run.ID, Attempt: job.Attempt.Number, Step: 4, State: []byte("{}"),
		Final:   job.Run.ID == "pretraining",
		Tensors: []experiments.Tensor{{Name: "model/fc.weight", Shape: []int{2}, Data: []float32{1, 2}}}}
	picture := &experiments.Artefact{Data: []byte("\x89PNG"), ArtefactInfo: experiments.ArtefactInfo{
		Name: "test/confusion", Kind: "picture", Media: "image/png", Step: 4}}
	for _, r := range []experiments.Record{
		{Phase: &experiments.Phase{Name: "pretext", Count: 2, Steps: 1200}},
		{Phase: &experiments.Phase{Name: "probe", Index: 1, Count: 2, First: 1200, Steps: 300}},
		{Artefact: picture},
		{Checkpoint: checkpoint},
	} {
		if err := emit(r); err != nil {
			return err
		}
	}
	if job.Run.ID == "unstable" {
		return &experiments.DivergedError{Metric: metric.TrainLoss, Value: math.NaN(), Step: 7, Epoch: 2}
	}
	return nil
}

// trainedInPhases is an app over a database with a pretraining, a run that diverged, and one that needs both.
func trainedInPhases(t *testing.T) *app {
	t.Helper()
	a := newApp()
	a.db = filepath.Join(t.TempDir(), "workbench.db")
	db, err := store.Open(a.db)
	if err != nil {
		t.Fatal(err)
	}
	study, err := studyfile.Load("quickstart", nil)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := study.Runs(func(experiments.Choice) (string, error) { return "", nil })
	if err != nil {
		t.Fatal(err)
	}
	runs = runs[:3]
	for i, id := range []string{"probe", "unstable", "pretraining"} {
		runs[i].ID, runs[i].Cell = id, id
	}
	runs[0].Needs = []string{"pretraining", "unstable"}
	if err := db.Enlist(t.Context(), study, runs); err != nil {
		t.Fatal(err)
	}
	s := supervise.Scheduler{Ledger: db, Recorder: db, Launcher: supervise.InProcess{Train: inPhases},
		Log: slog.New(slog.DiscardHandler)}
	summary, err := s.Run(t.Context(), runs)
	if err != nil || len(summary.Only(supervise.Trained)) != 1 || len(summary.Only(supervise.Diverged)) != 1 ||
		len(summary.Only(supervise.Blocked)) != 1 {
		t.Fatalf("got %v, want one trained, one diverged, one blocked", err)
	}
	if status := verdict(summary); status != (reported{exitFailed}) {
		t.Errorf("exit status %v, want %d", status, exitFailed)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return a
}

// shownAs is what show answers of a run.
func shownAs(t *testing.T, a *app, id, format string) string {
	t.Helper()
	var out bytes.Buffer
	cmd := a.showCommand()
	cmd.SetArgs([]string{id, "--format", format})
	a.out = &out
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestShowTellsPhasesNeedsAndArtefacts(t *testing.T) {
	a := trainedInPhases(t)
	for id, parts := range map[string][]string{
		"pretraining": {"status done", "Phases", "pretext 0 1,200", "probe 1,200 300", "Artefacts",
			"test/confusion", "image/png"},
		"unstable": {"status diverged", "train/loss is NaN at step 7 (epoch 2)"},
		"probe": {"status blocked: needs run unstable, which diverged",
			"reason needs run unstable, which diverged", "needs pretraining, unstable", "blocked_by unstable"},
	} {
		text := strings.Join(strings.Fields(shownAs(t, a, id, "table")), " ")
		for _, part := range parts {
			if !strings.Contains(text, part) {
				t.Errorf("show %s lacks %q:\n%s", id, part, text)
			}
		}
	}
	var got struct {
		Run struct {
			Status    string
			Needs     []string
			BlockedBy []string `json:"blocked_by"`
		}
		Phases    []map[string]any
		Artefacts []map[string]any
	}
	if err := json.Unmarshal([]byte(shownAs(t, a, "probe", "json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Run.Status != "blocked" || len(got.Run.Needs) != 2 || len(got.Run.BlockedBy) != 1 {
		t.Errorf("in JSON: %+v", got.Run)
	}
	if err := json.Unmarshal([]byte(shownAs(t, a, "pretraining", "json")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Phases) != 2 || got.Phases[1]["first"] != 1200.0 || len(got.Artefacts) != 1 || got.Artefacts[0]["bytes"] != 4.0 {
		t.Errorf("in JSON: phases %v, artefacts %v", got.Phases, got.Artefacts)
	}
}

// A diverged run's last good checkpoint can be exported, as that of an interrupted one.
func TestDivergedRunsCanBeExported(t *testing.T) {
	a := trainedInPhases(t)
	p, err := a.packRun(t.Context(), "unstable", exportOptions{format: asSafetensors, weights: start.Evaluated})
	if err != nil || p.metadata["step"] != "4" || p.metadata["final"] != "false" || len(p.tensors) != 1 {
		t.Errorf("got %+v, %v, want the weights of step 4", p.metadata, err)
	}
}

// What a run was given of a set is said beside its state.
func TestShowTellsWhatARunWasGiven(t *testing.T) {
	a := newApp()
	r := runsOfEveryKind()[0]
	r.Environment = map[string]string{"parts": "train: 54 images, 20 % of the labels wrong, SHA-256 5eed; held out as val: 6 images"}
	l := a.stateOf(r)
	i := slices.IndexFunc(l.rows, func(row []cell) bool { return row[0].text == "parts" })
	if i < 0 || l.rows[i][1].text != r.Environment["parts"] {
		t.Errorf("the state is %v", l.rows)
	}
}

// The time of a run is that of its own phases, which is said where another run made the first.
func TestShowTellsWhoseTimeItIs(t *testing.T) {
	r := runsOfEveryKind()[0]
	r.Needs = []string{"pretraining"}
	for first, want := range map[int]string{0: "12 m 35 s", 1: "12 m 35 s, without that of run pretraining, with which it begins"} {
		r.Phases = []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "p", Index: first, Count: 2}, Seconds: 9}}
		if got := ownTime(r); got.text != want || got.value != r.Seconds {
			t.Errorf("time %q (%v), want %q", got.text, got.value, want)
		}
	}
}
