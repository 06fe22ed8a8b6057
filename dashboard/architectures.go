package dashboard

import (
	"errors"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/experiments/metric"
)

type architecturesView struct {
	Name, Href string // of the study
	Metric     string
	Models     string
	Limit      string // in words
	Limits     []limitField
	Machine    string // whose latencies are shown; "": none are known
	Chosen     string // as the address has it
	Machines   []string
	Protocol   string // as the address has it
	X          string // likewise
	Table      table
	Chart      architectureChart
	Cut        int
	Whole      string
	Measure    []string // the command that measures latencies, while there are none
	Filtered   bool
	Clear      string
	Warnings   []remark
	Commands   []string
}

// limitField is a budget that the address can give.
type limitField struct{ Key, Title, Value string }

// budgetKeys are the parameters of which one gives a budget, with the flags of the command compare.
var budgetKeys = []struct {
	key, flag, title string
	of               func(*analysis.Limit) *float64
}{
	{"epochs", "--epochs", "epochs", func(l *analysis.Limit) *float64 { return &l.Epochs }},
	{"minutes", "--minutes", "minutes", func(l *analysis.Limit) *float64 { return &l.Minutes }},
	{"multiply_adds", "--multiply-adds", "multiply-adds", func(l *analysis.Limit) *float64 { return &l.MultiplyAdds }},
}

// Bounds of a page of architectures.
const (
	architecturesAtOnce = 200 // rows that are shown; exports have all
	mostDrawnNetworks   = 400 // in the chart
	mostModels          = 200 // that an address names
)

// askedArchitectures reads the selection from the address, with the flags that select the same.
func askedArchitectures(q url.Values) (asked analysis.Asked, flags []string, err error) {
	for _, name := range strings.Split(q.Get("models"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			asked.Models = append(asked.Models, name)
		}
	}
	if n := len(asked.Models); n > mostModels {
		return asked, nil, badRequest("models: want at most %d networks, got %d", mostModels, n)
	}
	if len(asked.Models) > 0 {
		flags = append(flags, "--models", strings.Join(asked.Models, ","))
	}
	said := ""
	for _, k := range budgetKeys {
		text := q.Get(k.key)
		if text == "" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v > 0) || math.IsInf(v, 0) {
			return asked, nil, badRequest("%s: want a number above 0, got %q", k.key, text)
		}
		if said != "" {
			return asked, nil, badRequest("want one budget, got %s and %s", said, k.key)
		}
		*k.of(&asked.Limit), said = v, k.key
		flags = append(flags, k.flag, text)
	}
	if asked.Machine = q.Get("machine"); asked.Machine != "" {
		flags = append(flags, "--machine", asked.Machine)
	}
	return asked, flags, nil
}

// architectureData is what the page, the figure and the API share.
type architectureData struct {
	studyData
	found analysis.Compared
	flags []string // of the command that selects the same
}

// architecturesOf a study, selected by the address.
func (s *Server) architecturesOf(r request) (d architectureData, err error) {
	asked, flags, err := askedArchitectures(r.URL.Query())
	if err != nil {
		return d, err
	}
	if d.info, err = s.study(r.Context(), r.Param("study")); err != nil {
		return d, err
	}
	if d.runs, err = s.Source.Runs(r.Context(), experiments.RunFilter{Study: d.info.Ref()}); err != nil {
		return d, err
	}
	d.flags = flags
	d.found, err = analysis.Architectures(r.Context(), s.Source, d.info.Study, d.runs, asked)
	if unknown := (analysis.UnknownError{}); errors.As(err, &unknown) {
		return d, badRequest("%s: %v", unknown.What, unknown)
	}
	for _, row := range d.found.Rows {
		d.ablation.Rows = append(d.ablation.Rows, row.AblationRow)
	}
	return d, err
}

func (s *Server) apiArchitectures(r request) (response, error) {
	d, err := s.architecturesOf(r)
	return answer("architectures", d.found), err
}

func (s *Server) architecturesFigure(r request) (response, error) {
	d, err := s.architecturesOf(r)
	if err != nil {
		return nil, err
	}
	c, err := chartOfArchitectures(d, r.URL, false)
	return svgBody(string(c.Figure)), err
}

func (s *Server) architecturesPage(r request) (response, error) {
	d, err := s.architecturesOf(r)
	if err != nil {
		return nil, err
	}
	q, name := r.URL.Query(), d.info.ShortRef()
	v := architecturesView{Name: name, Href: studyPath(name), Metric: metric.Title(d.found.Metric), Models: q.Get("models"),
		Limit: d.found.Limit, Machine: d.found.Machine, Chosen: q.Get("machine"), Machines: d.found.Machines, Protocol: q.Get("protocol"),
		X: q.Get("x"), Filtered: len(d.flags) > 0, Clear: architecturesPath(name), Warnings: remarksOf(d.found.Warnings, d.studyData),
		Commands: []string{s.Program.On(slices.Concat([]string{"compare", "--study", name}, d.flags)...)}}
	if v.Machine == "" && len(d.found.Rows) > 0 {
		v.Measure = []string{s.Program.On("compare", "--study", name, "--latency")}
	}
	for _, k := range budgetKeys {
		v.Limits = append(v.Limits, limitField{k.key, k.title, q.Get(k.key)})
	}
	v.Table = architecturesTable(d)
	v.Table.Exports = exportLinks(r.URL)
	of := exports{v.Table.Name, []table{v.Table}, func() export.Document {
		return export.Architectures(d.info, d.found, s.Version["version"])
	}}
	if answer, err := of.answer(q); answer != nil || err != nil {
		return answer, err
	}
	if v.Chart, err = chartOfArchitectures(d, r.URL, true); err != nil {
		return nil, err
	}
	if n := len(v.Table.Rows); n > architecturesAtOnce && q.Get("rows") != "all" {
		v.Table.Rows, v.Cut, v.Whole = v.Table.Rows[:architecturesAtOnce], n-architecturesAtOnce, withQuery(r.URL, "rows", "all")
	}
	return s.page("architectures", "Architectures of "+name, v).within("studies").watching("study=" + d.info.Study.Name), nil
}

func architecturesPath(study string) string { return studyPath(study) + "/architectures" }
