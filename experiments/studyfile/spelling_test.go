package studyfile

import (
	"fmt"
	"strings"
	"testing"

	"workbench/experiments"
)

// tinyStudy is a study of one cell, for tests that add to it.
const tinyStudy = `name: tiny
base:
  dataset: {name: shapes, train: 200, test: 100}
  model: {name: resnet_mini, width: 4, depth: 8}
  optim: {name: sgd, lr: 1e-3, momentum: 0.9}
  batch: 50
  epochs: 1
`

// wantProblem parses a text and looks for a message that begins its line.
func wantProblem(t *testing.T, text, want string, overrides ...string) {
	t.Helper()
	_, err := Parse("study.yaml", []byte(text), overrides)
	if err == nil || !strings.Contains("\n"+err.Error(), "\n"+want) {
		t.Errorf("%.200q %q:\n got %v\nwant %s", text, overrides, err, want)
	}
}

// A path that is written in two spellings has two values, of which one would be lost.
func TestOnePathInTwoSpellings(t *testing.T) {
	for _, c := range []struct{ add, want string }{
		{"  optim.lr: 0.5\n", "study.yaml:8:3: optim.lr: already defined at line 5, column 22, in another spelling"},
		{"  evaluate.every: 2\n  evaluate: {every: 3}\n",
			"study.yaml:9:14: evaluate.every: already defined at line 8, column 3, in another spelling"},
		{"  dataset.name: shapes\n", "study.yaml:8:3: dataset.name: already defined at line 3, column 13"},
		{"  'batch': 7\n", `study.yaml:8:3: base: mapping key "batch" already defined at line 6`},
		{"  optim.groups: [{match: a, match: b}]\n", `study.yaml:8:29: optim.groups: mapping key "match" already defined at line 8`},
		{"factors:\n  - name: f\n    levels:\n      a: {optim.lr: 1, optim: {lr: 2}}\n      b: {}\n",
			"study.yaml:11:32: optim.lr: already defined at line 11, column 11, in another spelling"},
		{"factors:\n  - {key: batch, levels: [50, 100]}\nbaseline: {batch: 50, 'batch': 100}\n",
			`study.yaml:10:23: baseline: mapping key "batch" already defined at line 10`},
		{"factors:\n  - {key: batch, 'key': batch, levels: [50, 100]}\n", `study.yaml:9:18: factors[0]: mapping key "key" already defined`},
		{"factors:\n  - {name: f, levels: {1: {batch: 5}, '1': {batch: 6}}}\n", `study.yaml:9:39: levels of f: mapping key "1" already defined`},
	} {
		wantProblem(t, tinyStudy+c.add, c.want)
	}
	wantProblem(t, strings.Replace(tinyStudy, "  optim:", "  optim.lr: 0.5\n  optim:", 1),
		"study.yaml:6:22: optim.lr: already defined at line 5, column 3, in another spelling")
}

// Merge keys are those of YAML 1.1 as PyYAML reads them.
func TestMergeKeys(t *testing.T) {
	s := mustLoad(t, strings.Replace(tinyStudy, "optim: {", "optim: &sgd {", 1)+`  <<: {epochs: 7, precision: bf16}
  augment: {<<: [{flip: true}, {flip: false, pad: 2}]}
  optim.nesterov: true
factors:
  - name: opt
    levels:
      first: &first {optim: *sgd, batch: 10}
      second: {optim: {<<: *sgd, lr: 0.1}, <<: *first}
      third: {<<: *first, optim.lr: 0.2}
`)
	if s.Base.Epochs != 1 || s.Base.Precision != "bf16" || s.Base.Augment["flip"] != true || s.Base.Augment["pad"] != 2 {
		t.Errorf("got %+v", s.Base)
	}
	cells, err := s.Cells()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{1e-3, 0.1, 0.2} {
		c := cells[i].Config
		if c.Optim.Options["lr"] != want || c.Optim.Options["momentum"] != 0.9 || c.Batch != 10 {
			t.Errorf("cell %s: got lr %v, momentum %v, batch %d", cells[i].Key, c.Optim.Options["lr"], c.Optim.Options["momentum"], c.Batch)
		}
	}
	levels := mustLoad(t,
		"x-levels: &l {b: {batch: 10}, a: {batch: 20}}\n"+tinyStudy+"factors: [{name: f, levels: {c: {batch: 40}, <<: *l, a: {batch: 30}}}]\n")
	if got := fmt.Sprint(levels.Factors[0].Labels(), levels.Factors[0].Levels[1].Set); got != "[b a c] [{batch 30}]" {
		t.Errorf("got levels %s", got)
	}
	for _, c := range []struct{ add, want string }{
		{"  <<: 3\n", "study.yaml:8:7: base: << merges a group of keys, or a list of groups, got a single value"},
		{"  <<: [{}, 3]\n", "study.yaml:8:12: base: << merges a group of keys"},
		{"  <<: {lrr: 3}\n", `study.yaml:8:8: lrr: unknown key "lrr"`},
		{"  <<: {}\n  <<: {}\n", `study.yaml:9:3: base: mapping key "<<" already defined at line 8: several groups are merged by one <<: [*a, *b]`},
		{"  '<<': {}\n", `study.yaml:8:3: <<: unknown key "<<"`},
		{"  <<: &q {<<: *q}\n", "study.yaml:8:7: the anchor q stands for something that contains it"},
	} {
		wantProblem(t, tinyStudy+c.add, c.want)
	}
}

