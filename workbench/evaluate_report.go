package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"workbench/experiments/answers"
	"workbench/experiments/evaluate"
	"workbench/experiments/export"
	"workbench/experiments/metric"
)

// document is what an evaluation answers: a row of results for each network, of which the ensemble may be one, and what
// lies behind them.
func (e evaluation) document(rows []examined, people bool) (document, error) {
	var d document
	d.listings = append(d.listings, e.results(rows))
	if people && len(rows) == 1 {
		d.listings[0] = upright(d.listings[0])
	}
	if len(rows) > 1 {
		versus, err := imageByImage(rows)
		if err != nil {
			return d, err
		}
		d.listings = append(d.listings, versus)
	}
	if len(e.uses) > 0 {
		l, remarks := e.spoiltListing(rows)
		d.listings, d.remarks = append(d.listings, l), append(d.remarks, remarks...)
	}
	for _, name := range []string{"classes", "confusion", "reliability"} {
		t, found := tableOf(rows[0], name)
		if people && name == "confusion" && len(t.rows) > mostConfusion {
			t = mostMistaken(rows[0], t)
		}
		if found {
			d.listings = append(d.listings, t)
		}
	}
	for _, m := range rows {
		for _, r := range m.remarks {
			if !slices.Contains(d.remarks, r) {
				d.remarks = append(d.remarks, r)
			}
		}
	}
	return d, nil
}

// results has a row for each network and a column for each quantity that some of them has.
func (e evaluation) results(all []examined) listing {
	l := listing{key: "results", columns: []column{{"network", "network", false}, {"images", "images", true}},
		leave: []string{"mean_class_top1", "nll", "brier"}}
	if e.views != "" {
		l.columns = append(l.columns, column{"views", "views", false})
	}
	var quantities []string
	for _, m := range all {
		for _, v := range m.found.values {
			if !slices.Contains(quantities, v.Quantity) {
				quantities = append(quantities, v.Quantity)
				l.columns = append(l.columns, column{v.Quantity, headOf(e.metric(v.Quantity)), true})
			}
		}
	}
	if e.latency {
		l.columns = append(l.columns, column{"seconds_an_image", "one image, ms", true})
	}
	for _, m := range all {
		row := []cell{text(m.name), counted(int64(m.answers.Len()))}
		if e.views != "" {
			row = append(row, text(m.views))
		}
		for _, q := range quantities {
			i := slices.IndexFunc(m.found.values, func(v evaluate.Value) bool { return v.Quantity == q })
			if i < 0 {
				row = append(row, cell{nil, missing})
				continue
			}
			row = append(row, value(e.metric(q), m.found.values[i].Value))
		}
		if e.latency {
			row = append(row, latencyOf(m))
		}
		l.rows = append(l.rows, row)
	}
	return l
}

// upright is a table of one row as people read it: a line for each column.
func upright(l listing) listing {
	tall := listing{key: l.key, columns: []column{{"name", "name", false}, {"value", "value", true}}}
	for i, c := range l.columns {
		tall.rows = append(tall.rows, []cell{text(c.head), l.rows[0][i]})
	}
	return tall
}

// mostConfusion is how many classes a matrix has that people read; mostMistakes is how many lines stand for a larger
// one.
const mostConfusion, mostMistakes = 12, 10

// mostMistaken are the largest counts of a confusion matrix off its diagonal.
func mostMistaken(m examined, matrix listing) listing {
	l := listing{key: matrix.key, title: m.name + ": the most frequent mistakes", columns: []column{{"label", "label", false},
		{"answer", "taken for", false}, {"images", "images", true}}}
	classes := m.set.Info().Classes
	for i, row := range matrix.rows {
		for k, c := range row[1:] {
			if n, is := c.value.(int64); is && n > 0 && i != k {
				l.rows = append(l.rows, []cell{text(classes[i]), text(classes[k]), c})
			}
		}
	}
	slices.SortStableFunc(l.rows, func(a, b []cell) int { return cmp.Compare(b[2].value.(int64), a[2].value.(int64)) })
	l.rows = l.rows[:min(len(l.rows), mostMistakes)]
	return l
}

func latencyOf(m examined) cell {
	if m.found.latency == 0 {
		return cell{nil, missing}
	}
	return milliseconds(m.found.latency)
}

// metric is the name that training gives a quantity of the split.
func (e evaluation) metric(quantity string) string {
	return metric.Name{Split: e.split, Quantity: quantity}.String()
}

// imageByImage has a row for each network but the first, which it is compared with.
func imageByImage(all []examined) (listing, error) {
	l := listing{key: "versus", notes: []string{export.ImageNote},
		title: "Image by image, against " + all[0].name, columns: []column{{"network", "network", false},
			{"both_right", "both right", true}, {"only_first", "only " + all[0].name, true}, {"only_this", "only it", true},
			{"both_wrong", "both wrong", true}, {"mcnemar_p", "McNemar p", true}, {"overlap", "shared errors %", true},
			{"agreement", "same answer %", true}}}
	for _, m := range all[1:] {
		v, err := answers.Compare(all[0].answers, m.answers)
		if err != nil {
			return l, fmt.Errorf("%s and %s: %w", all[0].name, m.name, err)
		}
		l.rows = append(l.rows, []cell{text(m.name), counted(int64(v.BothRight)), counted(int64(v.OnlyA)), counted(int64(v.OnlyB)),
			counted(int64(v.BothWrong)), {v.P, probability(v.P)}, share(v.Overlap), share(v.Agreement)})
	}
	return l, nil
}

// share is a part of a whole in percent.
func share(x float64) cell {
	if math.IsNaN(x) {
		return cell{nil, missing}
	}
	return cell{x, decimal(100*x, 1)}
}

// tableOf is a table that an evaluator found of a network, with the names of classes.
func tableOf(m examined, name string) (listing, bool) {
	i := slices.IndexFunc(m.found.tables, func(t evaluate.Table) bool { return t.Name == name })
	if i < 0 {
		return listing{}, false
	}
	t, classes := m.found.tables[i], m.set.Info().Classes
	l := listing{key: name, title: fmt.Sprintf("%s: %s", m.name, t.Doc)}
	byClass := name == "classes" || name == "confusion"
	if byClass {
		l.columns = append(l.columns, column{"name", "class", false})
	}
	for k, head := range t.Columns {
		if name == "confusion" {
			l.columns = append(l.columns, column{head, classes[k], true})
			continue
		}
		if byClass && head == "class" {
			l.columns = append(l.columns, column{head, "", true}) // for programs
			continue
		}
		l.columns = append(l.columns, column{head, head, true})
	}
	for k, row := range t.Rows {
		var cells []cell
		if byClass {
			cells = append(cells, text(classes[k]))
		}
		for j, v := range row {
			cells = append(cells, tabled(t.Columns[j], v))
		}
		l.rows = append(l.rows, cells)
	}
	return l, true
}

// tabled is a number of an evaluator's table.
func tabled(column string, v float64) cell {
	switch {
	case math.IsNaN(v):
		return cell{nil, missing}
	case v == math.Trunc(v) && column != "top1":
		return counted(int64(v))
	case column == "top1":
		return cell{v, decimal(100*v, 1) + " %"}
	}
	return cell{v, decimal(v, 3)}
}
