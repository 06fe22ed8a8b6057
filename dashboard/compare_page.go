package dashboard

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"slices"

	"workbench/dashboard/figure"
	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/experiments/metric"
)

type compareView struct {
	chartSection
	Runs     []compared
	Table    table
	Remarks  []string
	Empty    emptyView
	Commands []string
}

type compared struct {
	Run    experiments.RunInfo
	Name   string
	Style  figure.Style
	Href   string
	Remove string // the page without this run
	Base   string // the page with this run first; "" for the first
}

// maxCompared runs fit beside one another.
const maxCompared = 10

func (s *Server) comparedRuns(ctx context.Context, ids []string) ([]experiments.RunInfo, error) {
	if len(ids) > maxCompared {
		return nil, badRequest("compare takes at most %d runs, got %d", maxCompared, len(ids))
	}
	var runs []experiments.RunInfo
	for _, id := range ids {
		run, err := s.run(ctx, id)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(runs, func(r experiments.RunInfo) bool { return r.ID == run.ID }) {
			runs = append(runs, run)
		}
	}
	return runs, nil
}

func (s *Server) comparePage(r request) (response, error) {
	runs, err := s.comparedRuns(r.Context(), r.URL.Query()["run"])
	if err != nil {
		return nil, err
	}
	v := compareView{Empty: emptyView{"Choose runs in the run table and press “Compare chosen”, or give their names, which this lists, " +
		"to the command compare:", []string{s.Program.On("runs")}}}
	cells, err := s.cellStyles(r.Context())
	if err != nil {
		return nil, err
	}
	p := comparePlot(runs, cells)
	words := []string{"compare"}
	for i, run := range runs {
		c := compared{Run: run, Name: runName(run), Style: p.styles[runName(run)], Href: runPath(run.ID), Remove: without(runs, i)}
		if i > 0 {
			c.Base = first(runs, i)
		}
		v.Runs = append(v.Runs, c)
		v.Legend = append(v.Legend, legendEntry{c.Name, c.Style, i == 0})
		words = append(words, short(run.ID))
	}
	v.Commands = []string{s.Program.On(words...)}
	c := analysis.Compare(runs)
	v.Table, v.Remarks = compareTable(runs, c), c.Remarks
	budgets := make([][]analysis.Budget, len(runs))
	for i, run := range runs {
		before, found, err := analysis.Before(r.Context(), s.Source, run)
		if err != nil {
			return nil, err
		}
		if budgets[i] = analysis.Budgets(run); found {
			budgets[i] = analysis.BudgetsFrom(&before, run)
		}
	}
	v.Table.addBudgets(budgets)
	v.Table.Exports = exportLinks(r.URL)
	of := exports{v.Table.Name, []table{v.Table}, func() export.Document {
		d := export.Comparison(runs, false)
		d.Tables = append(d.Tables, export.PhaseBudgets(runs, budgets))
		return d
	}}
	if answer, err := of.answer(r.URL.Query()); answer != nil || err != nil {
		return answer, err
	}
	metrics, err := s.metricsOf(r.Context(), runs, metric.TestTop1)
	if err != nil {
		return nil, err
	}
	if v.Charts, err = s.frames(r.Context(), p, metrics); err != nil {
		return nil, err
	}
	return s.page("compare", "Compare", v).watching("all"), nil
}

// runName tells runs apart by what they are and, always, by their id.
func runName(r experiments.RunInfo) string {
	return fmt.Sprintf("%s · seed %d · %s", r.Cell, r.Seed, short(r.ID))
}

// comparePlot draws each run in the colour of its cell; runs of one cell differ in their strokes.
func comparePlot(runs []experiments.RunInfo, cells cellStyles) plot {
	p := plot{api: "/api/v1/compare/curves", figure: "/compare/curves.svg", members: map[string]member{}, styles: map[string]figure.Style{}}
	taken := map[figure.Style]bool{}
	p.base = &url.URL{RawQuery: runQuery(runs)}
	for i, r := range runs {
		p.arms = append(p.arms, runName(r))
		style := cells.of(r)
		for range figure.Dashes {
			if !taken[style] {
				break
			}
			style.Dash = (style.Dash + 1) % len(figure.Dashes)
		}
		taken[style], p.styles[runName(r)] = true, style
		p.members[r.ID] = member{run: r, arm: runName(r), label: short(r.ID), baseline: i == 0}
	}
	return p
}

