package dashboard

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"

	"workbench/dashboard/filter"
	"workbench/experiments"
	"workbench/experiments/export"
)

type runsView struct {
	Table    table
	Shown    int
	Matching int
	All      int
	Whole    string // the page with all matching runs, or as many as a page can have; "" where this is it
	Query    string
	Study    string
	Studies  []string
	Sort     string
	Columns  string
	Keys     []string // for completion
	Problem  *filter.Error
	Clear    string
	Empty    emptyView
	Commands []string
}

// The page shows rowsAtOnce runs without being asked for all, and then as many as make cellsAtOnce cells; exports have
// them all.
const (
	rowsAtOnce  = 500
	cellsAtOnce = 30_000
)

// runRow is a run with its fields; the same value feeds filter, sort and columns.
type runRow struct {
	run    experiments.RunInfo
	fields filter.Fields
	config map[string]any
}

func (s *Server) runRows(r request) ([]runRow, error) {
	runs, err := s.Source.Runs(r.Context(), experiments.RunFilter{Study: r.URL.Query().Get("study")})
	if err != nil {
		return nil, err
	}
	return rowsOf(runs)
}

func rowsOf(runs []experiments.RunInfo) (rows []runRow, err error) {
	rows = make([]runRow, len(runs))
	for i, run := range runs {
		rows[i].run = run
		if rows[i].config, err = flatten(run.Config); err != nil {
			return nil, fmt.Errorf("run %s: %w", run.ID, err)
		}
		rows[i].fields = fields(run, rows[i].config)
	}
	return rows, nil
}

// Select keeps the runs that a filter matches, such as "model=resnet20_cifar and lr<0.1". The error says what is wrong
// with the filter, and where.
func Select(runs []experiments.RunInfo, query string) ([]experiments.RunInfo, error) {
	rows, err := rowsOf(runs)
	if err != nil {
		return nil, err
	}
	kept, _, err := selected(rows, query)
	if err != nil {
		return nil, err
	}
	var list []experiments.RunInfo
	for _, r := range kept {
		list = append(list, r.run)
	}
	return list, nil
}

// selected applies ?q=; the error is a *filter.Error when the filter is wrong.
func selected(rows []runRow, query string) (kept []runRow, keys []string, err error) {
	all := make([]filter.Fields, len(rows))
	for i, r := range rows {
		all[i] = r.fields
	}
	keys = keysOf(all)
	f, err := filter.Parse(query)
	if err == nil {
		err = f.Check(keys)
	}
	if err != nil {
		return nil, keys, err
	}
	for _, r := range rows {
		if f.Match(r.fields) {
			kept = append(kept, r)
		}
	}
	return kept, keys, nil
}

func (s *Server) runsPage(r request) (response, error) {
	q := r.URL.Query()
	extra, err := extraColumns(q.Get("columns"))
	if err != nil {
		return nil, err
	}
	rows, err := s.runRows(r)
	if err != nil {
		return nil, err
	}
	v := runsView{All: len(rows), Query: q.Get("q"), Study: q.Get("study"), Sort: q.Get("sort"), Columns: q.Get("columns"),
		Clear: withQuery(r.URL, "q", ""),
		Empty: emptyView{"This database holds no run yet.", []string{s.Program.On("run", "quickstart")}}}
	studies, err := s.Source.Studies(r.Context())
	if err != nil {
		return nil, err
	}
	for _, one := range studies {
		v.Studies = append(v.Studies, one.Study.Name)
		for _, version := range versionsOf(one) {
			v.Studies = append(v.Studies, version.Name)
		}
	}
	sort.Strings(v.Studies)
	v.Commands = []string{s.Program.On(listing(v.Study, v.Query)...)}
	format := q.Get("format")
	kept, keys, err := selected(rows, v.Query)
	v.Keys = keys
	if err != nil {
		if !errors.As(err, &v.Problem) || format != "" {
			return nil, err
		}
		return s.page("runs", "Runs", v).withStatus(400), nil
	}
	sortRows(kept, v.Sort)
	v.Matching = len(kept)
	styles, err := s.cellStyles(r.Context())
	if err != nil {
		return nil, err
	}
	v.Table = runTable(kept, extra, r.URL, styles)
	of := exports{v.Table.Name, v.Table.markdown, func() export.Document { return runsData(kept, extra) }}
	if answer, err := of.answer(q); answer != nil || err != nil {
		return answer, err
	}
	v.Shown, v.Whole = min(len(kept), rowsAtOnce), withQuery(r.URL, "rows", "all")
	if q.Get("rows") == "all" {
		v.Shown, v.Whole = min(len(kept), cellsAtOnce/len(v.Table.Columns)), ""
	}
	v.Table = runTable(kept[:v.Shown], extra, r.URL, styles)
	v.Table.Rows = slices.Collect(v.Table.Lazy)
	v.Table.Exports = exportLinks(r.URL)
	return s.page("runs", "Runs", v).watching("all"), nil
}

// listing is the command that lists the same runs.
func listing(study, query string) []string {
	words := []string{"runs"}
	if study != "" {
		words = append(words, "--study", study)
	}
	if query != "" {
		words = append(words, "--where", query)
	}
	return words
}

// runsData are the runs as programs read them, with the columns that ?columns= adds.
func runsData(rows []runRow, columns []string) export.Document {
	runs := make([]experiments.RunInfo, len(rows))
	for i, r := range rows {
		runs[i] = r.run
	}
	d := export.Runs(runs)
	for _, name := range columns {
		d.Tables[0].Add(name, func(i int) any { return rows[i].fields[name] })
	}
	return d
}

// withQuery is u with one parameter set, or removed if value is "".
func withQuery(u *url.URL, key, value string) string {
	q := u.Query()
	q.Del("format")
	q.Set(key, value)
	if value == "" {
		q.Del(key)
	}
	if len(q) == 0 {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + q.Encode()
}

// sortRows by a field, descending with a leading "-"; rows without the field come last either way.
func sortRows(rows []runRow, by string) {
	key, descending := strings.CutPrefix(by, "-")
	if key == "" {
		return
	}
	sort.SliceStable(rows, func(i, j int) bool {
		a, hasA := rows[i].fields[key]
		b, hasB := rows[j].fields[key]
		if !hasA || !hasB {
			return hasA && !hasB
		}
		if descending {
			a, b = b, a
		}
		return less(a, b)
	})
}

func less(a, b any) bool {
	x, xIsNumber := asNumber(a)
	y, yIsNumber := asNumber(b)
	if xIsNumber && yIsNumber {
		return x < y
	}
	if xIsNumber != yIsNumber {
		return xIsNumber
	}
	return fmt.Sprint(a) < fmt.Sprint(b)
}
