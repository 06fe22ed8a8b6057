package dashboard

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"workbench/dashboard/figure"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

// ablationTable has a row a cell: its mean over seeds and its paired difference to the baseline.
func ablationTable(a analysis.Ablation, styles map[string]figure.Style) table {
	points := unit(a.Metric)
	if metric.Of(a.Metric).Percent {
		points = "points"
	}
	t := table{Columns: []column{
		{Key: "cell", Title: "Cell"},
		{Key: "n", Title: "n", Class: "number", Hint: "finished runs of those planned"},
		{Key: "mean", Title: withUnit(a.Metric, unit(a.Metric)), Class: "number",
			Hint: "mean over seeds; " + a.Report + " evaluation of each run"},
		{Key: "interval", Title: "± 95 %", Class: "number", Hint: "half of the 95 % t-interval of the mean; needs three seeds"},
		{Key: "sd", Title: "SD", Class: "number", Hint: "sample standard deviation over seeds"},
		{Key: "train", Title: "Train", Class: "number", Hint: "mean of the training counterpart"},
		{Key: "difference", Title: withUnit("Δ", points), Class: "number", Hint: "mean of the differences, paired by seed"},
		{Key: "difference_interval", Title: "± 95 %", Class: "number", Hint: "half of the paired 95 % t-interval of the difference"},
		{Title: "", Quiet: true, Class: "figurecell"},
		{Key: "effect", Title: "d", Class: "number", Hint: "Cohen's d_z of the pairs with Hedges' correction"},
		{Key: "p_holm", Title: "p", Class: "number", Hint: "two-sided paired t-test, corrected over the rows (Holm 1979)"},
		{Key: "verdict", Title: "Verdict"},
		{Key: "parameters", Title: "Params", Class: "number"},
		{Key: "macs", Title: "MACs", Class: "number", Hint: "multiply-adds of one forward pass of one image"},
		{Key: "seconds", Title: "Time", Class: "number", Hint: "mean time that the network of a run took, with what it shares"},
	}}
	var differences []figure.Difference
	for _, r := range a.Rows {
		if r.Diff != nil {
			differences = append(differences, differenceOf(a.Metric, r.Cell, *r.Diff, styles[r.Cell]))
		}
	}
	low, high := figure.Range(differences)
	for _, r := range a.Rows {
		t.Rows = append(t.Rows, ablationRow(a.Metric, r, styles[r.Cell], low, high))
	}
	return t
}

func withUnit(title, unit string) string {
	if unit == "" {
		return title
	}
	return title + " (" + unit + ")"
}

func ablationRow(name string, r analysis.AblationRow, style figure.Style, low, high float64) row {
	title := cell{Text: r.Cell, Swatch: &style}
	line := row{Key: r.Cell}
	if r.Baseline {
		line.Class, title.Title = "baseline", "baseline"
	}
	line.Cells = []cell{title,
		seedsCell(r),
		numeric(shown(name, r.Mean), r.Mean),
		intervalCell(name, r.Interval),
		numeric(shown(name, r.SD), r.SD),
		numeric(shown(name, r.Train), r.Train),
	}
	line.Cells = append(line.Cells, differenceCells(name, r, style, low, high)...)
	if r.Collapsed > 0 {
		verdict := &line.Cells[len(line.Cells)-1]
		verdict.Text += fmt.Sprintf(", collapsed %d/%d", r.Collapsed, r.N)
		line.Class = strings.TrimSpace(line.Class + " collapsed")
	}
	return row{line.Key, line.Class, append(line.Cells,
		numeric(count(r.Params), r.Params), numeric(count(r.MACs), r.MACs), durationCell(r.Seconds))}
}

// seedsCell is how many seeds speak for the cell; those that diverged are no longer to come.
func seedsCell(r analysis.AblationRow) cell {
	c := numeric(fmt.Sprintf("%d/%d", r.N, r.Planned), r.N)
	if r.Diverged > 0 {
		c.Title = plural(r.Diverged, "seed", "seeds") + " diverged"
	}
	return c
}

