package dashboard

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"workbench/dashboard/report"
	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/experiments/metric"
)

// mostReported is how many runs a report lists one by one.
const mostReported = 5000

// Report tells all of a study in one page: what was asked and how, what came of it, each run, and how to do it again.
// Name may be that of a version.
func (s *Server) Report(ctx context.Context, name string) (report.Page, error) {
	d, err := s.studyData(ctx, name)
	if err != nil {
		return report.Page{}, err
	}
	v, err := s.studyView(ctx, d)
	if err != nil {
		return report.Page{}, err
	}
	again, err := d.again()
	if err != nil {
		return report.Page{}, err
	}
	curves, err := s.curvesSection(ctx, d)
	if err != nil {
		return report.Page{}, err
	}
	p := report.Page{Title: d.info.ShortRef(), Lead: d.info.Study.Title, Program: "workbench " + s.Version["version"],
		Style: s.assets.reportStyle()}
	for _, section := range slices.Concat([]report.Section{d.overview(v)}, claimSections(v.judged),
		[]report.Section{d.method(), d.configuration(), d.results(v), d.published(v)}, d.effects(v),
		d.trendSections(), curves, []report.Section{d.coverageSection(v), d.valuesSection(), d.costs(v), d.runsSection(), d.dataSection(),
			d.environment(), again}) {
		if len(section.Parts) > 0 {
			p.Sections = append(p.Sections, section)
		}
	}
	return p, nil
}

// facts without a value are left out.
func facts(pairs ...string) []report.Fact {
	var all []report.Fact
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			all = append(all, report.Fact{Name: pairs[i], Value: pairs[i+1]})
		}
	}
	return all
}

func (d studyData) overview(v studyView) report.Section {
	study, c := d.info.Study, v.Card
	var versions []string
	for _, version := range v.Versions {
		if !version.Shown {
			versions = append(versions, strings.TrimSpace(version.Name+" "+version.Label))
		}
	}
	return report.Section{ID: "overview", Title: "The study", Parts: []report.Part{{Facts: facts("Source", study.Source,
		"Expected", study.Expect, "Tuned", d.ablation.Tuned, "Design", c.Factors, "Runs", fmt.Sprintf("%d of %d done", c.Done, c.Total),
		"Other versions", strings.Join(versions, ", "), "Recorded from", at(d.info.Created).Text+" UTC", "Until", c.Updated.Text+" UTC")}}}
}

// method says what is compared and by which test.
func (d studyData) method() report.Section {
	a := d.ablation
	direction, evaluation := "lower is better", "the last evaluation of each run"
	if a.Higher {
		direction = "higher is better"
	}
	if a.Report == experiments.ReportBest {
		evaluation = "the best evaluation of each run"
	}
	name := metric.Title(a.Metric)
	if name != a.Metric {
		name += ", " + a.Metric
	}
	seeds := make([]string, len(d.seeds()))
	for i, seed := range d.seeds() {
		seeds[i] = fmt.Sprint(seed)
	}
	return report.Section{ID: "method", Title: "What is compared, and how", Parts: []report.Part{
		{Facts: facts("Metric", withUnit(name, unit(a.Metric))+"; "+direction, "Evaluation", evaluation, "Baseline", a.Baseline,
			"Seeds", strings.Join(seeds, ", "))},
		{List: []string{"Seeds are blocks: runs of two cells with the same seed see the same data in the same order, so they are " +
			"compared in pairs.",
			export.MeanNote, strings.TrimSuffix(export.TestNote, " Bold: decided as better."), export.EffectNote}}}}
}

func (d studyData) results(v studyView) report.Section {
	s := report.Section{ID: "results", Title: "Every cell against the baseline", Note: v.Metric + ", " + d.ablation.Report + " evaluation",
		Parts: []report.Part{{Table: reported(v.Table)}}}
	if len(d.ablation.Warnings) > 0 {
		s.Parts = append(s.Parts, report.Part{Text: "What limits the conclusions:"}, report.Part{List: d.ablation.Warnings})
	}
	return s
}

func (d studyData) effects(v studyView) []report.Section {
	if len(d.ablation.Effects) == 0 {
		return nil
	}
	s := report.Section{ID: "effects", Title: "Effect of each level", Note: "averaged over the other factors"}
	if v.Effects != "" {
		s.Parts = append(s.Parts, report.Part{Figure: v.Effects},
			report.Part{Text: "Dots with 95 % intervals; hollow: undecided. Grey band: baseline ± SD over seeds."})
	}
	t := reported(effectTable(d.ablation))
	t.Caption = ""
	s.Parts = append(s.Parts, report.Part{Table: t})
	for _, t := range v.beside() {
		s.Parts = append(s.Parts, report.Part{Table: reported(t)})
	}
	return []report.Section{s}
}

