package report

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"workbench/experiments/escape"
	"workbench/experiments/export"
)

// Forms in which a page can be written.
const (
	HTML     = "html"
	Markdown = "markdown"
	LaTeX    = "latex"
)

// Forms are all of these, each with the ending of its files.
var Forms = map[string]string{HTML: "html", Markdown: "md", LaTeX: "tex"}

// Write writes the page in a form, whole or not at all. Figures are in HTML alone: elsewhere the tables have what they
// show.
func (p Page) Write(w io.Writer, form string) error {
	var text string
	switch form {
	case HTML:
		return p.Render(w)
	case Markdown:
		text = p.markdown()
	case LaTeX:
		text = p.latex()
	default:
		return fmt.Errorf("report %s: want the form %s, %s or %s, got %q", p.Title, HTML, Markdown, LaTeX, form)
	}
	_, err := io.WriteString(w, text)
	return err
}

// markdown is the page as GitHub reads it.
func (p Page) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", escape.Markdown(p.Title))
	if p.Lead != "" {
		fmt.Fprintf(&b, "\n%s\n", paragraph(p.Lead))
	}
	for _, s := range p.Sections {
		fmt.Fprintf(&b, "\n## %s\n", escape.Markdown(s.Title))
		if s.Note != "" {
			fmt.Fprintf(&b, "\n*%s*\n", escape.Markdown(strings.TrimSpace(s.Note)))
		}
		for _, part := range s.Parts {
			if text := part.markdown(); text != "" {
				b.WriteString("\n" + text)
			}
		}
	}
	fmt.Fprintf(&b, "\n---\n\n%s\n", paragraph(p.Program))
	return b.String()
}

// beginning is what makes the beginning of a line of Markdown a heading, a list, a quotation or a rule.
var beginning = regexp.MustCompile(`^(\d*)([-#+=>.)])`)

// paragraph is a text as a paragraph of Markdown.
func paragraph(text string) string {
	return beginning.ReplaceAllString(escape.Markdown(strings.TrimSpace(text)), `$1\$2`)
}

// markdown is the part with a line end behind it, "" if only HTML has it.
func (p Part) markdown() string {
	var b strings.Builder
	switch {
	case p.Text != "":
		b.WriteString(paragraph(p.Text) + "\n")
	case len(p.Facts) > 0:
		for _, f := range p.Facts {
			fmt.Fprintf(&b, "- **%s:** %s\n", escape.Markdown(f.Name), escape.Markdown(f.Value))
		}
	case len(p.List) > 0:
		for _, item := range p.List {
			fmt.Fprintf(&b, "- %s\n", paragraph(item))
		}
	case len(p.Commands) > 0:
		b.WriteString(fenced("sh", p.Commands))
	case p.Code != "":
		b.WriteString(fenced("yaml", p.code()))
	case p.Table != nil:
		if p.Table.Caption != "" {
			fmt.Fprintf(&b, "**%s**\n\n", escape.Markdown(strings.TrimSpace(p.Table.Caption)))
		}
		m := export.Markdown{}
		m.Head, m.Right, m.Rows = p.Table.texts()
		b.WriteString(m.String())
	}
	return b.String()
}

// code is the part's code by lines.
func (p Part) code() []string { return strings.Split(strings.TrimRight(p.Code, "\n"), "\n") }

// fenced are lines as they are, between fences that no line has.
func fenced(language string, lines []string) string {
	text, fence := "", "```"
	for _, line := range lines {
		text += escape.Lines(line) + "\n"
	}
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + text + fence + "\n"
}

// texts are the columns that are not figures alone, which of them are numbers, and their texts.
func (t Table) texts() (head []string, right []bool, rows [][]string) {
	rows = make([][]string, len(t.Rows))
	for k, c := range t.Columns {
		if slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Cells[k].Figure != "" }) {
			continue
		}
		head, right = append(head, c.Title), append(right, c.Number)
		for i, r := range t.Rows {
			rows[i] = append(rows[i], r.Cells[k].Text)
		}
	}
	return head, right, rows
}

// latex is the page as a section of a paper.
func (p Page) latex() string {
	var paper export.Paper
	paper.Section(0, p.Title)
	if p.Lead != "" {
		paper.Paragraph(p.Lead)
	}
	for _, s := range p.Sections {
		paper.Section(1, s.Title)
		if s.Note != "" {
			paper.Paragraph(strings.TrimSpace(s.Note) + ".")
		}
		for _, part := range s.Parts {
			part.latex(&paper, s)
		}
	}
	if p.Program != "" {
		paper.Paragraph("Written by " + p.Program + ".")
	}
	return paper.String()
}

func (p Part) latex(paper *export.Paper, of Section) {
	switch {
	case p.Text != "":
		paper.Paragraph(p.Text)
	case len(p.Facts) > 0:
		facts := make([]export.Fact, len(p.Facts))
		for i, f := range p.Facts {
			facts[i] = export.Fact(f)
		}
		paper.Facts(facts)
	case len(p.List) > 0:
		items := make([]export.Fact, len(p.List))
		for i, item := range p.List {
			items[i].Value = item
		}
		paper.Facts(items)
	case len(p.Commands) > 0:
		paper.Lines(p.Commands)
	case p.Code != "":
		paper.Lines(p.code())
	case p.Table != nil:
		t := export.LaTeX{Label: of.ID, Caption: of.Title}
		if p.Table.Caption != "" {
			t.Caption += ": " + p.Table.Caption
		}
		t.Head, t.Right, t.Rows = p.Table.texts()
		paper.Table(t)
	}
}