func differenceCells(name string, r analysis.AblationRow, style figure.Style, low, high float64) []cell {
	nan := math.NaN()
	if r.Diff == nil {
		verdict := cell{Text: "–", Class: "quiet"}
		if r.Baseline {
			verdict.Text = "baseline"
		}
		none := cell{Text: "–", Value: nan, Class: "number quiet"}
		return []cell{none, {Text: "–", Value: "", Class: "number quiet"}, {}, none, none, verdict}
	}
	d := *r.Diff
	bar := figure.Bar(differenceOf(name, r.Cell, d, style), low, high)
	return []cell{
		{Text: difference(name, d.Mean), Value: d.Mean, Class: "number " + string(d.Verdict)},
		intervalCell(name, d.Interval),
		{Figure: template.HTML(bar)}, // package figure escapes
		numeric(digits(d.Effect, 3), d.Effect),
		{Text: pText(d.Holm), Value: d.Holm, Class: "number", Title: "uncorrected " + pText(d.P)},
		verdictCell(d),
	}
}

// verdictCell says what the data settle; undecided never looks like an answer.
func verdictCell(d analysis.Paired) cell {
	c := cell{Text: string(d.Verdict), Class: "verdict " + string(d.Verdict), Title: fmt.Sprintf("%d pairs", d.N)}
	switch d.Verdict {
	case analysis.Better:
		c.Text, c.Value = "▲ better", string(d.Verdict)
	case analysis.Worse:
		c.Text, c.Value = "▼ worse", string(d.Verdict)
	}
	return c
}

func differenceOf(name, label string, d analysis.Paired, style figure.Style) figure.Difference {
	return figure.Difference{Label: label, Style: style, Undecided: d.Verdict == analysis.Undecided,
		Mean: scaled(name, d.Mean), Low: scaled(name, d.Interval.Low), High: scaled(name, d.Interval.High)}
}

// intervalCell shows half of a symmetric interval; its bounds are in the title and the exports.
func intervalCell(name string, i analysis.Interval) cell {
	if math.IsNaN(i.Low) || math.IsNaN(i.High) {
		return cell{Text: "–", Value: "", Class: "number quiet"}
	}
	return cell{Text: "± " + shown(name, (i.High-i.Low)/2), Class: "number quiet",
		Title: shown(name, i.Low) + " to " + shown(name, i.High), Value: fmt.Sprintf("%g to %g", i.Low, i.High)}
}

func count(n int64) string {
	if n == 0 {
		return "–"
	}
	return scale(float64(n), "")
}

func pText(p float64) string {
	switch {
	case math.IsNaN(p):
		return "–"
	case p < 0.001:
		return "< 0.001"
	}
	return fixed(p, 3)
}

// effectPlot draws what each level does, averaged over the other factors; behind it the spread of the baseline.
func effectPlot(a analysis.Ablation) string {
	var rows []figure.Difference
	for _, e := range a.Effects {
		d := differenceOf(a.Metric, fmt.Sprintf("%s: %s vs %s", e.Factor, e.Level, e.Versus), e.Paired, figure.Style{})
		d.Note = fmt.Sprintf("%s · n = %d", difference(a.Metric, e.Mean), e.N)
		if !math.IsNaN(e.Holm) {
			d.Note += strings.Replace(" · p = "+pText(e.Holm), "= <", "<", 1)
		}
		rows = append(rows, d)
	}
	axis := "difference in " + metric.Title(a.Metric)
	if metric.Of(a.Metric).Percent {
		axis += " (points)"
	}
	return figure.Forest("Effects of "+a.Study, axis, rows, baselineSpread(a))
}

// baselineSpread is the standard deviation of the baseline over seeds, in the shown unit; NaN if there is none.
func baselineSpread(a analysis.Ablation) float64 {
	for _, r := range a.Rows {
		if r.Baseline {
			return scaled(a.Metric, r.SD)
		}
	}
	return math.NaN()
}
