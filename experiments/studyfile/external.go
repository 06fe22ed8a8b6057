package studyfile

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"workbench/experiments"
	"workbench/experiments/label"
	"workbench/experiments/stats"
	"workbench/nn/nearest"
)

// externalFile is the key by which a study says that results from elsewhere stand in a CSV file. What is recorded are
// the rows.
const externalFile = "published.file"

// Columns of a file with results that are neither a factor's nor values. A factor of the name of one is said by cell.
const (
	columnCell   = "cell"   // "depth=20 net=plain"
	columnRow    = "row"    // a name
	columnN      = "n"      // runs that the values are means of
	columnSD     = "sd"     // of the first column of values over them
	columnSeed   = "seed"   // each row is one run
	columnSource = "source" // where it is from
)

var externalColumns = []string{columnCell, columnRow, columnN, columnSD, columnSeed, columnSource}

const mostExternal = 10_000 // lines of a file with results

// external reads results from elsewhere out of a CSV file.
type external struct {
	d      *decoder
	file   source
	study  *experiments.Study
	heads  []string
	first  []field // where these stand
	values []int   // the columns with values
	table  experiments.Published
	groups []group         // of table.Rows
	wrong  map[string]bool // columns of values in which no number was met yet
}

// group are the lines that make one row: all seeds of it.
type group struct {
	key     string
	seeds   map[string]bool
	columns [][]float64 // by column of values
}

// field is one field of a line with its place, counted from 1.
type field struct {
	text         string
	line, column int
}

// externalTable reads the CSV file of a path relative to a folder. What is wrong inside of it is noted with its places
// there; another error is returned.
func (d *decoder) externalTable(s *experiments.Study, path, folder string) (*experiments.Published, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	text, err := ReadText(path, maxStudyBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("file of results %s: %w", path, experiments.ErrNotFound)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("file of results: %w", err)
	case len(text) > maxStudyBytes:
		return nil, fmt.Errorf("file of results %s: want at most %d bytes", path, maxStudyBytes)
	}
	e := external{d: d, study: s, wrong: map[string]bool{}}
	var problem *experiments.Problem
	if e.file, problem = newSource(path, text); problem != nil {
		d.problems = append(d.problems, *problem)
		return nil, nil
	}
	e.read()
	return &e.table, nil
}

func (e *external) fail(at field, format string, args ...any) {
	e.d.problems = append(e.d.problems, e.file.place(at.line, at.column).Problem(externalFile, fmt.Sprintf(format, args...)))
}

// read reads the heads and then line by line, until there are too many problems.
func (e *external) read() {
	before := len(e.d.problems)
	r := csv.NewReader(strings.NewReader(string(e.file.text)))
	for lines := 0; ; lines++ {
		fields, err := e.fields(r)
		switch {
		case errors.Is(err, io.EOF) && lines < 2 && len(e.d.problems) == before:
			e.fail(field{"", 1, 1}, "want a line with the names of columns and then results, got %d lines", lines)
			return
		case errors.Is(err, io.EOF):
			e.finish()
			return
		case err != nil:
			return // noted
		case lines > mostExternal:
			e.fail(fields[0], "want at most %d results", mostExternal)
			return
		case lines == 0:
			if e.head(fields); len(e.d.problems) > before {
				return
			}
		default:
			e.result(fields)
		}
		if e.d.problems.Full() {
			return
		}
	}
}

// fields are those of the next line. An error but the end is noted.
func (e *external) fields(r *csv.Reader) ([]field, error) {
	texts, err := r.Read()
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		message := map[error]string{
			csv.ErrFieldCount: fmt.Sprintf("want %d fields, as the first line has, got %d", len(e.heads), len(texts)),
			csv.ErrQuote:      `a quote that is out of place: fields with quotes are written "so ""quoted"" here"`,
			csv.ErrBareQuote:  `a quote within a field: such fields are written "so ""quoted"" here"`,
		}[wrong.Err]
		e.fail(field{"", wrong.Line, max(1, e.characters(wrong.Line, wrong.Column))}, "%s", message)
	}
	if err != nil {
		return nil, err
	}
	all := make([]field, len(texts))
	for i, text := range texts {
		line, column := r.FieldPos(i)
		all[i] = field{strings.TrimSpace(text), line, e.characters(line, column)}
		if utf8.RuneCountInString(text) > mostCellText {
			e.fail(all[i], "want at most %d characters, got %d", mostCellText, utf8.RuneCountInString(text))
		}
	}
	return all, nil
}

