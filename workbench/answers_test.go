package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/experiments/metric"
)

// noon is when the answers of these tests are given.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// inFormat is what a command says in a format on a terminal of that width; 0 is none.
func inFormat(t *testing.T, format string, width int, show func(*app) error) string {
	t.Helper()
	var out, said bytes.Buffer
	a := newApp()
	a.out, a.err, a.format, a.width, a.color = &out, &said, format, width, false
	a.now = func() time.Time { return noon }
	if err := show(a); err != nil {
		t.Fatal(err)
	}
	return out.String() + said.String()
}

// exactly compares an answer in formats, and as a table on narrow terminals, with testdata/answers.
func exactly(t *testing.T, name string, show func(*app) error, formats ...string) {
	t.Helper()
	var b strings.Builder
	for _, format := range formats {
		fmt.Fprintf(&b, "== %s\n%s", format, inFormat(t, format, 0, show))
	}
	for _, width := range []int{100, 70, 40} {
		fmt.Fprintf(&b, "== %d characters\n%s", width, inFormat(t, "table", width, show))
	}
	same(t, name, b.String())
}

// same compares a text with a file of testdata/answers.
func same(t *testing.T, name, got string) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join("testdata/answers", name+".txt"))
	if err != nil {
		t.Error(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// runsOfEveryKind are runs of every status, of which no two values are alike.
func runsOfEveryKind() []experiments.RunInfo {
	config := experiments.Defaults()
	config.Dataset, config.Model = experiments.Choice{Name: "shapes"}, experiments.Choice{Name: "resnet_mini"}
	run := func(id, cell string, seed uint64) experiments.Run {
		return experiments.Run{ID: id, Study: "st", Cell: cell, Seed: seed, Config: config, DataDigest: "digest-of-" + id}
	}
	begun := noon.Add(-26 * time.Hour)
	last := map[string]float64{metric.TestTop1: 0.9125, metric.TrainTop1: 0.9875, metric.TrainLoss: 0.04321, metric.TestLoss: 0.25}
	most := map[string]float64{metric.TestTop1: 0.925, metric.TrainTop1: 0.99, metric.TrainLoss: 2.5, metric.TestLoss: 3.5}
	least := map[string]float64{metric.TestTop1: 0.1, metric.TrainTop1: 0.11, metric.TrainLoss: 0.04, metric.TestLoss: 0.2}
	progress := &experiments.Progress{Run: "b2", Phase: "probe", Epoch: 3, Epochs: 5, Step: 30, Steps: 50, Interval: time.Second,
		Time: noon.Add(-42 * time.Second)}
	return []experiments.RunInfo{
		{Run: run("a1", "net=plain", 18446744073709551615), Version: 2, Status: experiments.Done, Attempt: 1, Started: begun,
			Updated: begun.Add(time.Hour), Seconds: 754.5, Last: last, Max: most, Min: least},
		{Run: run("b2", "net=plain", 2), Version: 1, Earlier: true, Status: experiments.Running, Attempt: 3,
			Started: begun.Add(2 * time.Hour), Updated: noon.Add(-500 * time.Millisecond), Seconds: 7.25, Progress: progress,
			Last: map[string]float64{metric.TrainLoss: math.NaN()}},
		{Run: run("c3", "net=residual", 3), Version: 2, Status: experiments.Failed, Reason: "out of memory", Attempt: 12345,
			Started: begun, Updated: noon.Add(-90 * time.Second), Seconds: 40000, Last: map[string]float64{metric.TestTop1: 0}},
		{Run: run("d4", "net=residual", 4), Version: 2, Status: experiments.Queued, BlockedBy: []string{"c3", "e5"}},
		{Run: run("e5", "", 5), Version: 2, Status: experiments.Diverged, Reason: "train/loss is NaN at step 7 (epoch 2)",
			Started: begun, Updated: noon, Seconds: 1},
		{Run: run("f6", "net=residual", 6), Version: 2, Status: experiments.Interrupted, BlockedBy: []string{"c3"}, Progress: progress},
	}
}

func TestRunsAreListedExactly(t *testing.T) {
	exactly(t, "runs", func(a *app) error { return a.showRuns(runsOfEveryKind()) }, "table", "csv", "markdown")
	exactly(t, "runs-none", func(a *app) error { return a.showRuns(nil) }, "table", "csv", "json", "markdown")
}

// detailed is a run with everything that show can tell.
func detailed() (experiments.RunInfo, []experiments.ArtefactInfo, []string) {
	r := runsOfEveryKind()[2]
	r.Needs, r.BlockedBy = []string{"n1", "n2"}, []string{"n2"}
	r.Checkpoint = &experiments.CheckpointInfo{Step: 4321, Bytes: 3 << 20, Digest: "of-weights"}
	r.Environment = map[string]string{"threads": "2", "cpu": "A Processor", "backend": "reference"}
	r.Min, r.Max = map[string]float64{metric.TestTop1: -1}, map[string]float64{metric.TestTop1: 1}
	r.Phases = []experiments.PhaseInfo{
		{Phase: experiments.Phase{Name: "pretext", Index: 0, Count: 2, First: 0, Steps: 1200}, Seconds: 61},
		{Phase: experiments.Phase{Name: "probe", Index: 1, Count: 2, First: 1200, Steps: 345}, Seconds: 5.5}}
	at := func(hours, trained, ended int) (began, first, last time.Time) {
		began = noon.Add(time.Duration(hours) * time.Hour)
		return began, began.Add(time.Duration(trained) * time.Second), began.Add(time.Duration(ended) * time.Second)
	}
	for i, a := range []experiments.AttemptInfo{
		{Resumed: -1, Status: experiments.Interrupted, Environment: map[string]string{"threads": "2", "backend": "onednn", "cpu": "A"}},
		{Resumed: 0, Status: experiments.Failed},
		{Resumed: 4000, Status: experiments.Failed, Environment: map[string]string{"threads": "4", "backend": "reference", "cpu": "A"}},
		{Resumed: 4100, Status: experiments.Running, Environment: map[string]string{"threads": "4", "backend": "reference", "revision": "r"}},
	} {
		a.Number = i + 1
		if a.Began, a.Trained, a.Ended = at(i-9, 2, 65); a.Environment == nil {
			a.Trained = time.Time{}
		}
		r.Attempts = append(r.Attempts, a)
	}
	made := []experiments.ArtefactInfo{{Name: "test/confusion", Kind: "picture", Media: "image/png", Step: 1545, Bytes: 2048, Attempt: 3},
		{Name: "notes", Kind: "text", Media: "text/plain", Step: 7, Bytes: 9, Attempt: 1}}
	return r, made, []string{"first line", "\x1b[31msecond"}
}

// settings of a run are many, and told of elsewhere.
var settingsOfARun = regexp.MustCompile(`(?s)(Configuration\**\n).*?(\n\**Environment)`)

func TestARunIsShownExactly(t *testing.T) {
	r, made, log := detailed()
	before := experiments.RunInfo{Run: experiments.Run{ID: "before"}, Status: experiments.Done, Last: map[string]float64{
		"pretext/test/collapsed": 1, "pretext/test/feature_spread": 0.001, "pretext/test/effective_rank": 1.5},
		Phases: []experiments.PhaseInfo{{Phase: experiments.Phase{Name: "pretext", Count: 1, Steps: 12, Epochs: 2, Images: 960,
			MultiplyAdds: 7e9}, Seconds: 3.5}}}
	whole := shownRun{RunInfo: r, before: &before, made: made, log: log}
	plain := runsOfEveryKind()[3]
	plain.BlockedBy = nil
	var b strings.Builder
	for _, format := range []string{"table", "markdown"} {
		for _, show := range []func(*app) error{
			func(a *app) error { return a.showRun(whole, export.Document{}) },
			func(a *app) error { return a.showRun(shownRun{RunInfo: plain}, export.Document{}) },
		} {
			b.WriteString(settingsOfARun.ReplaceAllString(inFormat(t, format, 0, show), "$1…$2"))
		}
	}
	b.WriteString(settingsOfARun.ReplaceAllString(inFormat(t, "table", 60, func(a *app) error {
		return a.showRun(whole, export.Document{})
	}), "$1…$2"))
	same(t, "show", b.String())
	answer := inFormat(t, "table", 0, func(a *app) error { return a.showRun(whole, export.Document{}) })
	for _, want := range []string{"\nmodel.name  ", "\nbatch  ", "\noptim.lr  ", "\nepochs  "} {
		if strings.Count(answer, want) != 1 {
			t.Errorf("the configuration lacks %q:\n%s", want, answer)
		}
	}
}

func TestRunsAreComparedExactly(t *testing.T) {
	runs := runsOfEveryKind()[:3]
	runs[1].Config = runs[1].Config.Clone()
	runs[1].Config.Epochs, runs[1].Config.Optim.Options["lr"] = 77, 0.125
	runs[0].Environment = map[string]string{"threads": "2", "cpu": "A"}
	runs[1].Environment = map[string]string{"threads": "4", "cpu": "A", "host": "h"}
	runs[2].Environment = map[string]string{"threads": "2", "cpu": "A"}
	phases := [][]analysis.Budget{{{Phase: "pretext", Images: 960, MultiplyAdds: 7e9, Seconds: 61}, {Phase: "probe", Images: math.NaN(),
		MultiplyAdds: math.NaN(), Seconds: 5}}, {{Images: 320, MultiplyAdds: 2.5e9, Seconds: 4}}, nil}
	exactly(t, "compare", func(a *app) error { return a.compareRuns(runs, phases, false) }, "table", "csv", "markdown")
	alike := []experiments.RunInfo{runs[0], runs[0]}
	exactly(t, "compare-equal", func(a *app) error { return a.compareRuns(alike, nil, false) }, "table", "csv")
	all := inFormat(t, "table", 0, func(a *app) error { return a.compareRuns(alike, nil, true) })
	for _, want := range []string{"\nbatch ", "\nseed                        18446744073709551615  18446744073709551615\n",
		"\ncpu      A   A\n", "\ndata_digest  "} {
		if !strings.Contains(all, want) {
			t.Errorf("with --all no line says %q:\n%s", want, all)
		}
	}
	if strings.Contains(all, "are equal") {
		t.Errorf("with --all it is said that nothing differs:\n%s", all)
	}
}

func TestStudiesAreListedExactly(t *testing.T) {
	study := experiments.DefaultStudy()
	study.Name, study.Title, study.Source, study.Seeds = "st", "what it asks", "st.yaml", []uint64{1, 2, 3, 4, 5}
	study.Base.Dataset.Name, study.Base.Model.Name, study.Base.Optim.Options["lr"], study.Base.Epochs = "shapes", "resnet_mini", 0.1, 1
	study.Factors = []experiments.Factor{{Name: "lr", Levels: []experiments.Level{
		{Label: "0.1", Set: []experiments.Assignment{{Path: "optim.lr", Value: 0.1}}},
		{Label: "0.2", Set: []experiments.Assignment{{Path: "optim.lr", Value: 0.2}}}}}}
	shipped := study
	shipped.Name, shipped.Title, shipped.Factors = "quickstart", "", nil
	counts := func(done, failed, diverged, queued int) map[experiments.Status]int {
		return map[experiments.Status]int{experiments.Done: done, experiments.Failed: failed, experiments.Diverged: diverged,
			experiments.Queued: queued}
	}
	infos := []experiments.StudyInfo{
		{Study: study, Version: 3, Counts: counts(6, 1, 2, 1), All: counts(99, 98, 97, 96), Updated: noon.Add(-3 * time.Hour),
			Versions: []experiments.StudyVersion{
				{Number: 1, Counts: counts(11, 12, 13, 14), Updated: noon.Add(-50 * time.Hour)},
				{Number: 2, Label: "epochs=2", Counts: counts(21, 22, 23, 24), Updated: noon.Add(-49 * time.Hour)},
				{Number: 3, Label: "epochs=3", Current: true}}},
		{Study: shipped, Version: 1, Counts: counts(1, 0, 0, 1234), Versions: []experiments.StudyVersion{{Number: 1, Current: true}}},
	}
	exactly(t, "studies", func(a *app) error { return a.showStudies(infos) }, "table", "json", "csv", "markdown")
}

// containsLine tells whether the text has the line.
func containsLine(text, line string) bool { return strings.Contains("\n"+text, "\n"+line) }
