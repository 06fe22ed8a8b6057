package dashboard

import "workbench/dashboard/report"

// published is the table in print that the study repeats, beside what was measured.
func (d studyData) published(v studyView) report.Section {
	s := report.Section{ID: "published", Title: "In print, beside what was measured", Note: "sizes and protocols differ"}
	if len(v.Published.Rows) > 0 {
		s.Parts = []report.Part{{Table: reported(v.Published)}}
	}
	return s
}
