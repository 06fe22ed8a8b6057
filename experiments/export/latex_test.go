package export

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A table that fits is as wide as it is; one that does not is broken, made smaller, and at last goes on over pages.
func TestLaTeXFitsAPage(t *testing.T) {
	word := "nine.char"
	wide := strings.Repeat(word+" ", 8)
	for name, c := range map[string]struct {
		table LaTeX
		want  []string
		never []string
	}{
		"small": {LaTeX{Label: "a_b c", Caption: "50 % of", Head: []string{"x", "n"}, Right: []bool{false, true}, Rows: [][]string{{"a & b",
			"1"}},
			Notes: []string{"p < 0.05"}, Bold: func(row, column int) bool { return column == 1 }},
			[]string{"% needs \\usepackage{booktabs}\n", `\caption{50 \% of}`, `\label{tab:a-b-c}`, `\begin{tabular}{lr}`, "    x & n \\\\\n",
				"    a \\& b & \\textbf{1} \\\\\n", `p \textless{} 0.05\par`, `\toprule`, `\midrule`, `\bottomrule`},
			[]string{"\\small\n", "array", "longtable", "resizebox"}},
		"wide texts": {LaTeX{Head: []string{"x", "y"}, Right: []bool{false, false}, Rows: [][]string{{wide, wide}}},
			[]string{"% needs \\usepackage{array,booktabs}\n", `\raggedright\arraybackslash}p{0.`, `\footnotesize`}, []string{"resizebox"}},
		"wide numbers": {LaTeX{Head: slices.Repeat([]string{word}, 20), Right: slices.Repeat([]bool{true}, 20),
			Rows: [][]string{slices.Repeat([]string{"0.12345"}, 20)}},
			[]string{"booktabs,graphicx", `\resizebox{\linewidth}{!}{%`}, []string{"array"}},
		"long": {LaTeX{Head: []string{"x"}, Right: []bool{false}, Rows: slices.Repeat([][]string{{"a"}}, 100), Notes: []string{"n"}},
			[]string{"booktabs,longtable", `\endfirsthead`, `\endhead`, `\endfoot`, "\\noindent\\footnotesize n\\par\n"}, []string{`\begin{table}`}},
		"long words": {LaTeX{Head: []string{"x"}, Right: []bool{false}, Rows: [][]string{{strings.Repeat("0123456789abcdef", 8)}}},
			[]string{`0123456789abcdef\allowbreak{}0123456789abcdef`}, nil},
		"not ASCII": {LaTeX{Head: []string{"é"}, Right: []bool{false}}, []string{`and, for letters beyond ASCII, \usepackage[T1]{fontenc}`}, nil},
	} {
		got := Fragment(c.table)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: want %q in\n%s", name, want, got)
			}
		}
		for _, never := range c.never {
			if strings.Contains(got, never) {
				t.Errorf("%s: %q in\n%s", name, never, got)
			}
		}
	}
}

func TestLabelsOfAFragmentDiffer(t *testing.T) {
	one := LaTeX{Label: "x", Head: []string{"h"}, Right: []bool{false}}
	got := Fragment(one, one, LaTeX{Label: "y", Head: []string{"h"}, Right: []bool{false}})
	for _, want := range []string{`\label{tab:x}`, `\label{tab:x-2}`, `\label{tab:y}`} {
		if strings.Count(got, want) != 1 {
			t.Errorf("want %s once in\n%s", want, got)
		}
	}
}

// Values for programs become texts for papers: numbers on the right with a minus of their own, and never a formula's
// mark.
func TestValuesForPapers(t *testing.T) {
	at := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	table, err := Table{Name: "values", Columns: []string{"a", "b", "c", "d"}, Rows: [][]any{{"=x", -0.5, nil, at}}}.LaTeX("st")
	if err != nil || !slices.Equal(table.Rows[0], []string{"=x", "−0.5", "", "2026-03-14T09:26:53.000Z"}) ||
		!slices.Equal(table.Right, []bool{false, true, false, false}) || table.Label != "st values" {
		t.Errorf("%+v %v", table, err)
	}
}
