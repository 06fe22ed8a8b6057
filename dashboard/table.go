package dashboard

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"html/template"
	"iter"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workbench/dashboard/figure"
)

// table is shown in a page and exported from the same cells.
type table struct {
	Name    string // of the exported file, and the id in the page
	Caption string
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

var formats = []string{"csv", "json", "markdown"}

// exportLinks are the same URL with each format.
func exportLinks(u *url.URL) []link {
	var links []link
	for _, f := range formats {
		q := u.Query()
		q.Set("format", f)
		name := map[string]string{"csv": "CSV", "json": "JSON", "markdown": "Markdown"}[f]
		links = append(links, link{name, u.EscapedPath() + "?" + q.Encode()})
	}
	return links
}

// all rows, wherever they come from.
func (t table) all() iter.Seq[row] {
	if t.Lazy != nil {
		return t.Lazy
	}
	return slices.Values(t.Rows)
}

// export answers ?format=; nil if the page itself is wanted.
func (t table) export(format string) (response, error) {
	switch format {
	case "", "html":
		return nil, nil
	case "csv":
		text, err := t.csv()
		return body{"text/csv; charset=utf-8", t.Name + ".csv", text}, err
	case "json":
		return jsonList{map[string]any{"schema": schema, "table": t.Name}, "rows", t.records()}, nil
	case "markdown":
		text, err := t.markdown()
		return body{"text/markdown; charset=utf-8", t.Name + ".md", text}, err
	}
	return nil, badRequest("format: want one of %s, got %q", strings.Join(formats, ", "), format)
}

func (t table) csv() ([]byte, error) {
	var b bounded
	w := csv.NewWriter(&b)
	var record []string
	for _, c := range t.Columns {
		if !c.Quiet {
			record = append(record, c.Key)
		}
	}
	err := w.Write(record)
	for r := range t.all() {
		if err != nil {
			break
		}
		record = record[:0]
		for i, c := range r.Cells {
			if !t.Columns[i].Quiet {
				record = append(record, harmless(c))
			}
		}
		err = w.Write(record)
	}
	w.Flush()
	return b.Bytes(), cmp.Or(err, w.Error())
}

// harmless keeps spreadsheets from reading a text as a formula.
func harmless(c cell) string {
	s := c.plain()
	if _, isText := c.raw().(string); isText && s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func (c cell) raw() any {
	if c.Value != nil {
		return c.Value
	}
	return c.Text
}

// plain is the value as text with all its digits; empty when there is no value.
func (c cell) plain() string {
	switch v := c.raw().(type) {
	case float64:
		if math.IsNaN(v) {
			return ""
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

func (t table) records() iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for r := range t.all() {
			record := map[string]any{}
			for j, c := range r.Cells {
				if !t.Columns[j].Quiet {
					record[t.Columns[j].Key] = c.raw()
				}
			}
			if !yield(record, nil) {
				return
			}
		}
	}
}

var markdownEscaper = strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;")

func (t table) markdown() ([]byte, error) {
	var b bounded
	var head, separator strings.Builder
	for _, c := range t.Columns {
		if c.Quiet {
			continue
		}
		fmt.Fprintf(&head, "| %s ", markdownEscaper.Replace(c.Title))
		separator.WriteString(map[bool]string{true: "|---:", false: "|:---"}[c.Class == "number"])
	}
	_, err := fmt.Fprintf(&b, "%s|\n%s|\n", head.String(), separator.String())
	for r := range t.all() {
		var line strings.Builder
		for i, c := range r.Cells {
			if !t.Columns[i].Quiet {
				fmt.Fprintf(&line, "| %s ", markdownEscaper.Replace(c.Text))
			}
		}
		if _, err = b.Write([]byte(line.String() + "|\n")); err != nil {
			break
		}
	}
	return b.Bytes(), err
}
