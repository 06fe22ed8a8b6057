package main

import (
	"maps"
	"slices"

	"workbench/dashboard/report"
	"workbench/nn/nearest"
)

// reportForms are those in which reports are written, by name.
func reportForms() []string { return slices.Sorted(maps.Keys(report.Forms)) }

// reportEndings are other endings of files of these forms.
var reportEndings = map[string]string{"htm": report.HTML, "markdown": report.Markdown, "latex": report.LaTeX}

// otherReports are endings of files that a report cannot be.
var otherReports = []string{"csv", "doc", "docx", "epub", "ipynb", "json", "odt", "pdf", "png", "ps", "rtf", "svg", "txt", "xlsx", "xml",
	"yaml", "yml"}

// reportForm decides in which form a report is written: as asked for, else by the ending of its file, else as usual
// says. An ending that says something else is a mistake. Flag is the one that names the file.
func reportForm(flag, out, asked, usual string) (string, error) {
	if asked != "" && !slices.Contains(reportForms(), asked) {
		return "", usagef("unknown --as %q%s", asked, nearest.Hint(asked, reportForms()))
	}
	e := ending(out)
	said := reportEndings[e]
	for form, own := range report.Forms {
		if own == e {
			said = form
		}
	}
	switch {
	case slices.Contains(otherReports, e):
		return "", usagef("%s %s: .%s files are not written; want one that ends in .html, .md or .tex", flag, out, e)
	case asked == "" && said == "":
		return usual, nil
	case asked == "":
		return said, nil
	case said != "" && said != asked:
		return "", usagef("--as %s does not go with %s %s", asked, flag, out)
	}
	return asked, nil
}
