package workbench

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// A file holds one idea, a function fits a screen, and a call can be read without looking up its arguments.
const (
	mostLines         = 400
	mostFunctionLines = 60
	mostParameters    = 5
)

func TestFilesAndFunctionsAreSmall(t *testing.T) {
	for _, s := range sources(t) {
		if s.lines > mostLines {
			t.Errorf("%s has %d lines, want at most %d", s.name, s.lines, mostLines)
		}
		if s.test() {
			continue
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			name, signature := "a function", (*ast.FuncType)(nil)
			switch f := n.(type) {
			case *ast.FuncDecl:
				name, signature = f.Name.Name, f.Type
			case *ast.FuncLit:
				signature = f.Type
			default:
				return true
			}
			if lines := s.set.Position(n.End()).Line - s.line(n) + 1; lines > mostFunctionLines {
				t.Errorf("%s:%d: %s has %d lines, want at most %d", s.name, s.line(n), name, lines, mostFunctionLines)
			}
			if got := signature.Params.NumFields(); got > mostParameters {
				t.Errorf("%s:%d: %s has %d parameters, want at most %d", s.name, s.line(n), name, got, mostParameters)
			}
			return true
		})
	}
}

// The most characters of a line that is a comment, and of any line. A tab counts as one.
const (
	mostCommentCharacters = 120
	mostCharacters        = 140
)

// longLiteral is the least characters of a literal that may make its line too long.
const longLiteral = 100

func TestLinesCanBeRead(t *testing.T) {
	for _, s := range sources(t) {
		text, err := os.ReadFile(s.name)
		if err != nil {
			t.Fatal(err)
		}
		whole := s.unbreakable()
		for i, line := range strings.Split(string(text), "\n") {
			want := mostCharacters
			if strings.HasPrefix(strings.TrimSpace(line), "//") {
				want = mostCommentCharacters
			}
			if n := utf8.RuneCountInString(line); n > want && !whole[i+1] {
				t.Errorf("%s:%d: the line has %d characters, want at most %d", s.name, i+1, n, want)
			}
		}
	}
}

// unbreakable returns the lines that hold a long literal which cannot be broken: a raw string, in which every
// character counts, or one word, such as an address or a digest.
func (s source) unbreakable() map[int]bool {
	lines := map[int]bool{}
	ast.Inspect(s.File, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING || literal.Value[0] != '`' && strings.Contains(literal.Value, " ") {
			return true
		}
		for i, part := range strings.Split(literal.Value, "\n") {
			if utf8.RuneCountInString(part) >= longLiteral {
				lines[s.line(literal)+i] = true
			}
		}
		return true
	})
	return lines
}

// What is left to do is an issue, not a remark in a file.
func TestNothingIsLeftForLater(t *testing.T) {
	word := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX)\b`)
	written := []string{".go", ".c", ".h", ".md", ".yaml", ".yml", ".sql", ".html", ".css", ".mod"}
	walk(t, func(name string) {
		if !slices.Contains(written, path.Ext(name)) && path.Base(name) != "Makefile" && path.Base(name) != "Dockerfile" {
			return
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := word.Find(text); found != nil {
			t.Errorf("%s says %s", name, found)
		}
	})
}
