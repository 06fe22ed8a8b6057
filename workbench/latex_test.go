package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/experiments/metric"
)

// hostile is a text with everything that LaTeX takes for something else.
const hostile = "100% & a_b #1 $x$ {y} ~z ^2 \\input{/etc/passwd} [opt]" +
	"  *star* --long ''q'' \"d\" `t` <i> |b| ± × − é ß Ω 漢 \u202e\n\\end{table}"

// fragments are answers in LaTeX, by what was asked: every table of every command that answers with some, and a study
// whose levels, runs and remarks have hostile names.
func fragments(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	answersOf(t, func(a *app, args []string) {
		all[strings.Join(args, " ")] = a.said(t, 0, append(slices.Clone(args), "--format", "latex")...)
		if args[0] == "ablate" {
			for _, table := range []string{"cells", "effects", "values", "budgets", "trends", "robust", "points"} {
				all["ablate "+table] = a.said(t, 0, append(slices.Clone(args), "--format", "latex", "--table", table)...)
			}
		}
		for what, asked := range map[string][]string{"report": {"-o"}, "reproduce": {"--report", "--appendix"}} {
			for _, flag := range asked {
				if args[0] == what && args[1] != "--quantities" {
					all[strings.Join(append(slices.Clone(args), flag), " ")] = a.wrote(t, args, flag)
				}
			}
		}
	})
	info, runs := judged(t, metric.TestTop1)
	info.Study.Factors[0].Levels[1].Label = hostile
	for i := range runs {
		runs[i].Reason, runs[i].Environment, runs[i].Cell = hostile, map[string]string{"cpu": hostile + runs[i].ID}, hostile
	}
	for what, show := range map[string]func(*app) error{
		"a hostile comparison": func(a *app) error { return a.compareRuns(runs[:2], nil, true) },
		"hostile runs":         func(a *app) error { return a.showRuns(runs) },
		"a hostile power":      func(a *app) error { return a.showPower(info, nil, 0.5) },
		"a long list":          func(a *app) error { return a.showRuns(slices.Repeat(runs, 12)) },
		"nothing":              func(a *app) error { return a.showRuns(nil) },
		"a hostile listing": func(a *app) error {
			l := listing{key: hostile, title: hostile, notes: []string{hostile}, columns: []column{{"k", hostile, false}, {"v", "v", true}},
				rows: [][]cell{{text(hostile), text("*")}, {text("[2pt]"), text(strings.Repeat(hostile, 20))}}}
			return a.show(document{name: hostile, listings: []listing{l, l}, remarks: []string{hostile}})
		},
	} {
		all[what] = inFormat(t, "latex", 0, show)
	}
	return all
}

