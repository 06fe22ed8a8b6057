package dashboard

import (
	"net/url"
	"slices"
	"strings"

	"workbench/experiments/export"
)

var formats = []string{"csv", "json", "markdown", "latex"}

// exports are what a page offers beside itself: its tables for people, the main one first, and its data for
// programs.
type exports struct {
	file   string // name of the exported file, without its ending
	tables []table
	data   func() export.Document
}

// exports of a table alone.
func (t table) exports() exports {
	return exports{t.Name, []table{t}, func() export.Document { return export.Document{Tables: []export.Table{t.data()}} }}
}

// exportLinks are the same URL with each format.
func exportLinks(u *url.URL) []link {
	var links []link
	for _, f := range formats {
		q := u.Query()
		q.Set("format", f)
		title := map[string]string{"csv": "CSV", "json": "JSON", "markdown": "Markdown", "latex": "LaTeX"}[f]
		links = append(links, link{title, u.EscapedPath() + "?" + q.Encode()})
	}
	return links
}

// tableLink is the CSV of one of the page's tables.
func tableLink(u *url.URL, name string) []link {
	q := u.Query()
	q.Set("format", "csv")
	q.Set("table", name)
	return []link{{"CSV", u.EscapedPath() + "?" + q.Encode()}}
}

// answer to ?format= and, for CSV, ?table=; nil if the page itself is wanted.
func (e exports) answer(q url.Values) (response, error) {
	format, name := q.Get("format"), q.Get("table")
	if name != "" && format != "csv" {
		return nil, badRequest("table: chooses what format=csv writes, the format is %q", format)
	}
	switch format {
	case "", "html":
		return nil, nil
	case "csv":
		t, err := e.data().Table(name)
		if err != nil {
			return nil, badRequest("table: %v", err)
		}
		var text bounded
		if err := t.WriteCSV(&text); err != nil {
			return nil, err
		}
		if name != "" {
			e.file += "-" + t.Name
		}
		return body{"text/csv; charset=utf-8", e.file + ".csv", text.Bytes()}, nil
	case "json":
		text, err := e.data().EncodeJSON()
		return body{"application/json", "", text}, err
	case "markdown":
		return body{"text/markdown; charset=utf-8", e.file + ".md", []byte(e.tables[0].markdown())}, nil
	case "latex":
		var tables []export.LaTeX
		for _, t := range e.tables {
			tables = append(tables, t.latex())
		}
		return body{"text/x-tex; charset=utf-8", e.file + ".tex", []byte(export.Fragment(tables...))}, nil
	}
	return nil, badRequest("format: want one of %s, got %q", strings.Join(slices.Sorted(slices.Values(formats)), ", "), format)
}
