package export

import (
	"fmt"
	"math"
	"strings"
)

// missing stands where there is no value.
const missing = "–"

// Listing is a table as people read it and as programs do. The terminal, the pages and the reports all show it.
type Listing struct {
	Name    string // of its rows in JSON, and where one of several tables is asked for
	Title   string
	Columns []Column
	Rows    [][]Shown
	Leave   []string // keys of the columns that a narrow terminal can do without; the first goes first
}

// Column of a listing. Number aligns right; Run says that its values are ids of runs.
type Column struct {
	Key, Title, Hint string
	Number, Run      bool
}

// Shown is one value: for programs, nil if there is none, and as people read it.
type Shown struct {
	Value any
	Text  string
}

// Objects are the rows, each as its values by column.
func (l Listing) Objects() []map[string]any {
	t := Table{}
	for _, c := range l.Columns {
		t.Columns = append(t.Columns, c.Key)
	}
	for _, r := range l.Rows {
		values := make([]any, len(r))
		for k, c := range r {
			values[k] = c.Value
		}
		t.Rows = append(t.Rows, values)
	}
	return t.Objects()
}

// word is a text; missing if empty.
func word(s string) Shown {
	if s == "" {
		return Shown{nil, missing}
	}
	return Shown{s, s}
}

// rounded is a computed number in a printf form; missing where it is not defined.
func rounded(v float64, form string) Shown {
	if math.IsNaN(v) {
		return Shown{nil, missing}
	}
	return Shown{v, signs.Replace(fmt.Sprintf(form, v))}
}

var signs = strings.NewReplacer("-", "−", "Inf", "∞")

// p is a probability of a test.
func p(v float64) Shown {
	if v < 0.001 {
		return Shown{v, "< 0.001"}
	}
	return rounded(v, "%.3f")
}

// amount is a count that is known unless it is 0.
func amount(n int) Shown {
	if n == 0 {
		return Shown{nil, missing}
	}
	return Shown{n, fmt.Sprint(n)}
}