func runQuery(runs []experiments.RunInfo) string {
	q := url.Values{}
	for _, r := range runs {
		q.Add("run", r.ID)
	}
	return q.Encode()
}

func without(runs []experiments.RunInfo, i int) string {
	rest := slices.Delete(slices.Clone(runs), i, i+1)
	return "/compare?" + runQuery(rest)
}

func first(runs []experiments.RunInfo, i int) string {
	order := append([]experiments.RunInfo{runs[i]}, slices.Delete(slices.Clone(runs), i, i+1)...)
	return "/compare?" + runQuery(order)
}

// compareTable has a column a run and a row for each setting that differs and each metric.
func compareTable(runs []experiments.RunInfo, c analysis.Comparison) table {
	t := table{Name: "compare", Columns: []column{{Key: "key", Title: "Key"}}}
	about := map[string][]string{}
	for _, r := range c.Runs {
		t.Columns = append(t.Columns, column{Key: r.Run, Title: short(r.Run), Hint: fmt.Sprintf("%s, %s, seed %d", r.Study, r.Cell, r.Seed)})
		about["cell"], about["seed"] = append(about["cell"], r.Cell), append(about["seed"], fmt.Sprint(r.Seed))
		about["state"], about["data digest"] = append(about["state"], string(r.Status)), append(about["data digest"], r.DataDigest)
	}
	for _, key := range []string{"cell", "seed", "state", "data digest"} {
		values := about[key]
		if slices.ContainsFunc(values, func(v string) bool { return v != values[0] }) {
			line := row{Key: key, Cells: []cell{text(key)}}
			for _, v := range values {
				line.Cells = append(line.Cells, text(v))
			}
			t.Rows = append(t.Rows, line)
		}
	}
	t.addSettings(c.Config)
	t.addSettings(c.Environment)
	for i, m := range c.Metrics {
		line := metricRow(m)
		if i == 0 {
			line.Class = "group"
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

func (t *table) addSettings(differences []analysis.Difference) {
	for i, d := range differences {
		line := row{Key: d.Path, Cells: []cell{{Text: d.Path, Class: "mono"}}}
		if i == 0 {
			line.Class = "group"
		}
		for _, v := range d.Values {
			if v.Missing {
				line.Cells = append(line.Cells, cell{Text: "–", Value: "", Class: "quiet", Title: "not set"})
				continue
			}
			line.Cells = append(line.Cells, cell{Text: v.Text, Class: "mono"})
		}
		t.Rows = append(t.Rows, line)
	}
}

// metricRow has the newest value of each run and how far it is from the first.
func metricRow(m analysis.MetricComparison) row {
	line := row{Key: m.Metric, Cells: []cell{text(withUnit(m.Metric, unit(m.Metric)))}}
	for i, v := range m.Values {
		if v == nil {
			line.Cells = append(line.Cells, cell{Text: "–", Value: "", Class: "number quiet"})
			continue
		}
		last, away := float64(v.Last), float64(v.LastDiff)
		c := numeric(shown(m.Metric, last), last)
		if i > 0 && !math.IsNaN(away) && away != 0 {
			c.Text += " (" + difference(m.Metric, away) + ")"
			if m.Better != metric.Neither {
				c.Class += map[bool]string{true: " better", false: " worse"}[(away > 0) == (m.Better == metric.Higher)]
			}
		}
		line.Cells = append(line.Cells, c)
	}
	return line
}

func (s *Server) compareCurvesFigure(r request) (response, error) {
	return s.curvesFigure(r, s.compareCurves)
}

func (s *Server) compareChart(r request) (chart, error) { return s.chart(r, s.compareCurves) }

func (s *Server) compareCurves(r request) (plot, []string, error) {
	runs, err := s.comparedRuns(r.Context(), r.URL.Query()["run"])
	if err != nil {
		return plot{}, nil, err
	}
	metrics, err := s.wantedMetrics(r, runs, metric.TestTop1)
	if err != nil {
		return plot{}, nil, err
	}
	cells, err := s.cellStyles(r.Context())
	return comparePlot(runs, cells), metrics[:1], err
}
