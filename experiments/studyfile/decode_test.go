package studyfile

import (
	_ "embed"
	"errors"
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
	"workbench/experiments/metric"
)

// smallStudy is a study of every part, on a data set and a network that need nothing.
//
//go:embed testdata/small.yaml
var smallStudy string

func mustLoad(t *testing.T, text string, overrides ...string) experiments.Study {
	t.Helper()
	s, err := Parse("study.yaml", []byte(text), overrides)
	if err != nil {
		t.Fatalf("overrides %q: %v", overrides, err)
	}
	return s
}

func TestDecodeReadsEveryPart(t *testing.T) {
	s := mustLoad(t, smallStudy)
	base := experiments.Defaults()
	base.Dataset = experiments.Choice{Name: "shapes", Options: map[string]any{"train": 300}}
	base.Augment = map[string]any{"pad": 2, "flip": true}
	base.Model = experiments.Choice{Name: "resnet_mini"}
	base.Optim.Options["lr"], base.Optim.Options["nesterov"] = 0.05, true
	base.Schedule = experiments.Choice{Name: "step", Options: map[string]any{"milestones": []float64{2, 3.5}}}
	base.Epochs = 5
	want := experiments.Study{
		Name: "small", Title: "A small study", Source: "nobody 2024",
		Base: base, Design: experiments.Factorial, Seeds: []uint64{1, 2, 7}, Baseline: map[string]string{"depth": "20"},
		Metric: metric.TestTop1, Report: experiments.ReportLast,
		Factors: []experiments.Factor{
			{Name: "net", Levels: []experiments.Level{
				{Label: "residual", Set: []experiments.Assignment{{Path: "model.shortcut", Value: "identity"}}},
				{Label: "plain", Set: []experiments.Assignment{{Path: "model.shortcut", Value: "none"}, {Path: "optim.lr", Value: 0.01}}},
			}},
			{Name: "depth", Levels: []experiments.Level{
				{Label: "8", Set: []experiments.Assignment{{Path: "model.depth", Value: 8}}},
				{Label: "20", Set: []experiments.Assignment{{Path: "model.depth", Value: 20}}},
			}},
		},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
}

func TestDecodeFollowsAliases(t *testing.T) {
	text := strings.Replace(smallStudy, "[8, 20]", "&d [8, 20]", 1) + "  - {key: model.width, levels: *d}\n"
	s := mustLoad(t, text)
	second := experiments.Assignment{Path: "model.width", Value: 20}
	if got := s.Factors[2]; got.Name != "width" || len(got.Levels) != 2 || got.Levels[1].Set[0] != second {
		t.Errorf("got %+v", got)
	}
}

func TestDecodeSaysWhereAndWhat(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"lr: 0.05", "lr: fast", `study.yaml:11:9: optim.lr: want a number > 0, got "fast"`},
		{"lr: 0.05", "lr: -1", "study.yaml:11:9: optim.lr: want a number > 0, got -1"},
		{"lr: 0.05", "lr: .nan", "study.yaml:11:9: optim.lr: want a number > 0, got NaN"},
		{"lr: 0.05", "lr:", "study.yaml:11:8: optim.lr: has no value"},
		{"lr: 0.05", "lrr: 1", `study.yaml:11:5: optim.lrr: unknown key "lrr": did you mean lr?`},
		{"lr: 0.05", "lr: {a: 1}", "study.yaml:11:9: optim.lr: want a value, got a group of keys"},
		{"epochs: 5", "epochs: 5.5", "study.yaml:14:11: epochs: want a whole number from 1 to 1000000, got 5.5"},
		{"epochs: 5", "epochs: 010", "study.yaml:14:11: epochs: want a number without leading zeros (YAML reads it in base 8), got 010"},
		{"epochs: 5", "epochs: 99999999999999999999", "epochs: want a whole number from 1 to 1000000, got 1e+20"},
		{"epochs: 5", "epochs: '5'", `epochs: want a whole number from 1 to 1000000, got "5"`},
		{"nesterov: true", "nesterov: yes", `optim.nesterov: want true or false, got "yes"`},
		{"[2, 3.5]", "[2, x]", `schedule.milestones: want the epochs at which the rate falls, such as [80, 120], got [2,x]`},
		{"[2, 3.5]", "[2, [3]]", `want a list of single values, got a list in it`},
		{"train: 300", "trian: 300", `study.yaml:7:27: dataset.trian: shapes has no option "trian": did you mean train?`},
		{"train: 300", "train: [3]", `study.yaml:7:34: dataset.train: want a single value, got the list [3]`},
		{"name: shapes", "name: shape", `study.yaml:7:19: dataset.name: unknown data set "shape": did you mean shapes?`},
		{"name: resnet_mini", "name: resnet_mimi", `study.yaml:9:17: model.name: unknown architecture "resnet_mimi": did you mean resnet_mini`},
		{"title: A small", "titel: A small", `study.yaml:2:1: unknown key "titel": did you mean title?`},
		{"title: A small study", "optim: {}", `study.yaml:2:1: unknown key "optim": it belongs below base`},
		{"title: A small study", "title: 7", `title: want a text, got 7: write it in quotes`},
		{"title: A small study", "name: again", `study.yaml:2:1: mapping key "name" already defined at line 1`},
		{"title: A small study", "metric: test/top2", `study.yaml:2:9: metric: unknown name "test/top2": did you mean`},
		{"title: A small study", "design: factorail", `study.yaml:2:9: design: unknown name "factorail": did you mean factorial?`},
		{"title: A small study", "report: mean", `study.yaml:2:9: report: unknown name "mean": want one of best, last`},
		{"title: A small study", "title: [a", `study.yaml:`},
		{"seeds: [1, 2, 7]", "seeds: [1, 1]", `study.yaml:5:8: seeds: seed 1 is given twice`},
		{"seeds: [1, 2, 7]", "seeds: 1.5", `study.yaml:5:8: seeds: want a count (5), seeds (1,4,7)`},
		{"{depth: 20}", "{depth: 21}", `study.yaml:4:19: baseline.depth: factor depth has no level "21"`},
		{"{depth: 20}", "{dpth: 20}", `study.yaml:4:18: baseline: unknown factor "dpth": did you mean depth?`},
		{"key: model.depth", "key: modle.depth", `study.yaml:22:11: factors[1].key: modle.depth: unknown key "modle": did you mean model?`},
		{"levels: [8, 20]", "level: [8, 20]", `study.yaml:22:24: factors[1]: unknown key "level": did you mean levels?`},
		{"levels: [8, 20]", "levels: [8]", `depth: want two levels or more, got 1: a single value belongs into base`},
		{"levels: [8, 20]", "levels: [20, 20.0]", `depth: level 20 is there twice`},
		{"levels: [8, 20]", "levels: [7, 20]", `study.yaml:22:33: model.depth: resnet_mini: option depth: want a whole number from 8 to 2402, got 7`},
		{"optim.lr: 1e-2", "optim.lr: 0", `study.yaml:21:19: optim.lr: want a number > 0, got 0`},
		{"optim.lr: 1e-2", "model.depth: 8", `depth: sets model.depth, which factor net sets too`},
		{"plain:\n", "'a b':\n", `study.yaml:19:7: net: the label "a b" has a space or =`},
		{"name: small", "name: a/b", `study.yaml:1:7: name: "a/b" is no name: want letters, digits`},
		{"name: small", "name: small\n---\na: 1", `study.yaml:2:1: a second document begins here: want one study a file`},
	} {
		if !strings.Contains(smallStudy, c.old) {
			t.Fatalf("the study has no %q", c.old)
		}
		_, err := Parse("study.yaml", []byte(strings.Replace(smallStudy, c.old, c.new, 1)), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.new, err, c.want)
		}
	}
}

