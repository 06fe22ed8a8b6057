package report

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func in(t *testing.T, p Page, form string) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b, form); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Markdown and LaTeX have every part but figures.
func TestTextsHaveEveryPart(t *testing.T) {
	p := whole("words")
	p.Sections[0].Parts[4].Code = "a:\n  b: 1 ``` c\n"
	if got, want := in(t, p, Markdown), "# words\n\nwords\n\n## words\n\n*words*\n\nwords\n\n- **words:** words\n\n- words\n\n"+
		"```sh\nwords\n```\n\n````yaml\na:\n  b: 1 ``` c\n````\n\n**words**\n\n"+
		"| words |\n| :---- |\n| words |\n| b     |\n\n---\n\nwords\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	paper := in(t, p, LaTeX)
	for _, want := range []string{"% needs \\usepackage{booktabs}\n\n\\section{words}\n\nwords\n\n\\subsection{words}\n\nwords.\n\nwords\n",
		"\\begin{description}\n  \\item[{words}] words\n\\end{description}", "  \\item[\\textbullet] words\n",
		"\\ttfamily\\raggedright\n  \\mbox{}words\\par\n", "  \\mbox{}a:\\par\n  \\mbox{}~~b: 1 ", "\\caption{words: words}\n  \\label{tab:one}",
		"    words \\\\\n    b \\\\\n", "Written by words."} {
		if !strings.Contains(paper, want) {
			t.Errorf("want %s in\n%s", want, paper)
		}
	}
}

// No text becomes a part of Markdown or LaTeX.
func TestTextsAreNoMarks(t *testing.T) {
	text := "# head <b>*x*</b> \\input{/etc/passwd} %"
	p := whole(text)
	p.Sections[0].Parts = p.Sections[0].Parts[:3]
	markdown := in(t, p, Markdown)
	for _, never := range []string{"<b>", "\n# head <", "\n- # head", "\n# head &lt;b>\\*x\\*&lt;/b> \\input{/etc/passwd} %\n\n- "} {
		if strings.Contains(markdown, never) {
			t.Errorf("%q is in\n%s", never, markdown)
		}
	}
	if !strings.Contains(markdown, "\n\\# head &lt;b>") {
		t.Errorf("the text is not in\n%s", markdown)
	}
	paper := in(t, p, LaTeX)
	if found := regexp.MustCompile(`\\input|[^\\]#|[^\\]% *\n`).FindString(strings.ReplaceAll(paper, `\textbackslash{}`, "")); found != "" {
		t.Errorf("%q is in\n%s", found, paper)
	}
	err := p.Write(&bytes.Buffer{}, "pdf")
	if err == nil || !strings.Contains(err.Error(), `want the form html, markdown or latex, got "pdf"`) {
		t.Errorf("got %v", err)
	}
}
