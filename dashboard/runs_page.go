package dashboard

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"

	"workbench/dashboard/filter"
	"workbench/experiments"
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
}

func (s *Server) runRows(r request) ([]runRow, error) {
	runs, err := s.Source.Runs(r.Context(), experiments.RunFilter{Study: r.URL.Query().Get("study")})
	if err != nil {
		return nil, err
	}
	rows := make([]runRow, len(runs))
	for i, run := range runs {
		rows[i].run = run
		if rows[i].config, err = s.flat.config(run); err != nil {
			return nil, fmt.Errorf("run %s: %w", run.ID, err)
		}
		rows[i].fields = fields(run, rows[i].config)
	}
	return rows, nil
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
	rows, err := s.runRows(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	v := runsView{All: len(rows), Query: q.Get("q"), Study: q.Get("study"), Sort: q.Get("sort"), Columns: q.Get("columns"),
		Clear: withQuery(withoutFrom(r.URL), "q", ""), Usual: usualFields,
		Empty: emptyView{"This database holds no run yet.", []string{"workbench run quickstart"}}}
	studies, err := s.Source.Studies(r.Context())
	if err != nil {
		return nil, err
	}
	for _, one := range studies {
		v.Studies = append(v.Studies, one.Study.Name)
	}
	sort.Strings(v.Studies)
	v.Commands = []string{runsCommand(v.Study)}
	format := q.Get("format")
	kept, fields, err := selected(rows, v.Query)
	v.Keys = sortedKeys(fields)
	if err != nil {
		if !errors.As(err, &v.Problem) || format != "" {
			return nil, err
		}
		return s.page("runs", "Runs", v).withStatus(400), nil
	}
	for _, name := range furtherColumns(r.URL) {
		if _, has := fields[name]; !has {
			v.Unknown = append(v.Unknown, fmt.Sprintf("no run has a column %q%s", name, nearest.Hint(name, v.Keys)))
		}
	}
	sortRows(kept, cmp.Or(v.Sort, newestFirst))
	v.Matching = len(kept)
	if format == "" {
		if kept, err = v.page(kept, r.URL); err != nil {
			return nil, err
		}
	}
	styles, err := s.cellStyles(r.Context())
	if err != nil {
		return nil, err
	}
	v.Table = runTable(kept, r.URL, styles)
	v.Table.Exports = exportLinks(r.URL)
	if answer, err := v.Table.export(format); answer != nil || err != nil {
		return answer, err
	}
	return s.page("runs", "Runs", v).watching("all"), nil
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

// runsCommand is the command line that lists the same runs before the filter.
func runsCommand(study string) string {
	if study == "" {
		return "workbench runs"
	}
	return "workbench runs --study " + shellWord(study)
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
		return u.Path
	}
	return u.Path + "?" + q.Encode()
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