func TestDecodeReportsEverythingInTheOrderOfTheText(t *testing.T) {
	text := strings.NewReplacer("lr: 0.05", "lr: fast", "epochs: 5", "epoch: 5", "pad: 2", "pad: x").Replace(smallStudy)
	_, err := Parse("study.yaml", []byte(text), nil)
	var ps experiments.Problems
	if !errors.As(err, &ps) || len(ps) != 3 {
		t.Fatalf("got %v", err)
	}
	for i, line := range []int{8, 11, 14} {
		if ps[i].Line != line {
			t.Errorf("problem %d is in line %d, want %d", i, ps[i].Line, line)
		}
	}
	var one experiments.Problem
	if !errors.As(err, &one) || one.Path != "augment.pad" {
		t.Errorf("a single problem: got %+v", one)
	}
}

func TestProblemShowsTheLine(t *testing.T) {
	_, err := Parse("study.yaml", []byte("name: x\nbase:\n\toptim: 1\n"), nil)
	if err == nil || !strings.Contains(err.Error(), "study.yaml:3:1: ") {
		t.Errorf("got %v", err)
	}
	p := experiments.Problem{Source: "a.yaml", Line: 12, Column: 4, Excerpt: "\tä: fast", Path: "optim.lr", Message: "want"}
	if got, want := p.Error(), "a.yaml:12:4: optim.lr: want\n   12 | \tä: fast\n      | \t  ^"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	p = experiments.Problem{Source: "lr=x", Column: 4, Excerpt: "lr=x", Message: "want"}
	if got, want := p.Error(), "override \"lr=x\", column 4: want\n      | lr=x\n      |    ^"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	p = experiments.Problem{Source: "a\x1b", Line: 1, Column: 2, Excerpt: "x\x1b[31m\u202e", Path: "p\x07", Message: "m\u200b"}
	if got, want := p.Error(), "a\uFFFD:1:2: p\uFFFD: m\uFFFD\n    1 | x\uFFFD[31m\uFFFD\n      |  ^"; got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	p = experiments.Problem{Source: "a", Line: 1, Column: 500, Excerpt: strings.Repeat("x", 1000)}
	if got := p.Error(); len(got) > 300 || !strings.HasSuffix(got, "^") {
		t.Errorf("a long line: %d bytes: %s", len(got), got)
	}
}

