package dashboard

import (
	"fmt"
	"math"

	"workbench/experiments"
	"workbench/experiments/analysis"
)

// costHints say what is measured of each cost, by its key.
var costHints = map[string]string{
	"parameters":    "trainable ones, as trained",
	"macs":          "of convolutions and linear layers, for one image",
	"image_seconds": "median over runs",
	"latency":       "of a forward pass of one image: median, and what nine of ten passes do not exceed",
	"latency_batch": "an image's share of a forward pass of a batch: median",
	"bytes":         "of all buffers of the executable that trains",
	"seconds":       "mean time that the network of a run took, with what it shares",
}

// architecturesTable has a row a network; a star marks the Pareto front of a cost.
func architecturesTable(d architectureData) table {
	found := d.found
	t := table{Name: safeName(d.info.ShortRef()) + "-architectures", Columns: []column{{Key: "cell", Title: "Cell"},
		{Key: "network", Title: "Network"}}}
	several := len(found.Protocols) > 1
	if several {
		t.Columns = append(t.Columns, column{Key: "protocol", Title: "Protocol", Hint: "results of two protocols are no comparison"})
	}
	t.Columns = append(t.Columns, column{Key: "n", Title: "n", Class: "number", Hint: "finished runs of those planned"},
		column{Key: "mean", Title: withUnit(found.Metric, unit(found.Metric)), Class: "number", Hint: "mean over seeds, within " + found.Limit},
		column{Key: "interval", Title: "± 95 %", Class: "number", Hint: "half of the 95 % t-interval of the mean; needs three seeds"})
	costs := d.costs()
	for _, c := range costs {
		t.Columns = append(t.Columns, column{Key: c.Key, Title: capital(c.Title), Class: "number", Hint: costHints[c.Key]})
	}
	styles := stylesOf(d.info.Study)
	for _, r := range found.Rows {
		style := styles[r.Cell]
		cells := []cell{{Text: r.Cell, Swatch: &style, Href: runsLink(runsRef(d.info), r.Cell)}, {Text: r.Network, Class: "mono"}}
		if several {
			cells = append(cells, text(r.Protocol))
		}
		cells = append(cells, seedsCell(r.AblationRow), numeric(shown(found.Metric, r.Mean), r.Mean), intervalCell(found.Metric, r.Interval))
		for _, c := range costs {
			cells = append(cells, architectureCost(c, r))
		}
		t.Rows = append(t.Rows, row{Key: r.Cell, Cells: cells})
	}
	return t
}

// costs that any of the networks has.
func (d architectureData) costs() (some []analysis.Cost) {
	for _, c := range analysis.Costs {
		for _, r := range d.found.Rows {
			if c.Of(r) > 0 {
				some = append(some, c)
				break
			}
		}
	}
	return some
}

func architectureCost(c analysis.Cost, r analysis.Architecture) cell {
	v := c.Of(r)
	if math.IsNaN(v) {
		return cell{Text: "–", Value: "", Class: "number quiet"}
	}
	shown := numeric(costUnits[c.Unit](v), v)
	if c.Unit != "s" {
		shown.Title = grouped(int64(v))
	}
	switch c.Key {
	case "latency":
		shown.Text, shown.Title = passText(*r.Latency), passTitle(*r.Latency)
	case "latency_batch":
		shown.Title = passTitle(*r.Batch)
	}
	if r.Front[c.Key] {
		shown.Text = "★ " + shown.Text // in front, so that the digits of a column stand below one another
	}
	return shown
}

func passText(l experiments.Latency) string {
	return fmt.Sprintf("%s (%s)", briefly(l.Median/float64(l.Batch)), briefly(l.Slow/float64(l.Batch)))
}

func passTitle(l experiments.Latency) string {
	return fmt.Sprintf("%s of %s in %s on %s; nine of ten do not exceed %s an image", plural(l.Passes, "pass", "passes"),
		plural(l.Batch, "image", "images"), l.Precision, analysis.Machine(l), briefly(l.Slow/float64(l.Batch)))
}
