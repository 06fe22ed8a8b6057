package studyfile

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"workbench/experiments"
)

// externally is a study with a file of results beside it.
func externally(t *testing.T, results string, overrides ...string) (experiments.Study, error) {
	t.Helper()
	folder := t.TempDir()
	study := strings.Replace(printedStudy, printedStudy[strings.Index(printedStudy, "published:"):], "published: {file: r.csv}\n", 1)
	for name, text := range map[string]string{"s.yaml": study, "r.csv": results} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Load(filepath.Join(folder, "s.yaml"), overrides)
}

// Results in a CSV file are rows of the table in print; seeds of one row are taken together.
func TestResultsFromElsewhere(t *testing.T) {
	s, err := externally(t, "\uFEFFdepth,row,\"value, %\",top-5,n,sd,source\r\n"+
		"14.0,,91.25,diverged,5,0.25,\"He, 2015\"\r\n,ensemble,93,1,,,\r\n")
	want := &experiments.Published{Columns: []string{"value, %", "top-5"}, Rows: []experiments.PublishedRow{
		{Levels: map[string]string{"depth": "14"}, Values: []any{91.25, "diverged"}, N: 5, SD: 0.25, Source: "He, 2015"},
		{Name: "ensemble", Values: []any{93.0, 1.0}, Source: "r.csv"}}}
	if err != nil || !reflect.DeepEqual(s.Published, want) {
		t.Fatalf("%v: got %+v", err, s.Published)
	}
	text, err := Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Parse("s.yaml", text, nil); err != nil || !reflect.DeepEqual(again.Published, want) {
		t.Errorf("%v: written as\n%s", err, text)
	}
	s, err = externally(t, "cell,seed,value\ndepth=8,1,0.5\ndepth=14,1,0.75\ndepth=8,2,0.25\n")
	want = &experiments.Published{Columns: []string{"value"}, Rows: []experiments.PublishedRow{
		{Levels: map[string]string{"depth": "8"}, Values: []any{0.375}, N: 2, SD: 0.1767766952966369, Source: "r.csv"}, // 0.25/√2
		{Levels: map[string]string{"depth": "14"}, Values: []any{0.75}, N: 1, Source: "r.csv"}}}
	if err != nil || !reflect.DeepEqual(s.Published, want) {
		t.Errorf("%v: got %+v", err, s.Published)
	}
}

func TestMistakesInResultsFromElsewhere(t *testing.T) {
	for results, want := range map[string]string{
		"depth,value,n\n14,0.5,no\n":                 `r.csv:2:8: published.file: n: want a whole number from 1 to 1000, got "no"`,
		"depth,value,sd\n14,0.5,-1\n":                `r.csv:2:8: published.file: sd: want a number of 0 or more, got "-1"`,
		"depth,value\n15,0.5\n":                      "r.csv:2:1: published.file: factor depth has no level \"15\"",
		"cell,value\ndept=14,0.5\n":                  "r.csv:2:1: published.file: cell: want factor=level, factors are depth, got \"dept=14\"",
		"depth,value,sorce\n14,0.5,x\n":              `r.csv:1:13: published.file: column "sorce" has no number, so it is none of values: did you mean source?`,
		"depth,value\n14,0.5,1\n":                    "r.csv:2:1: published.file: want 2 fields, as the first line has, got 3",
		"depth,value\n14,0.5\"1\n":                   "r.csv:2:7: published.file: a quote within a field",
		"depth,value\n14,NaN\n":                      "r.csv:2:4: published.file: want a finite number",
		"depth,value\n":                              "r.csv:1:1: published.file: want a line with the names of columns and then results",
		"":                                           "r.csv:1:1: published.file: want a line",
		"value\n0.5\n":                               "r.csv:1:1: published.file: want columns that say what each row is: depth, cell, row",
		"depth,n\n14,5\n":                            "r.csv:1:1: published.file: want 1 to 20 columns of values",
		"depth,value,value\n14,1,1\n":                `r.csv:1:13: published.file: the column "value" is there twice`,
		"depth,seed,n,value\n14,1,1,1\n":             "r.csv:1:7: published.file: with seeds, n and sd are counted from the rows",
		"depth,seed,value\n14,1,1\n14,1,1\n":         "r.csv:3:4: published.file: seed 1 of this row is there twice",
		"depth,seed,value\n14,1,x\n14,2,1\n":         "r.csv:2:6: published.file: want a number, of which the mean",
		"depth,row,value\n,,0.5\n":                   "r.csv:2:1: published.file: want the cell that it stands beside",
		"depth,value\n14,91\n":                       "r.csv:2:1: published.rows[0]: want a share from 0 to 1, as test/top1 is recorded, got 91",
		"depth,value\n14,\xff\n":                     "r.csv:2:4: the byte 0xFF is not UTF-8",
		"row,value\n" + strings.Repeat("x,1\n", 201): "r.csv:202:1: published.file: want at most 200 rows",
		strings.Repeat("x", maxStudyBytes+1):         "want at most 262144 bytes",
	} {
		_, err := externally(t, results)
		if !strings.Contains(said(err), want) {
			t.Errorf("%.60q:\n got %s\nwant %s", results, said(err), want)
		}
	}
	if _, err := externally(t, "depth,value\n14,0.5\n", "published.file=none.csv"); !strings.Contains(said(err), "none.csv: not found") {
		t.Errorf("got %v", err)
	}
}