func TestDecodeRefusesBombs(t *testing.T) {
	var text strings.Builder
	text.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 9; i++ {
		p, n := string(rune('0'+i-1)), string(rune('0'+i))
		text.WriteString("a" + n + ": &a" + n + " [" + strings.TrimSuffix(strings.Repeat("*a"+p+",", 9), ",") + "]\n")
	}
	if _, err := Parse("study.yaml", []byte(text.String()), nil); err == nil || !strings.Contains(err.Error(),
		"want at most 20000 keys and values in a study, aliases written out") {
		t.Errorf("got %v", err)
	}
	if _, err := Parse("study.yaml", make([]byte, maxStudyBytes+1), nil); err == nil || !strings.Contains(err.Error(), "this is no study") {
		t.Errorf("got %v", err)
	}
	if _, err := Parse("study.yaml", nil, nil); err == nil || !strings.Contains(err.Error(), "study.yaml") {
		t.Errorf("an empty file: got %v", err)
	}
}

func TestParseSeeds(t *testing.T) {
	for text, want := range map[string][]uint64{
		"1": {1}, "3": {1, 2, 3}, "1,4,7": {1, 4, 7}, "1-5": {1, 2, 3, 4, 5}, "7,": {7}, "0,": {0},
		"10, 1-3": {10, 1, 2, 3}, " 2 ": {1, 2}, "9007199254740991,": {9007199254740991},
	} {
		if got, err := ParseSeeds(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "x", "1.5", "3-1", "1,1", "1-3,2", "1001", "0-1000", "1-", ",", "1,,2",
		"9007199254740992,", "0-18446744073709551615", "1-9007199254740991"} {
		if got, err := ParseSeeds(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
	// The bound is on all seeds together, however they are written.
	for text, within := range map[string]bool{"1000": true, "1-500,501-1000": true, "7,1000-1998": true, "1-1000,2000": false,
		"7,1000-1999": false, "1-600,700-1100": false} {
		if got, err := ParseSeeds(text); (err == nil) != within || within && len(got) != maxSeeds {
			t.Errorf("%q: got %d seeds, %v, want it taken: %v", text, len(got), err, within)
		}
	}
}

func TestConfigYAMLRoundTrip(t *testing.T) {
	for _, overrides := range [][]string{nil, {"optim.weight_decay=1e-05", "model.width=16", "dataset.noise=0.5"},
		{"schedule.name=cosine", "schedule.milestones=[]", "augment.flip=false", "optim.momentum=0", "optim.nesterov=false"}} {
		s := mustLoad(t, smallStudy, overrides...)
		cells, err := s.Cells()
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range cells {
			text, err := MarshalConfigYAML(cell.Config)
			if err != nil {
				t.Fatal(err)
			}
			got, err := UnmarshalConfigYAML("config.yaml", text)
			if got, want := recorded(t, got), recorded(t, cell.Config); err != nil || got != want {
				t.Errorf("got  %s, %v\nwant %s\nfrom\n%s", got, err, want, text)
			}
		}
	}
}

// recorded is a configuration as databases hold it.
func recorded(t *testing.T, c experiments.Config) string {
	t.Helper()
	text, err := experiments.Canonical(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(smallStudy), "model.depth=8,14")
	f.Add([]byte("base: {optim: {lr: [}}"), "~model.depth")
	f.Add([]byte("- &a [*a]\n? {x: y}\n: 1"), "+model.x=range(0,3)")
	f.Add([]byte("factors: [{key: model.depth, levels: {1: {}}}]\ncells: [{a: ~}]"), "net=plain")
	f.Add([]byte("name: !foo bar\nseeds: 2001-01-01\nbase: {<<: {epochs: 3}}"), `x="\`)
	f.Fuzz(func(t *testing.T, text []byte, override string) {
		s, err := Parse("study.yaml", text, []string{override})
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a text")
			}
			return
		}
		if cells, err := s.Cells(); err != nil || len(cells) == 0 {
			t.Errorf("a study that was accepted has cells %v, %v", cells, err)
		}
		if _, err := s.BaselineCell(); err != nil {
			t.Errorf("a study that was accepted has no baseline: %v", err)
		}
	})
}
