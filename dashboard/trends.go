package dashboard

import (
	"html/template"
	"math"
	"net/url"
	"slices"
	"strings"

	"workbench/dashboard/figure"
	"workbench/experiments/analysis"
	"workbench/experiments/metric"
)

// trendView is a study's metric against a factor whose levels are numbers, with the numbers behind the curves.
type trendView struct {
	Factor string
	Axis   string // "logarithmic" or ""
	Figure template.HTML
	Href   string
	Table  table
}

func (d studyData) trends() (views []trendView) {
	for _, t := range d.ablation.Trends {
		v := trendView{Factor: t.Factor, Figure: template.HTML(trendFigure(d.ablation, t)), // package figure escapes
			Href: studyPath(d.info.ShortRef()) + "/trend.svg?" + url.Values{"factor": {t.Factor}}.Encode(), Table: trendTable(d.ablation, t)}
		if t.Log {
			v.Axis = "logarithmic"
		}
		views = append(views, v)
	}
	return views
}

// trendX is where a level lies on its axis.
func trendX(t analysis.Trend, x float64) float64 {
	if t.Log {
		return math.Log10(x)
	}
	return x
}

// trendLineName is how a line is called: the levels of the other factors, without the factor's name where it is one.
func trendLineName(a analysis.Ablation, l analysis.TrendLine) string {
	if l.Others == "" {
		return metric.Title(a.Metric)
	}
	if factor, level, one := strings.Cut(l.Others, "="); one && len(l.Rows[0].Levels) == 2 && l.Rows[0].Levels[factor] == level {
		return level
	}
	return l.Others
}

// trendFigure draws a line for each combination of the other factors, with the 95 % t-interval of each mean as its
// band.
func trendFigure(a analysis.Ablation, t analysis.Trend) string {
	p := figure.Plot{Title: withUnit(metric.Title(a.Metric), unit(a.Metric)) + " against " + t.Factor, X: t.Factor,
		Note: "mean over seeds, band: 95 % t-interval of the mean (three seeds or more)", Empty: "no run is done yet"}
	if t.Log {
		p.Note += "; " + t.Factor + " logarithmic"
	}
	for _, l := range t.Levels {
		p.Marks = append(p.Marks, figure.Mark{X: trendX(t, l.X), Text: l.Level})
	}
	var names []string
	for _, l := range t.Lines {
		names = append(names, trendLineName(a, l))
	}
	styles := figure.Assign(names)
	var lines []figure.Line
	for i, l := range t.Lines {
		line := figure.Line{Label: names[i], Style: styles[names[i]]}
		known := false
		for k, r := range l.Rows {
			known = known || !math.IsNaN(r.Mean)
			line.X, line.Y = append(line.X, trendX(t, l.X[k])), append(line.Y, scaled(a.Metric, r.Mean))
			line.Low, line.High = append(line.Low, scaled(a.Metric, r.Interval.Low)), append(line.High, scaled(a.Metric, r.Interval.High))
		}
		if known {
			lines = append(lines, line)
		}
	}
	return p.Lines(lines)
}

// trendTable has a row for each line and a column for each level.
func trendTable(a analysis.Ablation, t analysis.Trend) table {
	b := table{Name: "trend-" + safeName(t.Factor), Caption: metric.Title(a.Metric) + " against " + t.Factor,
		Columns: []column{{Key: "others", Title: "Line"}}}
	for _, l := range t.Levels {
		b.Columns = append(b.Columns, column{Key: l.Level, Title: t.Factor + " " + l.Level, Class: "number"})
	}
	for _, l := range t.Lines {
		line := row{Key: l.Others, Cells: []cell{text(trendLineName(a, l))}}
		for _, level := range t.Levels {
			i := slices.Index(l.X, level.X)
			if i < 0 || l.Rows[i].N == 0 {
				line.Cells = append(line.Cells, cell{Text: "–", Value: "", Class: "number quiet"})
				continue
			}
			r := l.Rows[i]
			c := numeric(shown(a.Metric, r.Mean), r.Mean)
			if half := intervalCell(a.Metric, r.Interval); half.Text != "–" {
				c.Text += " " + half.Text
			}
			c.Title = plural(r.N, "seed", "seeds")
			line.Cells = append(line.Cells, c)
		}
		b.Rows = append(b.Rows, line)
	}
	return b
}

// trendFigure is that of the factor in the address, or else of the first whose levels are numbers.
func (s *Server) trendFigure(r request) (response, error) {
	d, err := s.studyData(r.Context(), r.Param("study"))
	if err != nil {
		return nil, err
	}
	factor := r.URL.Query().Get("factor")
	var known []string
	for _, t := range d.ablation.Trends {
		if known = append(known, t.Factor); factor == "" || t.Factor == factor {
			return svgBody(trendFigure(d.ablation, t)), nil
		}
	}
	if factor == "" {
		none := figure.Plot{Title: metric.Title(d.ablation.Metric), Empty: "no factor of the study has numbers for levels"}
		return svgBody(none.Lines(nil)), nil
	}
	return nil, badRequest("factor: want one whose levels are numbers (%s), got %q", strings.Join(known, ", "), factor)
}
