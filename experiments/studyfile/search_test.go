package studyfile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"workbench/experiments"
)

// searched is a study with a search, whose second line is the place of what a test says of it.
const searched = `name: searched
search: {%s}
seeds: 2
base:
  dataset: {name: shapes, train: 64, test: 16, val: 0.25}
  model: {name: resnet_mini, depth: 8}
  optim: {name: sgd, lr: 0.05}
  batch: 16
  epochs: 2
factors:
  - {key: model.shortcut, levels: [none, identity]}
`

func TestSearchesAreRead(t *testing.T) {
	const space = "optim.lr: {min: 0.001, max: 0.3, scale: log}, optim: {weight_decay: [0, 5e-4]}, batch: {min: 8, max: 32}"
	s := mustLoad(t, fmt.Sprintf(searched, space),
		"search.optim.momentum=0,0.9", "search.optim.clip_norm=interval(0.5, 2)", "search.optim.weight_decay=range(0,0.3,0.1)",
		"search.augment.cutout=tag(log, interval(1,8))")
	text, err := json.Marshal(s.Search)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"path":"optim.lr","range":{"min":0.001,"max":0.3,"scale":"log"}},` +
		`{"path":"optim.weight_decay","levels":[{"label":"0","set":[{"path":"optim.weight_decay","value":0}]},` +
		`{"label":"0.1","set":[{"path":"optim.weight_decay","value":0.1}]},{"label":"0.2","set":[{"path":"optim.weight_decay","value":0.2}]}]},` +
		`{"path":"batch","range":{"min":8,"max":32,"scale":"linear"}},` +
		`{"path":"optim.momentum","levels":[{"label":"0","set":[{"path":"optim.momentum","value":0}]},` +
		`{"label":"0.9","set":[{"path":"optim.momentum","value":0.9}]}]},` +
		`{"path":"optim.clip_norm","range":{"min":0.5,"max":2,"scale":"linear"}},` +
		`{"path":"augment.cutout","range":{"min":1,"max":8,"scale":"log"}}]`
	if string(text) != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if number, whole := s.Numeric("batch"); !number || !whole {
		t.Error("batch takes whole numbers")
	}
}

// A search changes no run.
func TestSearchesAreNoPartOfIdentity(t *testing.T) {
	with := runIDs(t, fmt.Sprintf(searched, "optim.lr: [0.1, 0.2]"))
	if without := runIDs(t, fmt.Sprintf(searched, "")); !slices.Equal(with, without) {
		t.Errorf("runs %v with a search, %v without", with, without)
	}
}

// A path that is set or varied on the command line is searched no more.
func TestWhatIsSetIsNotSearched(t *testing.T) {
	text := fmt.Sprintf(searched, "optim.lr: [0.1, 0.2], optim.weight_decay: [0, 0.1]")
	for _, override := range []string{"optim.lr=0.3", "optim.lr=0.3,0.4"} {
		if s := mustLoad(t, text, override); len(s.Search) != 1 || s.Search[0].Path != "optim.weight_decay" {
			t.Errorf("%s: searched is %+v", override, s.Search)
		}
	}
}

// Every level and every end of a range is checked where it stands, before anything trains.
func TestProblemsOfSearches(t *testing.T) {
	for _, c := range []struct{ search, want string }{
		{"optim.lr: [0.1, -1]", "study.yaml:2:26: optim.lr: want a number > 0, got -1"},
		{"optim.lr: [0.1, fast]", `study.yaml:2:26: optim.lr: want a number`},
		{"optim.lr: {min: -1, max: 2}", "study.yaml:2:26: optim.lr: want a number > 0, got -1"},
		{"optim.lr: [0.1]", "study.yaml:2:10: search: optim.lr: want two levels or more, got 1"},
		{"optim.lr: [0.1, 0.10]", "study.yaml:2:26: search.optim.lr: level 0.1 is there twice"},
		{"optim.lr: {min: 2, max: 1}", "study.yaml:2:10: search: optim.lr: want min below max, got 2 and 1"},
		{"optim.lr: {min: .nan, max: 1}", "study.yaml:2:10: search: optim.lr: want min below max, got NaN and 1"},
		{"optim.lr: {min: 0, max: 1, scale: log}", "study.yaml:2:10: search: optim.lr: want min above 0 on a log scale, got 0"},
		{"optim.lr: {min: 0.1, max: 1, scale: lin}", `study.yaml:2:10: search: optim.lr: unknown scale "lin": did you mean linear or log?`},
		{"optim.lr: {min: 0.1}", "study.yaml:2:20: search.optim.lr: max is missing: want {min: 0.001, max: 0.1, scale: log}, or a list"},
		{"optim.lr: {min: 0.1, mox: 1}", "study.yaml:2:20: search.optim.lr: max is missing"},
		{"optim.lr: {min: 0.1, max: 1, step: 1}", `study.yaml:2:39: search.optim.lr: unknown key "step": want one of max, min, scale`},
		{"optim.lr: {min: low, max: 1}", `study.yaml:2:26: search.optim.lr.min: want a number, got "low"`},
		{"optim.lr: 0.1", "study.yaml:2:20: levels of search.optim.lr: want a list, got a single value"},
		{"batch: {min: 1.5, max: 2}", "study.yaml:2:10: search: batch: want whole numbers, got 1.5 to 2"},
		{"augment.flip: {min: 0, max: 1}", "study.yaml:2:10: search: augment.flip takes no numbers: want a list of levels"},
		{"optim.rate: [1, 2]", `study.yaml:2:10: search: optim.rate: unknown key "rate"`},
		{"epochs: [1, 2]", "study.yaml:2:10: search: epochs: no search varies epochs: it is the same for everything that is compared"},
		{"dataset.val: [0.1, 0.2]", "study.yaml:2:10: search: dataset.val: no search varies dataset"},
		{"phases.probe.epochs: [1, 2]", "study.yaml:2:10: search: phases.probe.epochs: no search varies epochs"},
		{"model.shortcut: [none, identity]", "study.yaml:2:10: search: model.shortcut is set by factor shortcut, too"},
		{"optim.beta2: [0.9, 0.99]", "study.yaml:2:29: optim.beta2: optimizer sgd does not use it"},
		{"strategy.label_smoothing: [0, 2]", "study.yaml:2:40: strategy.label_smoothing: want"},
	} {
		_, err := Parse("study.yaml", fmt.Appendf(nil, searched, c.search), nil)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got\n%v\nwant %s", c.search, err, c.want)
		}
	}
	for override, want := range map[string]string{
		"search.epochs=1,2":                       "column 1: search.epochs: no search varies epochs",
		"search.optim.lr=0.1":                     "column 17: search: optim.lr: want two levels or more, got 1",
		"search.optim.lr=0.1,x":                   "column 21: optim.lr: want a number",
		"search.optim.lr=0.1,-2":                  "column 21: optim.lr: want a number > 0, got -2",
		"search.optim.lr=interval(0.1,a)":         `column 17: search.optim.lr: want a number, got "a"`,
		"search.optim.lr=interval(0.1,1))":        "column 17: interval(…)",
		"search.optim.lr=tag(log,interval(0.1,1)": "column 17: tag(…)",
		"search.optim.lr=interval(0.1)":           "column 17: interval(…)",
		"search.optim.lr=tag(log,interval(0,1))":  "column 17: search: optim.lr: want min above 0 on a log scale, got 0",
		"search.optim.lr=interval(1,1)":           "column 17: search: optim.lr: want min below max, got 1 and 1",
		"search=x":                                "column 1: search is a part of the study's file",
	} {
		_, err := Parse("study.yaml", fmt.Appendf(nil, searched, "optim.weight_decay: [0, 1]"), []string{override})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got\n%v\nwant %s", override, err, want)
		}
	}
}

const chosenHere = `
tuned:
  on: val/top1
  method: random
  trials: 4
  seeds: [1001, 1002]
  runs: 16
  minutes: 1.5
  multiply_adds: 1.5e9
  study: searched.search@1
  of: 0123456789abcdef
  arms:
  - {cell: {shortcut: identity}, set: {optim.lr: 0.2}, value: 0.5, runs: 8, minutes: 0.5, multiply_adds: 1e9}
  - {cell: {}, set: {optim: {lr: 0.1}}}
