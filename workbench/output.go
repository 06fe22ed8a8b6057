package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	pretty "github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"workbench/experiments/escape"
	"workbench/experiments/export"
	"workbench/nn/nearest"
)

var formats = []string{"table", "json", "csv", "markdown", "latex"}

// listing is a table as people read it and as programs do.
type listing struct {
	key     string // of its rows in JSON
	title   string // above it where people read; "": none
	columns []column
	rows    [][]cell
	data    any // stands for the rows in JSON; nil: the rows' values

	// leave names the columns that a narrow terminal can do without, by their keys; the first goes first.
	leave []string

	notes  []string // below it in papers: what its numbers are, and by which test differences are decided
	better []string // keys of the columns that papers have in bold in rows whose verdict is that they are better
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
	name     string // of what it tells, such as a study; "" for no one thing
	listings []listing
	remarks  []string         // what a reader of the numbers must know
	data     *export.Document // what programs read; nil: the values of the listings
}

// people tells whether the answer is for people to read.
func (a *app) people() bool { return a.format != "json" && a.format != "csv" }

// formatFlag adds --format, and --table for CSV and LaTeX, to a command that answers with a document.
func (a *app) formatFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.format, "format", "table", "`FORMAT` of the answer: "+strings.Join(formats, ", "))
	cmd.Flags().StringVar(&a.table, "table", "",
		"with --format csv or latex, the table `NAME` of an answer that has several (default: its first; latex: all)")
	complete(cmd, "format", func() []string { return formats })
	check := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(formats, a.format) {
			return usagef("unknown --format %q%s", a.format, nearest.Hint(a.format, formats))
		}
		if a.table != "" && a.format != "csv" && a.format != "latex" {
			return usagef("--table chooses what --format csv or latex writes; the format is %s", a.format)
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
		return a.showJSON(d.programs())
	case "csv":
		return a.showCSV(d.programs())
	case "markdown":
		a.showMarkdown(d)
		return nil
	case "latex":
		return a.showLaTeX(d)
	}
	for i, l := range d.listings {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if l.title != "" {
			fmt.Fprintln(a.out, a.bold(wrapped(escape.Text(l.title), a.width, "")))
		}
		fmt.Fprintln(a.out, l.terminal(a.color, a.width))
	}
	for i, r := range d.remarks {
		if i == 0 {
			fmt.Fprintln(a.out)
		}
		fmt.Fprintln(a.out, wrapped("note: "+escape.Text(r), a.width, "      "))
	}
	return nil
}

func (a *app) showMarkdown(d document) {
	for i, l := range d.listings {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if l.title != "" {
			fmt.Fprintf(a.out, "**%s**\n\n", escape.Markdown(l.title))
		}
		fmt.Fprint(a.out, l.markdown())
	}
	for i, r := range d.remarks {
		if i == 0 {
			fmt.Fprintln(a.out)
		}
		fmt.Fprintf(a.out, "- %s\n", escape.Markdown(r))
	}
}

func (a *app) showJSON(d export.Document) error {
	text, err := d.EncodeJSON()
	if err == nil {
		_, err = a.out.Write(text)
	}
	return err
}

// showCSV writes one table, because a file of CSV has one: the one that --table names, or the first. Remarks have no
// place in it.
func (a *app) showCSV(d export.Document) error {
	t, err := d.Table(a.table)
	if err != nil {
		return usagef("--table: %w", err)
	}
	if others := slices.DeleteFunc(d.Names(), func(name string) bool { return name == t.Name }); a.table == "" && len(others) > 0 {
		fmt.Fprintf(a.errors(), "this is the table %s; --table has the others: %s\n", t.Name, strings.Join(others, ", "))
	}
	return t.WriteCSV(a.out)
}

// programs is the document as programs read it.
func (d document) programs() export.Document {
	if d.data != nil {
		return *d.data
	}
	r := export.Document{Remarks: d.remarks}
	for _, l := range d.listings {
		r.Tables = append(r.Tables, l.table())
	}
	return r
}

func (l listing) table() export.Table {
	t := export.Table{Name: l.key, JSON: l.data}
	for _, c := range l.columns {
		t.Columns = append(t.Columns, c.key)
	}
	for _, row := range l.rows {
		values := make([]any, len(row))
		for k, c := range row {
			values[k] = c.value
		}
		t.Rows = append(t.Rows, values)
	}
	return t
}

// markdown is the listing as people read it.
func (l listing) markdown() string {
	t := export.Markdown{}
	t.Head, t.Right, t.Rows = l.read()
	return t.String()
}

// read are the columns that people read, which of them are numbers, and their texts.
func (l listing) read() (head []string, right []bool, rows [][]string) {
	for _, c := range l.columns {
		if c.head != "" {
			head, right = append(head, c.head), append(right, c.right)
		}
	}
	for _, row := range l.rows {
		var texts []string
		for i, c := range row {
			if l.columns[i].head != "" {
				texts = append(texts, c.text)
			}
		}
		rows = append(rows, texts)
	}
	return head, right, rows
}

// safe is the listing with texts that can be written anywhere.
func (l listing) safe() listing {
	l.rows = slices.Clone(l.rows)
	for r, row := range l.rows {
		l.rows[r] = slices.Clone(row)
		for i := range row {
			l.rows[r][i].text = escape.Text(row[i].text)
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
