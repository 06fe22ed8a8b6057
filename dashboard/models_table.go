package dashboard

import (
	"cmp"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"

	"workbench/experiments/metric"
)

// modelColumn is one column of the zoo's table.
type modelColumn struct {
	key, title, class, hint string
	cell                    func(modelRow) cell
	order                   func(a, b modelRow) int
}

// modelColumns are what the table shows and ?sort= can name.
var modelColumns = []modelColumn{
	{"model", "Model", "", "", func(m modelRow) cell {
		return cell{Text: m.Variant.Name, Href: modelPath(m.Variant.Name), Class: "mono"}
	}, func(a, b modelRow) int { return strings.Compare(a.Variant.Name, b.Variant.Name) }},
	{"family", "Family", "", "", func(m modelRow) cell { return text(m.Variant.Family) },
		func(a, b modelRow) int { return strings.Compare(a.Variant.Family, b.Variant.Family) }},
	{"year", "Year", "number", "", func(m modelRow) cell { return numeric(fmt.Sprint(m.Variant.Year), m.Variant.Year) },
		func(a, b modelRow) int { return cmp.Compare(a.Variant.Year, b.Variant.Year) }},
	{"input", "Images", "number", "channels × height × width", func(m modelRow) cell {
		return numeric(shape(m.Variant.Input[:], "×"), shape(m.Variant.Input[:], "x"))
	}, func(a, b modelRow) int { return slices.Compare(a.Variant.Input[1:], b.Variant.Input[1:]) }},
	{"weight_layers", "Weight layers", "number", "convolutions and linear layers on the longest path", func(m modelRow) cell {
		return numeric(fmt.Sprint(m.WeightLayers), m.WeightLayers)
	}, func(a, b modelRow) int { return cmp.Compare(a.WeightLayers, b.WeightLayers) }},
	{"parameters", "Parameters", "number", "trainable ones", func(m modelRow) cell { return countCell(m.Params) },
		func(a, b modelRow) int { return cmp.Compare(a.Params, b.Params) }},
	{"macs", "Multiply-adds", "number", "of convolutions and linear layers for one image", func(m modelRow) cell { return countCell(m.MACs) },
		func(a, b modelRow) int { return cmp.Compare(a.MACs, b.MACs) }},
	{"top1_accuracy", "Top-1, %", "number", "published: the one that stands for the network", accuracyCell,
		func(a, b modelRow) int { return cmp.Compare(a.accuracy(), b.accuracy()) }},
	{"data", "On", "", "the data and how it was measured: only accuracies that were measured alike can be compared", measuredCell,
		func(a, b modelRow) int { return strings.Compare(measuredCell(a).Text, measuredCell(b).Text) }},
	{"runs", "Runs here", "number", "runs of this database that are done, and the best of their newest test accuracies", trainedCell,
		func(a, b modelRow) int { return cmp.Compare(a.done(), b.done()) }},
	{"source", "Source of the accuracy", "", "and how it was measured", sourceCell,
		func(a, b modelRow) int { return strings.Compare(sourceCell(a).Text, sourceCell(b).Text) }},
	{"paper", "Paper", "", "", func(m modelRow) cell { return clipped(m.Variant.Paper) },
		func(a, b modelRow) int { return strings.Compare(a.Variant.Paper, b.Variant.Paper) }},
}

func modelPath(name string) string { return "/models/" + url.PathEscape(name) }

// shape writes sizes with a sign between them: 3×224×224.
func shape(sizes []int, sign string) string {
	parts := make([]string, len(sizes))
	for i, n := range sizes {
		parts[i] = fmt.Sprint(n)
	}
	return strings.Join(parts, sign)
}

// counted shows a count shortened, with all its digits when it is pointed at.
func countCell(n int64) cell {
	c := numeric(scale(float64(n), ""), n)
	c.Title = grouped(n)
	return c
}

// accuracy that stands for the network, in per cent; 0 if none is published.
func (m modelRow) accuracy() float64 {
	if p, found := m.Variant.Headline(); found && p.Top1 > 0 {
		return 100 - p.Top1
	}
	return 0
}

func accuracyCell(m modelRow) cell {
	if m.accuracy() == 0 {
		return cell{Text: "–", Value: "", Class: "number quiet"}
	}
	p, _ := m.Variant.Headline()
	c := percentCell(100 - p.Top1)
	c.Title = p.Evaluation + "; " + p.Source
	return c
}

// percentCell has two decimals; what the subtraction of errors from 100 leaves behind them is rounded away.
func percentCell(v float64) cell { return numeric(fixed(v, 2), math.Round(v*1000)/1000) }

// clipped shows the beginning of a text, all of it when it is pointed at.
func clipped(s string) cell { return cell{Text: s, Class: "clip", Title: s} }

func sourceCell(m modelRow) cell {
	p, found := m.Variant.Headline()
	if !found {
		return text("")
	}
	return clipped(p.Source + "; " + p.Evaluation)
}

func measuredCell(m modelRow) cell {
	p, found := m.Variant.Headline()
	if !found {
		return text("")
	}
	return cell{Text: p.Data + ", " + protocolOf(m.Variant, p), Value: p.Data}
}

func (m modelRow) done() int {
	if m.here == nil {
		return 0
	}
	return m.here.runs
}

func trainedCell(m modelRow) cell {
	if m.here == nil {
		return cell{Text: "–", Value: 0, Class: "number quiet"}
	}
	c := cell{Text: fmt.Sprint(m.here.runs), Value: m.here.runs, Class: "number",
		Href: "/runs?" + url.Values{"q": {"model=" + m.Variant.Name}}.Encode()}
	if m.here.on != "" {
		c.Text += fmt.Sprintf(", %s %s on %s", shown(metric.TestTop1, m.here.top1), unit(metric.TestTop1), m.here.on)
	}
	return c
}

// sortModels by the column that ?sort= names, descending with a leading "-".
func sortModels(rows []modelRow, by string) error {
	key, descending := strings.CutPrefix(by, "-")
	if key == "" {
		return nil
	}
	i := slices.IndexFunc(modelColumns, func(c modelColumn) bool { return c.key == key })
	if i < 0 {
		var keys []string
		for _, c := range modelColumns {
			keys = append(keys, c.key)
		}
		return badRequest("sort: want one of %s, got %q", strings.Join(keys, ", "), key)
	}
	slices.SortStableFunc(rows, func(a, b modelRow) int {
		if descending {
			a, b = b, a
		}
		return modelColumns[i].order(a, b)
	})
	return nil
}

func modelTable(rows []modelRow, u *url.URL) table {
	t := table{Name: "models", Select: "model"}
	for _, c := range modelColumns {
		t.Columns = append(t.Columns, column{Key: c.key, Title: c.title, Class: c.class, Hint: c.hint, Sort: sorting(u, c.key, "model")})
	}
	for _, m := range rows {
		line := row{Key: m.Variant.Name}
		for _, c := range modelColumns {
			line.Cells = append(line.Cells, c.cell(m))
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}
