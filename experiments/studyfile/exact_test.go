package studyfile

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
)

// A syntax error is said whole: the place where it begins, how far it reaches, and the line.
func TestSyntaxErrorsAreSaidWhole(t *testing.T) {
	const multiline = "mapping values are not allowed in this context (the line is indented too far, or a text with a colon needs quotes)"
	const second = "a second document begins here: want one study a file, remove this line and what follows"
	const empty = "is empty, want a study (workbench init writes one to begin with)"
	for _, c := range []struct {
		text, message string
		line, column  int
		shown         string
	}{
		{"name: é [\nx: \"ä\nb: 2", "while scanning a quoted scalar: found unexpected end of stream up to line 3, column 5", 2, 4, "x: \"ä"},
		{"x: 1\nname: \"ä\nb: 2\n", "while scanning a quoted scalar: found unexpected end of stream up to line 4, column 1", 2, 7, "name: \"ä"},
		{"é: [ä\n", "while parsing a flow sequence: did not find expected ',' or ']' up to line 2, column 1", 1, 4, "é: [ä"},
		{"? [a\n", "while parsing a flow sequence: did not find expected ',' or ']' up to line 2, column 1", 1, 3, "? [a"},
		{"\té: 1\n", "a tab: YAML is indented with spaces alone", 1, 1, "\té: 1"},
		{"a:\n\t- b\n  - [c\n", "a tab: YAML is indented with spaces alone", 2, 1, "\t- b"},
		{"a:\n  b: 1\n c: 2\n", "while parsing a block mapping: did not find expected key", 3, 2, " c: 2"},
		{"a: 'é' x\n", "while parsing a block mapping: did not find expected key", 1, 8, "a: 'é' x"},
		{"é: %x\n", "a value cannot begin with %: write it in quotes", 1, 4, "é: %x"},
		{"a: \"\\q\"\n", "while scanning a quoted scalar: found unknown escape character", 1, 5, "a: \"\\q\""},
		{"\"ab\ncd\": 1\n", multiline, 2, 4, "cd\": 1"},
		{"a: &x [*x]\n", "the anchor x stands for something that contains it", 1, 4, "a: &x [*x]"},
		{"a: *x\n", "unknown anchor 'x' referenced", 1, 4, "a: *x"},
		{"x: 1\n--- b\n", second, 2, 1, "--- b"},
		{"a: 1\n...\nb: 2\n", second, 3, 1, "b: 2"},
		{"a: 1\n...\n---\n\n\nb\n", second, 3, 1, "---"},
		{"\n\n", empty, 1, 1, ""},
		{"~\n", empty, 1, 1, "~"},
		{"''\n", "want a group of keys, got a single value", 1, 1, "''"}, // an empty text is not nothing
		{"'~'\n", "want a group of keys, got a single value", 1, 1, "'~'"},
	} {
		want := fmt.Sprintf("é.yaml:%d:%d: %s", c.line, c.column, c.message)
		if c.shown != "" {
			want += fmt.Sprintf("\n%5d | %s\n      | %s^", c.line, c.shown, strings.Repeat(" ", c.column-1))
		}
		if _, err := Parse("é.yaml", []byte(c.text), nil); fmt.Sprint(err) != want {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, want)
		}
	}
}

// A study has at most so many keys and values, the root and what aliases stand for among them.
func TestNodesOfAStudyAreCountedExactly(t *testing.T) {
	for items, want := range map[int]string{6: "", 7: "want at most 20000 keys and values in a study, aliases written out"} {
		list := &yaml.Node{Kind: yaml.SequenceNode, Anchor: "a"}
		for range 9994 - 1 { // the list itself counts too
			list.Content = append(list.Content, &yaml.Node{Kind: yaml.ScalarNode})
		}
		root := &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{list, {Kind: yaml.AliasNode, Alias: list}}}
		for range items + 4 {
			root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode})
		}
		if _, message := tooMuch(root); message != want {
			t.Errorf("%d nodes: got %q, want %q", 1+9994+1+9994+items+4, message, want)
		}
	}
}

// A study is written in the order in which help lists its keys, with labels as texts, and read again as the same.
func TestStudiesAreWrittenWhole(t *testing.T) {
	const head = `name: tiny
title: "1"
source: b
expect: c
metric: test/loss
report: best
design: list
baseline: {batch: '100'}
seeds: [3, 1]
base:
`
	const tail = `factors:
- name: batch
  levels:
    '50': {batch: 50}
    '100': {batch: 100}
- name: net
  levels:
    res: {}
    plain: {model.shortcut: none, until: ""}
cells:
- {batch: '100'}
- {batch: '50', net: plain}
search:
  optim.lr: {min: 0.1, max: 0.5, scale: log}
  optim.momentum: [0.5, 0.9]
`
	s := mustLoad(t, strings.Replace(tinyStudy, "name: tiny", "name: tiny\ntitle: '1'\nsource: b\nexpect: c", 1)+`metric: test/loss
report: best
design: list
seeds: [3, 1]
factors:
  - {key: batch, levels: [50, 100]}
  - {name: net, levels: {res: {}, plain: {model.shortcut: none, until: ""}}}
baseline: {batch: 100}
cells: [{batch: 100}, {batch: 50, net: plain}]
search: {optim.lr: {min: 0.1, max: 0.5, scale: log}, optim.momentum: [0.5, 0.9]}
`)
	written, err := Marshal(s)
	base, begins := strings.CutPrefix(string(written), head)
	_, ends := strings.CutSuffix(base, tail)
	if err != nil || !begins || !ends {
		t.Errorf("%v, got\n%s\nwant\n%s…\n%s", err, written, head, tail)
	}
	again := mustLoad(t, string(written))
	if !reflect.DeepEqual(again.Base.Settings(), s.Base.Settings()) {
		t.Errorf("read again: got %v\nwant %v", again.Base.Settings(), s.Base.Settings())
	}
	again.Base = s.Base // its defaults were written out
	if !reflect.DeepEqual(again, s) {
		t.Errorf("read again: got %+v\nwant %+v", again, s)
	}
	for what, spoil := range map[string]func(*experiments.Study){
		"base":   func(s *experiments.Study) { s.Base.Model.Options = map[string]any{"depth": make(chan int)} },
		"factor": func(s *experiments.Study) { s.Factors[0].Levels[0].Set[0].Value = make(chan int) },
	} {
		bad := mustLoad(t, varied)
		spoil(&bad)
		text, err := Marshal(bad)
		if err == nil || text != nil || !strings.HasPrefix(err.Error(), "study tiny: ") {
			t.Errorf("%s: got %q, %v", what, text, err)
		}
	}
}
