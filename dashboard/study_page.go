package dashboard

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"workbench/dashboard/figure"
	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/claim"
	"workbench/experiments/export"
	"workbench/experiments/metric"
)

type studyView struct {
	chartSection
	Card     studyCard
	Study    experiments.Study
	Ablation analysis.Ablation
	Metric   string
	Stalled  []stallView
	Claims   table // that the study decides
	judged   []claim.Judgement
	Coverage coverage
	Table    table
	Effects  template.HTML // "" while there is nothing to draw
	Figure   string        // URL of the effect plot

	Architectures string // the page that puts them side by side

	Crossed    table // interactions
	PerCost    table // differences for what is added
	Trends     []trendView
	Budgets    table
	Published  table         // what is in print beside the cells
	Versions   []versionView // if there are several
	EffectsCSV []link
	Next       []suggestion
	Warnings   []remark
	Cut        cut
	Commands   []string
}

// Collapsed tells whether a run of the page did.
func (v studyView) Collapsed() bool {
	return slices.ContainsFunc(v.Coverage.Rows, func(r coverageRow) bool {
		return slices.ContainsFunc(r.Squares, func(q square) bool { return q.State == "collapsed" })
	})
}

// NoEffects is said in place of effects that nothing is known of yet.
func (studyView) NoEffects() string { return figure.NoDifference }

type stallView struct{ Run, Href, Text string }

// suggestion is what would make the study more conclusive. Href leads to the run it is about, if it is about one.
type suggestion struct{ Text, Href, Command string }

// studyData is what the study's page, figures and API share.
type studyData struct {
	info     experiments.StudyInfo
	runs     []experiments.RunInfo
	ablation analysis.Ablation
	whole    bool // all cells and seeds are shown, however many
}

func (s *Server) studyData(ctx context.Context, name string) (studyData, error) {
	info, err := s.study(ctx, name)
	if err != nil {
		return studyData{}, err
	}
	runs, err := s.Source.Runs(ctx, experiments.RunFilter{Study: info.Ref()})
	if err != nil {
		return studyData{}, err
	}
	a, err := analysis.Ablate(info.Study, runs)
	return studyData{info: info, runs: runs, ablation: a}, err
}

// plot of the study: cells are arms, seeds their runs.
func (d studyData) plot() plot {
	path := studyPath(d.info.ShortRef())
	p := plot{base: d.base(), api: "/api/v1" + path + "/curves", figure: path + "/curves.svg", members: map[string]member{}}
	var cells []string
	for _, r := range d.ablation.Rows {
		cells = append(cells, r.Cell)
	}
	p.styles = figure.Assign(cells)
	for _, r := range d.shown() {
		p.arms = append(p.arms, r.Cell)
	}
	for _, r := range d.runs {
		if !slices.Contains(p.arms, r.Cell) {
			continue
		}
		p.members[r.ID] = member{run: r, arm: r.Cell, label: fmt.Sprintf("seed %d", r.Seed), baseline: r.Cell == d.ablation.Baseline}
	}
	return p
}

func (s *Server) studyPage(r request) (response, error) {
	d, err := s.studyData(r.Context(), r.Param("study"))
	if err != nil {
		return nil, err
	}
	d.whole = wantsAll(r.URL)
	v, err := s.studyView(r.Context(), d)
	if err != nil {
		return nil, err
	}
	v.Table.Exports = exportLinks(r.URL)
	of := exports{v.Table.Name, v.papers(), func() export.Document {
		data := export.Ablation(d.info, d.ablation, s.Version["version"])
		data.Tables = append(data.Tables, export.Points(r.Context(), s.Source, d.runs))
		return data
	}}
	v.EffectsCSV, v.Points = tableLink(r.URL, export.Effects), tableLink(r.URL, "points")
	v.Crossed.Exports, v.PerCost.Exports = tableLink(r.URL, export.Crossed), tableLink(r.URL, export.PerCost)
	v.Budgets.Exports = tableLink(r.URL, export.Budgets)
	v.Published.Exports = tableLink(r.URL, export.Published)
	for i := range v.Trends {
		v.Trends[i].Table.Exports = tableLink(r.URL, export.Trends)
	}
	if answer, err := of.answer(r.URL.Query()); answer != nil || err != nil {
		return answer, err
	}
	v.Table.Rows = d.ofCells(v.Table.Rows)
	return s.page("study", d.info.ShortRef(), v).within("studies").watching("study=" + v.Study.Name), nil
}

