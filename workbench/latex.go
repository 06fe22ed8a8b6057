package main

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"workbench/experiments/analysis"
	"workbench/experiments/export"
)

// showLaTeX writes all listings as tables for papers, or those that --table names. A table that only programs read
// comes with its values.
func (a *app) showLaTeX(d document) error {
	var tables []export.LaTeX
	for _, l := range d.listings {
		if a.table == "" || l.key == a.table {
			tables = append(tables, l.latex(d.name))
		}
	}
	if len(tables) == 0 {
		t, err := d.programs().Table(a.table)
		if err != nil {
			return usagef("--table: %w", err)
		}
		table, err := t.LaTeX(d.name)
		if err != nil {
			return err
		}
		tables = append(tables, table)
	}
	last := &tables[len(tables)-1]
	last.Notes = append(last.Notes, d.remarks...)
	_, err := a.out.Write([]byte(export.Fragment(tables...)))
	return err
}

// latex is the listing for papers; about is what it is of, for its label.
func (l listing) latex(about string) export.LaTeX {
	t := export.LaTeX{Label: strings.TrimSpace(about + " " + l.key), Caption: cmp.Or(l.title, capital(l.key)), Notes: l.notes}
	t.Head, t.Right, t.Rows = l.read()
	var shown []column
	for _, c := range l.columns {
		if c.head != "" {
			shown = append(shown, c)
		}
	}
	verdict := slices.IndexFunc(l.columns, func(c column) bool { return c.key == "verdict" })
	if verdict >= 0 && len(l.better) > 0 {
		t.Bold = func(row, column int) bool {
			return l.rows[row][verdict].text == string(analysis.Better) && slices.Contains(l.better, shown[column].key)
		}
	}
	return t
}

// capital begins a name with a capital letter.
func capital(name string) string {
	runes := []rune(name)
	if len(runes) > 0 {
		runes[0] = unicode.ToUpper(runes[0])
	}
	return string(runes)
}
