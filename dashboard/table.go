package dashboard

import (
	"cmp"
	"html/template"
	"iter"
	"math"
	"slices"

	"workbench/dashboard/figure"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
)

// table is shown in a page and exported from the same cells.
type table struct {
	Name    string // of the exported file, and the id in the page
	Key     string // of the rows in JSON; "": "rows"
	Caption string
	Notes   []string // below it in papers
	Columns []column
	Rows    []row
	Lazy    iter.Seq[row] // in place of Rows, for exports: one row at a time is in memory
	Exports []link
	Select  string // name of the check box in front of each row; "" for none
}

type column struct {
	Key   string // in exports
	Title string
	Class string // "number" aligns right
	Hint  string
	Sort  *sortLink
	Quiet bool // drawn, not exported: a figure
}

// sortLink makes a heading a link that sorts.
type sortLink struct{ Href, Order string } // Order: "ascending", "descending" or "none"

type row struct {
	Key   string
	Class string
	Cells []cell
}

// cell is one value, as it is shown and as a number or text.
type cell struct {
	Text   string
	Value  any // exported; nil: Text
	Class  string
	Href   string
	Title  string
	Swatch *figure.Style
	Figure template.HTML // made by package figure, which escapes
	Time   *moment
}

type link struct{ Text, Href string }

func text(s string) cell { return cell{Text: s} }

func numeric(s string, v any) cell { return cell{Text: s, Value: v, Class: "number"} }

func timed(m moment) cell { return cell{Text: m.Text, Value: m.Machine, Time: &m} }

// all rows, wherever they come from.
func (t table) all() iter.Seq[row] {
	if t.Lazy != nil {
		return t.Lazy
	}
	return slices.Values(t.Rows)
}

// data is the table as programs read it.
func (t table) data() export.Table {
	d := export.Table{Name: cmp.Or(t.Key, "rows")}
	for _, c := range t.Columns {
		if !c.Quiet {
			d.Columns = append(d.Columns, c.Key)
		}
	}
	for r := range t.all() {
		var values []any
		for i, c := range r.Cells {
			if !t.Columns[i].Quiet {
				values = append(values, c.raw())
			}
		}
		d.Rows = append(d.Rows, values)
	}
	return d
}

// raw is the value as programs read it; nil where there is none.
func (c cell) raw() any {
	switch v := c.Value.(type) {
	case nil:
		return c.Text
	case string:
		if v == "" {
			return nil
		}
	case float64:
		if math.IsNaN(v) {
			return nil
		}
	}
	return c.Value
}

// markdown is the table as people read it.
func (t table) markdown() string {
	m := export.Markdown{}
	m.Head, m.Right, m.Rows = t.read()
	return m.String()
}

// latex is the table for papers. In bold are differences that are decided as better.
func (t table) latex() export.LaTeX {
	l := export.LaTeX{Label: t.Name, Caption: cmp.Or(t.Caption, t.Name), Notes: t.Notes}
	l.Head, l.Right, l.Rows = t.read()
	var better [][]bool
	for r := range t.all() {
		var row []bool
		for i, c := range r.Cells {
			if !t.Columns[i].Quiet {
				row = append(row, c.Class == "number "+string(analysis.Better))
			}
		}
		better = append(better, row)
	}
	l.Bold = func(row, column int) bool { return better[row][column] }
	return l
}

// read are the columns that people read, which of them are numbers, and their texts.
func (t table) read() (head []string, right []bool, rows [][]string) {
	for _, c := range t.Columns {
		if !c.Quiet {
			head, right = append(head, c.Title), append(right, c.Class == "number")
		}
	}
	for r := range t.all() {
		var texts []string
		for i, c := range r.Cells {
			if !t.Columns[i].Quiet {
				texts = append(texts, c.Text)
			}
		}
		rows = append(rows, texts)
	}
	return head, right, rows
}
