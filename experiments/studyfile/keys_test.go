package studyfile

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/nn/option"
)

// Help says of every key of a study what holds without it, what it takes, and whether an override can set it.
func TestKeysOfAStudy(t *testing.T) {
	metrics := "test/top1, test/top5, test/loss, train/top1, train/loss"
	want := []string{
		"name|the file's name|letters, digits, dots, dashes and underscores||typed",
		"title||a text||typed",
		"source||a text||typed",
		"expect||a text||typed",
		"metric|test/top1|one of " + metrics + "|" + metrics + "|typed",
		"report|last|one of last, best|last, best|typed",
		"design|factorial|one of factorial, one_at_a_time, leave_one_out, list|factorial, one_at_a_time, leave_one_out, list|typed",
		"seeds|3|a count (5), a list ([1, 4, 7]) or a range (1-5)||typed",
		"base||configuration keys (workbench options lists them)||",
		"factors||a list of factors (workbench options factors)||",
		"baseline|each factor's first level|factor: level, such as {depth: 20}||",
		"cells||a list of factor: level, such as [{depth: 20}, {depth: 56, net: plain}]||",
		"exclude||a list of factor: level or factor: [levels], such as [{net: plain, depth: [56, 110]}]||",
		"sample||{cells: 20, seed: 1}; seed is 1 unless given||",
		"search||path: [levels] or path: {min: 0.001, max: 0.1, scale: log}||",
		"tuned||what workbench tune -o has written||",
		"published||columns: [what the values are], rows: [{cell: {factor: level}, values: [91.25]}]; or file: a CSV file||",
		"scales||NAME: [PATH=VALUE, ...], such as paper: [epochs=164, batch=128]||",
		"x-…||anything||",
		"name|the last part of key; of strategy.name: strategy|a name without spaces and =||",
		"key||a configuration path such as optim.lr||",
		"when|it always applies|factor: level or factor: [levels], such as {optim: sgd}, of factors above it||",
		"levels||[20, 56] with a key, or {label: {path: value}}||",
	}
	var got []string
	for _, k := range append(append(Keys(), AnchorKey()), FactorKeys()...) {
		row := strings.Join([]string{k.Name, k.Default, k.Wanted, strings.Join(k.Choices, ", "), ""}, "|")
		if k.IsTyped() {
			row += "typed"
		}
		got = append(got, row)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Every text of a study is kept in its own place, from the file and from an override, composed.
func TestTextsOfAStudyAreKept(t *testing.T) {
	file := "name: e\u0301\ntitle: a\nsource: b\nexpect: c\nmetric: test/loss\nreport: best\ndesign: one_at_a_time\n" +
		strings.TrimPrefix(tinyStudy, "name: tiny\n")
	typed := []string{"name=e\u0301", "title=a", "source=b", "expect=c", "metric=test/loss", "report=best", "design=one_at_a_time"}
	for _, s := range []experiments.Study{mustLoad(t, file), mustLoad(t, tinyStudy, typed...)} {
		got := strings.Join([]string{s.Name, s.Title, s.Source, s.Expect, s.Metric, s.Report, s.Design}, "|")
		if got != "\u00e9|a|b|c|test/loss|best|one_at_a_time" {
			t.Errorf("got %q", got)
		}
	}
	for name, want := range map[string]string{"a/mine.yaml": "mine", "mine.yml": "mine", "e\u0301.yaml": "\u00e9", "a.b.yaml": "a.b"} {
		s, err := Parse(name, []byte(strings.TrimPrefix(tinyStudy, "name: tiny\n")), nil)
		if err != nil || s.Name != want {
			t.Errorf("%s: called %q, %v, want %q", name, s.Name, err, want)
		}
	}
}

func TestWhatIsAPath(t *testing.T) {
	for name, want := range map[string]bool{"quickstart": false, "a.yaml": true, "a.yml": true, "./a": true, "a/b": true, "/a": true,
		".yaml": true, "a.yamlx": false, "yaml": false, "a.json": false, "": false} {
		if IsPath(name) != want {
			t.Errorf("%q is a path: %v, want %v", name, !want, want)
		}
	}
	got := Names()
	tables := slices.IndexFunc(got, func(n string) bool { return strings.HasPrefix(n, Table) })
	if !slices.IsSorted(got[:tables]) || !slices.IsSorted(got[tables:]) || slices.ContainsFunc(got, func(n string) bool { return IsPath(n) }) {
		t.Errorf("names %v", got)
	}
}

// A file that is not there is sought among its neighbours, of which only studies count.
func TestMissingFilesHaveNeighbours(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"mine.yml", "mines.txt", "others.text"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"mien.yml":    ": did you mean mine.yml?",
		"mine.yaml":   ": did you mean mine.yml?",
		"others.yaml": "; studies that need no file: " + strings.Join(Names(), ", "), // a text is none
		"xyzzyx.yaml": "; studies that need no file: " + strings.Join(Names(), ", "),
		"no/a.yaml":   ": there is no folder " + filepath.Join(folder, "no"),
	} {
		path := filepath.Join(folder, name)
		if _, err := Load(path, nil); fmt.Sprint(err) != "study file "+path+": not found"+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := Load("nothing-like-it", nil); err == nil ||
		!strings.HasSuffix(err.Error(), " (a file is given by its path, such as ./nothing-like-it.yaml)") {
		t.Errorf("got %v", err)
	}
}

// A configuration is written as a person would write it: by sections, in the order in which it is recorded.
func TestConfigurationsAreWrittenBySections(t *testing.T) {
	s := mustLoad(t, tinyStudy, "schedule.name=step", "schedule.milestones=[0.5]", "micro_batch=25")
	s.Base.Optim.Options["groups"] = []option.Group{{{Key: "match", Value: "fc.*"}, {Key: "frozen", Value: true}}}
	const want = `dataset:
  name: shapes
  test: 100
  train: 200
augment:
  pad: 0
  flip: false
model:
  name: resnet_mini
  depth: 8
  width: 4
strategy:
  name: supervised
  label_smoothing: 0
optim:
  name: sgd
  lr: 0.001
  momentum: 0.9
  nesterov: false
  weight_decay: 0
  decay_all: false
  groups:
  - match: fc.*
    frozen: true
schedule:
  name: step
  warmup_epochs: 0
  milestones:
  - 0.5
batch: 50
epochs: 1
micro_batch: 25
precision: float32
algorithms: auto
recompute: none
evaluate:
  every: 1
  portrait: auto
checkpoint:
  every: 1
`
	text, err := MarshalConfigYAML(s.Base)
	if err != nil || string(text) != want {
		t.Errorf("got\n%s, %v\nwant\n%s", text, err, want)
	}
	back, err := UnmarshalConfigYAML("config.yaml", text)
	if err != nil || recorded(t, back) != recorded(t, s.Base) {
		t.Errorf("comes back as %+v, %v", back, err)
	}
	_, err = UnmarshalConfigYAML("config.yaml", []byte(strings.Replace(want, "batch: 50", "batch: 0", 1)))
	if err == nil || !strings.HasPrefix(err.Error(), "config.yaml:30:8: batch: want a whole number from 1 to 1000000, got 0") {
		t.Errorf("got %v", err)
	}
}
