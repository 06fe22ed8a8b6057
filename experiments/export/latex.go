package export

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"workbench/experiments"
	"workbench/experiments/escape"
)

// LaTeX is a table of texts for papers, as pdfLaTeX sets it with booktabs. All texts are as they are: they are escaped
// here. Rows are as long as Head; Right says which columns are numbers.
type LaTeX struct {
	Label   string // what \label{tab:…} says; letters, digits and hyphens remain of it
	Caption string
	Head    []string
	Right   []bool
	Rows    [][]string
	Bold    func(row, column int) bool // cells in bold; nil: none
	Notes   []string                   // paragraphs below the table
}

// Tables beyond these sizes are set in another way; see layout.
const (
	textWidth   = 345.0 // points of a line of LaTeX's article, for which widths of columns are chosen
	letterWidth = 0.50  // of a character on average, in sizes of the font
	mostLines   = 44    // of a table on one page; a longer one goes on over pages
)

// Fragment has the tables one below the other, with the packages that they need in a comment above them.
func Fragment(tables ...LaTeX) string {
	var p Paper
	for _, t := range tables {
		p.Table(t)
	}
	return p.String()
}

func (l LaTeX) write(b *strings.Builder, label string) {
	y := l.layout()
	head := fmt.Sprintf("  \\caption{%s}\n  \\label{%s}\n", breakable(l.Caption), label)
	columns := strings.Join(y.columns, "")
	var rows strings.Builder
	for i := range l.Rows {
		rows.WriteString("    " + l.line(y, i) + " \\\\\n")
	}
	titles := "    \\toprule\n    " + l.line(y, -1) + " \\\\\n    \\midrule\n"
	if y.long {
		fmt.Fprintf(b, "\\begingroup\n%s\\begin{longtable}{%s}\n%s", y.size, columns, strings.TrimSuffix(head, "\n")+" \\\\\n")
		fmt.Fprintf(b, "%s\\endfirsthead\n%s\\endhead\n    \\bottomrule\n\\endfoot\n%s\\end{longtable}\n", titles, titles, rows.String())
		l.notes(b, "\\noindent\\footnotesize ")
		b.WriteString("\\endgroup\n")
		return
	}
	before, behind := "", ""
	if y.shrunk {
		before, behind = "  \\resizebox{\\linewidth}{!}{%\n", "}\n"
	}
	fmt.Fprintf(b, "\\begin{table}[htbp]\n  \\centering\n%s%s%s  \\begin{tabular}{%s}\n", head, y.size, before, columns)
	fmt.Fprintf(b, "%s%s    \\bottomrule\n  \\end{tabular}%s\n", titles, rows.String(), strings.TrimSuffix(behind, "\n"))
	if len(l.Notes) > 0 {
		b.WriteString("  \\par\\smallskip\n  \\begin{minipage}{\\linewidth}\n")
		l.notes(b, "  \\footnotesize ")
		b.WriteString("  \\end{minipage}\n")
	}
	b.WriteString("\\end{table}\n")
}

func (l LaTeX) notes(b *strings.Builder, before string) {
	for _, note := range l.Notes {
		b.WriteString(before + breakable(note) + "\\par\n")
	}
}

// line is a row of cells, −1 for the heads.
func (l LaTeX) line(y layout, row int) string {
	texts, bold := l.Head, false
	if row >= 0 {
		texts = l.Rows[row]
	}
	cells := make([]string, len(texts))
	for k, text := range texts {
		if text = strings.TrimSpace(text); y.broken[k] {
			cells[k] = breakable(text)
		} else {
			cells[k] = escape.LaTeX(text)
		}
		if bold = row >= 0 && l.Bold != nil && l.Bold(row, k) && text != ""; bold {
			cells[k] = `\textbf{` + cells[k] + "}"
		}
	}
	return strings.Join(cells, " & ")
}

// longWord is how many characters a word may have that is not broken.
const longWord = 16

// breakable is a text whose long words, such as paths, may be broken behind their marks or, without any, anywhere.
func breakable(s string) string {
	words := strings.Split(s, " ")
	for i, word := range words {
		if utf8.RuneCountInString(word) <= longWord {
			words[i] = escape.LaTeX(word)
			continue
		}
		var parts []string
		part := ""
		for _, r := range word {
			if part += string(r); strings.ContainsRune("/._=,:;-+@", r) || utf8.RuneCountInString(part) >= longWord {
				parts, part = append(parts, escape.LaTeX(part)), ""
			}
		}
		words[i] = strings.Join(append(parts, escape.LaTeX(part)), `\allowbreak{}`)
	}
	return strings.Join(words, " ")
}

// mostLaTeX is how many rows a table for papers has at most.
const mostLaTeX = 5000

// LaTeX is the table with the values as CSV has them, a name a column; about is what it is of, for its label. It is an
// error if the table has more rows than anybody prints.
func (t Table) LaTeX(about string) (LaTeX, error) {
	l := LaTeX{Label: strings.TrimSpace(about + " " + t.Name), Caption: strings.TrimSpace(about + ": " + t.Name), Head: t.Columns,
		Right: make([]bool, len(t.Columns))}
	add := func(row []any) error {
		if len(l.Rows) == mostLaTeX {
			return fmt.Errorf("table %s has more than %d rows, which is too many for LaTeX: want the format csv", t.Name, mostLaTeX)
		}
		texts := make([]string, len(row))
		for k, v := range row {
			texts[k] = plain(v)
			switch v.(type) {
			case float64, experiments.Number, int, int64, uint64:
				l.Right[k], texts[k] = true, strings.ReplaceAll(texts[k], "-", "−")
			}
		}
		l.Rows = append(l.Rows, texts)
		return nil
	}
	for _, row := range t.Rows {
		if err := add(row); err != nil {
			return l, err
		}
	}
	if t.Each != nil {
		return l, t.Each(add)
	}
	return l, nil
}
