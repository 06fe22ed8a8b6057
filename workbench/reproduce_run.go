package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/claim"
	"workbench/experiments/iec"
	"workbench/experiments/studyfile"
)

// mostBudget is longer than anybody waits.
const mostBudget = 10000 * time.Hour

// checkRun refuses flags of a training without one.
func (r reproduction) checkRun(cmd *cobra.Command) error {
	for _, name := range []string{"budget", "until-decided", "jobs", "threads"} {
		if cmd.Flags().Changed(name) && !r.run {
			return usagef("--%s is of a training: want --run with it", name)
		}
	}
	if cmd.Flags().Changed("budget") && (r.budget <= 0 || r.budget > mostBudget) {
		return usagef("--budget: want a time above 0 such as 30m or 2h, at most %v, got %v", mostBudget, r.budget)
	}
	return r.training.check()
}

// claimStudy is a study that claims need, with what it takes to judge them.
type claimStudy struct {
	study  studyfile.Located
	claims []claim.Claim
	seeds  int   // the most that a claim plans
	looks  []int // of all its claims
	cost   time.Duration
	priced bool // cost is known
}

// runClaims trains what the studies of claims lack, the cheapest first, as far as the budget goes.
func (a *app) runClaims(ctx context.Context, r reproduction, claims []claim.Claim) error {
	studies, err := a.claimStudies(ctx, claims)
	if err != nil {
		return err
	}
	if err := checkRules(); err != nil {
		return err
	}
	for i := range studies {
		if err := a.price(ctx, &studies[i], r.training); err != nil {
			return err
		}
	}
	slices.SortStableFunc(studies, func(x, y claimStudy) int { return cmp.Compare(x.cost, y.cost) })
	began := a.now()
	for _, s := range studies {
		if r.budget > 0 && !s.priced {
			fmt.Fprintf(os.Stderr, "%s is left out: what it costs is not known, so that no budget can be kept\n", s.study.Name)
			continue
		}
		left := r.budget - a.now().Sub(began)
		if r.budget > 0 && s.cost > left {
			fmt.Fprintf(os.Stderr, "%s is left out: it needs about %s, %s of the budget are left\n", s.study.Name, took(s.cost),
				took(max(left, 0)))
			continue
		}
		if err := a.runClaimStudy(ctx, r, s); err != nil {
			return err
		}
	}
	return nil
}

// claimStudies are the studies of the training claims among these, each once.
func (a *app) claimStudies(ctx context.Context, claims []claim.Claim) ([]claimStudy, error) {
	var all []claimStudy
	for _, c := range claims {
		if c.Analytic() {
			continue
		}
		i := slices.IndexFunc(all, func(s claimStudy) bool { return s.claims[0].StudyPath() == c.StudyPath() })
		if i < 0 {
			study, err := a.load(ctx, c.StudyPath(), nil, "")
			if err != nil {
				return nil, fmt.Errorf("claim %s: %w", c.ID, err)
			}
			all, i = append(all, claimStudy{study: study}), len(all)
		}
		s := &all[i]
		if err := c.Compare.Fits(s.study.Study); err != nil { // before anything is trained for it
			return nil, fmt.Errorf("claim %s: %w", c.ID, err)
		}
		s.claims, s.seeds, s.looks = append(s.claims, c), max(s.seeds, c.Compare.Planned), append(s.looks, c.Compare.Stops()...)
	}
	for i := range all {
		slices.Sort(all[i].looks)
		all[i].looks = slices.Compact(all[i].looks)
	}
	return all, nil
}

// first gives the study its first n seeds, and further numbers where it has fewer.
func first(s studyfile.Located, n int) studyfile.Located {
	seeds := slices.Clone(s.Seeds[:min(n, len(s.Seeds))])
	for next := uint64(1); len(seeds) < n; next++ {
		if !slices.Contains(seeds, next) {
			seeds = append(seeds, next)
		}
	}
	s.Seeds = seeds
	return s
}

// price estimates how long the missing runs of a study take. Data that are missing are told of when it is trained.
func (a *app) price(ctx context.Context, s *claimStudy, t training) error {
	w, err := a.prepare(ctx, first(s.study, s.seeds))
	if err != nil {
		return fmt.Errorf("study %s: %w", s.study.Name, err)
	}
	cost, err := a.costOf(ctx, w, t)
	if errors.Is(err, context.Canceled) {
		return err
	}
	s.cost, s.priced = cost, err == nil
	return nil
}

// costOf is about how long the runs of a study that are not done take on this machine.
func (a *app) costOf(ctx context.Context, w worklist, t training) (time.Duration, error) {
	statuses, earlier, err := a.recordedOf(ctx, w.runs)
	if err != nil {
		return 0, err
	}
	t.share(len(w.runs))
	e, err := a.estimateWithin(ctx, w, earlier, max(t.threads/t.jobs, 1), pricing)
	if err != nil {
		return 0, err
	}
	if !e.known() {
		return 0, errors.New(strings.TrimSuffix("how long that takes was not measured: "+slowBackend, ": "))
	}
	var todo []experiments.Run
	for _, r := range w.runs {
		if statuses[r.ID] != experiments.Done {
			todo = append(todo, r)
		}
	}
	middle, _, _ := e.all(todo, t.jobs)
	return middle, nil
}

// runClaimStudy trains a study for its claims: all seeds that they plan, or only up to the look at which all are
// decided.
func (a *app) runClaimStudy(ctx context.Context, r reproduction, s claimStudy) error {
	looks := []int{s.seeds}
	if r.decided {
		looks = s.looks
	}
	for _, n := range looks {
		var ids []string
		for _, c := range s.claims {
			ids = append(ids, c.ID)
		}
		fmt.Fprintf(os.Stderr, "%s, %d seeds, for %s\n", s.study.Name, n, strings.Join(ids, ", "))
		w, err := a.prepare(ctx, first(s.study, n))
		if err != nil {
			return err
		}
		if _, err := a.train(ctx, w, r.training); err != nil {
			return err
		}
		judged, err := a.judge(ctx, s.claims)
		if err != nil {
			return err
		}
		open := slices.ContainsFunc(judged, func(j claim.Judgement) bool { return j.Verdict != claim.Holds && j.Verdict != claim.Fails })
		if !open {
			return nil
		}
	}
	return nil
}

// missingCost says what the runs cost that a claim lacks, "" if it lacks none.
func (a *app) missingCost(ctx context.Context, j claim.Judgement) (string, error) {
	if j.Compare == nil || j.Pairs >= j.Compare.Planned {
		return "", nil
	}
	studies, err := a.claimStudies(ctx, []claim.Claim{j.Claim})
	if err != nil {
		return "", err
	}
	w, err := a.prepare(ctx, first(studies[0].study, studies[0].seeds))
	if err != nil {
		return fmt.Sprintf("not known: %v", err), ctx.Err() // its data are not here
	}
	said := fmt.Sprintf("%d runs, about %s in the database", len(w.runs), iec.Bytes(w.states(w.runs)))
	cost, err := a.costOf(ctx, w, training{})
	if err == nil {
		said += ", about " + took(cost)
	}
	return said, ctx.Err()
}

// states are about how many bytes the checkpoints of runs take: weights and momentum, float32.
func (w worklist) states(runs []experiments.Run) int64 {
	bytes := int64(0)
	for _, r := range runs {
		bytes += 8 * w.network(r).Params
	}
	return bytes
}