// characters is the column of a byte of a line, both counted from 1.
func (e *external) characters(line, column int) int {
	if line < 1 || line > len(e.file.lines) || column-1 > len(e.file.lines[line-1]) {
		return column
	}
	return utf8.RuneCountInString(e.file.lines[line-1][:max(column-1, 0)]) + 1
}

func (e *external) isFactor(name string) bool {
	return slices.ContainsFunc(e.study.Factors, func(f experiments.Factor) bool { return f.Name == name })
}

func (e *external) factors() []string {
	var names []string
	for _, f := range e.study.Factors {
		names = append(names, f.Name)
	}
	return names
}

// head takes the names of the columns.
func (e *external) head(fields []field) {
	e.first = fields
	for i, f := range fields {
		switch {
		case f.text == "":
			e.fail(f, "want a name for the column")
		case slices.Contains(e.heads, f.text):
			e.fail(f, "the column %q is there twice", f.text)
		case !slices.Contains(externalColumns, f.text) && !e.isFactor(f.text):
			e.values, e.wrong[f.text] = append(e.values, i), true
			e.table.Columns = append(e.table.Columns, f.text)
		}
		e.heads = append(e.heads, f.text)
	}
	has := func(name string) bool { return slices.Contains(e.heads, name) }
	switch {
	case len(e.values) == 0 || len(e.values) > mostColumns:
		e.fail(fields[0], "want 1 to %d columns of values, such as %q or %q, got %d", mostColumns, experiments.ExternalValue,
			e.study.Metric, len(e.values))
	case !has(columnCell) && !has(columnRow) && !slices.ContainsFunc(e.factors(), has):
		e.fail(fields[0], "want columns that say what each row is: %s", strings.Join(append(e.factors(), columnCell, columnRow), ", "))
	case has(columnSeed) && (has(columnN) || has(columnSD)):
		e.fail(fields[slices.Index(e.heads, columnSeed)], "with seeds, n and sd are counted from the rows: want seed, or n and sd")
	}
}

// result takes a line: a row of the table, or a seed of one.
func (e *external) result(fields []field) {
	row := experiments.PublishedRow{Source: filepath.Base(e.file.file)}
	values := make([]any, 0, len(e.values))
	seed := field{}
	for i, f := range fields {
		switch head := e.heads[i]; {
		case f.text == "" && !slices.Contains(e.values, i):
			if head == columnSeed {
				e.fail(f, "want a seed")
			}
		case head == columnCell:
			e.cell(&row, f)
		case head == columnRow:
			row.Name = f.text
		case head == columnSource:
			row.Source = f.text
		case head == columnSeed:
			seed = f
		case head == columnN:
			if n, err := strconv.Atoi(f.text); err != nil || n < 1 || n > maxSeeds {
				e.fail(f, "n: want a whole number from 1 to %d, got %q", maxSeeds, f.text)
			} else {
				row.N = n
			}
		case head == columnSD:
			row.SD = e.spread(f)
		case slices.Contains(e.values, i):
			values = append(values, e.value(head, f))
		default:
			e.level(&row, head, f)
		}
	}
	if row.Levels == nil && row.Name == "" {
		e.fail(fields[0], "want the cell that it stands beside (%s), or row: its name", strings.Join(append(e.factors(), columnCell), ", "))
	}
	row.Values = values
	e.add(row, seed, fields)
}

