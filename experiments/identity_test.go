package experiments_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/nn/option"
)

func noData(experiments.Choice) (string, error) { return "digest", nil }

func runIDs(t *testing.T, text string, overrides ...string) []string {
	t.Helper()
	runs, err := mustLoad(t, text, overrides...).Runs(noData)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	return ids
}

const oneRun = `name: one
seeds: [3]
base:
  dataset: {name: shapes, noise: 1}
  model: {name: resnet_mini}
  optim: {lr: 0.5}
  epochs: 4
`

func TestIdentityIgnoresHowItIsWritten(t *testing.T) {
	want := runIDs(t, oneRun)
	for _, c := range []struct{ old, new string }{
		{"{name: shapes, noise: 1}", "{noise: 1.0, name: shapes}"},
		{"{name: shapes, noise: 1}", "{name: shapes, noise: 1e0, clutter: 1, train: 3000}"},
		{"{name: resnet_mini}", "{name: resnet_mini, depth: 20, width: 8, shortcut: identity}"},
		{"{name: resnet_mini}", "{name: resnet_mini, depth: 20.0}"},
		{"{name: resnet_mini}", "{name: resnet_mini, shuffle: false}"}, // a later switch
		{"{lr: 0.5}", "{lr: 5e-1, name: sgd, momentum: 0.90, weight_decay: -0.0}"},
		{"epochs: 4", "epochs: 4.0\n  batch: 64\n  schedule: {name: constant, gamma: 0}\n  micro_batch: 64"},
		{"epochs: 4", "epochs: 4\n  checkpoint: {every: 3}\n  augment: {}\n  evaluate: {every: 1}"},
		{"epochs: 4", "epochs: 4\n  recompute: segments"},
		{"name: one", "name: two\ntitle: another\nmetric: test/loss\nreport: best"},
	} {
		if got := runIDs(t, strings.Replace(oneRun, c.old, c.new, 1)); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", c.new, got, want)
		}
	}
}

// Spellings that mean the same are one run; what a start may lack is a question of leave and not of the result.
func TestIdentityIgnoresSpelling(t *testing.T) {
	ids := func(dataset, start string) string {
		text := strings.Replace(oneRun, "{name: shapes, noise: 1}", dataset, 1)
		return runIDs(t, text+"  start: {from: net.pt, digest: "+strings.Repeat("ab", 32)+start+"}\n")[0]
	}
	want := ids("{name: folder, path: a/b}", "")
	for _, c := range []struct {
		dataset, start string
		same           bool
	}{
		{"{name: folder, path: ./a/b/}", "", true},
		{"{name: folder, path: a//c/../b}", "", true},
		{"{name: folder, path: a/b, cache: 7}", "", true},
		{"{name: folder, path: a/b}", ", allow: fc.** conv1.weight", true},
		{"{name: folder, path: /a/b}", "", false},
		{"{name: folder, path: a/b/c}", "", false},
		{"{name: folder, path: a/b}", ", skip: fc.**", false},
	} {
		if got := ids(c.dataset, c.start); (got == want) != c.same {
			t.Errorf("%s%s: %s beside %s, want the same: %v", c.dataset, c.start, got, want, c.same)
		}
	}
}

func TestIdentityDependsOnTheData(t *testing.T) {
	s := mustLoad(t, oneRun)
	a, err := s.Runs(noData)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Runs(func(experiments.Choice) (string, error) { return "other", nil })
	if err != nil || a[0].ID == b[0].ID {
		t.Errorf("got %s for both, %v", a[0].ID, err)
	}
	broken := errors.New("no such folder")
	if _, err := s.Runs(func(experiments.Choice) (string, error) { return "", broken }); !errors.Is(err, broken) {
		t.Errorf("got %v, want the digest's error", err)
	}
}

func TestRunsAreCellsTimesSeeds(t *testing.T) {
	asked := 0
	runs, err := mustLoad(t, smallStudy).Runs(func(d experiments.Choice) (string, error) {
		asked++
		if d.Name != "shapes" || d.Options["train"] != 300 || d.Options["noise"] != 0.06 {
			t.Errorf("asked for %+v, want every option filled in", d)
		}
		return "sum", nil
	})
	if err != nil || len(runs) != 12 || asked != 1 {
		t.Fatalf("got %d runs, asked %d times, %v", len(runs), asked, err)
	}
	ids := map[string]bool{}
	for i, r := range runs {
		ids[r.ID] = true
		seed := []uint64{1, 2, 7}[i%3]
		if r.Study != "small" || r.Seed != seed || r.DataDigest != "sum" || len(r.ID) != 16 || r.Cell == "" {
			t.Errorf("run %d: got %+v", i, r)
		}
		if r.Config.Model.Options["width"] != 8 {
			t.Errorf("run %d: the network's defaults are not filled in: %v", i, r.Config.Model.Options)
		}
	}
	if len(ids) != len(runs) {
		t.Errorf("got %d identities of %d runs", len(ids), len(runs))
	}
}

