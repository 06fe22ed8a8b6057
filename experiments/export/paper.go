package export

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"workbench/experiments/escape"
)

// Paper is a part of a paper for pdfLaTeX: headings, paragraphs, lists and tables, one below the other. All texts are
// as they are: they are escaped here. The zero value is empty.
type Paper struct {
	body  strings.Builder
	taken map[string]int // labels of tables
}

// Section begins a section; a deeper one with a depth of 1 or 2.
func (p *Paper) Section(depth int, title string) {
	fmt.Fprintf(&p.body, "\n\\%ssection{%s}\n", strings.Repeat("sub", depth), escape.LaTeX(title))
}

// Paragraph is one.
func (p *Paper) Paragraph(text string) { fmt.Fprintf(&p.body, "\n%s\n", breakable(text)) }

// Facts are names with what they say, one below the other. One without a name is an item of a list.
func (p *Paper) Facts(facts []Fact) {
	if len(facts) == 0 {
		return // LaTeX has no empty lists
	}
	p.body.WriteString("\n\\begin{description}\n")
	for _, f := range facts {
		if f.Name == "" {
			fmt.Fprintf(&p.body, "  \\item[\\textbullet] %s\n", breakable(f.Value))
			continue
		}
		fmt.Fprintf(&p.body, "  \\item[{%s}] %s\n", escape.LaTeX(f.Name), breakable(f.Value))
	}
	p.body.WriteString("\\end{description}\n")
}

// Lines are lines of a program or for a shell, as they are; a long one is broken.
func (p *Paper) Lines(lines []string) {
	p.body.WriteString("\n\\begin{quote}\\footnotesize\\ttfamily\\raggedright\n")
	for _, line := range lines {
		text := strings.TrimLeft(line, " \t")
		indent := strings.Repeat("~", len(line)-len(text))
		if text == "" {
			indent = "~"
		}
		p.body.WriteString("  \\mbox{}" + indent + breakable(text) + "\\par\n")
	}
	p.body.WriteString("\\end{quote}\n")
}

// Table is one; labels that are equal get numbers behind them.
func (p *Paper) Table(t LaTeX) {
	if p.taken == nil {
		p.taken = map[string]int{}
	}
	label := "tab:" + labelOf(t.Label)
	if p.taken[label]++; p.taken[label] > 1 {
		label = fmt.Sprint(label, "-", p.taken[label])
	}
	p.body.WriteString("\n")
	t.write(&p.body, label)
}

// String is all of it, with the packages that it needs in a comment above.
func (p *Paper) String() string {
	text, needed := p.body.String(), []string{"booktabs"}
	for _, p := range []struct{ name, sign string }{
		{"array", `\arraybackslash`}, {"longtable", `\begin{longtable}`}, {"graphicx", `\resizebox`},
	} {
		if strings.Contains(text, p.sign) {
			needed = append(needed, p.name)
		}
	}
	slices.Sort(needed)
	head := `% needs \usepackage{` + strings.Join(needed, ",") + "}"
	if strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		head += " and, for letters beyond ASCII, \\usepackage[T1]{fontenc}"
	}
	return head + "\n" + text
}

// labelOf keeps of a name what every version of LaTeX takes in a label.
func labelOf(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool {
		return r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "-")
}
