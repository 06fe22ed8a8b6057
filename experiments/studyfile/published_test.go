package studyfile

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
)

const printedStudy = `name: printed
source: He et al. 2015, table 6
base: {dataset: {name: shapes}, model: {name: resnet_mini, depth: 8, width: 4}, optim: {name: sgd, lr: 0.1}, epochs: 3}
factors:
  - {name: depth, key: model.depth, levels: [8, 14]}
published:
  columns: [top-1 error, top-5 error]
  rows:
    - {cell: {depth: 14}, values: [8.75, fail], n: 5, sd: 0.25}
    - {row: ensemble, values: [6, 1], source: table 7}
scales:
  paper: [epochs=164, 'model.depth=8,14,20', batch=128]
  tiny: []
`

// A table in print is read, written and read again as it was.
func TestTablesInPrint(t *testing.T) {
	s, err := Parse("p.yaml", []byte(printedStudy), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &experiments.Published{Columns: []string{"top-1 error", "top-5 error"}, Rows: []experiments.PublishedRow{
		{Levels: map[string]string{"depth": "14"}, Values: []any{8.75, "fail"}, N: 5, SD: 0.25},
		{Name: "ensemble", Values: []any{6.0, 1.0}, Source: "table 7"}}}
	if !reflect.DeepEqual(s.Published, want) {
		t.Errorf("got %+v", s.Published)
	}
	text, err := Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("p.yaml", text, nil)
	if err != nil || !reflect.DeepEqual(again.Published, want) {
		t.Errorf("%v: written as\n%s", err, text)
	}
	if _, err := Parse("p.yaml", []byte(printedStudy), []string{"depth=14"}); err != nil {
		t.Errorf("a change takes away the factor that a row names: %v", err)
	}
}

func TestMistakesInTablesInPrint(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"depth: 14}, values", "dept: 14}, values", `p.yaml:9:7: published.rows[0]: unknown factor "dept": did you mean depth?`},
		{"depth: 14}, values", "depth: 15}, values", "p.yaml:9:7: published.rows[0]: factor depth has no level"},
		{"[8.75, fail]", "[8.75]", "p.yaml:9:7: published.rows[0]: want 2 values, as there are columns, got 1"},
		{"[8.75, fail]", "[8.75, true]", "p.yaml:9:42: published.rows[0].values: want a number, or a text where the table has none"},
		{"row: ensemble, ", "", "p.yaml:10:7: published.rows[1]: want cell: the cell that it stands beside, or row: its name"},
		{"row: ensemble", "rows: ensemble", `p.yaml:10:8: published.rows[1]: unknown key "rows": did you mean row?`},
		{"n: 5", "n: -5", "p.yaml:9:52: published.rows[0].n: want a whole number"},
		{"sd: 0.25", "sd: -1", "p.yaml:9:7: published.rows[0]: sd: want 0 or more, got -1"},
		{"columns: [top-1 error, top-5 error]", "columns: []", "p.yaml:7:3: published: want columns and rows, got 0 and 2"},
		{"  tiny: []", "  ti ny: []", `p.yaml:13:3: scales: the name "ti ny" has a space or =`},
		{"  tiny: []", "  tiny: [1]", "p.yaml:13:10: scales.tiny[0]: want a text, got 1: write it in quotes"},
	} {
		if !strings.Contains(printedStudy, c.from) {
			t.Fatalf("%q is no part of the study", c.from)
		}
		_, err := Parse("p.yaml", []byte(strings.Replace(printedStudy, c.from, c.to, 1)), nil)
		if got, _, _ := strings.Cut(said(err), "\n"); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.to, got, c.want)
		}
	}
}

func said(err error) string {
	if err == nil {
		return "no error"
	}
	return err.Error()
}

// A study at another size is another study: it has the size's name, and overrides come after what the size changes.
func TestScales(t *testing.T) {
	path := t.TempDir() + "/p.yaml"
	if err := os.WriteFile(path, []byte(printedStudy), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := OpenScaled(path, "paper", []string{"batch=64"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "printed-paper" || s.Base.Epochs != 164 || s.Base.Batch != 64 || len(s.Factors[0].Levels) != 3 {
		t.Errorf("got %s, %d epochs, batch %d, %d levels", s.Name, s.Base.Epochs, s.Base.Batch, len(s.Factors[0].Levels))
	}
	for scale, want := range map[string]string{"papers": `study printed has no scale "papers": did you mean paper?`,
		"x": `study printed has no scale "x": want one of paper, tiny`} {
		if _, err := OpenScaled(path, scale, nil); said(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := OpenScaled("quickstart", "paper", nil); said(err) != "study quickstart has no scale but its own" {
		t.Errorf("got %v", err)
	}
	if names, err := Scales(path); err != nil || strings.Join(names, " ") != "paper tiny" {
		t.Errorf("%v %v", names, err)
	}
}
