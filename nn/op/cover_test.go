package op_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workbench/nn/op"
)

// specTypes reads the package's source for the exported types that have a method Run(Call).
func specTypes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "Run" {
				continue
			}
			if receiver, ok := f.Recv.List[0].Type.(*ast.Ident); ok && receiver.IsExported() {
				names = append(names, receiver.Name)
			}
		}
	}
	return names
}

func typeName(s op.Spec) string { return reflect.TypeOf(s).Name() }

// An operator without a value computed by hand, without a table of wrong shapes or without a checked gradient is not
// finished.
func TestEveryOperatorIsTested(t *testing.T) {
	types := specTypes(t)
	if len(types) < 20 {
		t.Fatalf("found only %d operators: %v", len(types), types)
	}
	var valued, shaped, differentiated []string
	wants := map[string]bool{}
	for _, c := range kernelCases {
		valued = append(valued, typeName(c.spec))
		wants[typeName(c.spec)] = slices.Contains(c.spec.Wants(), true)
	}
	for _, c := range shapeCases {
		shaped = append(shaped, typeName(c.spec))
	}
	for _, c := range gradientCases {
		differentiated = append(differentiated, typeName(c.spec))
	}
	for _, name := range types {
		if !slices.Contains(valued, name) {
			t.Errorf("%s has no row in kernelCases", name)
		}
		if !slices.Contains(shaped, name) && !slices.Contains(anyShape, name) {
			t.Errorf("%s has no row in shapeCases", name)
		}
		if wants[name] && !slices.Contains(differentiated, name) {
			t.Errorf("%s has a gradient but no row in gradientCases", name)
		}
	}
}