func (s *Server) studyView(ctx context.Context, d studyData) (v studyView, err error) {
	a, name := d.ablation, d.info.ShortRef()
	v = studyView{Card: cardOf(d.info), Cut: d.cut(), Study: d.info.Study, Ablation: a, Metric: metric.Title(a.Metric),
		Figure: studyPath(name) + "/effects.svg", Architectures: architecturesPath(name),
		Commands: []string{s.Program.On("ablate", name)}}
	p := d.plot()
	v.Trends, v.Budgets, v.Published = d.trends(), budgetTable(d, p.styles), publishedTable(d, p.styles)
	if v.judged, err = s.claimsOf(ctx, d); err != nil {
		return v, err
	}
	v.Claims = claimTable(v.judged)
	v.Coverage, v.Versions = coverageOf(d, p.styles), versionsOf(d.info)
	v.Table, v.Crossed, v.PerCost = ablationTable(a, p.styles), crossedTable(a), perCostTable(a)
	v.Table.Name = safeName(name) + "-ablation"
	if slices.ContainsFunc(a.Effects, func(e analysis.Effect) bool { return e.N > 0 }) {
		v.Effects = template.HTML(effectPlot(a)) // package figure escapes
	}
	for _, r := range d.shown() {
		v.Legend = append(v.Legend, legendEntry{r.Cell, p.styles[r.Cell], r.Baseline})
	}
	for _, r := range d.runs {
		if silent, promised, yes := stalled(r, s.Now()); yes {
			v.Stalled = append(v.Stalled, stallView{short(r.ID), runPath(r.ID), stallText(silent.Seconds(), promised.Seconds())})
		}
	}
	v.Next, v.Warnings, v.Bands = s.suggestions(d), remarksOf(a.Warnings, d), true
	metrics, err := s.metricsOf(ctx, d.runs, a.Metric)
	if err != nil {
		return v, err
	}
	v.Charts, err = s.frames(ctx, p, metrics)
	return v, err
}

func stallText(silent, promised float64) string {
	return fmt.Sprintf("no step for %s (expected every %s)", lasting(silent), lasting(promised))
}

// suggestions come from the runs that are missing and from the comparisons they leave open.
func (s *Server) suggestions(d studyData) []suggestion {
	var list []suggestion
	counts := d.info.Counts
	if n := counts[experiments.Interrupted]; n > 0 && counts[experiments.Running] == 0 {
		text := plural(n, "run was interrupted and continues from its checkpoint", "runs were interrupted and continue from their checkpoints")
		list = append(list, suggestion{Text: text, Command: s.Program.Run(d.info)})
	} else if n := counts[experiments.Queued]; n > 0 && counts[experiments.Running] == 0 {
		list = append(list, suggestion{Text: plural(n, "run has", "runs have") + " not been trained", Command: s.Program.Run(d.info)})
	}
	if n := counts[experiments.Blocked]; n > 0 {
		text := plural(n, "run is blocked by one that failed or diverged", "runs are blocked by one that failed or diverged") +
			"; that one is tried again only if asked to be"
		list = append(list, suggestion{Text: text, Command: s.Program.Run(d.info, "--failed")})
	}
	for _, status := range []experiments.Status{experiments.Failed, experiments.Diverged} {
		i := slices.IndexFunc(d.runs, func(r experiments.RunInfo) bool { return r.Status == status })
		if i >= 0 {
			r := d.runs[i]
			list = append(list, suggestion{fmt.Sprintf("%s, seed %d %s: %s", r.Cell, r.Seed, status, firstLine(r.Reason)), runPath(r.ID),
				s.Program.On("show", short(r.ID))})
		}
	}
	return list
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func (s *Server) effectsFigure(r request) (response, error) {
	d, err := s.studyData(r.Context(), r.Param("study"))
	if err != nil {
		return nil, err
	}
	return svgBody(effectPlot(d.ablation)), nil
}

func (s *Server) studyCurvesFigure(r request) (response, error) {
	return s.curvesFigure(r, s.studyCurves)
}

func (s *Server) studyChart(r request) (chart, error) { return s.chart(r, s.studyCurves) }

func (s *Server) studyCurves(r request) (plot, []string, error) {
	d, err := s.studyData(r.Context(), r.Param("study"))
	if err != nil {
		return plot{}, nil, err
	}
	d.whole = wantsAll(r.URL)
	metrics, err := s.wantedMetrics(r, d.runs, d.ablation.Metric)
	return d.plot(), metrics[:min(len(metrics), 1)], err
}
