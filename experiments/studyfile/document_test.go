package studyfile

import (
	"fmt"
	"strings"
	"testing"
)

// Everything that a document of another kind can be wrong about is told with its place, in the words of its kind.
func TestDocumentsAreReadAsStrictlyAsStudies(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "f.yaml:1:1: is empty, want a list of things",
		"a: 1\n---\nb: 2":    "f.yaml:2:1: a second document begins here: want one list of things a file, remove this line and what follows",
		"nam: x":             `f.yaml:1:1: unknown key "nam": did you mean name?`,
		"name: [1]":          "f.yaml:1:7: name: want a text, got [1]: write it in quotes",
		"name: 1":            "f.yaml:1:7: name: want a text, got 1: write it in quotes",
		"number: x":          `f.yaml:1:9: number: want a number, got "x"`,
		"whole: 1.5":         "f.yaml:1:8: whole: want a whole number, got 1.5",
		"choice: greene":     `f.yaml:1:9: choice: unknown "greene": did you mean green?`,
		"list: [1, 2, 3]":    "f.yaml:1:7: list: want at most 2, got 3",
		"list: 1":            "f.yaml:1:7: list: want a list, got a single value",
		"list: [{a: 1}]":     `f.yaml:1:9: list[0]: unknown key "a": want one of name`,
		"at: 'abcdef'":       "f.yaml:1:8: at: here",
		"at: abcdef":         "f.yaml:1:7: at: here",
		"at: \"a\\x62cdef\"": "f.yaml:1:5: at: here",
		"name: x\nnumber: 2.5\nwhole: 2\nchoice: green\nlist: [{name: y}]": "",
	} {
		doc, root := ReadDocument("list of things", "f.yaml", []byte(text))
		keys := root.keysOfTest()
		for _, item := range keys["list"].List(2) {
			item.Keys("name")["name"].Text()
		}
		name, number, whole := keys["name"].Text(), keys["number"].Number(), keys["whole"].Whole()
		choice := keys["choice"].Choice("red", "green")
		if at := keys["at"]; at.There() {
			at.FailAt(2, "here")
		}
		got, _, _ := strings.Cut(fmt.Sprint(doc.Err()), "\n")
		if doc.Err() == nil {
			got = ""
		}
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
		if want == "" && (name != "x" || number != 2.5 || whole != 2 || choice != "green") {
			t.Errorf("%q: read as %q, %v, %v, %q", text, name, number, whole, choice)
		}
	}
	long := []byte(strings.Repeat("#", maxStudyBytes+1))
	doc, _ := ReadDocument("list of things", "f.yaml", long)
	if fmt.Sprint(doc.Err()) != "f.yaml: want at most 262144 bytes: this is no list of things" {
		t.Errorf("a long file: %v", doc.Err())
	}
}

func (n Node) keysOfTest() map[string]Node {
	if !n.There() {
		return nil
	}
	return n.Keys("name", "number", "whole", "choice", "list", "at")
}
