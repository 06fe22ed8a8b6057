package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"workbench/experiments/claim"
	"workbench/experiments/claim/quantity"
)

// reproduction is what the command reproduce is asked for.
type reproduction struct {
	analytic   bool
	quantities bool

	training // with --run
	run      bool
	budget   time.Duration
	decided  bool // only as many seeds as it takes

	claimFiles
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
  undecided   a value could not be computed, or the runs leave it open: how many seeds would decide it is said
  not run     the claim needs runs of a study; what they cost is said
  cited       nothing here can measure it: published figures, never counted as judged

A claim that needs training compares cells of a study by a rule that was fixed before: the smallest difference that matters, the
test with its level, the number of seeds, the epoch that is reported. It holds if the mean difference reaches what matters and the
interval, corrected over the claim's tests (Holm), excludes 0; it fails if the interval excludes what matters. --run trains what is
missing, the cheapest study first.

--report writes all of the claims to one file: HTML that needs no server, Markdown (.md) or LaTeX (.tex). --appendix writes the
appendix that goes with a paper's artifact: claims C1, C2, … beside the experiments E1, E2, … that prove them, with the commands,
minutes and disk that each takes and what to expect.

FILE is a file of claims of your own, such as ./claims.yaml: family: NAME, then claims: a list of them. --quantities lists what
an expression can compute.`,
		Example: `  workbench reproduce --analytic
  workbench reproduce googlenet
  workbench reproduce googlenet-params
  workbench reproduce all --format markdown
  workbench reproduce resnet --report resnet.html --appendix appendix.tex
  workbench reproduce strategies --run --budget 2h --data ~/datasets`,
		Args: wantArgs(0, 1, "at most one claim, family or file"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return claimNames(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if r.quantities {
				if len(args) > 0 || r.analytic || r.run || r.report+r.appendix != "" {
					return usagef("--quantities lists what expressions can compute: leave it or the rest out")
				}
				return a.showQuantities()
			}
			name := append(slices.Clone(args), claim.All)[0]
			if err := r.checkRun(cmd); err != nil {
				return err
			}
			if err := a.checkFiles(&r.claimFiles); err != nil {
				return err
			}
			return a.resumable(cmd, args, a.reproduce(cmd, r, name))
		},
	}
	a.reproduceFlags(cmd, &r)
	return cmd
}

func (a *app) reproduceFlags(cmd *cobra.Command, r *reproduction) {
	f := cmd.Flags()
	f.BoolVar(&r.analytic, "analytic", false, "only claims that need no training")
	f.BoolVar(&r.quantities, "quantities", false, "list what the expressions of claims can compute")
	f.BoolVar(&r.run, "run", false, "train what the claims' studies lack, the cheapest first")
	f.DurationVar(&r.budget, "budget", 0, "with --run, the `TIME` for training, such as 2h: studies that need more are left out")
	f.BoolVar(&r.decided, "until-decided", false, "with --run, end a study at the first look that decides its claims")
	f.StringVar(&r.report, "report", "", "write all of the claims to this `FILE`, HTML unless it ends in .md or .tex")
	f.StringVar(&r.appendix, "appendix", "", "write an artifact appendix to this `FILE`, LaTeX unless it ends in .md or .html")
	f.BoolVarP(&r.replace, "force", "f", false, "with --report or --appendix, replace a file that is there")
	a.trainingFlags(cmd, &r.training)
	a.formatFlag(cmd)
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
	if r.run {
		if err := a.runClaims(cmd.Context(), r, claims); err != nil {
			return err
		}
	}
	began := a.now()
	all, err := a.judge(cmd.Context(), claims)
	if err != nil {
		return err
	}
	if err := a.writeClaims(cmd.Context(), r.claimFiles, name, all, a.now().Sub(began)); err != nil {
		return err
	}
	if len(all) == 1 && all[0].ID == name {
		var cost string
		if cost, err = a.missingCost(cmd.Context(), all[0]); err == nil {
			err = a.showClaim(all[0], cost)
		}
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
		l.rows = append(l.rows, []cell{text(j.ID), text(j.Family), text(string(j.Verdict)), text(j.Measured()), text(j.InPrint()),
			text(j.Source.String()), text(j.Statement), text(string(j.Decision)), text(j.Lecture.Verdict)})
		objects = append(objects, claimObject(a.program(), j))
	}
	if len(objects) > 0 {
		l.data = objects
	}
	return a.show(document{listings: []listing{l}, remarks: claimRemarks(all)})
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
		for _, flag := range j.Flags {
			remarks = append(remarks, fmt.Sprintf("%s: %s", j.ID, flag))
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
			if f.Verdict == claim.Cited && j.Verdict != claim.Cited && j.Compare == nil {
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
