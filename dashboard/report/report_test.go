package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"workbench/dashboard/figure"
)

const hostile = `<script>alert(1)</script> "onload=x" & <style>*{}</style> javascript:x ` + "\u202e"

func rendered(t *testing.T, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Render(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// whole is a page with every kind of part, and one text everywhere.
func whole(text string) Page {
	table := &Table{Caption: text, Columns: []Column{{Title: text, Hint: text}, {Title: "n", Number: true}},
		Rows: []Row{{Class: "baseline", Cells: []Cell{{Text: text, Title: text, Swatch: &figure.Style{Slot: 3, Dash: 1}}, {Text: "1",
			Class: "better"}}},
			{Cells: []Cell{{Text: "b", Mark: "square done"}, {Figure: "<svg></svg>"}}}}}
	return Page{Title: text, Lead: text, Program: text, Style: ".card { color: red; }", Sections: []Section{{ID: "one", Title: text,
		Note: text,
		Parts: []Part{{Text: text}, {Facts: []Fact{{text, text}}}, {List: []string{text}}, {Commands: []string{text}}, {Code: text + "\n two"},
			{Figure: `<svg id="figure"></svg>`}, {Table: table}}}}}
}

func TestEveryPartIsShown(t *testing.T) {
	page := rendered(t, whole("words"))
	for _, want := range []string{"<title>words</title>", "<h1>words</h1>", `<a href="#one">words</a>`, `<section class="card" id="one">`,
		"<p>words</p>", "<dt>words</dt><dd>words</dd>", "<li>words</li>", "<code>words</code>", "<code>words\n two</code>",
		`<svg id="figure">`, "<caption>words</caption>", `<th scope="col" title="words">words</th>`, `<th scope="col" class="number">n</th>`,
		`<tr class="baseline">`, `class="line k3 d1"`, `<td class="number better">1</td>`, `<span class="square done">b</span>`,
		"<footer>words</footer>"} {
		if !strings.Contains(page, want) {
			t.Errorf("want %s in\n%s", want, page)
		}
	}
}

// The policy lets the one style sheet apply, and nothing else; no text becomes a part of the page.
func TestPagesAskForNothing(t *testing.T) {
	page := rendered(t, whole(hostile))
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(page, -1)
	if len(style) != 1 || !strings.Contains(style[0][1], ".card { color: red; }") {
		t.Fatalf("%d style sheets", len(style))
	}
	sum := sha256.Sum256([]byte(style[0][1]))
	policy := "default-src &#39;none&#39;; style-src &#39;sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"&#39;; base-uri &#39;none&#39;"
	if found := strings.ReplaceAll(strings.ReplaceAll(page, "&#43;", "+"), "&#34;", `"`); !strings.Contains(found, policy) {
		t.Errorf("the policy is not %s in\n%.600s", policy, found)
	}
	for _, never := range []string{"<script", "<link", "<img", "<iframe", "@import", " style=", "src=", "\u202e"} {
		if strings.Contains(page, never) {
			t.Errorf("%q is in the page", never)
		}
	}
	for _, href := range regexp.MustCompile(`(?:href|url)[=(]"?([^")]*)`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(href[1], "#") {
			t.Errorf("the page leads to %s", href[1])
		}
	}
}
