// Package report renders what a study has come to as one HTML file that needs no other: it asks nobody for anything,
// and its policy lets nothing run and no style apply but its own. It knows no studies: whoever has something to tell
// makes sections of plain data.
package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"workbench/dashboard/figure"
	"workbench/experiments/escape"
)

// Page is a report: its title, a line below it, and sections in the order in which they are read.
type Page struct {
	Title, Lead string
	Program     string // what has written it, with its version
	Style       string // CSS of tables and figures
	Sections    []Section
}

// Section is one heading with what stands below it.
type Section struct {
	ID, Title string // ID: of the place in the page, a word
	Note      string // beside the title
	Parts     []Part
}

// Part is a piece of a section. One of its fields is set; all texts are as they are and are escaped here.
type Part struct {
	Text     string        // a paragraph
	Facts    []Fact        // names and values side by side
	List     []string      // remarks
	Commands []string      // for a shell
	Code     string        // lines as they are
	Figure   template.HTML // SVG of package figure, which escapes
	Table    *Table
}

// Fact is a name with its value.
type Fact struct{ Name, Value string }

// Table has rows as long as Columns.
type Table struct {
	Caption string
	Columns []Column
	Rows    []Row
}

// Column of a table. Hint is shown below the pointer; Number aligns right.
type Column struct {
	Title, Hint string
	Number      bool
}

// Row of a table; Class is one of the style sheet's, such as "baseline".
type Row struct {
	Class string
	Cells []Cell
}

// Cell of a table. Class is one of the style sheet's, such as "better"; Mark is that of a frame around the text.
type Cell struct {
	Text, Title, Class, Mark string
	Swatch                   *figure.Style // in front of the text
	Figure                   template.HTML // in place of it; SVG of package figure
}

//go:embed report.html
var pageText string

//go:embed report.css
var ownStyle string

var pageTemplate = template.Must(template.New("report").Parse(pageText))

// Render writes the page, whole or not at all.
func (p Page) Render(w io.Writer) error {
	style := p.Style + ownStyle
	sum := sha256.Sum256([]byte(style))
	policy := fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
		base64.StdEncoding.EncodeToString(sum[:]))
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, struct {
		Page
		Policy string
		CSS    template.CSS
	}{p, policy, template.CSS(style)})
	if err != nil {
		return fmt.Errorf("report %s: %w", p.Title, err)
	}
	_, err = w.Write(escape.HTML(b.Bytes()))
	return err
}
