package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/escape"
	"workbench/experiments/supervise"
	"workbench/store"
)

// training is what `run` was asked.
type training struct {
	study      string
	overrides  []string
	seeds      string
	scale      string
	jobs       int
	threads    int
	dry        bool
	showConfig bool
	failed     bool
	force      bool
	quiet      bool
}

func (a *app) runCommand() *cobra.Command {
	var t training
	cmd := &cobra.Command{
		Use:   "run STUDY [PATH=VALUE...]",
		Short: "Train what is missing of a study",
		Long: `Train what is missing of a study: runs that are done are skipped, runs that were interrupted continue
from their checkpoints. STUDY is the name of a study that ships with the program (workbench studies), the path of a file, or the name of a
study in the database, which trains its definition as it was recorded. When a definition is edited or overridden, what the
former one trained stays: each is a version of the study (STUDY@1, STUDY@2), and STUDY alone is the one trained last.

PATH=VALUE changes the configuration for this call; VALUE,VALUE makes PATH a factor, PATH=A,B a comparison.
Ctrl-C stops cleanly, and so do SIGTERM and SIGHUP, which a closing terminal sends: checkpoints are written and the same command
continues later. Losing the reader of the progress (2>&1 | head) stops nothing.`,
		Example: `  workbench run quickstart
  workbench run quickstart epochs=2 --seeds 5
  workbench run quickstart optim.lr=0.01,0.05 --dry-run
  workbench run cifar10-resnet20 epochs=10 --data ~/datasets`,
		Args:              wantArgs(1, -1, "a study (workbench studies lists them) and perhaps PATH=VALUE"),
		ValidArgsFunction: a.studyArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			t.study, t.overrides = args[0], args[1:]
			if cmd.Flags().Changed("seeds") && t.seeds == "" {
				return usagef("--seeds: want a count (5), a list (1,4,7) or a range (1-5), got nothing")
			}
			return a.resumable(cmd, args, a.runStudy(cmd.Context(), t))
		},
	}
	f := cmd.Flags()
	f.StringVar(&t.seeds, "seeds", "", "seeds instead of the study's: a count (5), a list (1,4,7) or a range (1-5)")
	f.StringVar(&t.scale, "scale", "", "another size of the study that its file has, such as paper: the published setting")
	completeOf(cmd, "scale", scalesOf)
	f.BoolVarP(&t.dry, "dry-run", "n", false, "show the runs and what they cost, train nothing")
	f.BoolVar(&t.showConfig, "show-config", false, "show the configuration of every cell, train nothing")
	f.BoolVar(&t.failed, "failed", false, "try failed and diverged runs again")
	f.BoolVar(&t.force, "force", false, "train everything again from the start, done runs too")
	f.BoolVarP(&t.quiet, "quiet", "q", false, "no progress")
	a.trainingFlags(cmd, &t)
	a.formatFlag(cmd)
	return cmd
}

// trainingFlags are those of every command that trains.
func (a *app) trainingFlags(cmd *cobra.Command, t *training) {
	f := cmd.Flags()
	f.IntVarP(&t.jobs, "jobs", "j", 0, "runs at a time (0: one a core, at most as many as the study has; "+
		"two runs of one thread pass more images than one run of two)")
	f.IntVar(&t.threads, "threads", 0, "threads of all runs together (0: one a core)")
	a.dataFlag(cmd)
}

func (a *app) dataFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.data, "data", setting("WORKBENCH_DATA", defaultData), "the `FOLDER` with data sets that have files")
}

// mostPerCore is how many threads or runs may share a core; more of them only wait for one another.
const mostPerCore = 4

func (t training) check() error {
	for _, f := range []struct {
		name  string
		value int
	}{{"--jobs", t.jobs}, {"--threads", t.threads}} {
		if most := mostPerCore * runtime.NumCPU(); f.value < 0 || f.value > most {
			return usagef("%s: want a number from 0 to %d, %d for each of the %d cores here, got %d",
				f.name, most, mostPerCore, runtime.NumCPU(), f.value)
		}
	}
	for _, o := range t.overrides {
		if !strings.Contains(o, "=") && !strings.HasPrefix(o, "~") {
			return usagef("want PATH=VALUE after the study, got %q", o)
		}
	}
	return nil
}

// resumable adds to the error of a training that was stopped how it is continued.
func (a *app) resumable(cmd *cobra.Command, args []string, err error) error {
	if errors.Is(err, context.Canceled) {
		return interrupted{a.again(cmd, args)}
	}
	return err
}

