package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments/claim"
	"workbench/experiments/claim/quantity"
)

// reproduction is what the command reproduce is asked for.
type reproduction struct {
	analytic   bool
	quantities bool
}

func (a *app) reproduceCommand() *cobra.Command {
	var r reproduction
	cmd := &cobra.Command{
		Use:   "reproduce [CLAIM|FAMILY|FILE|all]",
		Short: "Judge what papers and lectures claim of networks: holds, fails, undecided, not run or cited",
		Long: `Judge what papers and lectures claim of networks. Values are computed from the networks when asked, so a changed network changes
the verdict. One claim is shown with its statement, source, expressions and the sentence of the lecture that it stands beside.

  holds       every value is the published one, within the tolerance that the claim states
  fails       a value is not
  undecided   a value could not be computed
  not run     the claim needs runs of a study
  cited       nothing here can measure it: published figures, never counted as judged

FILE is a file of claims of your own, such as ./claims.yaml: family: NAME, then claims: a list of them. --quantities lists what
an expression can compute.`,
		Example: `  workbench reproduce --analytic
  workbench reproduce googlenet
  workbench reproduce googlenet-params
  workbench reproduce all --format markdown`,
		Args: wantArgs(0, 1, "at most one claim, family or file"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return claimNames(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if r.quantities {
				if len(args) > 0 || r.analytic {
					return usagef("--quantities lists what expressions can compute: leave it or the rest out")
				}
				return a.showQuantities()
			}
			name := claim.All
			if len(args) == 1 {
				name = args[0]
			}
			return a.reproduce(cmd, r, name)
		},
	}
	cmd.Flags().BoolVar(&r.analytic, "analytic", false, "only claims that need no training")
	cmd.Flags().BoolVar(&r.quantities, "quantities", false, "list what the expressions of claims can compute")
	a.formatFlag(cmd)
	return cmd
}

// claimNames are the families and the claims that ship with the program, each with its statement. Completion is silent.
func claimNames() []string {
	offers := append([]string{claim.All + "\tevery claim"}, claim.Families()...)
	shipped, _ := claim.Shipped()
	for _, c := range shipped {
		offers = append(offers, c.ID+"\t"+c.Statement)
	}
	return offers
}

func (a *app) reproduce(cmd *cobra.Command, r reproduction, name string) error {
	claims, err := claim.Select(name)
	if err != nil {
		return err
	}
	if r.analytic {
		claims = slices.DeleteFunc(claims, func(c claim.Claim) bool { return !c.Analytic() })
	}
	var networks quantity.Networks
	var all []claim.Judgement
	for _, c := range claims {
		j, err := claim.Judge(cmd.Context(), &networks, c)
		if err != nil {
			return err
		}
		all = append(all, j)
	}
	if len(all) == 1 && all[0].ID == name {
		err = a.showClaim(all[0])
	} else {
		err = a.showClaims(all)
	}
	if err != nil {
		return err
	}
	return decided(all)
}

// decided is the exit status of what was judged: what fails weighs more than what is undecided.
func decided(all []claim.Judgement) error {
	counts := claim.Count(all)
	switch {
	case counts[claim.Fails] > 0:
		return reported{exitClaimFails}
	case counts[claim.Undecided] > 0:
		return reported{exitUndecided}
	}
	return nil
}

// showClaims is a row a claim.
func (a *app) showClaims(all []claim.Judgement) error {
	l := listing{key: "claims", leave: []string{"source"}, columns: []column{
		{"claim", "claim", false}, {"family", "", false}, {"verdict", "verdict", false}, {"measured", "measured", false},
		{"published", "published", false}, {"source", "source", false}, {"statement", "", false}, {"decision", "", false},
		{"lecture_verdict", "lecture", false}}}
	var objects []map[string]any
	for _, j := range all {
		measured, published := inBrief(j)
		l.rows = append(l.rows, []cell{text(j.ID), text(j.Family), text(string(j.Verdict)), text(measured), text(published),
			text(j.Source.String()), text(j.Statement), text(string(j.Decision)), text(j.Lecture.Verdict)})
		objects = append(objects, claimObject(j))
	}
	if len(objects) > 0 {
		l.data = objects
	}
	return a.show(document{listings: []listing{l}, remarks: claimRemarks(all)})
}

// inBrief are the values of a claim in a row: the first that is wrong or could not be computed, else the first that was
// measured, and how many others there are.
func inBrief(j claim.Judgement) (measured, published string) {
	if len(j.Values) == 0 {
		return "", ""
	}
	shown, number := j.Values[0], 0
	for i, f := range j.Values {
		if f.Verdict != claim.Cited {
			number++
		}
		if worse(f.Verdict) > worse(shown.Verdict) {
			shown = j.Values[i]
		}
	}
	more := ""
	if number > 1 {
		more = fmt.Sprintf(" and %d more", number-1)
	}
	measured = claim.Text(shown.Measured)
	if shown.Err != nil {
		measured = "not computed"
	}
	if measured != "" {
		measured = shown.Name + " " + measured + more
	}
	return measured, claim.Text(shown.Published)
}

func worse(v claim.Verdict) int {
	return slices.Index([]claim.Verdict{claim.Cited, claim.Holds, claim.Undecided, claim.Fails}, v)
}

// claimRemarks count the verdicts, name what went wrong, and the slips that are in print.
func claimRemarks(all []claim.Judgement) []string {
	counts := claim.Count(all)
	var parts []string
	for _, v := range claim.Verdicts {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	remarks := []string{fmt.Sprintf("%d claim%s: %s", len(all), plural(len(all)), strings.Join(parts, ", "))}
	if counts[claim.Cited] > 0 {
		remarks[0] += "; what is cited was not judged"
	}
	if n := unmeasured(all); n > 0 {
		remarks = append(remarks, fmt.Sprintf("%d published value%s of claims that were judged %s cited alone", n, plural(n),
			map[bool]string{true: "is", false: "are"}[n == 1]))
	}
	for _, j := range all {
		for _, reason := range j.Reasons {
			remarks = append(remarks, fmt.Sprintf("%s %s: %s", j.ID, j.Verdict, reason))
		}
	}
	for _, j := range all {
		for _, s := range j.Slips {
			remarks = append(remarks, fmt.Sprintf("slip in print (%s): %q; measured %s", j.ID, s.Printed, slipMeasured(s)))
		}
	}
	return remarks
}

// unmeasured are the values that are cited in claims that were judged by others.
func unmeasured(all []claim.Judgement) int {
	n := 0
	for _, j := range all {
		for _, f := range j.Values {
			if f.Verdict == claim.Cited && j.Verdict != claim.Cited {
				n++
			}
		}
	}
	return n
}

func slipMeasured(s claim.SlipFinding) string {
	if s.Err != nil {
		return "nothing: " + s.Err.Error()
	}
	return strings.TrimSpace(claim.Text(s.Measured) + " " + s.Unit)
}

func (a *app) showQuantities() error {
	l := listing{key: "quantities", columns: []column{{"call", "call", false}, {"doc", "what it gives", false}}}
	for _, q := range quantity.All() {
		l.rows = append(l.rows, []cell{text(q.Call), text(q.Doc)})
	}
	return a.show(document{listings: []listing{l}, remarks: []string{
		"OPTIONS are those of a study's model, such as {width: 2}, and may be left out; beside them stand input: \"3x64x64\" and classes: 10",
		"published.NAME is the published number of the claim's value NAME",
		"operators and functions such as sum, filter, map, count, min and max are those of github.com/expr-lang/expr"}})
}