// filled returns values for an option: its default, a zero, and another that is good.
func filled(o option.Option) []any {
	switch v := o.Default.(type) {
	case bool:
		return []any{v, false, true}
	case int:
		return []any{v, 0, int(o.Min) + 1}
	case float64:
		return []any{v, 0.0, o.Min + 0.25}
	case string:
		return append([]any{v}, toAny(o.Choices)...)
	case []float64:
		return []any{v, []float64{1, 2.5}}
	case []option.Group:
		return []any{v, []any{map[string]any{"match": "fc.*", "weight_decay": 0.0, "frozen": false}}}
	}
	return nil
}

func toAny(texts []string) []any {
	all := make([]any, len(texts))
	for i, text := range texts {
		all[i] = text
	}
	return all
}

// What is written to a database comes back as the same run, whatever is named and whichever option is set to
// whatever: the frozen order must leave out nothing that a default would not bring back. It walks every registry.
func TestConfigurationsComeBack(t *testing.T) {
	for _, section := range experiments.Sections() {
		if section.Name == "" {
			continue
		}
		names := append(slices.Clone(section.Names), "")[:max(1, len(section.Names))]
		if section.Name == "model" {
			names = names[:2] // their options are written as they are given
		}
		for _, name := range names {
			keys, err := experiments.Keys(section.Name, name)
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range keys {
				for _, value := range filled(k.Option) {
					c := goodConfig()
					if name != "" {
						set(t, &c, section.Name+".name", name)
					}
					set(t, &c, k.Path, value)
					comesBack(t, c, fmt.Sprint(section.Name, " ", name, " ", k.Path, "=", value))
				}
			}
		}
	}
}

func set(t *testing.T, c *experiments.Config, path string, value any) {
	t.Helper()
	if section, _, _ := strings.Cut(path, "."); strings.HasSuffix(path, ".name") && section == "model" {
		c.Model.Options = nil
	} else if strings.HasSuffix(path, ".name") && section == "dataset" {
		c.Dataset.Options = nil
	}
	if err := c.Set(path, value); err != nil {
		t.Fatalf("%s=%v: %v", path, value, err)
	}
}

// comesBack checks a configuration as it is given, and with every option filled in, as a run has it. Values that are
// out of their bounds come back too.
func comesBack(t *testing.T, c experiments.Config, what string) {
	t.Helper()
	full, err := c.Resolved()
	if err != nil {
		return // an option of a data set or a network that cannot be so
	}
	for _, given := range []experiments.Config{c, full} {
		text, err := json.Marshal(given)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		var back experiments.Config
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got, want := deciding(t, back), deciding(t, given); got != want {
			t.Errorf("%s comes back as\n%s\nwant\n%s\nfrom %s", what, got, want, text)
		}
	}
}

// deciding is what of a configuration decides its runs.
func deciding(t *testing.T, c experiments.Config) string {
	t.Helper()
	c, err := c.Deciding()
	if err != nil {
		t.Fatal(err)
	}
	text, err := experiments.Canonical(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Settings lists what is recorded of a configuration, and no key that says nothing.
func TestSettingsAreWhatIsRecorded(t *testing.T) {
	plain, changed := goodConfig(), goodConfig()
	changed.MicroBatch, changed.Recompute = 16, "cheap"
	for what, c := range map[string]experiments.Config{"plain": plain, "changed": changed} {
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var recorded map[string]json.RawMessage
		if err := json.Unmarshal(text, &recorded); err != nil {
			t.Fatal(err)
		}
		listed := map[string]bool{}
		for _, s := range c.Settings() {
			top, _, _ := strings.Cut(s.Path, ".")
			listed[top] = true
		}
		for top := range recorded {
			if !listed[top] {
				t.Errorf("%s: %s is recorded and not listed", what, top)
			}
		}
		for top := range listed {
			if _, there := recorded[top]; !there {
				t.Errorf("%s: %s is listed and not recorded", what, top)
			}
		}
		if _, there := recorded["micro_batch"]; there != (what == "changed") {
			t.Errorf("%s: micro_batch is recorded: %v", what, there)
		}
	}
}

// A run that was recorded before a later option came is completed with the option's default, and nothing else.
func TestRunsOfEarlierProgramsAreCompleted(t *testing.T) {
	c, err := goodConfig().Resolved()
	if err != nil {
		t.Fatal(err)
	}
	earlier := c.Clone()
	delete(earlier.Model.Options, "shuffle") // is Later
	delete(earlier.Model.Options, "depth")   // is not
	full := earlier.Completed()
	if _, there := full.Model.Options["depth"]; full.Model.Options["shuffle"] != false || there {
		t.Errorf("completed to %v, want shuffle and no depth", full.Model.Options)
	}
	if _, changed := earlier.Model.Options["shuffle"]; changed {
		t.Error("the recorded configuration was changed")
	}
}

// What was recorded comes back with its types: whole numbers exactly, and a number that JSON wrote as 1 as what it was.
func TestRecordedNumbersComeBack(t *testing.T) {
	const large = 1<<53 + 1 // no float64
	c := experiments.Defaults()
	c.Dataset = experiments.Choice{Name: "shapes", Options: map[string]any{"seed": large, "noise": 1.0, "train": 20240115, "gone": 3}}
	c.Model = experiments.Choice{Name: "of another program", Options: map[string]any{"width": large, "rate": 0.5}}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var got experiments.Config
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Dataset, c.Dataset) || !reflect.DeepEqual(got.Model, c.Model) {
		t.Errorf("got  %#v %#v\nwant %#v %#v", got.Dataset, got.Model, c.Dataset, c.Model)
	}
	level := experiments.Level{Label: "a", Set: []experiments.Assignment{{Path: "dataset.seed", Value: large}, {Path: "optim.lr", Value: 0.5},
		{Path: "schedule.milestones", Value: []any{1, 2.5}}, {Path: "model.name", Value: "x"}}}
	if text, err = json.Marshal(level); err != nil {
		t.Fatal(err)
	}
	var back experiments.Level
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, level) {
		t.Errorf("got %#v, %v", back, err)
	}
}

