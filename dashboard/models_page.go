package dashboard

import (
	"context"
	"slices"
	"sort"
	"strings"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/nn/zoo"
)

type modelsView struct {
	Table      table
	Chart      modelChart
	Shown, All int
	Query      string
	Family     string
	Families   []string
	Sort       string
	On         string // as the address has it
	By         string // likewise
	Clear      string
	Measured   []link // the newest studies with results, each to its architectures
	Commands   []string
}

// mostMeasured are the studies to which the page of models leads.
const mostMeasured = 20

// measuredHere are links to the architectures of the newest studies that have results.
func (s *Server) measuredHere(ctx context.Context) (links []link, err error) {
	studies, err := s.Source.Studies(ctx)
	for _, info := range studies {
		if info.Counts[experiments.Done] > 0 && len(links) < mostMeasured {
			links = append(links, link{info.Study.Name, architecturesPath(info.Study.Name)})
		}
	}
	return links, err
}

// modelRow is a variant of the zoo as published, with what became of it here.
type modelRow struct {
	Variant zoo.Variant
	totals
	here *trained // nil: no run of this database is done
}

// trained sums up the runs of one network that are done.
type trained struct {
	runs int
	top1 float64 // the highest newest test accuracy of a run
	on   string  // its data set
}

// trainedModels are the networks that the database's runs have trained, by name.
func (s *Server) trainedModels(ctx context.Context) (map[string]*trained, error) {
	runs, err := s.Source.Runs(ctx, experiments.RunFilter{Status: []experiments.Status{experiments.Done}})
	if err != nil {
		return nil, err
	}
	all := map[string]*trained{}
	for _, r := range runs {
		t := all[r.Config.Model.Name]
		if t == nil {
			t = &trained{}
			all[r.Config.Model.Name] = t
		}
		t.runs++
		if top1, measured := r.Last[metric.TestTop1]; measured && (t.on == "" || top1 > t.top1) {
			t.top1, t.on = top1, r.Config.Dataset.Name
		}
	}
	return all, nil
}

// modelRows are the variants that ?q= and ?family= select, in the order of ?sort=.
func (s *Server) modelRows(r request) ([]modelRow, error) {
	costs, err := s.catalogue.all(r.Context())
	if err != nil {
		return nil, err
	}
	here, err := s.trainedModels(r.Context())
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	var rows []modelRow
	for _, name := range zoo.Names() {
		v, err := zoo.Lookup(name)
		if err != nil {
			return nil, err
		}
		if family := q.Get("family"); (family == "" || v.Family == family) && mentions(v, q.Get("q")) {
			rows = append(rows, modelRow{v, costs[name], here[name]})
		}
	}
	return rows, sortModels(rows, q.Get("sort"))
}

// mentions says whether every word of the text is in what the variant is called.
func mentions(v zoo.Variant, text string) bool {
	about := strings.ToLower(strings.Join([]string{v.Name, v.Family, v.Paper}, "\n"))
	for _, word := range strings.Fields(strings.ToLower(text)) {
		if !strings.Contains(about, word) {
			return false
		}
	}
	return true
}

// families of the zoo, sorted.
func families() []string {
	var list []string
	for _, name := range zoo.Names() {
		if v, err := zoo.Lookup(name); err == nil {
			list = append(list, v.Family)
		}
	}
	sort.Strings(list)
	return slices.Compact(list)
}

func (s *Server) modelsPage(r request) (response, error) {
	rows, err := s.modelRows(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	v := modelsView{Table: modelTable(rows, r.URL), Shown: len(rows), All: len(zoo.Names()), Query: q.Get("q"), Family: q.Get("family"),
		Families: families(), Sort: q.Get("sort"), On: q.Get("on"), By: q.Get("protocol"), Clear: "/models",
		Commands: []string{s.Program.Command("models")}}
	v.Table.Exports = exportLinks(r.URL)
	if answer, err := v.Table.exports().answer(q); answer != nil || err != nil {
		return answer, err
	}
	if v.Measured, err = s.measuredHere(r.Context()); err != nil {
		return nil, err
	}
	if v.Chart, err = chartOfModels(rows, r.URL, true); err != nil {
		return nil, err
	}
	return s.page("models", "Models", v), nil
}
