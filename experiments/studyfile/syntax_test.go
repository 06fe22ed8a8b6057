package studyfile

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"workbench/experiments"
)

// inUTF16 is a text in UTF-16, its bytes in the given order.
func inUTF16(text string, mark, bigEndian bool) string {
	var out []byte
	if mark {
		text = "\uFEFF" + text
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		high, low := byte(unit>>8), byte(unit)
		if bigEndian {
			out = append(out, high, low)
		} else {
			out = append(out, low, high)
		}
	}
	return string(out)
}

// What is no YAML is named, with the line that is meant.
func TestTextsThatAreNoStudy(t *testing.T) {
	change := func(from, to string) string {
		if !strings.Contains(tinyStudy, from) {
			t.Fatalf("the study has no %q", from)
		}
		return strings.Replace(tinyStudy, from, to, 1)
	}
	for _, c := range []struct{ text, want string }{
		{"", "study.yaml:1:1: is empty, want a study"},
		{"# nothing\n", "study.yaml:1:1: is empty, want a study"},
		{"---\n", "study.yaml:1:1: is empty, want a study"},
		{"%YAML 3.0\n---\n" + tinyStudy, "study.yaml:1:1: want no line %YAML, or %YAML 1.1"},
		{"- a\n", "study.yaml:1:1: want a group of keys, got a list"},
		{"hello\n", "study.yaml:1:1: want a group of keys, got a single value"},
		{change("  batch", "\tbatch"), "study.yaml:6:1: a tab: YAML is indented with spaces alone\n    6 | \tbatch: 50"},
		{change("  batch", "  \tbatch"), "study.yaml:6:3: a tab: YAML is indented with spaces alone"},
		{change("shapes", "shape\xe9"),
			"study.yaml:3:24: the byte 0xE9 is not UTF-8 (in Latin-1 it is \"é\"): save the file as UTF-8\n    3 |   dataset"},
		{change("shapes", "shape\x80"), "study.yaml:3:24: the byte 0x80 is not UTF-8: save the file as UTF-8"},
		{change("shapes", "sháp€\x80"), "study.yaml:3:24: the byte 0x80 is not UTF-8: save the file as UTF-8"}, // characters are counted
		{change("  batch", "\x00  batch"), "study.yaml:6:1: a NUL byte"},
		{change("batch", "bat\x1bch"), "study.yaml:6:6: the control character 0x1B: remove it\n    6 |   bat\uFFFDch"},
		{tinyStudy + "\x1a", "study.yaml:8:1: a Ctrl-Z (0x1A), which ends files of MS-DOS"},
		{inUTF16(tinyStudy, false, false), "study.yaml: is UTF-16 without a byte-order mark: save it as UTF-8"},
		{inUTF16(tinyStudy, false, true), "study.yaml: is UTF-16 without a byte-order mark: save it as UTF-8"},
		{inUTF16(change("50", "x"), true, true),
			"study.yaml:6:10: batch: want a whole number from 1 to 1000000, got \"x\"\n    6 |   batch: x\n"},
		{"\uFEFF" + change("name: tiny", "nam: tiny"), "study.yaml:1:1: unknown key \"nam\": did you mean name?\n    1 | nam: tiny\n"},
		{strings.ReplaceAll(change("50", "x"), "\n", "\r\n"),
			"study.yaml:6:10: batch: want a whole number from 1 to 1000000, got \"x\"\n    6 |   batch: x\n"},
		{strings.ReplaceAll(change("50", "x"), "\n", "\r"),
			"study.yaml:6:10: batch: want a whole number from 1 to 1000000, got \"x\"\n    6 |   batch: x\n"},
		{tinyStudy + "---\n" + tinyStudy, "study.yaml:8:1: a second document begins here: want one study a file"},
		{tinyStudy + "---\n", "study.yaml:8:1: a second document begins here"},
		{tinyStudy + "---\na: [\n", "study.yaml:9:5: "},
		{change("depth: 8}", "depth: 8"),
			"study.yaml:4:10: while parsing a flow mapping: did not find expected ',' or '}' up to line 5, column 8"},
		{change("tiny", `"tiny`), "study.yaml:1:7: while scanning a quoted scalar: found unexpected end of stream"},
		{change("batch: 50", "batch:50"), "study.yaml:6:3: a key without a value: behind its colon stands a space"},
		{change("batch: 50", "batch: @50"), "study.yaml:6:10: a value cannot begin with @: write it in quotes"},
		{change("tiny", "a: b"),
			"study.yaml:1:8: mapping values are not allowed in this context (the line is indented too far, or a text with a colon"},
		{change("batch: 50", "batch: *b"), "study.yaml:6:10: unknown anchor 'b' referenced"},
		{change("batch: 50", "batch: {a: 5}"), "study.yaml:6:10: batch: want a value, got a group of keys"},
		{change("batch: 50", "batch: !x 5"), "study.yaml:6:10: batch: want a text, a number or true or false, got the type !x"},
		{change("batch: 50", "[a]: 5"), "study.yaml:6:3: base: want a name as key, got a list"},
	} {
		wantProblem(t, c.text, c.want)
	}
	for _, text := range []string{"\uFEFF" + tinyStudy, inUTF16(tinyStudy, true, false), inUTF16(tinyStudy, true, true),
		"%YAML 1.1\n---\n" + tinyStudy + "...\n",
		strings.ReplaceAll(tinyStudy, "\n", "\r\n"), strings.ReplaceAll(tinyStudy, "\n", "\r"), "---\n" + tinyStudy} {
		if s := mustLoad(t, text); s.Base.Batch != 50 || s.Name != "tiny" {
			t.Errorf("%.40q: got %+v", text, s)
		}
	}
}