// wrote calls a command that writes a file of LaTeX, which the flag names, and gives what is in it.
func (a *app) wrote(t *testing.T, args []string, flag string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.tex")
	a.said(t, 0, append(slices.Clone(args), flag, file)...)
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

var environment = regexp.MustCompile(`\\(begin|end)\{([a-z]+)\}`)

// columnOf is a column of a tabular.
var columnOf = regexp.MustCompile(`(?:>\{\\ragged(?:right|left)\\arraybackslash\})?p\{[0-9.]+\\linewidth\}|[lr]`)

// sound reports what of a fragment LaTeX would not take, or would take for something else than text.
func sound(t *testing.T, what, fragment string) {
	t.Helper()
	if !strings.HasPrefix(fragment, `% needs \usepackage{`) || strings.Count(fragment, "booktabs") == 0 {
		t.Errorf("%s: it begins without the packages that it needs: %.60q", what, fragment)
	}
	var open []string
	tables := 0
	for _, e := range environment.FindAllStringSubmatch(fragment, -1) {
		switch {
		case e[1] == "begin":
			open = append(open, e[2])
			tables += map[string]int{"tabular": 1, "longtable": 1}[e[2]]
		case len(open) == 0 || open[len(open)-1] != e[2]:
			t.Fatalf("%s: \\end{%s} ends %v", what, e[2], open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 || tables == 0 {
		t.Errorf("%s: %d tables, %v stay open", what, tables, open)
	}
	labels := regexp.MustCompile(`\\label\{([^}]*)\}`).FindAllString(fragment, -1)
	if n := strings.Count(fragment, `\caption{`); n != tables || len(slices.Compact(slices.Sorted(slices.Values(labels)))) != tables {
		t.Errorf("%s: %d tables have %d captions and the labels %q", what, tables, n, labels)
	}
	columns := 0
	for i, line := range strings.Split(fragment, "\n") {
		if spec := regexp.MustCompile(`\\begin\{(?:tabular|longtable)\}\{(.*)\}$`).FindStringSubmatch(line); spec != nil {
			columns = len(columnOf.FindAllString(spec[1], -1))
			continue
		}
		if n := len(unescaped(line, '&')); strings.HasSuffix(line, ` \\`) && !strings.Contains(line, `\label`) && n != columns-1 {
			t.Errorf("%s, line %d: %d cells in %d columns: %s", what, i+1, n+1, columns, line)
		}
		if i > 0 && line != `  \resizebox{\linewidth}{!}{%` {
			literal(t, fmt.Sprintf("%s, line %d", what, i+1), line)
		}
	}
}

// unescaped are the places of a character that no backslash makes a letter.
func unescaped(line string, r byte) []int {
	var at []int
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' {
			i++
		} else if line[i] == r {
			at = append(at, i)
		}
	}
	return at
}

// literal reports characters of a line that mean something to LaTeX where they should be text.
func literal(t *testing.T, where, line string) {
	t.Helper()
	outside := ""
	for i, part := range regexp.MustCompile(`(?:^|[^\\])\$`).Split(" "+line, -1) {
		if i%2 == 0 {
			outside += part
		}
	}
	if len(unescaped(line, '$'))%2 != 0 {
		t.Errorf("%s: a formula stays open: %s", where, line)
	}
	for _, special := range []byte("%#^_") {
		if len(unescaped(outside, special)) > 0 {
			t.Errorf("%s: an unescaped %c: %s", where, special, line)
		}
	}
	if a, b := len(unescaped(line, '{')), len(unescaped(line, '}')); a != b && !strings.HasSuffix(line, `\end{tabular}}`) {
		t.Errorf("%s: %d braces open, %d close: %s", where, a, b, line)
	}
	if i := strings.IndexFunc(line, func(r rune) bool { return r > 'ſ' }); i >= 0 {
		t.Errorf("%s: a character that pdfLaTeX has no letter for: %s", where, line[i:])
	}
	for _, command := range regexp.MustCompile(`\\[a-zA-Z]+`).FindAllString(strings.ReplaceAll(line, `\textbackslash`, ""), -1) {
		if command == `\input` {
			t.Errorf("%s: a command of a user: %s", where, line)
		}
	}
}

// Every table of every command is one that LaTeX takes, whatever the names in it.
func TestTablesForPapersAreSound(t *testing.T) {
	for what, fragment := range fragments(t) {
		sound(t, what, fragment)
	}
}

// In bold is only what is decided as better; the test and its correction stand below.
func TestPapersHaveBoldOnlyWhatIsDecided(t *testing.T) {
	info, runs := judged(t, metric.TestTop1)
	text := inFormat(t, "latex", 0, func(a *app) error { return a.showAblation(t.Context(), noPoints{}, info, runs, analysis.Against{}) })
	for line := range strings.Lines(text) {
		if strings.HasSuffix(line, "\\\\\n") && !strings.Contains(line, "verdict") {
			if got, want := strings.Count(line, `\textbf{`) > 0, strings.Contains(line, "& better"); got != want {
				t.Errorf("bold: %t, better: %t: %s", got, want, line)
			}
		}
	}
	for _, want := range []string{"& better", "& worse", "& undecided", "paired t-test", "Holm", `\label{tab:st-cells}`, `$\pm$`} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
}

// manyPoints has measured more than anybody prints.
type manyPoints struct{}

func (manyPoints) Series(_ context.Context, runs, _ []string, _ int) ([]experiments.Series, error) {
	return []experiments.Series{{Run: runs[0], Metric: "m", Points: make([]experiments.Point, 6000)}}, nil
}

func TestTablesForPapersEnd(t *testing.T) {
	info, runs := judged(t, metric.TestTop1)
	a := newApp()
	a.format, a.table, a.now = "latex", "points", func() time.Time { return noon }
	err := a.showAblation(t.Context(), manyPoints{}, info, runs, analysis.Against{})
	if err == nil || !strings.Contains(err.Error(), "more than 5000 rows") {
		t.Errorf("got %v", err)
	}
	got := export.Fragment(export.LaTeX{Label: "a b", Caption: "c", Head: []string{"h"}, Right: []bool{false}})
	if !strings.Contains(got, "tab:a-b}") {
		t.Error(got)
	}
}
