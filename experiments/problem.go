package experiments

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem is one thing that is wrong with a study: where it is written, which key it is about, what was got and wanted.
type Problem struct {
	Source  string // a file, or an override as it was typed; "" where nobody wrote the value
	Line    int    // from 1; 0 in an override
	Column  int    // characters from 1
	Excerpt string // the line it stands in
	Path    string // "optim.lr"; "" for the whole
	Message string

	places []string // names in a decoder's places, the most specific first
}

// Error is "study.yaml:12:7: optim.lr: want a number > 0, got "fast"", then the line with a caret under the place.
func (p Problem) Error() string {
	text := brief(visible(p.Message), mostMessage)
	if p.Path != "" {
		text = brief(visible(p.Path), mostPath) + ": " + text
	}
	p.Source = visible(p.Source)
	switch {
	case p.Source == "":
		return text
	case p.Column == 0:
		return p.Source + ": " + text
	case p.Line == 0:
		return fmt.Sprintf("override %q, column %d: %s%s", p.Source, p.Column, text, p.frame())
	}
	return fmt.Sprintf("%s:%d:%d: %s%s", p.Source, p.Line, p.Column, text, p.frame())
}

// frameWidth is how much of a line is shown on either side of the place, in characters.
const frameWidth = 60

func (p Problem) frame() string {
	line := []rune(strings.TrimRight(p.Excerpt, "\r\n"))
	if len(line) == 0 || p.Column > len(line)+1 {
		return ""
	}
	from, to := max(0, p.Column-1-frameWidth), min(len(line), p.Column-1+frameWidth)
	var indent strings.Builder
	for _, r := range line[from : p.Column-1] {
		if r != '\t' { // a tab must stay one for the caret to stand below its character
			r = ' '
		}
		indent.WriteRune(r)
	}
	number := ""
	if p.Line > 0 {
		number = fmt.Sprint(p.Line)
	}
	return fmt.Sprintf("\n%5s | %s\n%5s | %s^", number, visible(string(line[from:to])), "", indent.String())
}

// visible replaces what a terminal would obey, or not show, by the sign for an unknown character.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) || r == '\t' || r == '\n' {
			return r
		}
		return utf8.RuneError
	}, text)
}

// The most characters of a message and a path that are shown.
const (
	mostMessage = 600
	mostPath    = 200
)

// brief leaves the middle of a long text out.
func brief(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	all := []rune(text)
	return string(all[:most/2]) + " … " + string(all[len(all)-most/2:])
}

// Problems are all that was found wrong, in the order of the text.
type Problems []Problem

func (ps Problems) Error() string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.Error()
	}
	return strings.Join(texts, "\n")
}

// Unwrap lets errors.As find a single Problem.
func (ps Problems) Unwrap() []error {
	all := make([]error, len(ps))
	for i, p := range ps {
		all[i] = p
	}
	return all
}

// mostProblems is how many problems are shown; whoever has more has one mistake many times.
const mostProblems = 20

// Full tells whether there are as many problems as are shown. Of those that come after, only the number counts; they
// may be empty.
func (ps Problems) Full() bool { return len(ps) >= mostProblems }

// Err returns the problems as an error, or nil if there are none: a nil slice in an error would not be a nil error. Of
// many problems it has the first, and one that says how many others there are.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if a.Line == 0 || b.Line == 0 { // overrides come after the file, as typed
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if len(ps) <= mostProblems {
		return ps
	}
	shown := make(Problems, 0, mostProblems+1)
	for _, p := range ps {
		if p.Message != "" && !shown.Full() {
			shown = append(shown, p)
		}
	}
	return append(shown, Problem{Message: fmt.Sprintf("and %d more", len(ps)-len(shown))})
}

// Place is where something is written.
type Place struct {
	Source  string
	Line    int
	Column  int
	Excerpt string
}

func (at Place) Problem(path, message string) Problem {
	return Problem{Source: at.Source, Line: at.Line, Column: at.Column, Excerpt: at.Excerpt, Path: path, Message: message}
}

// Places remembers where the parts of a study are written. Its keys are configuration paths such as "optim.lr" and, for
// the parts of the study itself, the names that the functions below return.
type Places map[string]Place

func AtKey(key string) string                     { return "study." + key }
func AtFactor(name string) string                 { return "factor." + name }
func AtLevel(factor, label string) string         { return "factor." + factor + "=" + label }
func AtSetting(factor, label, path string) string { return AtLevel(factor, label) + "/" + path }
func AtName(path string) string                   { return "name of " + path }
func AtCell(i int) string                         { return fmt.Sprintf("cell.%d", i) }
func AtExclude(i int) string                      { return fmt.Sprintf("exclude[%d]", i) }
func AtWhen(factor string) string                 { return AtFactor(factor) + ".when" }
func AtDimension(path string) string              { return AtFactor(Dimension{Path: path}.Factor()) }
func AtArm(i int) string                          { return fmt.Sprintf("arm.%d", i) }
func AtPublished(i int) string                    { return fmt.Sprintf("published.rows[%d]", i) }
func AtChosen(i int, path string) string          { return AtArm(i) + "/" + path }

// Locate fills in where a problem is written. That is the first of its places that is known, or else its path or the
// nearest section around it, or else the file as a whole.
func (m Places) Locate(p Problem, file string) Problem {
	names := slices.Clone(p.places)
	for path := p.Path; path != ""; {
		names = append(names, path)
		path = path[:max(0, strings.LastIndex(path, "."))]
	}
	for _, name := range append(names, AtKey("base")) {
		if at, ok := m[name]; ok {
			return at.Problem(p.Path, p.Message)
		}
	}
	p.Source = file
	return p
}
