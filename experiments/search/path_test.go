package search_test

import (
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/search"
	"workbench/experiments/studyfile"
	"workbench/nn/option"
)

func config(t *testing.T, overrides ...string) experiments.Config {
	t.Helper()
	s, err := studyfile.Load("quickstart", append([]string{"shortcut=plain", "depth=20"}, overrides...))
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Base.Resolved()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A path leads from one configuration to the other, one change at a time, as a study file that can be run; its ends are
// the very runs that there were.
func TestPathOfConfigurations(t *testing.T) {
	a := config(t)
	b := config(t, "optim.lr=0.2", "batch=32", "augment.flip=false", "epochs=9")
	e := search.Ends{Name: "path", From: a, To: b, Seeds: []uint64{1, 2}, Metric: "test/top1", Report: "last"}
	s, err := e.Path()
	if err != nil {
		t.Fatal(err)
	}
	text, err := studyfile.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	s, err = studyfile.Parse("path.yaml", text, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	digest := func(experiments.Choice) (string, error) { return "d", nil }
	runs, err := s.Runs(digest)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Factors) < 3 || len(runs) != 2*(len(s.Factors)+1) {
		t.Fatalf("%d factors, %d runs\n%s", len(s.Factors), len(runs), text)
	}
	for i, c := range map[int]experiments.Config{0: a, len(runs) - 2: b} {
		end := experiments.Study{Name: "end", Base: c, Design: experiments.Factorial, Seeds: []uint64{1}}
		want, err := end.Runs(digest)
		if err != nil {
			t.Fatal(err)
		}
		if runs[i].ID != want[0].ID {
			t.Errorf("cell %s is run %s, want %s, which is there already", runs[i].Cell, runs[i].ID, want[0].ID)
		}
	}
	for i := 2; i < len(runs); i += 2 {
		if n := len(differing(runs[i-2].Config, runs[i].Config)); n != 1 {
			t.Errorf("from %s to %s: %d settings change, want 1", runs[i-2].Cell, runs[i].Cell, n)
		}
	}
	e.To = a
	if _, err := e.Path(); err == nil || !strings.Contains(err.Error(), "equal") {
		t.Errorf("between equal ones: %v", err)
	}
}

// Another network brings its own options, in one step.
func TestPathToAnotherNetwork(t *testing.T) {
	of := func(model, lr string) experiments.Config {
		s, err := studyfile.Parse("a.yaml", []byte("name: a\nbase:\n  dataset: {name: shapes}\n  model: {name: "+model+"}\n  optim: {lr: "+lr+
			"}\n  batch: 16\n  epochs: 2\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.Base.Resolved()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a, b := of("resnet_mini, depth: 8", "0.1"), of("vgg_mini", "0.2")
	s, err := search.Ends{Name: "path", From: a, To: b, Seeds: []uint64{1}, Metric: "test/top1", Report: "last"}.Path()
	if err != nil {
		t.Fatal(err)
	}
	text, err := studyfile.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = studyfile.Parse("path.yaml", text, nil); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	cells, err := s.Cells()
	if err != nil || len(cells) != 3 || cells[1].Config.Model.Name != "vgg_mini" && cells[2].Config.Model.Name != "vgg_mini" {
		t.Errorf("cells %+v (%v)", cells, err)
	}
}

func differing(a, b experiments.Config) (paths []string) {
	before := map[string]string{}
	for _, s := range a.Settings() {
		before[s.Path] = stringOf(s.Value)
	}
	for _, s := range b.Settings() {
		if before[s.Path] != stringOf(s.Value) {
			paths = append(paths, s.Path)
		}
	}
	return paths
}

func stringOf(v any) string { return option.Label(v) }

// Where a step between two changes is no configuration, they are one change; what the first end alone has becomes what
// it is where nobody says it. The ends are the runs that there were, both ways.
func TestPathOverCoupledSettings(t *testing.T) {
	plain := config(t)
	noisy := config(t, "dataset.label_noise=symmetric", "dataset.label_noise_rate=0.4", "optim.lr=0.2")
	digest := func(experiments.Choice) (string, error) { return "d", nil }
	identity := func(c experiments.Config) string {
		runs, err := experiments.Study{Name: "end", Base: c, Design: experiments.Factorial, Seeds: []uint64{1}}.Runs(digest)
		if err != nil {
			t.Fatal(err)
		}
		return runs[0].ID
	}
	for _, ends := range [][2]experiments.Config{{plain, noisy}, {noisy, plain}} {
		s, err := search.Ends{Name: "path", From: ends[0], To: ends[1], Seeds: []uint64{1}, Metric: "test/top1", Report: "last"}.Path()
		if err != nil {
			t.Fatal(err)
		}
		text, err := studyfile.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if s, err = studyfile.Parse("path.yaml", text, nil); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		runs, err := s.Runs(digest)
		if err != nil || len(s.Factors) != 2 || len(runs) != 3 {
			t.Fatalf("%d factors, %d runs, %v, want 2 and 3\n%s", len(s.Factors), len(runs), err, text)
		}
		if runs[0].ID != identity(ends[0]) || runs[2].ID != identity(ends[1]) {
			t.Errorf("the ends are %s and %s, want the runs that there were\n%s", runs[0].ID, runs[2].ID, text)
		}
	}
}