// Whatever a study has too many of, it is refused before that costs anything, with a message that can be read.
func TestStudiesBeyondBounds(t *testing.T) {
	each := func(n int, format string) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, format, i)
		}
		return text.String()
	}
	list := "factors: [{key: optim.lr, levels: [1, 2]}]\n"
	for name, c := range map[string]struct{ text, want string }{
		"a large file":   {tinyStudy + each(100_000, "  k%d: 1\n"), "study.yaml: want at most 262144 bytes: this is no study"},
		"unknown keys":   {tinyStudy + each(9000, "  k%d: 1\n"), "\nand 8980 more"},
		"unknown at top": {tinyStudy + each(9000, "k%d: 1\n"), "\nand 8980 more"},
		"options":        {strings.Replace(tinyStudy, "depth: 8", each(9000, "k%d: 1, "), 1), "\nand 898"},
		"the same key":   {tinyStudy + strings.Repeat("  batch: 5\n", 9000), "\nand 8980 more"},
		"the same path":  {tinyStudy + "  optim.lr: 1\n" + strings.Repeat("  'optim.lr': 1\n", 8999), "\nand 8980 more"},
		"nodes":          {tinyStudy + "x-a: [" + strings.Repeat("a,", 50_000) + "]\n", "want at most 20000 keys and values in a study"},
		"nests":          {tinyStudy + "x-a: " + strings.Repeat("[", 50_000), "exceeded max depth of 10000"},
		"levels": {tinyStudy + "factors: [{key: optim.lr, levels: [" + each(10_000, "%d,") + "]}]\n",
			"levels of lr: want at most 1000, got 10000"},
		"named levels": {tinyStudy + "factors: [{name: f, levels: {" + each(5000, "l%d: {},") + "}}]\n",
			"levels of f: want at most 1000, got 5000"},
		"factors": {tinyStudy + "factors: [" + each(2000, "{name: f%d, key: batch, levels: [1, 2]},") + "]\n",
			"factors: want at most 100, got 2000"},
		"cells of a list": {tinyStudy + list + "design: list\ncells: [" + strings.Repeat("{},", 15_000) + "]\n",
			"cells: want at most 10000, got 15000"},
		"seeds": {tinyStudy + "seeds: [" + each(10_000, "%d,") + "]\n", "seeds: want at most 1000 seeds, got 10000"},
		"runs": {tinyStudy + "seeds: 1000\nfactors: [{key: optim.lr, levels: [" + each(500, "1.%d1,") + "]}]\n",
			"want at most 100000 runs, 500 cells with 1000 seeds"},
		"combinations": {tinyStudy + "factors:\n" + each(20, "- {name: f%d, levels: {a: {}, b: {}}}\n"), "want at most 10000 cells"},
		"a long key":   {tinyStudy + "  ? " + strings.Repeat("k", 90_000) + "\n  : 1\n", "unknown key"},
		"a long label": {tinyStudy + "factors: [{name: f, levels: {a: {}, ? " + strings.Repeat("k", 90_000) + " : {batch: 5}}}]\n",
			"has 90000 characters, want at most 100"},
		"a long name":   {"title: " + strings.Repeat("k", 90_000) + "\n" + tinyStudy, "title: want at most 4000 characters, got 90000"},
		"a long choice": {strings.Replace(tinyStudy, "resnet_mini", strings.Repeat("k", 90_000), 1), "model.name: unknown architecture"},
		"a long text": {tinyStudy + "  optim.groups: [{match: " + strings.Repeat("k", 90_000) + "}]\n",
			"match: want a text of at most 1000 bytes, got 90000"},
		"a long list": {tinyStudy + "  schedule: {name: step, milestones: [" + each(9000, "%d,") + "]}\n",
			"want a list of at most 1000 values, got 9000"},
		"merges multiply": {"x-a: &a {k: 1}\n" + each(8, "x-%[1]d: &b%[1]d {<<: [*a,*a,*a,*a,*a,*a,*a,*a]}\n") + tinyStudy, ""},
		"epochs": {strings.Replace(tinyStudy, "epochs: 1", "epochs: 1000000000", 1),
			"epochs: want a whole number from 1 to 1000000, got 1000000000"},
		"images in a step": {strings.Replace(tinyStudy, "batch: 50", "batch: 1000000000", 1),
			"batch: want a whole number from 1 to 1000000, got 1000000000"},
	} {
		_, err := Parse("study.yaml", []byte(c.text), nil)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			text := fmt.Sprint(err)
			t.Errorf("%s: got %.300s … %s, want %s", name, text, text[max(0, len(text)-100):], c.want)
		}
		if err == nil {
			continue
		}
		var ps experiments.Problems
		if text := err.Error(); len(text) > 20_000 || !errors.As(err, &ps) || len(ps) > 21 {
			t.Errorf("%s: %d problems of %d bytes", name, len(ps), len(text))
		}
	}
}
