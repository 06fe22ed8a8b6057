package dashboard

import (
	"strings"

	"workbench/dashboard/report"
	"workbench/experiments/analysis"
	"workbench/experiments/claim"
)

// claimSections are the claims that the study decides, each with its rule, its tests and the values behind them.
func claimSections(all []claim.Judgement) []report.Section {
	var sections []report.Section
	for _, j := range all {
		s := report.Section{ID: "claim-" + j.ID, Title: "Claim: " + j.ID, Note: claimVerdict(j).Text, Parts: []report.Part{{Text: j.Statement}}}
		var facts []report.Fact
		for _, f := range claimFacts(j) {
			facts = append(facts, report.Fact{Name: f.Name, Value: f.Value})
		}
		s.Parts = append(s.Parts, report.Part{Facts: append(facts, report.Fact{Name: "Published", Value: publishedText(j)})})
		if said := append(append(append([]string{}, j.Reasons...), j.Flags...), j.Notes...); len(said) > 0 {
			s.Parts = append(s.Parts, report.Part{List: said})
		}
		for _, t := range []table{claimTests(j), claimPairs(j)} {
			if len(t.Rows) > 0 {
				s.Parts = append(s.Parts, report.Part{Table: reported(t)})
			}
		}
		sections = append(sections, s)
	}
	return sections
}

// publishedText are the published values of a claim in a line.
func publishedText(j claim.Judgement) string {
	var parts []string
	for _, v := range j.Values {
		parts = append(parts, strings.TrimSpace(v.Name+" "+claim.Text(v.Published)+" "+v.Unit))
	}
	return strings.Join(parts, "; ")
}

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