// add makes a row, or adds a seed to the one that it belongs to.
func (e *external) add(row experiments.PublishedRow, seed field, fields []field) {
	key := fmt.Sprintf("%q %v %q", row.Name, row.Levels, row.Source) // of maps, fmt sorts the keys
	at := slices.IndexFunc(e.groups, func(g group) bool { return g.key == key && seed.text != "" })
	if at < 0 {
		if len(e.groups) == mostPrinted {
			e.fail(fields[0], "want at most %d rows; with a column seed, rows of one cell count once", mostPrinted)
		}
		e.d.places[experiments.AtPublished(len(e.groups))] = e.file.place(fields[0].line, fields[0].column)
		e.table.Rows, at = append(e.table.Rows, row), len(e.groups)
		e.groups = append(e.groups, group{key: key, seeds: map[string]bool{}, columns: make([][]float64, len(e.values))})
	}
	if seed.text == "" {
		return
	}
	g := &e.groups[at]
	if g.seeds[seed.text] {
		e.fail(seed, "seed %s of this row is there twice", seed.text)
	}
	g.seeds[seed.text] = true
	for i, v := range row.Values {
		x, is := v.(float64)
		if !is {
			e.fail(fields[e.values[i]], "want a number, of which the mean over seeds is taken, got %q", v)
		}
		g.columns[i] = append(g.columns[i], x)
	}
}

// finish takes the means over seeds, and looks for columns that were meant for something else.
func (e *external) finish() {
	for i, g := range e.groups {
		if len(g.seeds) == 0 {
			continue
		}
		row := &e.table.Rows[i]
		row.N = len(g.seeds)
		for k, xs := range g.columns {
			row.Values[k] = stats.Mean(xs)
		}
		if row.N > 1 {
			row.SD = stats.SD(g.columns[0])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.wrong)) {
		e.fail(e.first[slices.Index(e.heads, name)], "column %q has no number, so it is none of values%s", name,
			nearest.Hint(name, append(e.factors(), externalColumns...)))
	}
}

// value is a number, or a text where there is none.
func (e *external) value(head string, f field) any {
	x, err := strconv.ParseFloat(f.text, 64)
	switch {
	case err != nil && f.text == "":
		return "–"
	case err != nil:
		return f.text
	case math.IsNaN(x) || math.IsInf(x, 0):
		e.fail(f, "want a finite number, or a text such as diverged, got %q", f.text)
	}
	delete(e.wrong, head)
	return x
}

func (e *external) spread(f field) float64 {
	x, err := strconv.ParseFloat(f.text, 64)
	if err != nil || !(x >= 0) || math.IsInf(x, 0) {
		e.fail(f, "sd: want a number of 0 or more, got %q", f.text)
		return 0
	}
	return x
}

// cell reads the levels of a cell: "depth=20 net=plain".
func (e *external) cell(row *experiments.PublishedRow, f field) {
	for _, part := range strings.FieldsFunc(f.text, func(r rune) bool { return r == ' ' || r == ',' }) {
		factor, level, is := strings.Cut(part, "=")
		if !is || !e.isFactor(factor) {
			e.fail(f, "cell: want factor=level, factors are %s, got %q", strings.Join(e.factors(), ", "), part)
			return
		}
		e.level(row, factor, field{level, f.line, f.column})
	}
}

// level gives the row a level. 0.10 is the level 0.1.
func (e *external) level(row *experiments.PublishedRow, name string, f field) {
	i := slices.IndexFunc(e.study.Factors, func(known experiments.Factor) bool { return known.Name == name })
	factor, said := e.study.Factors[i], label.Normal(f.text)
	if x, err := strconv.ParseFloat(f.text, 64); err == nil {
		for _, l := range factor.Labels() {
			if y, err := strconv.ParseFloat(l, 64); err == nil && x == y {
				said = l
			}
		}
	}
	if _, err := factor.Level(said); err != nil {
		e.fail(f, "%v", err)
	}
	if row.Levels == nil {
		row.Levels = map[string]string{}
	}
	row.Levels[name] = said
}
