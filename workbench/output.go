package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	pretty "github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/nn/nearest"
)

// schema is the version of the JSON that the commands write. It grows when a key changes its meaning or goes; new keys
// leave it alone.
const schema = 1

var formats = []string{"table", "json", "csv", "markdown"}

// listing is a table as people read it and as programs do.
type listing struct {
	key     string // of its rows in JSON
	title   string // above it where people read; "": none
	columns []column
	rows    [][]cell
	data    any // stands for the rows in JSON; nil: the rows' values

	// leave names the columns that a narrow terminal can do without, by their keys; the first goes first.
	leave []string
}

type column struct {
	key   string // in JSON and CSV
	head  string // where people read; "": programs alone get this column
	right bool   // numbers
}

// cell is one value: for programs, and as people read it.
type cell struct {
	value any // nil: missing
	text  string
}

// document is what a command answers.
type document struct {
	listings []listing
	remarks  []string // what a reader of the numbers must know
}

// formatFlag adds --format to a command that answers with a document.
func (a *app) formatFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.format, "format", "table", "`FORMAT` of the answer: "+strings.Join(formats, ", "))
	complete(cmd, "format", func() []string { return formats })
	check := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(formats, a.format) {
			return usagef("unknown --format %q%s", a.format, nearest.Hint(a.format, formats))
		}
		if check != nil {
			return check(cmd, args)
		}
		return nil
	}
}

// show writes the document to standard output in the chosen format.
func (a *app) show(d document) error {
	switch a.format {
	case "json":
		return d.json(a.out)
	case "csv":
		return d.csv(a.out)
	}
	for i, l := range d.listings {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if a.format == "markdown" {
			if l.title != "" {
				fmt.Fprintf(a.out, "**%s**\n\n", printable(l.title))
			}
			fmt.Fprintln(a.out, l.safe().pretty().RenderMarkdown())
			continue
		}
		if l.title != "" {
			fmt.Fprintln(a.out, a.bold(wrapped(printable(l.title), a.width, "")))
		}
		fmt.Fprintln(a.out, l.terminal(a.color, a.width))
	}
	for i, r := range d.remarks {
		if i == 0 {
			fmt.Fprintln(a.out)
		}
		if a.format == "markdown" {
			fmt.Fprintf(a.out, "- %s\n", printable(r))
		} else {
			fmt.Fprintln(a.out, wrapped("note: "+printable(r), a.width, "      "))
		}
	}
	return nil
}

func (d document) json(w io.Writer) error {
	all := map[string]any{"schema": schema}
	for _, l := range d.listings {
		all[l.key] = l.data
		if l.data == nil {
			all[l.key] = l.objects()
		}
	}
	if d.remarks != nil {
		all["remarks"] = d.remarks
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(all)
}

func (l listing) objects() []map[string]any {
	objects := make([]map[string]any, len(l.rows))
	for i, row := range l.rows {
		objects[i] = map[string]any{}
		for k, c := range l.columns {
			objects[i][c.key] = portable(row[k].value)
		}
	}
	return objects
}

// portable gives floats that JSON has no number for their names.
func portable(v any) any {
	if f, ok := v.(float64); ok {
		return experiments.Number(f)
	}
	return v
}

// csv writes the listings one below the other, an empty line between them. Remarks have no place in it.
func (d document) csv(out io.Writer) error {
	for i, l := range d.listings {
		if i > 0 {
			fmt.Fprintln(out)
		}
		w := csv.NewWriter(out)
		record := make([]string, len(l.columns))
		for k, c := range l.columns {
			record[k] = c.key
		}
		_ = w.Write(record) // kept by the writer, see Error
		for _, row := range l.rows {
			for k, c := range row {
				record[k] = plain(c.value)
			}
			_ = w.Write(record)
		}
		w.Flush()
		if err := w.Error(); err != nil {
			return err
		}
	}
	return nil
}

func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		switch {
		case math.IsInf(v, 1):
			return "Infinity"
		case math.IsInf(v, -1):
			return "-Infinity"
		}
	}
	return fmt.Sprint(v)
}

// safe is the listing with texts that can be written anywhere.
func (l listing) safe() listing {
	l.rows = slices.Clone(l.rows)
	for r, row := range l.rows {
		l.rows[r] = slices.Clone(row)
		for i := range row {
			l.rows[r][i].text = printable(row[i].text)
		}
	}
	return l
}

// pretty is a table of texts that are safe to write.
func (l listing) pretty() table.Writer {
	t := table.NewWriter()
	head := table.Row{}
	for _, c := range l.columns {
		if c.head != "" {
			head = append(head, c.head)
		}
	}
	t.AppendHeader(head)
	t.SetColumnConfigs(l.alignment())
	for _, row := range l.rows {
		cells := table.Row{}
		for i, c := range row {
			if l.columns[i].head != "" {
				cells = append(cells, c.text)
			}
		}
		t.AppendRow(cells)
	}
	return t
}

// alignment is the side of every column that people read.
func (l listing) alignment() []table.ColumnConfig {
	var align []table.ColumnConfig
	for _, c := range l.columns {
		if c.head == "" {
			continue
		}
		side := pretty.AlignLeft
		if c.right {
			side = pretty.AlignRight
		}
		align = append(align, table.ColumnConfig{Number: len(align) + 1, Align: side, AlignHeader: side})
	}
	return align
}

func (a *app) bold(s string) string {
	if !a.color {
		return s
	}
	return "\x1b[1m" + s + "\x1b[0m"
}

// printable replaces control characters: names come from files and must not move the cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