func (d studyData) trendSections() (all []report.Section) {
	for i, t := range d.trends() {
		table := reported(t.Table)
		table.Caption = ""
		all = append(all, report.Section{ID: fmt.Sprint("trend-", i+1), Title: metric.Title(d.ablation.Metric) + " against " + t.Factor,
			Note: "a line for each combination of the other factors", Parts: []report.Part{{Figure: t.Figure}, {Table: table}}})
	}
	return all
}

// curvesSection draws the metrics that the study's page draws at once.
func (s *Server) curvesSection(ctx context.Context, d studyData) ([]report.Section, error) {
	p := d.plot()
	metrics, err := s.metricsOf(ctx, d.runs, d.ablation.Metric)
	if err != nil {
		return nil, err
	}
	section := report.Section{ID: "curves", Title: "Curves", Note: "means over seeds"}
	panels := p.panels(metrics)
	for _, panel := range panels[:min(len(panels), shownAtOnce)] {
		c, err := s.chartOf(ctx, p, panel, window{})
		if err != nil {
			return nil, err
		}
		if len(c.Arms) > 0 {
			section.Parts = append(section.Parts, report.Part{Figure: template.HTML(c.svg(view{axis: "epoch", band: true}))}) // figure escapes
		}
	}
	return []report.Section{section}, nil
}

// coverageSection is the matrix cell × seed.
func (d studyData) coverageSection(v studyView) report.Section {
	t := &report.Table{Columns: []report.Column{{Title: "Cell"}}}
	for _, seed := range v.Coverage.Seeds {
		t.Columns = append(t.Columns, report.Column{Title: fmt.Sprint(seed)})
	}
	t.Columns = append(t.Columns, report.Column{Title: "Runs"})
	for _, line := range v.Coverage.Rows {
		row := report.Row{Cells: []report.Cell{{Text: line.Cell, Swatch: &line.Style}}}
		for _, q := range line.Squares {
			row.Cells = append(row.Cells, report.Cell{Text: q.Glyph, Title: q.Text, Mark: "square " + q.State})
		}
		t.Rows = append(t.Rows, report.Row{Cells: append(row.Cells, report.Cell{Text: line.Count, Class: "quiet"})})
	}
	legend := "✓ done, ▶ running, · queued, ‖ interrupted, ! failed, ✗ diverged, ⊘ blocked, ? missing"
	if v.Collapsed() {
		legend += ", " + collapsedGlyph + " done and collapsed"
	}
	s := report.Section{ID: "coverage", Title: "Coverage", Note: "cell × seed", Parts: []report.Part{{Table: t}, {Text: legend}}}
	if c := v.Cut; c.Whole != "" {
		s.Parts = append(s.Parts, report.Part{Text: fmt.Sprintf(
			"This matrix and the curves have %d of %d cells and %d of %d seeds; the tables have all.",
			c.Cells, c.OfCells, c.Seeds, c.OfSeeds)})
	}
	return s
}

// costs are what all runs took together, and, where phases have names, each phase of a run.
func (d studyData) costs(v studyView) report.Section {
	var total analysis.Budget
	for _, b := range d.ablation.Budgets {
		total.Images, total.MultiplyAdds, total.Seconds = total.Images+b.Images, total.MultiplyAdds+b.MultiplyAdds, total.Seconds+b.Seconds
	}
	s := report.Section{ID: "costs", Title: "Costs", Note: "of training, in all attempts; what runs share counts once"}
	if total.Seconds > 0 {
		s.Parts = []report.Part{{Facts: facts("Time of all runs", lasting(total.Seconds), "Multiply-adds", countedCell(total.MultiplyAdds).Text,
			"Passes of images", countedCell(total.Images).Text)}}
	}
	if len(v.Budgets.Rows) > 0 {
		s.Parts = append(s.Parts, report.Part{Text: "Each phase of a run on average, with what it shares; a search with all its trials."},
			report.Part{Table: reported(v.Budgets)})
	}
	return s
}

// reported is a table without what leads elsewhere.
func reported(t table) *report.Table {
	r := &report.Table{Caption: t.Caption}
	for _, c := range t.Columns {
		r.Columns = append(r.Columns, report.Column{Title: c.Title, Hint: c.Hint, Number: c.Class == "number"})
	}
	for line := range t.all() {
		row := report.Row{Class: line.Class}
		for _, c := range line.Cells {
			row.Cells = append(row.Cells, report.Cell{Text: c.Text, Title: c.Title, Class: strings.TrimPrefix(c.Class, "number"), Swatch: c.Swatch,
				Figure: c.Figure})
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}
