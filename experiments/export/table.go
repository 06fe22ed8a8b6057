// Package export writes what studies and runs have come to for programs: as CSV and as JSON. The terminal and the
// dashboard both write with it, so that their exports of one thing are equal.
package export

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"workbench/experiments"
	"workbench/experiments/escape"
	"workbench/nn/nearest"
)

// Schema is the version of the documents' JSON. It grows when a key changes its meaning or goes; new keys leave it
// alone.
const Schema = 2

// Table is a table as programs read it: a row a record, a column a variable.
type Table struct {
	Name    string // of the rows in JSON, and where one of several tables is asked for
	Columns []string
	Rows    [][]any // nil: missing
	JSON    any     // stands for the rows in JSON; nil: an object a row

	// Each yields the rows of a table that is too large to be held: it is read only where it is asked for by its name,
	// while it is written, and is not in JSON. It stops at the first error of yield, which it returns.
	Each func(yield func(row []any) error) error
}

// Document is what there is to say of one thing: tables, and in JSON the facts that hold for all of them.
type Document struct {
	Facts   map[string]any
	Tables  []Table
	Remarks []string // what a reader of the numbers must know; nil: none can be
}

// Names of the tables.
func (d Document) Names() []string {
	names := make([]string, len(d.Tables))
	for i, t := range d.Tables {
		names[i] = t.Name
	}
	return names
}

// Table is the one of that name; the first for the name "".
func (d Document) Table(name string) (Table, error) {
	names := d.Names()
	if name == "" && len(names) > 0 {
		return d.Tables[0], nil
	}
	i := slices.Index(names, name)
	if i < 0 {
		return Table{}, fmt.Errorf("unknown table %q%s", name, nearest.Hint(name, names))
	}
	return d.Tables[i], nil
}

// EncodeJSON is the document as one object: its facts, its tables by name, its remarks.
func (d Document) EncodeJSON() ([]byte, error) {
	all := map[string]any{"schema": Schema}
	for key, v := range d.Facts {
		all[key] = portable(v)
	}
	for _, t := range d.Tables {
		switch {
		case t.Each != nil:
		case t.JSON != nil:
			all[t.Name] = t.JSON
		default:
			all[t.Name] = t.Objects()
		}
	}
	if d.Remarks != nil {
		all["remarks"] = d.Remarks
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(all); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return escape.JSON(b.Bytes()), nil
}

// Objects are the rows, each as its values by column.
func (t Table) Objects() []map[string]any {
	objects := make([]map[string]any, len(t.Rows))
	for i, row := range t.Rows {
		objects[i] = map[string]any{}
		for k, c := range t.Columns {
			objects[i][c] = portable(row[k])
		}
	}
	return objects
}

// portable gives floats that JSON has no number for their names.
func portable(v any) any {
	switch v := v.(type) {
	case float64:
		return experiments.Number(v)
	case time.Time:
		return stamp(v)
	}
	return v
}

// WriteCSV writes the table with its columns' names above it (RFC 4180). Numbers have all their digits and nothing
// else; a missing value is an empty field.
func (t Table) WriteCSV(to io.Writer) error {
	b := bufio.NewWriterSize(to, 64<<10)
	w := csv.NewWriter(b) // writes into b itself
	record := make([]string, len(t.Columns))
	for k, c := range t.Columns {
		record[k] = escape.CSV(c)
	}
	if err := w.Write(record); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	write := func(row []any) error {
		for k, v := range row {
			record[k] = field(v)
		}
		var err error
		if len(record) == 1 && record[0] == "" {
			_, err = b.WriteString("\"\"\n") // an empty line would be no record
		} else {
			err = w.Write(record)
		}
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		return nil
	}
	for _, row := range t.Rows {
		if err := write(row); err != nil {
			return err
		}
	}
	if t.Each != nil {
		if err := t.Each(write); err != nil {
			return err
		}
	}
	return b.Flush()
}

// field is a value as CSV has it.
func field(v any) string {
	switch v.(type) {
	case nil, float64, experiments.Number, time.Time, int, int64, uint64, bool:
		return plain(v)
	}
	return escape.CSV(plain(v))
}

// plain is a value as text, as it is.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return number(v)
	case experiments.Number:
		return number(float64(v))
	case time.Time:
		return stamp(v)
	case []string:
		return strings.Join(v, " ")
	}
	return fmt.Sprint(v)
}

// number is the shortest text that reads back to the same bits, as Python and R read it.
func number(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// stamp is a time in UTC with milliseconds, always of the same length.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// when is a time, missing if it never came.
func when(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// defined is a computed number; missing where it is not defined.
func defined(f float64) any {
	if math.IsNaN(f) {
		return nil
	}
	return f
}

// known is a count that an earlier program did not record where it is 0.
func known(f float64) any {
	if f == 0 {
		return nil
	}
	return f
}

// named is a text; missing if empty.
func named(s string) any {
	if s == "" {
		return nil
	}
	return s
}
