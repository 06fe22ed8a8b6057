package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/metric"
	"workbench/experiments/search"
	"workbench/experiments/studyfile"
	"workbench/experiments/supervise"
	"workbench/nn/nearest"
)

// tuning is what `tune` was asked.
type tuning struct {
	training
	on        string
	asked     search.Asked
	out       string
	overwrite bool
}

func (a *app) tuneCommand() *cobra.Command {
	var t tuning
	cmd := &cobra.Command{
		Use:   "tune STUDY [PATH=VALUE...]",
		Short: "Choose rates for every cell of a study by its validation part",
		Long: `Choose for every cell of a study what its section search leaves open, such as learning rates, by the validation part that
it holds out (dataset.val). All cells are tried with the same configurations, drawn by --seed, and trained with seeds that the study
does not report; nothing is chosen on test images. The trials are runs of the study STUDY.search: they are recorded, seen and
continued as others, and the same command trains what is missing.

In a study:  search: {optim.lr: {min: 0.001, max: 0.3, scale: log}, optim.weight_decay: [0, 0.0005]}
On the command line:  search.optim.lr=0.01,0.03,0.1  or  'search.optim.lr=tag(log,interval(0.001,0.3))'

Method grid tries all levels, random draws configurations, halving (Jamieson and Talwalkar 2016) trains all of them for a short time
and the best of each cell for longer. With -o the study is written with the values that were chosen and with what choosing them has
cost, which its tables and pages show.`,
		Example: `  workbench tune quickstart dataset.val=0.1 search.optim.lr=0.01,0.03,0.1 --dry-run
  workbench tune study.yaml --on val --trials 8
  workbench tune study.yaml --trials 8 --seeds 3 -o study-tuned.yaml
  workbench tune study.yaml --trials 27 --method halving`,
		Args:              wantArgs(1, -1, "a study (workbench studies lists them) and perhaps PATH=VALUE"),
		ValidArgsFunction: a.studyArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			t.study, t.overrides = args[0], args[1:]
			return a.resumable(cmd, args, a.tuneStudy(cmd.Context(), t, a.again(cmd, args)))
		},
	}
	f := cmd.Flags()
	f.StringVar(&t.on, "on", metric.Val, "the `SPLIT` by which is chosen: "+metric.Val)
	f.IntVar(&t.asked.Trials, "trials", 8, "configurations that every cell is tried with")
	f.StringVar(&t.asked.Method, "method", "", "`METHOD` of the search: random, grid, halving (default: grid if it has no more than --trials)")
	f.IntVar(&t.asked.Eta, "eta", 3, "of halving: one trial in so many is trained so many times as long")
	f.Uint64Var(&t.asked.Seed, "seed", 1, "draws the configurations")
	f.StringVar(&t.seeds, "seeds", "1", "seeds of the trials: a count (3), or a list (101,102,) of others than the study reports")
	f.StringVarP(&t.out, "output", "o", "", "the `FILE` to write the study to with what was chosen, or - for standard output")
	f.BoolVarP(&t.overwrite, "force", "f", false, "replace the file of --output")
	f.BoolVarP(&t.dry, "dry-run", "n", false, "show the trials and what they cost, train nothing")
	f.BoolVar(&t.failed, "failed", false, "try failed and diverged runs again")
	f.BoolVarP(&t.quiet, "quiet", "q", false, "no progress")
	complete(cmd, "method", func() []string { return search.Methods })
	complete(cmd, "on", func() []string { return []string{metric.Val} })
	a.trainingFlags(cmd, &t.training)
	a.formatFlag(cmd)
	return cmd
}

// mostTrials is how many configurations a search draws; beyond it a digit was typed too many.
const mostTrials = experiments.MaxLevels

func (t tuning) check(a *app) error {
	switch {
	case t.on == metric.Test:
		return usagef("--on %s: nothing is chosen on the images that results are reported on; want %s", metric.Test, metric.Val)
	case t.on != metric.Val:
		return usagef("unknown --on %q%s", t.on, nearest.Hint(t.on, []string{metric.Val}))
	case t.asked.Trials < 2 || t.asked.Trials > mostTrials:
		return usagef("--trials: want a number from 2 to %d, got %d", mostTrials, t.asked.Trials)
	case t.asked.Eta < 2 || t.asked.Eta > mostTrials:
		return usagef("--eta: want a number from 2 to %d, got %d", mostTrials, t.asked.Eta)
	case t.out != "" && t.out != toStandardOutput:
		if err := a.vacant(t.out, t.overwrite); err != nil {
			return err
		}
	}
	return t.training.check()
}

// plan decides the search of the study.
func (t tuning) plan(study studyfile.Located) (*search.Plan, error) {
	var err error
	if n, count := strconv.Atoi(t.seeds); count == nil && n >= 1 && n <= mostTrials {
		t.asked.Seeds = search.Seeds(study.Study, n)
	} else if t.asked.Seeds, err = studyfile.ParseSeeds(t.seeds); err != nil {
		return nil, usagef("--seeds: %w", err)
	}
	plan, err := search.New(study.Study, t.asked)
	if err != nil {
		return nil, usageError{study.Locate(err)}
	}
	return plan, nil
}

func (a *app) tuneStudy(ctx context.Context, t tuning, again string) error {
	if err := t.check(a); err != nil {
		return err
	}
	study, err := a.load(ctx, t.study, t.overrides, "")
	if err != nil {
		return err
	}
	plan, err := t.plan(study)
	if err != nil {
		return err
	}
	if err := checkRules(); err != nil {
		return err
	}
	s := searched{plan: plan, stages: []search.Stage{plan.First()}}
	if s.higher, err = metric.HigherIsBetter(plan.Metric); err != nil {
		return err
	}
	for rung := range plan.Rungs {
		if err := a.stage(ctx, &s, study, t); err != nil {
			return err
		}
		if rung+1 < len(plan.Rungs) {
			s.stages = append(s.stages, s.next(rung+1, t.dry))
		}
	}
	if t.dry {
		return a.showSearch(ctx, s, t)
	}
	return a.tuned(ctx, s, t, again)
}

// stage trains the last stage, with those before it as one study, and reads what came of all.
func (a *app) stage(ctx context.Context, s *searched, study studyfile.Located, t tuning) error {
	made, entries, err := s.plan.Made(s.stages)
	if err != nil {
		return err
	}
	located, err := study.As(made)
	if err != nil {
		return err
	}
	if s.work, err = a.prepare(ctx, located); err != nil {
		return err
	}
	s.entries = entries
	if !t.dry {
		summary, err := a.train(ctx, s.work, t.training)
		if err != nil {
			return err
		}
		if err := lost(summary); err != nil {
			return err
		}
	}
	return s.read(ctx, a)
}

// lost is the exit status where runs of a search were not trained to an end. One that diverged is: its trial is none to
// choose.
func lost(s supervise.Summary) error {
	kept := supervise.Summary{}
	for _, o := range s.Outcomes {
		if o.Result != supervise.Diverged && o.Result != supervise.StillDiverged {
			kept.Outcomes = append(kept.Outcomes, o)
		}
	}
	return verdict(kept)
}

// reference is a version of a study by name, as the database has it.
func (a *app) reference(ctx context.Context, name string) (string, error) {
	db, err := a.read()
	if err != nil {
		return "", err
	}
	defer db.Close()
	info, err := db.Study(ctx, name)
	if err != nil {
		return "", fmt.Errorf("the study of the search: %w", err)
	}
	return info.Ref(), nil
}
