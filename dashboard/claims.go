package dashboard

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"workbench/experiments"
	"workbench/experiments/claim"
	"workbench/experiments/export"
)

// shippedClaims is what all servers of a program know of shipped claims: they are judged by the networks that it is
// built with.
var shippedClaims claim.Known

// readOnce are the claims that ship, which are part of the program and take a second to read.
var readOnce = sync.OnceValues(claim.Shipped)

// claimsHere are the claims that ship, in a list of the caller's own.
func claimsHere() ([]claim.Claim, error) {
	all, err := readOnce()
	return slices.Clone(all), err
}

func claimPath(id string) string { return "/claims/" + url.PathEscape(id) }

type claimsView struct {
	Family   string
	Families []familyLink
	Table    table
	Says     string
	Commands []string
}

type familyLink struct {
	Name, Href string
	Count      int
	Current    bool
}

// claimsPage lists the claims that runs decide, or all claims of ?family=, those among them that are computed from the
// networks.
func (s *Server) claimsPage(r request) (response, error) {
	family := r.URL.Query().Get("family")
	all, err := claimsHere()
	if err != nil {
		return nil, err
	}
	v := claimsView{Family: family, Families: familyLinks(all, family)}
	if family != "" && !slices.Contains(claim.Families(), family) {
		return nil, badRequest("family: want one of %s, got %q", strings.Join(claim.Families(), ", "), family)
	}
	all = slices.DeleteFunc(all, func(c claim.Claim) bool {
		return family == "" && c.Analytic() || family != "" && c.Shelf() != family
	})
	judged, err := (&claim.Judges{From: s.Source, Known: &shippedClaims}).All(r.Context(), all)
	if err != nil {
		return nil, err
	}
	v.Table, v.Says = claimTable(judged), countsOf(judged)
	v.Table.Name, v.Commands = "claims", []string{s.Program.On("reproduce", "all", "--analytic")}
	if family != "" {
		v.Table.Name, v.Commands = "claims-"+family, []string{s.Program.On("reproduce", family), s.Program.On("reproduce", family, "--run")}
	}
	v.Table.Exports = exportLinks(r.URL)
	if answer, err := v.Table.exports().answer(r.URL.Query()); answer != nil || err != nil {
		return answer, err
	}
	return s.page("claims", "Claims", v).watching("all"), nil
}

func familyLinks(all []claim.Claim, current string) []familyLink {
	links := []familyLink{{Name: "decided by runs", Href: "/claims", Current: current == ""}}
	for _, c := range all {
		if !c.Analytic() {
			links[0].Count++
		}
	}
	for _, name := range claim.Families() {
		l := familyLink{Name: name, Href: "/claims?" + url.Values{"family": {name}}.Encode(), Current: name == current}
		for _, c := range all {
			if c.Shelf() == name {
				l.Count++
			}
		}
		links = append(links, l)
	}
	return links
}

