package dashboard

import (
	"workbench/dashboard/report"
	"workbench/experiments/analysis"
)

// published is the table in print that the study repeats, beside what was measured.
func (d studyData) published(v studyView) report.Section {
	s := report.Section{ID: "published", Title: "In print or from elsewhere, beside what was measured",
		Note: "sizes and protocols differ, and so do seeds: nothing is paired"}
	if _, compared := d.info.Study.Published.Compared(d.ablation.Metric); compared {
		s.Note += "; " + analysis.UnpairedNote
	}
	if len(v.Published.Rows) > 0 {
		s.Parts = []report.Part{{Table: reported(v.Published)}}
	}
	return s
}
