package studyfile

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
)

func TestWhatCannotBeRead(t *testing.T) {
	for line, want := range map[string]string{
		"":               "-1 ",
		"a\tb ~\u007f é": "-1 ",
		"a\uFFFDb":       "-1 ",
		"\uFFFD\x1f":     "3 the control character 0x1F: remove it",
		"ab\x07":         "2 the control character 0x07: remove it",
		"\x00":           "0 a NUL byte: this is no text file, or a damaged one; remove it",
		"ab\x00":         "2 a NUL byte: this is no text file, or a damaged one; remove it",
		"a\x1a":          "1 a Ctrl-Z (0x1A), which ends files of MS-DOS: remove it",
		"a\xa0":          `1 the byte 0xA0 is not UTF-8 (in Latin-1 it is "\u00a0"): save the file as UTF-8`,
		"a\xa1":          "1 the byte 0xA1 is not UTF-8 (in Latin-1 it is \"¡\"): save the file as UTF-8",
		"a\xff":          "1 the byte 0xFF is not UTF-8 (in Latin-1 it is \"ÿ\"): save the file as UTF-8",
		"a\x9f":          "1 the byte 0x9F is not UTF-8: save the file as UTF-8",
		"é\x80\x00":      "2 the byte 0x80 is not UTF-8: save the file as UTF-8",
	} {
		at, message := unprintable(line)
		if got := fmt.Sprint(at, " ", message); got != want {
			t.Errorf("%q: got %s, want %s", line, got, want)
		}
	}
	for text, want := range map[string]bool{"a\x00b\x00": true, "\x00a\x00b": true, "a\x00b": false, "abcd": false, "a\x00bc": false,
		"":                  false,
		"a\x00b\x00c\x00de": true, "a\x00b\x00c\x00def": false, "a\x00b\x00cdefg": false,
		strings.Repeat("a", 64) + strings.Repeat("b\x00", 64): false,
		// Only the beginning counts: 21 of 64 bytes are no third.
		strings.Repeat("a\x00", 21) + strings.Repeat("a", 22) + strings.Repeat("b\x00", 32): false,
		strings.Repeat("a\x00", 22) + strings.Repeat("a", 20) + strings.Repeat("b", 99):     true} {
		if looksLikeUTF16([]byte(text)) != want {
			t.Errorf("%q looks like UTF-16: %v, want %v", text, !want, want)
		}
	}
}

func TestPlacesOfASource(t *testing.T) {
	s, problem := newSource("a.yaml", []byte("\uFEFFone\r\ntwo\rthree\u2028four\u0085"))
	if problem != nil {
		t.Fatal(problem)
	}
	for line, want := range []string{"", "one", "two", "three", "four", "", ""} {
		at := experiments.Place{Source: "a.yaml", Line: line, Column: 2, Excerpt: want}
		if got := s.place(line, 2); got != at {
			t.Errorf("line %d: got %+v, want %+v", line, got, at)
		}
	}
	at := s.place(2, 1)
	for column, want := range []string{"", "t", "w", "o", ""} {
		at.Column = column
		if got := characterAt(at); got != want {
			t.Errorf("column %d: got %q, want %q", column, got, want)
		}
	}
	d := decoder{source: source{lines: []string{"a", " \tb", "c\td", "\te"}}}
	for line, want := range []int{0, 0, 2, 2, 4, 4} {
		if got := d.tabbed(line); got != want {
			t.Errorf("up to line %d: tabbed is %d, want %d", line, got, want)
		}
	}
}

// A syntax error stands where a person would look for it, and says how far it reaches.
func TestSyntaxErrorsStandWhereTheyBegin(t *testing.T) {
	for text, want := range map[string]string{
		"name: [a":       "study.yaml:1:7: while parsing a flow sequence: did not find expected ',' or ']' up to line 2, column 1",
		"name: [a\n\n\n": "study.yaml:1:7: while parsing a flow sequence: did not find expected ',' or ']' up to line 4, column 1",
		"name: 'a\nb\n":  "study.yaml:1:7: while scanning a quoted scalar: found unexpected end of stream up to line 3, column 1",
		"a: 1\n\tb: 2\n": "study.yaml:2:1: a tab: YAML is indented with spaces alone",
		"a: `b":          "study.yaml:1:4: a value cannot begin with `: write it in quotes",
		"a: b: c": "study.yaml:1:5: mapping values are not allowed in this context (the line is indented too " +
			"far, or a text with a colon needs quotes)",
		"a: 1\nb\nc: 2":           "study.yaml:2:1: a key without a value: behind its colon stands a space",
		"a: 1\n---\nb: 2\n":       "study.yaml:2:1: a second document begins here: want one study a file, remove this line and what follows",
		"a: 1\n--- # x\n\nb: 2\n": "study.yaml:2:1: a second document begins here: want one study a file, remove this line and what follows",
	} {
		_, err := Parse("study.yaml", []byte(text), nil)
		if first, _, _ := strings.Cut(fmt.Sprint(err), "\n"); first != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// Scalars have the types of YAML 1.2; what is none of them is refused.
func TestScalars(t *testing.T) {
	for text, want := range map[string]string{
		"a": "string a", "'1'": "string 1", "yes": "string yes", "2001-01-01": "string 2001-01-01", "1": "int 1", "-7": "int -7",
		"1e3": "float64 1000", "0.5": "float64 0.5", ".inf": "float64 +Inf", "true": "bool true", "False": "bool false",
		"[1, a, {k: 2}]": "[]interface {} [1 a map[k:2]]", "[]": "[]interface {} []",
		"~": "has no value", "null": "has no value", "''": "string ",
		"010":                 "want a number without leading zeros (YAML reads it in base 8), got 010",
		"-010":                "want a number without leading zeros (YAML reads it in base 8), got -010",
		"+07":                 "want a number without leading zeros (YAML reads it in base 8), got +07",
		"0_7":                 "want a number without leading zeros (YAML reads it in base 8), got 0_7",
		"0x1F":                "int 31",
		"0.10":                "float64 0.1",
		"[<<]":                "[]interface {} [<<]",
		"!!int x":             `want a value of the type !!int, got "x"`,
		"[~]":                 "has no value",
		"0":                   "int 0",
		"9223372036854775807": "int 9223372036854775807",
		"9223372036854775808": "want a number below 2^63, got 9223372036854775808",
		"!x 1":                "want a text, a number or true or false, got the type !x",
		"{a: 1}":              "want a value, got a group of keys",
		"[[1]]":               "want a list of single values, got a list in it",
		"[{a: []}]":           "a: want a single value, got a list",
		"[{a: 010}]":          "a: want a number without leading zeros (YAML reads it in base 8), got 010",
		"[{a: 1, a: 2}]":      `mapping key "a" already defined at line 1`,
	} {
		var document yaml.Node
		if err := yaml.Load([]byte(text), &document); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		v, err := valueOf(document.Content[0])
		got := fmt.Sprintf("%T %v", v, v)
		if err != nil {
			got = err.Error()
		}
		if got != want || err != nil && v != nil {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{"a": "!!str", "1": "!!int", "a: b": "!!str", "*x": "!!str", "[1]": "!!str", "a # b": "!!str",
		"1 ": "!!str", "": "!!str", "true": "!!bool"} {
		if n := plain(text); n.ShortTag() != want || n.Value != text {
			t.Errorf("%q: got %s %q, want %s", text, n.ShortTag(), n.Value, want)
		}
	}
}
