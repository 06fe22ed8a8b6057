package studyfile

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"workbench/experiments"
	"workbench/nn/nearest"
)

// Bounds of a table in print.
const (
	mostColumns  = 20
	mostPrinted  = 200
	mostCellText = 200 // characters of a value or a name
)

// published reads a table in print: {columns: […], rows: [{cell: …, values: […]}]}, or {file: results.csv}. Whether
// cells are those of the study is checked with its other references.
func (d *decoder) published(s *experiments.Study, n *yaml.Node) {
	t := &experiments.Published{}
	all := d.pairs(n, "published")
	for _, p := range all {
		path := "published." + p.key
		d.places[path] = d.at(p.value)
		switch p.key {
		case "columns":
			for i, item := range d.items(p.value, path, mostColumns) {
				var name string
				d.text(pair{key: fmt.Sprintf("%s[%d]", path, i), at: item, value: item}, &name)
				t.Columns = append(t.Columns, name)
			}
		case "rows":
			for i, item := range d.items(p.value, path, mostPrinted) {
				t.Rows = append(t.Rows, d.printedRow(i, item))
			}
		case "file":
			if len(all) > 1 {
				d.fail(p.at, path, "want file, or columns and rows")
				return
			}
			d.publishedFile(s, p)
			return
		default:
			d.unknown(p, "published", func() string { return nearest.Hint(p.key, []string{"columns", "rows", "file"}) })
		}
	}
	s.Published = t
}

// publishedFile takes the rows of a CSV file, whose path is relative to the study's file.
func (d *decoder) publishedFile(s *experiments.Study, p pair) {
	var file string
	if d.text(pair{key: externalFile, at: p.at, value: p.value}, &file); file == "" {
		return
	}
	var err error
	if s.Published, err = d.externalTable(s, file, Located{file: d.source.file}.Folder()); err != nil {
		d.fail(p.value, externalFile, "%v", err)
	}
}

func (d *decoder) printedRow(i int, n *yaml.Node) experiments.PublishedRow {
	path := experiments.AtPublished(i)
	d.places[path] = d.at(n)
	var r experiments.PublishedRow
	for _, p := range d.pairs(n, path) {
		at := path + "." + p.key
		said := pair{key: at, at: p.at, value: p.value}
		switch p.key {
		case "cell":
			r.Levels = d.labels(p.value, at)
		case "row":
			d.text(said, &r.Name)
		case "source":
			d.text(said, &r.Source)
		case "n":
			r.N = d.count(p, at)
		case "sd":
			r.SD = d.number(p, at)
		case "values":
			r.Values = d.printedValues(p, at)
		default:
			d.unknown(p, path, func() string { return nearest.Hint(p.key, []string{"cell", "row", "values", "n", "sd", "source"}) })
		}
	}
	return r
}

// printedValues are numbers, or texts where the table has no number.
func (d *decoder) printedValues(p pair, at string) []any {
	var values []any
	for _, item := range d.items(p.value, at, mostColumns) {
		v, err := valueOf(item)
		switch v := v.(type) {
		case int:
			values = append(values, float64(v))
		case float64, string:
			values = append(values, v)
		default:
			if err == nil {
				err = fmt.Errorf("want a number, or a text where the table has none")
			}
			d.failBy(err, item, at)
		}
	}
	return values
}

// published writes a table in print.
func (w *writer) published(t *experiments.Published) *yaml.Node {
	if t == nil {
		return nil
	}
	columns := w.value(t.Columns)
	columns.Style = yaml.FlowStyle
	var rows []*yaml.Node
	for _, r := range t.Rows {
		values := w.value(r.Values)
		values.Style = yaml.FlowStyle
		pairs := []any{"row", r.Name, "cell", w.labels(r.Levels), "values", values, "source", r.Source}
		if r.N > 0 {
			pairs = append(pairs, "n", r.N)
		}
		if r.SD > 0 {
			pairs = append(pairs, "sd", r.SD)
		}
		rows = append(rows, w.group(pairs...))
	}
	return w.group("columns", columns, "rows", w.list(rows))
}