// Keys that begin with x- hold anchors, at the top and nowhere else.
func TestKeysForAnchors(t *testing.T) {
	s := mustLoad(t, "x-sgd: &o {name: sgd, lr: 0.5}\nx-anything: [{}, 3, {a: [b]}]\n"+strings.Replace(tinyStudy,
		"{name: sgd, lr: 1e-3, momentum: 0.9}", "*o", 1))
	if s.Base.Optim.Options["lr"] != 0.5 {
		t.Errorf("got %v", s.Base.Optim)
	}
	wantProblem(t, tinyStudy+"  x-a: 1\n", `study.yaml:8:3: x-a: unknown key "x-a"`)
	wantProblem(t, tinyStudy+"y-a: 1\n", `study.yaml:8:1: unknown key "y-a"`)
}

// Whole numbers are exact, or refused; a float that is whole is one.
func TestWholeNumbers(t *testing.T) {
	for text, want := range map[string]int{"20240115": 20240115, "9007199254740991": 9007199254740991, "1e3": 1000, "5.0": 5,
		"0x10": 16, "0o10": 8, "1_000": 1000, "+5": 5} {
		for _, s := range []experiments.Study{mustLoad(t, strings.Replace(tinyStudy, "test: 100", "seed: "+text, 1)),
			mustLoad(t, tinyStudy, "dataset.seed="+text)} {
			c, err := s.Base.Resolved()
			if err != nil || c.Dataset.Options["seed"] != want {
				t.Errorf("%s: got %v, %v", text, c.Dataset.Options["seed"], err)
			}
			out, err := MarshalConfigYAML(s.Base)
			if err != nil || !strings.Contains(string(out), fmt.Sprintf("seed: %d\n", want)) && !strings.Contains(text, "e") {
				t.Errorf("%s is shown as\n%s%v", text, out, err)
			}
		}
	}
	for text, want := range map[string]string{
		"9007199254740992":    "want a whole number up to 2^53−1 = 9007199254740991, got 9007199254740992",
		"9007199254740993":    "want a whole number up to 2^53−1 = 9007199254740991, got 9007199254740993",
		"9223372036854775808": "want a number below 2^63",
		"1e300":               "want a whole number",
		"1.5":                 "want a whole number",
		".inf":                "want a whole number",
		".nan":                "want a whole number",
		"010":                 "want a number without leading zeros",
		"yes":                 "want a whole number",
		"2001-01-01":          "want a whole number",
	} {
		if _, err := Parse("study.yaml", []byte(strings.Replace(tinyStudy, "test: 100", "seed: "+text, 1)), nil); err == nil ||
			!strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "study.yaml:3:45: dataset.seed: ") {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// Names may be words of any script; composed and decomposed letters are one.
func TestNamesOfAnyScriptInAStudy(t *testing.T) {
	text := "name: étude\n" + strings.TrimPrefix(tinyStudy, "name: tiny\n") +
		"factors: [{name: größe, levels: {e\u0301: {batch: 10}, 浅: {batch: 20}}}]\nbaseline: {gro\u0308ße: é}\n"
	s := mustLoad(t, text, "gr\u00f6ße=e\u0301,浅")
	if got := s.Factors[0].Labels(); got[0] != "\u00e9" || got[1] != "浅" || s.Baseline["gr\u00f6ße"] != "\u00e9" {
		t.Errorf("got %q, baseline %q", got, s.Baseline)
	}
	for _, c := range []struct{ text, want string }{
		{strings.Replace(tinyStudy, "tiny", `"a\u202eb"`, 1), `study.yaml:1:7: name: "a\u202eb" has a character that turns the direction`},
		{tinyStudy + "factors: [{name: \"a\\u200bb\", levels: {a: {batch: 5}, b: {batch: 6}}}]\n",
			`study.yaml:8:11: factors: the name "a\u200bb" has a character of no width (U+200B)`},
		{tinyStudy + "factors: [{name: f, levels: {a: {batch: 5}, '@b': {batch: 6}}}]\n", `study.yaml:8:45: f: the label "@b" begins with @`},
	} {
		wantProblem(t, c.text, c.want)
	}
}

// A problem that a level causes stands at the level, also where it concerns a key that the level does not set.
func TestProblemsStandAtTheirLevel(t *testing.T) {
	for _, c := range []struct{ factors, want string }{
		{"[{key: optim.lr, levels: [1, -2]}]", "study.yaml:8:39: optim.lr: want a number > 0, got -2"},
		{"[{name: f, levels: {a: {}, b: {schedule.name: step}}}]", "study.yaml:8:56: schedule.milestones: is missing"},
		{"[{name: f, levels: {a: {}, b: {model.dpeth: 8}}}]", "study.yaml:8:41: model.dpeth: resnet_mini has no option"},
		{"[{key: batch, levels: [50, 60]}, {key: micro_batch, levels: [10, 25]}]",
			"study.yaml:8:75: micro_batch: want a divisor of batch = 60, got 25"},
	} {
		wantProblem(t, tinyStudy+"factors: "+c.factors+"\n", c.want)
	}
	wantProblem(t, tinyStudy+"  micro_batch: 25\nfactors: [{key: batch, levels: [50, 60]}]\n",
		"study.yaml:9:37: micro_batch: want a divisor of batch = 60, got 25")
	l, err := parse("study.yaml", []byte(tinyStudy+"factors: [{key: model.depth, levels: [8, 9]}]\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Networks(openInfo)
	if err = l.Locate(err); err == nil || !strings.HasPrefix(err.Error(), "study.yaml:8:42: cell depth=9: ") {
		t.Errorf("got %v", err)
	}
}
