package dashboard

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"workbench/dashboard/filter"
	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/nn/nearest"
)

type runsView struct {
	Table    table
	Shown    int
	Matching int
	All      int
	First    int    // number of the first that is shown, from 1
	Newer    string // the pages before and after this one; "" if there is none
	Older    string
	Query    string
	Study    string
	Studies  []string
	Sort     string
	Columns  string
	Keys     []string // for completion, sorted
	Usual    []string // of them, those that are named first
	Problem  *filter.Error
	Unknown  []string // what is wrong with the further columns
	Clear    string
	Empty    emptyView
	Commands []string
}

// rowsAtOnce is how many rows a page shows; exports have them all.
const rowsAtOnce = 200

// newestFirst is the order of runs that nobody chose another for.
const newestFirst = "-updated"

// runRow is a run with its fields; the same value feeds filter, sort and columns.
type runRow struct {
	run    experiments.RunInfo
	fields filter.Fields
	config map[string]any

	collapsed string // what says so; "": it did not
}

func (s *Server) runRows(r request) ([]runRow, error) {
	runs, err := s.Source.Runs(r.Context(), experiments.RunFilter{Study: r.URL.Query().Get("study")})
	if err != nil {
		return nil, err
	}
	return s.flat.rows(runs)
}

func (f *flatConfigs) rows(runs []experiments.RunInfo) (rows []runRow, err error) {
	rows = make([]runRow, len(runs))
	for i, run := range runs {
		rows[i].run = run
		if rows[i].config, err = f.config(run); err != nil {
			return nil, fmt.Errorf("run %s: %w", run.ID, err)
		}
		rows[i].fields = fields(run, rows[i].config)
	}
	flat := analysis.CollapsedAmong(runs)
	for i := range rows {
		if c, yes := flat[rows[i].run.ID]; yes {
			rows[i].collapsed, rows[i].fields["collapsed"] = c.String(), "yes"
		}
	}
	return rows, nil
}

// Select keeps the runs that a filter matches, such as "model=resnet20_cifar and lr<0.1". The error says what is wrong
// with the filter, and where.
func Select(runs []experiments.RunInfo, query string) ([]experiments.RunInfo, error) {
	rows, err := new(flatConfigs).rows(runs)
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

// selected applies ?q=; the error is a *filter.Error when the filter is wrong. fields has an example of each that it
// may name.
func selected(rows []runRow, query string) (kept []runRow, fields filter.Fields, err error) {
	fields = known(rows)
	f, err := filter.Parse(query)
	if err == nil {
		err = f.Check(fields, usualFields)
	}
	if err != nil {
		return nil, fields, err
	}
	for _, r := range rows {
		if f.Match(r.fields) {
			kept = append(kept, r)
		}
	}
	return kept, fields, nil
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
		Clear: withQuery(withoutFrom(r.URL), "q", ""), Usual: usualFields,
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
	kept, fields, err := selected(rows, v.Query)
	v.Keys = sortedKeys(fields)
	if err != nil {
		if !errors.As(err, &v.Problem) || format != "" {
			return nil, err
		}
		return s.page("runs", "Runs", v).withStatus(400), nil
	}
	for _, name := range extra {
		if _, has := fields[name]; !has {
			v.Unknown = append(v.Unknown, fmt.Sprintf("no run has a column %q%s", name, nearest.Hint(name, v.Keys)))
		}
	}
	sortRows(kept, cmp.Or(v.Sort, newestFirst))
	v.Matching = len(kept)
	styles, err := s.cellStyles(r.Context())
	if err != nil {
		return nil, err
	}
	v.Table = runTable(kept, extra, r.URL, styles)
	of := exports{v.Table.Name, []table{v.Table}, func() export.Document { return runsData(kept, extra) }}
	if answer, err := of.answer(q); answer != nil || err != nil {
		return answer, err
	}
	if kept, err = v.page(kept, r.URL); err != nil {
		return nil, err
	}
	v.Table = runTable(kept, extra, r.URL, styles)
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

// page keeps the rows from ?from= on (the first is 0), as many as a page shows.
func (v *runsView) page(rows []runRow, u *url.URL) ([]runRow, error) {
	from := 0
	if text := u.Query().Get("from"); text != "" {
		var err error
		if from, err = strconv.Atoi(text); err != nil || from < 0 {
			return nil, badRequest("from: want the number of rows before the first one, got %q", text)
		}
	}
	from = max(0, min(from, (len(rows)-1)/rowsAtOnce*rowsAtOnce))
	if from > 0 {
		v.Newer = withQuery(u, "from", strconv.Itoa(max(0, from-rowsAtOnce)))
	}
	to := min(len(rows), from+rowsAtOnce)
	if to < len(rows) {
		v.Older = withQuery(u, "from", strconv.Itoa(to))
	}
	v.First, v.Shown = from+1, to-from
	return rows[from:to], nil
}

// Last is the number of the last run that is shown.
func (v runsView) Last() int { return v.First + v.Shown - 1 }

// dropped is u without a parameter.
func dropped(u *url.URL, key string) *url.URL {
	q := u.Query()
	q.Del(key)
	return &url.URL{Path: u.Path, RawQuery: q.Encode()}
}

// withoutFrom is u with the first page of its rows.
func withoutFrom(u *url.URL) *url.URL { return dropped(u, "from") }

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
	if s, isTime := a.(time.Time); isTime {
		if t, both := b.(time.Time); both {
			return s.Before(t)
		}
	}
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
