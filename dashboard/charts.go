package dashboard

import (
	"context"
	"math"
	"net/url"
	"sort"
	"strconv"

	"workbench/dashboard/figure"
)

// chartFrame is the place of one chart in a page. Scripts draw Source into it; without scripts the Figure is shown.
// The table holds the same curves as numbers.
type chartFrame struct {
	Metric string
	Title  string
	Source string // JSON
	Figure string // SVG
	Table  table
	Lazy   bool // drawn when it is opened
}

// File is what the figure is called where it is kept.
func (f chartFrame) File() string { return safeName(f.Metric) + ".svg" }

// chartSection is the part of a page that holds its curves.
type chartSection struct {
	Charts []chartFrame
	Legend []legendEntry
	Bands  bool   // arms are means over seeds
	Points []link // what they were drawn from, as CSV
}

// legendEntry is one arm of the page's charts.
type legendEntry struct {
	Key      string
	Style    figure.Style
	Baseline bool
}

// plot is where the charts of a page come from.
type plot struct {
	base    *url.URL // curves and curves.svg below Base take ?metric=
	api     string
	figure  string
	arms    []string
	styles  map[string]figure.Style // of the arms
	members map[string]member
	split   bool // arms are the splits of a metric ("train/loss": train) instead
}

// shownAtOnce is how many charts a page draws without being asked.
const shownAtOnce = 4

// frames of all metrics, one a panel; the first few with their tables, the others on demand.
func (s *Server) frames(ctx context.Context, p plot, metrics []string) ([]chartFrame, error) {
	var frames []chartFrame
	for i, panel := range p.panels(metrics) {
		f := chartFrame{Metric: panel[0], Title: panelTitle(panel), Lazy: i >= shownAtOnce}
		q := p.base.Query()
		q["metric"] = panel
		f.Source, f.Figure = p.api+"?"+q.Encode(), p.figure+"?"+q.Encode()
		if !f.Lazy {
			c, err := s.chartOf(ctx, p, panel, window{})
			if err != nil {
				return nil, err
			}
			f.Table = c.table()
		}
		frames = append(frames, f)
	}
	return frames, nil
}

// tableRows is how many steps the table behind a chart has at most.
const tableRows = 12

// table has a row for each step and a column for each arm, which is the mean over seeds or the value of a single run.
func (c chart) table() table {
	t := table{Name: safeName(c.Metric), Caption: c.Title, Columns: []column{{Key: "epoch", Title: "Epoch", Class: "number"}}}
	if c.Counts != "" {
		t.Columns[0].Title, t.Columns[0].Hint = "Epoch of the run", c.Counts
	}
	values := map[float64]map[string]float64{}
	for _, a := range c.Arms {
		t.Columns = append(t.Columns, column{Key: a.Key, Title: a.Key, Class: "number"})
		drawn := a.Mean
		if drawn == nil {
			drawn = &a.Runs[0].curve
		}
		for i, epoch := range drawn.Epoch {
			if values[epoch] == nil {
				values[epoch] = map[string]float64{}
			}
			values[epoch][a.Key] = drawn.Value[i]
		}
	}
	epochs := make([]float64, 0, len(values))
	for e := range values {
		epochs = append(epochs, e)
	}
	sort.Float64s(epochs)
	for _, e := range thinned(epochs, tableRows) {
		r := row{Cells: []cell{numeric(strconv.FormatFloat(e, 'g', 6, 64), e)}}
		for _, a := range c.Arms {
			v, has := values[e][a.Key]
			if !has {
				v = math.NaN()
			}
			r.Cells = append(r.Cells, numeric(shown(c.Metric, v), v))
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// thinned keeps n of the values at even distances, first and last among them.
func thinned(values []float64, n int) []float64 {
	if len(values) <= n {
		return values
	}
	kept := make([]float64, n)
	for i := range kept {
		kept[i] = values[i*(len(values)-1)/(n-1)]
	}
	return kept
}