// Whole numbers come back from a record with every digit, also above 2^53, where a float64 takes two of them for one.
func TestWholeNumbersComeBackExactly(t *testing.T) {
	for _, text := range []string{"20240115", "9007199254740993", "-9007199254740993", "0", "1e+21", "0.06", `[9007199254740993,0.5]`} {
		c := experiments.Defaults()
		recorded := []byte(`{"dataset":{"name":"shapes","options":{"seed":` + text + `}}}`)
		if err := json.Unmarshal(recorded, &c); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(c.Dataset.Options["seed"])
		if err != nil || string(again) != text {
			t.Errorf("%s came back as %s (%v)", text, again, err)
		}
		var a experiments.Assignment
		if err := json.Unmarshal([]byte(`{"path":"dataset.seed","value":`+text+`}`), &a); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(a.Value, c.Dataset.Options["seed"]) {
			t.Errorf("%s came back as %T %v in a level, as %T in a configuration", text, a.Value, a.Value, c.Dataset.Options["seed"])
		}
	}
	var a experiments.Assignment
	if err := json.Unmarshal([]byte(`{"path":"dataset.seed"}`), &a); err != nil || a.Value != nil {
		t.Errorf("a level without a value came back as %v (%v)", a.Value, err)
	}
	if err := json.Unmarshal([]byte(`{"dataset":[1]}`), &experiments.Config{}); err == nil {
		t.Error("a list was taken for a section")
	}
}

// A run's data and its configuration are asked for and resolved once; what is wrong names the cell.
func TestRunsThatCannotBe(t *testing.T) {
	s := mustLoad(t, smallStudy)
	asked := []string{}
	runs, err := mustLoad(t, smallStudy, "dataset.train=300,600").Runs(func(c experiments.Choice) (string, error) {
		asked = append(asked, fmt.Sprint(c.Options["train"]))
		return "sum of " + asked[len(asked)-1], nil
	})
	if err != nil || !slices.Equal(asked, []string{"300", "600"}) || runs[0].DataDigest != "sum of 300" || runs[3].DataDigest != "sum of 600" {
		t.Errorf("asked for %q, %v", asked, err)
	}
	broken := errors.New("no such folder")
	for want, change := range map[string]func(*experiments.Study){
		"cell net=residual depth=8: optim.name: unknown optimizer": func(s *experiments.Study) { s.Base.Optim.Name = "x" },
		"cell net=residual depth=8: dataset: shapes: option train": func(s *experiments.Study) { s.Base.Dataset.Options["train"] = "x" },
		"cells net=a and net=b are the same run with seed 1": func(s *experiments.Study) {
			s.Factors = []experiments.Factor{{Name: "net", Levels: []experiments.Level{{Label: "a"}, {Label: "b"}}}}
		},
		"unknown design \"x\": want one of": func(s *experiments.Study) { s.Design = "x" },
	} {
		wrong := s
		wrong.Base = s.Base.Clone()
		change(&wrong)
		if runs, err := wrong.Runs(noData); err == nil || !strings.HasPrefix(err.Error(), want) || runs != nil {
			t.Errorf("got %v, want %s", err, want)
		}
		if _, err := wrong.Trains(); (err == nil) != strings.HasPrefix(want, "cells ") ||
			err != nil && !strings.HasPrefix(err.Error(), "study small") {
			t.Errorf("the version: %v beside %s", err, want)
		}
	}
	if _, err := s.Runs(func(experiments.Choice) (string, error) { return "x", broken }); err != broken {
		t.Errorf("got %v, want the digest's error", err)
	}
	if _, err := experiments.Canonical(func() {}); err == nil {
		t.Error("a function was written as JSON")
	}
	if text, err := experiments.Canonical(map[string]any{"b": 9007199254740993, "a": []float64{1, 0.5}}); err != nil ||
		string(text) != `{"a":[1,0.5],"b":9007199254740993}` {
		t.Errorf("canonical: %s, %v", text, err)
	}
}
