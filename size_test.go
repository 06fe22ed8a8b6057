package workbench

import (
	"go/ast"
	"os"
	"path"
	"regexp"
	"slices"
	"testing"
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
