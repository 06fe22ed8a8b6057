package studyfile

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"

	"workbench/experiments"
)

// printed is a value of a table in print, from testdata/published.csv, which published.py makes.
type printed struct {
	row, column string
	size        bool   // parameters and the like, which a study may leave out
	value       string // "": the table has none here
}

// tablesInPrint are the tables by their names, values row by row.
func tablesInPrint(t *testing.T) map[string][]printed {
	t.Helper()
	f, err := os.Open("testdata/published.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]printed{}
	for _, l := range lines[1:] {
		all[l[0]] = append(all[l[0]], printed{row: l[1], column: l[2], size: l[3] == "size", value: l[4]})
	}
	return all
}

// Every study of a table has all its rows, in their order, with the values as they were printed: results all, sizes
// where the study has them. A row may be spread over several, one a cell.
func TestStudiesHaveTheirTables(t *testing.T) {
	tables, found := tablesInPrint(t), 0
	for _, name := range Names() {
		if !strings.HasPrefix(name, Table) {
			continue
		}
		found++
		s, err := Load(name, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		want, known := tables[name]
		if !known || s.Published == nil {
			t.Errorf("%s: want a table of testdata/published.csv of its name (got %v), and its rows (got %v)", name, known, s.Published != nil)
			continue
		}
		if problem := unlike(s.Published, want); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
	}
	if found == 0 {
		t.Errorf("no study begins with %s", Table)
	}
}

// unlike says where the rows of a study leave the table, "" if they do not.
func unlike(got *experiments.Published, want []printed) string {
	i := 0
	for _, r := range got.Rows {
		for _, v := range r.Values {
			from := i
			for i < len(want) && !want[i].is(v) && want[i].mayLack() {
				i++
			}
			switch {
			case i == len(want):
				return "a value too many behind the table's last: " + text(v)
			case !want[i].is(v):
				return "got " + text(v) + ", want " + want[from].String() + " or what follows it in the table, up to " + want[i].String()
			}
			i++
		}
	}
	for ; i < len(want); i++ {
		if !want[i].mayLack() {
			return "lacks " + want[i].String()
		}
	}
	return ""
}

func (p printed) mayLack() bool { return p.size || p.value == "" }

// is tells whether a study's value is that in print; where the table has none, the study has a text.
func (p printed) is(v any) bool {
	number, isNumber := v.(float64)
	if !isNumber {
		return p.value == "" || p.value == v
	}
	want, err := strconv.ParseFloat(p.value, 64)
	return err == nil && number == want
}

func (p printed) String() string { return p.value + " (" + p.row + ": " + p.column + ")" }

func text(v any) string {
	if f, is := v.(float64); is {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	s, _ := v.(string)
	return s
}

// The comparison notices what can go wrong when a table is copied.
func TestTablesAreComparedValueByValue(t *testing.T) {
	want := []printed{{"20", "params", true, "269722"}, {"20", "error", false, "8.75"}, {"32", "params", true, "464154"},
		{"32", "error", false, "7.51"}, {"32", "again", false, ""}}
	for _, c := range []struct {
		what string
		rows [][]any
		good bool
	}{
		{"all of it", [][]any{{269722.0, 8.75}, {464154.0, 7.51, "–"}}, true},
		{"one value a row", [][]any{{8.75}, {7.51}}, true},
		{"another value", [][]any{{8.75}, {7.5}}, false},
		{"another size", [][]any{{269723.0, 8.75}, {464154.0, 7.51}}, false},
		{"a row less", [][]any{{8.75}}, false},
		{"rows in another order", [][]any{{7.51}, {8.75}}, false},
		{"a row more", [][]any{{8.75}, {7.51}, {7.51}}, false},
		{"a number where the table has none", [][]any{{8.75}, {7.51, 0.0}}, false},
	} {
		p := &experiments.Published{}
		for _, values := range c.rows {
			p.Rows = append(p.Rows, experiments.PublishedRow{Values: values})
		}
		if problem := unlike(p, want); (problem == "") != c.good {
			t.Errorf("%s: got %q", c.what, problem)
		}
	}
}

// Every size that a study of a table has besides its own can be read; what it trains needs data that may be absent.
func TestScalesOfTablesAreRead(t *testing.T) {
	for _, name := range Names() {
		scales, err := Scales(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, scale := range scales {
			s, err := OpenScaled(name, scale, nil)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			if s.Name != name+"-"+scale {
				t.Errorf("%s at scale %s is called %s", name, scale, s.Name)
			}
		}
	}
}