// countsOf counts verdicts in words.
func countsOf(all []claim.Judgement) string {
	counts := claim.Count(all)
	var parts []string
	for _, v := range claim.Verdicts {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	return strings.Join(parts, ", ")
}

// claimTable has a row a claim.
func claimTable(all []claim.Judgement) table {
	t := table{Columns: []column{{Key: "claim", Title: "Claim"}, {Key: "verdict", Title: "Verdict"}, {Key: "statement", Title: "Statement"},
		{Key: "measured", Title: "Measured", Hint: "the test or the value that says most about the verdict"},
		{Key: "published", Title: "Published"}, {Key: "study", Title: "Study"}, {Key: "source", Title: "Source"}}}
	for _, j := range all {
		study := cell{Text: "–", Value: "", Class: "quiet"}
		if j.Compare != nil {
			study = text(j.Compare.Study)
		}
		t.Rows = append(t.Rows, row{Key: j.ID, Cells: []cell{{Text: j.ID, Href: claimPath(j.ID)}, claimVerdict(j), prose(j.Statement),
			prose(j.Measured()), prose(j.InPrint()), study, prose(j.Source.String())}})
	}
	return t
}

// prose is a text of several lines.
func prose(s string) cell { return cell{Text: s, Class: "prose"} }

// claimVerdict shows a verdict with a sign, so that colour is not all that tells.
func claimVerdict(j claim.Judgement) cell {
	sign, class := map[claim.Verdict]string{claim.Holds: "✓ ", claim.Fails: "✗ ", claim.Undecided: "? "}[j.Verdict], "verdict quiet"
	switch j.Verdict {
	case claim.Holds:
		class = "verdict better"
	case claim.Fails:
		class = "verdict worse"
	}
	return cell{Text: sign + string(j.Verdict), Value: string(j.Verdict), Class: class, Title: strings.Join(j.Reasons, "; ")}
}

// claimsOf are the claims that the study decides, judged by its runs.
func (s *Server) claimsOf(ctx context.Context, d studyData) ([]claim.Judgement, error) {
	shipped, err := claimsHere()
	if err != nil {
		return nil, err
	}
	var own []claim.Claim
	for _, c := range shipped {
		if c.Compare != nil && c.Compare.Study == d.info.Study.Name {
			own = append(own, c)
		}
	}
	return (&claim.Judges{From: s.Source, Known: &shippedClaims}).All(ctx, own)
}

type claimView struct {
	ID, Statement string
	Verdict       cell
	Reasons       []string
	Flags         []string
	Notes         []string
	Facts         []fact
	Tests         table
	Pairs         table
	Runs          table
	Values        table
	Commands      []string
}

// claimPage is all about one claim.
func (s *Server) claimPage(r request) (response, error) {
	all, err := claimsHere()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(c claim.Claim) bool { return c.ID == r.Param("claim") })
	if i < 0 {
		return nil, fmt.Errorf("claim %q: %w", r.Param("claim"), experiments.ErrNotFound)
	}
	j, err := (&claim.Judges{From: s.Source, Known: &shippedClaims}).Judge(r.Context(), all[i])
	if err != nil {
		return nil, err
	}
	v := claimView{ID: j.ID, Statement: j.Statement, Verdict: claimVerdict(j), Reasons: j.Reasons, Flags: j.Flags, Notes: j.Notes,
		Facts: claimFacts(j), Values: ofListing(export.ClaimValues(j)), Commands: []string{s.Program.On("reproduce", j.ID)}}
	if j.Compare != nil {
		v.Tests, v.Pairs, v.Runs = ofListing(export.ClaimTests(j)), ofListing(export.ClaimPairs(j)), ofListing(export.ClaimRuns(j))
		v.Commands = append(v.Commands, s.Program.On("reproduce", j.ID, "--run"))
	}
	return s.page("claim", j.ID, v).within("claims").watching("all"), nil
}

func claimFacts(j claim.Judgement) []fact {
	var facts []fact
	for _, f := range export.ClaimFacts(j) {
		facts = append(facts, fact{Name: headOf(f.Name), Value: f.Value})
	}
	return facts
}

// ofListing is a listing as pages show it.
func ofListing(l export.Listing) table {
	t := table{Name: l.Name}
	for _, c := range l.Columns {
		t.Columns = append(t.Columns, column{Key: c.Key, Title: headOf(c.Title), Hint: c.Hint, Class: map[bool]string{true: "number"}[c.Number]})
	}
	for _, r := range l.Rows {
		var cells []cell
		for k, v := range r {
			c := cell{Text: v.Text, Value: v.Value, Class: t.Columns[k].Class}
			switch {
			case v.Value == nil:
				c.Value, c.Class = "", strings.TrimSpace(c.Class+" quiet")
			case l.Columns[k].Run:
				c.Href = "/runs/" + v.Text
			}
			cells = append(cells, c)
		}
		t.Rows = append(t.Rows, row{Cells: cells})
	}
	return t
}

// headOf begins a title with a capital letter, but for the signs of statistics, which are small.
func headOf(title string) string {
	r, size := utf8.DecodeRuneInString(title)
	if size == len(title) {
		return title
	}
	return string(unicode.ToUpper(r)) + title[size:]
}