`

// What was chosen for a cell decides its configuration, as if the cell had said it. The rest of the note decides
// nothing.
func TestTunedStudies(t *testing.T) {
	text := fmt.Sprintf(searched, "optim.lr: [0.1, 0.2]")
	s := mustLoad(t, text+chosenHere)
	cells, err := s.Cells()
	if err != nil {
		t.Fatal(err)
	}
	if a, b := cells[0], cells[1]; a.Key != "shortcut=none" || a.Config.Optim.Options["lr"] != 0.1 || b.Config.Optim.Options["lr"] != 0.2 {
		t.Errorf("cells %+v", cells)
	}
	ids := runIDs(t, text+chosenHere)
	if by := runIDs(t, text, "optim.lr=0.1", "shortcut=none"); !slices.Equal(ids[:2], by) {
		t.Errorf("runs %v, by the values alone %v", ids[:2], by)
	}
	if other := runIDs(t, text+strings.Replace(chosenHere, "minutes: 1.5", "minutes: 9", 1)); !slices.Equal(ids, other) {
		t.Error("what the search cost changes runs")
	}
	if since := s.Since(mustLoad(t, text)); since != "tuned" {
		t.Errorf("it differs by %q", since)
	}
	if since := mustLoad(t, text).Since(s); since != "untuned" {
		t.Errorf("it differs by %q", since)
	}
	recorded, err := json.Marshal(s)
	var back experiments.Study
	if err != nil || json.Unmarshal(recorded, &back) != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(back); err != nil || string(again) != string(recorded) || s.Since(back) != "" {
		t.Errorf("recorded as\n%s\nread as\n%s (%v)", recorded, again, err)
	}
}

func TestProblemsOfTunedStudies(t *testing.T) {
	text := fmt.Sprintf(searched, "")
	for _, c := range []struct{ from, to, override, want string }{
		{"on: val/top1", "on: test/top1", "",
			"study.yaml:14:7: tuned.on: want a metric of val, such as val/top1, got \"test/top1\": nothing is chosen"},
		{"[1001, 1002]", "[1, 1002]", "", "study.yaml:3:8: seeds: seed 1 has chosen the values that were tuned"},
		{"", "", "seeds=[5,1002]", "seeds: seed 1002 has chosen the values that were tuned"},
		{"[1001, 1002]", "3", "", "study.yaml:17:10: tuned.seeds: want a list"},
		{"optim.lr: 0.2", "optim.lr: -0.2", "", "study.yaml:24:50: optim.lr: want a number > 0, got -0.2"},
		{"optim.lr: 0.2", "optim.lx: 0.2", "", `study.yaml:24:40: optim.lx: unknown key "lx"`},
		{"optim.lr: 0.2", "model.shortcut: none", "", "study.yaml:24:56: tuned: model.shortcut is set by factor shortcut, too"},
		{"shortcut: identity", "shortcut: nine", "", "tuned.arms[0].cell.shortcut: factor shortcut has no level \"nine\""},
		{"shortcut: identity", "depth: 8", "", `tuned.arms[0].cell: unknown factor "depth"`},
		{"shortcut: identity", "shortcut: none", "", "study.yaml:25:5: tuned.arms[1]: no cell of the study is this one, or another"},
		{"runs: 16", "runs: many", "", "study.yaml:18:9: tuned.runs: want a whole number"},
		{"runs: 16", "rans: 16", "", `study.yaml:18:3: tuned: unknown key "rans": did you mean runs?`},
		{"value: 0.5", "valu: 0.5", "", `tuned.arms[0]: unknown key "valu": did you mean value?`},
		{"on: val/top1", "study: x", "", "mapping key \"study\" already defined"},
		{"  on: val/top1\n", "", "", "study.yaml:14:3: tuned: want on: a metric of val, and arms"},
		{"", "", "optim.lr=0.1", "values of the study were tuned, cell by cell"},
		{"", "", "optim.momentum=0.1,0.2", "values of the study were tuned, cell by cell"},
		{"", "", "shortcut=none", "values of the study were tuned, cell by cell"},
		{"", "", "model.shortcut=none", "values of the study were tuned, cell by cell"},
	} {
		var overrides []string
		if c.override != "" {
			overrides = []string{c.override}
		}
		_, err := Parse("study.yaml", []byte(text+strings.Replace(chosenHere, c.from, c.to, 1)), overrides)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s in place of %s, %s: got\n%v\nwant %s", c.to, c.from, c.override, err, c.want)
		}
	}
	if s := mustLoad(t, text+chosenHere, "epochs=3", "optim.momentum=0.5"); s.Base.Epochs != 3 {
		t.Error("what was not chosen cannot be changed")
	}
}

// A study is written as a file that is read as the same study: all that ship with the program, and one of every part.
func TestStudiesAreWrittenAsTheyAreRead(t *testing.T) {
	texts := map[string]string{"small": smallStudy,
		"tuned": fmt.Sprintf(searched, "optim.lr: {min: 0.1, max: 2}, augment.flip: [true, false]") + chosenHere,
		"list": fmt.Sprintf(searched, "") +
			"  - {name: net, levels: {'1': {optim.momentum: 0.5, schedule: {name: step, milestones: [1]}}, b: {}}}\n" +
			"design: list\ncells: [{net: '1'}, {shortcut: identity, net: b}]\nbaseline: {net: '1'}\nexpect: 'yes: no'\n"}
	texts["phases"] = strings.Replace(oneRun, "  epochs: 4", "  epochs: 4\n  strategy: {name: byol, then: probe}\n"+
		"  phases: {probe: {epochs: 3, optim: {lr: 0.25}}}", 1) + "factors:\n  - {key: phases.probe.optim.momentum, levels: [0, 0.5]}\n" +
		"search: {phases.probe.optim.lr: [0.1, 0.2]}\n"
	texts["groups"] = oneRun + "factors:\n  - {name: g, levels: {a: {}, b: {optim.groups: [{match: 'fc.*', lr_scale: 0.5}]}}}\n"
	for _, name := range Names() {
		_, text, err := readStudy(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(text)
	}
	for name, text := range texts {
		s, err := Parse(name+".yaml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		written, err := Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse("written.yaml", written, nil)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, written)
			continue
		}
		a, b := asJSON(t, s), asJSON(t, back)
		if len(s.Factors) == 0 { // the base's values are written with those that were not said
			a, b = "", ""
		}
		if !slices.Equal(idsOf(t, s), idsOf(t, back)) || a != b {
			t.Errorf("%s: got\n%s\nwant\n%s\nwritten as\n%s", name, b, a, written)
		}
	}
}

// asJSON is a study without its base, of which only what it decides must be the same.
func asJSON(t *testing.T, s experiments.Study) string {
	t.Helper()
	s.Base = experiments.Config{}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func idsOf(t *testing.T, s experiments.Study) (ids []string) {
	t.Helper()
	runs, err := s.Runs(noData)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	return ids
}