func (a *app) runStudy(ctx context.Context, t training) error {
	if err := t.check(); err != nil {
		return err
	}
	study, err := a.loadScaled(ctx, t)
	if err != nil {
		return err
	}
	if t.showConfig {
		return a.showConfig(study.Study)
	}
	w, err := a.prepare(ctx, study)
	if err != nil {
		return err
	}
	if err := checkRules(); err != nil {
		return err
	}
	if err := a.sayVersion(ctx, w.study); err != nil {
		return err
	}
	if t.dry {
		return a.dryRun(ctx, w, t)
	}
	summary, err := a.train(ctx, w, t)
	if err != nil {
		return err
	}
	if err := a.showResults(ctx, study.Study); err != nil {
		return err
	}
	a.suggest(study.Study)
	return verdict(summary)
}

// train opens the database, trains what is missing and says how it went.
func (a *app) train(ctx context.Context, w worklist, t training) (summary supervise.Summary, err error) {
	db, err := store.OpenWithin(a.db, time.Second) // a dashboard that starts just now may be making it
	if err != nil {
		return summary, err
	}
	defer func() {
		if closed := db.Close(); err == nil {
			err = closed
		}
	}()
	if err := db.Enlist(ctx, w.study, w.runs); err != nil {
		return summary, err
	}
	if slowBackend != "" {
		a.log.Warn(slowBackend)
	}
	t.share(len(w.runs))
	s := supervise.Scheduler{
		Ledger: db, Recorder: db, Launcher: supervise.ProcessLauncher{Args: []string{childName}},
		Jobs: t.jobs, Threads: t.threads, DataDir: a.data, Failed: t.failed, Force: t.force, Log: a.log,
	}
	runs, err := todo(ctx, s, w.runs)
	if err != nil {
		return summary, err
	}
	if s.Facts, err = a.suspectStarts(ctx, w, runs, max(t.threads, 1)); err != nil {
		return summary, err
	}
	display, err := a.newDisplay(w, runs, t.jobs, t.quiet)
	if err != nil {
		return summary, err
	}
	s.Observe = display.observe
	defer a.redirect(display.errors())()
	summary, err = s.Run(ctx, w.runs)
	display.close()
	a.sayOutcomes(os.Stderr, summary)
	return summary, err
}

// todo are the runs that the scheduler will train.
func todo(ctx context.Context, s supervise.Scheduler, runs []experiments.Run) ([]experiments.Run, error) {
	ids := make([]string, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	statuses, err := s.Ledger.Statuses(ctx, ids)
	if err != nil {
		return nil, err
	}
	return s.Trains(runs, statuses), nil
}

// share decides how many runs go on together. The number of runs in the study decides, not of those that are left: a
// run that continues must have as many threads as before, or its arithmetic changes.
func (t *training) share(runs int) {
	if t.threads == 0 {
		t.threads = runtime.NumCPU()
	}
	if t.jobs == 0 {
		t.jobs = min(runs, runtime.NumCPU())
	}
}

// verdict is the exit status that the outcomes deserve.
func verdict(s supervise.Summary) error {
	for _, r := range []supervise.Result{supervise.Broke, supervise.Diverged, supervise.StillFailed, supervise.StillDiverged,
		supervise.Blocked, supervise.Stopped} {
		if len(s.Only(r)) > 0 {
			return reported{exitFailed}
		}
	}
	if len(s.Only(supervise.HeldBack)) > 0 {
		return reported{exitLocked}
	}
	return nil
}

// sayOutcomes counts what became of the runs and names those that did not end well.
func (a *app) sayOutcomes(out *os.File, s supervise.Summary) {
	var parts []string
	for _, r := range []supervise.Result{supervise.Trained, supervise.Skipped, supervise.Stopped, supervise.Broke, supervise.Diverged,
		supervise.StillFailed, supervise.StillDiverged, supervise.Blocked, supervise.HeldBack, supervise.NotNeeded,
		supervise.NotStarted} {
		if n := len(s.Only(r)); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, said[r]))
		}
	}
	fmt.Fprintln(out, strings.Join(parts, ", "))
	for _, o := range s.Outcomes {
		if o.Reason != "" && o.Result != supervise.Skipped && o.Reason != "stopped on request" {
			fmt.Fprintf(out, "  %s  %s  seed %d  %s: %s\n", o.Run.ID, o.Run.Cell, o.Run.Seed, o.Result, escape.Text(o.Reason))
		}
	}
	if lost := append(s.Only(supervise.StillFailed), s.Only(supervise.StillDiverged)...); len(lost) > 0 {
		fmt.Fprintf(out, "  --failed tries failed and diverged runs again; the log of one: %s\n", a.program().On("show", lost[0].Run.ID))
	}
}

var said = map[supervise.Result]string{
	supervise.Trained: "trained", supervise.Skipped: "done before", supervise.Stopped: "interrupted",
	supervise.Broke: "failed", supervise.Diverged: "diverged", supervise.StillFailed: "failed before",
	supervise.StillDiverged: "diverged before", supervise.Blocked: "blocked", supervise.HeldBack: "held by another process",
	supervise.NotNeeded: "not needed", supervise.NotStarted: "not started",
}
