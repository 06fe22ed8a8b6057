package dashboard

import (
	"fmt"
	"strings"

	"workbench/dashboard/report"
	"workbench/experiments/claim"
	"workbench/experiments/export"
	"workbench/experiments/suggest"
)

// ClaimsReport tells all of claims in one page: the verdict on each with what it rests on, by which rule, fixed before
// any run, it was reached, and how to do it again. Name is what was asked for, version that of the program.
func ClaimsReport(name, version string, judged []claim.Judgement) (report.Page, error) {
	a, err := loadAssets()
	if err != nil {
		return report.Page{}, err
	}
	p := report.Page{Title: "Claims: " + name, Lead: countsOf(judged), Program: "workbench " + version, Style: a.reportStyle()}
	overview := reported(claimTable(judged))
	p.Sections = append(p.Sections, report.Section{ID: "verdicts", Title: "Verdicts", Note: countsOf(judged),
		Parts: []report.Part{{Table: overview}}}, claimMethod())
	if flags := flagsOf(judged); len(flags) > 0 {
		p.Sections = append(p.Sections, report.Section{ID: "flags", Title: "What readers are often not told", Note: "found by the program",
			Parts: []report.Part{{List: flags}}})
	}
	p.Sections = append(p.Sections, claimSections(judged)...)
	return p, nil
}

// reportStyle is the CSS of tables and figures.
func (a *assets) reportStyle() string {
	return string(a.files["style.css"].plain) + string(a.files["figures.css"].plain)
}

// flagsOf are the flags of all claims, each with its claim.
func flagsOf(judged []claim.Judgement) []string {
	var flags []string
	for _, j := range judged {
		for _, f := range j.Flags {
			flags = append(flags, j.ID+": "+f)
		}
	}
	return flags
}

// claimMethod says how claims are judged.
func claimMethod() report.Section {
	return report.Section{ID: "method", Title: "How claims are judged", Parts: []report.Part{{List: []string{
		"A claim that needs no training holds if every value, computed from the networks as the program builds them, is the " +
			"published one within the tolerance that the claim states.",
		"A claim that needs training is judged by a rule that is written in the claim before any run: the smallest difference that " +
			"matters, the test and its level, the number of seeds, the epoch that is reported, and each deviation from the source. The " +
			"rules of claims that ship are part of the program, whose revision each run records.",
		"It holds if the mean difference reaches what matters and the interval, corrected over the tests of the claim (Holm), excludes " +
			"0; it fails if the interval excludes what matters; else it is undecided. Runs with one seed are paired.",
		"The probability of improvement is that of a run of the cell lying where the claim says, seen from one of the other (Agarwal et " +
			"al. 2021).",
		"What nothing here can measure is cited, and never counted as judged.",
	}}}}
}

// claimSections tell all of each claim.
func claimSections(all []claim.Judgement) []report.Section {
	var sections []report.Section
	for _, j := range all {
		s := report.Section{ID: "claim-" + j.ID, Title: "Claim: " + j.ID, Note: claimVerdict(j).Text, Parts: []report.Part{{Text: j.Statement}}}
		var facts []report.Fact
		for _, f := range claimFacts(j) {
			facts = append(facts, report.Fact{Name: f.Name, Value: f.Value})
		}
		if cost := export.ClaimSpent(j.Runs, lasting); cost != "" {
			facts = append(facts, report.Fact{Name: "Cost", Value: cost})
		}
		s.Parts = append(s.Parts, report.Part{Facts: facts})
		said := append([]string{}, j.Reasons...)
		for _, f := range j.Flags {
			said = append(said, "Flag: "+f)
		}
		for _, slip := range j.Slips {
			said = append(said, fmt.Sprintf("Slip in print: %q; measured %s", slip.Printed,
				strings.TrimSpace(claim.Text(slip.Measured)+" "+slip.Unit)))
		}
		if said = append(said, j.Notes...); len(said) > 0 {
			s.Parts = append(s.Parts, report.Part{List: said})
		}
		for _, l := range export.ClaimTables(j) {
			if len(l.Rows) > 0 {
				t := reported(ofListing(l))
				t.Caption = l.Title
				s.Parts = append(s.Parts, report.Part{Table: t})
			}
		}
		commands := []string{suggest.Program{}.Command("reproduce", j.Argument())}
		if j.Compare != nil {
			commands = []string{suggest.Program{}.Command("reproduce", j.Argument(), "--run")}
		}
		s.Parts = append(s.Parts, report.Part{Commands: commands})
		sections = append(sections, s)
	}
	return sections
}
