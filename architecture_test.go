// Package workbench has no code: the tests here keep the shape of the whole module.
package workbench

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layer of each top folder: a package imports its own folder and lower layers only. So store and dashboard, of one
// layer, never meet.
var layer = map[string]int{"nn": 0, "experiments": 1, "store": 2, "dashboard": 2, "workbench": 3}

const backend = "workbench/nn/onednn"

// source is a Go file of the module, whatever its build tags.
type source struct {
	*ast.File
	name  string // path from the module's root
	lines int
	set   *token.FileSet
}

// test reports whether the file is there for tests alone: nn/nntest is imported by nothing else.
func (s source) test() bool {
	return strings.HasSuffix(s.name, "_test.go") || strings.HasPrefix(s.name, "nn/nntest/")
}

func (s source) top() string         { return strings.Split(s.name, "/")[0] }
func (s source) line(p ast.Node) int { return s.set.Position(p.Pos()).Line }

// sources of everything but the tests of the module as a whole.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	walk(t, func(name string) {
		if !strings.HasSuffix(name, ".go") {
			return
		}
		s := source{name: name, set: token.NewFileSet()}
		var err error
		if s.File, err = parser.ParseFile(s.set, name, nil, parser.SkipObjectResolution); err != nil {
			t.Fatal(err)
		}
		s.lines = s.set.File(s.Pos()).LineCount()
		all = append(all, s)
	})
	if len(all) < 100 {
		t.Fatalf("found %d Go files, want those of the whole module", len(all))
	}
	return all
}

// walk visits the module's files; hidden folders, built things and test data are not of it.
func walk(t *testing.T, visit func(name string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (d.Name()[0] == '.' || slices.Contains([]string{"bin", "testdata", "vendor"}, d.Name())):
			return fs.SkipDir
		case d.Type().IsRegular():
			visit(filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// imports lists the module's own packages that the file imports.
func (s source) imports() []string {
	var own []string
	for _, i := range s.Imports {
		if p := strings.Trim(i.Path.Value, `"`); strings.HasPrefix(p, "workbench/") {
			own = append(own, p)
		}
	}
	return own
}

func TestImportsPointDownwards(t *testing.T) {
	for _, s := range sources(t) {
		from, layered := layer[s.top()]
		if !layered && !s.test() {
			t.Errorf("%s is outside of the folders %v", s.name, layer)
		}
		if !layered {
			continue
		}
		for _, p := range s.imports() {
			top := strings.Split(p, "/")[1]
			if to, known := layer[top]; top != s.top() && (!known || to >= from) {
				t.Errorf("%s imports %s: want nn <- experiments <- store, dashboard <- workbench", s.name, p)
			}
		}
	}
}

// Only the command chooses a backend; the tests in nn compare them, and the reference executor is the plan's own.
func TestOnlyTheCommandNamesABackend(t *testing.T) {
	for _, s := range sources(t) {
		if s.top() == "workbench" || s.top() == "nn" && s.test() {
			continue
		}
		if slices.Contains(s.imports(), backend) {
			t.Errorf("%s imports %s", s.name, backend)
		}
		if s.top() != "nn" && !s.test() && names(s.File, "plan", "Reference") {
			t.Errorf("%s uses plan.Reference", s.name)
		}
	}
}

// names reports whether the file mentions the identifier of the package.
func names(f *ast.File, pkg, identifier string) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if e, ok := n.(*ast.SelectorExpr); ok && e.Sel.Name == identifier {
			x, ok := e.X.(*ast.Ident)
			found = found || ok && x.Name == pkg
		}
		return !found
	})
	return found
}

// inherited looks at what the process was given before the Go runtime begins, which only C can.
const inherited = "workbench/workbench/inherited"

// jpeg decodes pictures in the place of Go's decoder, which is its definition.
const jpeg = "workbench/experiments/data/libjpeg"

func TestCgoStaysInTheBackendAndTheDriver(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range s.Imports {
			if own := path.Join("workbench", path.Dir(s.name)); i.Path.Value == `"C"` && own != backend && own != inherited && own != jpeg {
				t.Errorf("%s uses cgo", s.name)
			}
		}
	}
	list := exec.Command("go", "list", "-deps", "-f", "{{if and .CgoFiles (not .Standard)}}{{.ImportPath}}{{end}}", "./workbench")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, p := range strings.Fields(string(out)) {
		if p != backend && p != inherited && p != "github.com/mattn/go-sqlite3" {
			t.Errorf("the program depends on cgo in %s", p)
		}
	}
}

func TestPackagesSayWhatTheyHold(t *testing.T) {
	for _, s := range sources(t) {
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "misc", "shared"}, s.Name.Name) {
			t.Errorf("%s: package %s says nothing about what it holds", s.name, s.Name.Name)
		}
	}
}
