package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"workbench/dashboard"
	"workbench/dashboard/filter"
	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/experiments/metric"
	"workbench/nn/nearest"
)

var statusNames = []string{string(experiments.Queued), string(experiments.Running), string(experiments.Interrupted),
	string(experiments.Done), string(experiments.Failed), string(experiments.Diverged), string(experiments.Blocked)}

func (a *app) runsCommand() *cobra.Command {
	var study, where string
	var status []string
	cmd := &cobra.Command{
		Use: "runs", Short: "List recorded runs, newest first", Args: wantArgs(0, 0, "no argument (--study selects)"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter := experiments.RunFilter{Study: study}
			for _, s := range status {
				if !slices.Contains(statusNames, s) {
					return usagef("unknown --status %q%s", s, nearest.Hint(s, statusNames))
				}
				filter.Status = append(filter.Status, experiments.Status(s))
			}
			db, err := a.read()
			if err != nil {
				return err
			}
			defer db.Close()
			runs, err := db.Runs(cmd.Context(), filter)
			if err != nil {
				return err
			}
			if study != "" && len(runs) == 0 {
				if _, err := db.Study(cmd.Context(), study); err != nil {
					return err
				}
			}
			if runs, err = dashboard.Select(runs, where); err != nil {
				return whereProblem(err)
			}
			return a.showRuns(runs)
		},
	}
	cmd.Flags().StringVar(&study, "study", "", "only runs of this study, of all its versions unless one is named (tiny@2)")
	cmd.Flags().StringSliceVar(&status, "status", nil, "only runs that are queued, running, interrupted, done, failed, diverged or blocked")
	cmd.Flags().StringVar(&where, "where", "", "only runs that match the `FILTER`, as the dashboard has it: 'lr<0.1 and status=done'")
	complete(cmd, "study", a.recordedStudies)
	complete(cmd, "status", func() []string { return statusNames })
	a.formatFlag(cmd)
	return cmd
}

// whereProblem shows the place of a mistake in a filter.
func whereProblem(err error) error {
	var wrong *filter.Error
	if errors.As(err, &wrong) {
		return usagef("--where: %s\n%s", wrong.Message, wrong.Frame())
	}
	return err
}

func (a *app) showRuns(runs []experiments.RunInfo) error {
	_, percent := percentOf(metric.TestTop1)
	l := listing{key: "runs", leave: []string{"train_top1", "train_loss", "best_test_top1", "updated", "study", "seconds"}, columns: []column{
		{"run", "run", false}, {"study", "study", false}, {"version", "", true},
		{"cell", "cell", false}, {"seed", "seed", true}, {"status", "status", false},
		{"test_top1", headOf(metric.TestTop1), true}, {"best_test_top1", "best" + percent, true},
		{"train_loss", headOf(metric.TrainLoss), true},
		{"train_top1", headOf(metric.TrainTop1), true}, {"seconds", "time", true}, {"updated", "updated", true},
	}}
	collapsed := analysis.CollapsedAmong(runs)
	var others []string // metrics that stand where a run has not the usual one
	for _, r := range runs {
		of := func(usual string) string {
			name := r.Usual(usual)
			if name != usual && !slices.Contains(others, name) {
				others = append(others, name)
			}
			return name
		}
		state := a.state(r)
		if _, flat := collapsed[r.ID]; flat {
			state.text += ", collapsed"
		}
		l.rows = append(l.rows, []cell{text(r.ID), {r.Study, r.StudyRef()}, {r.Version, ""}, text(r.Cell), seedOf(r.Run), state,
			optional(of(metric.TestTop1), r.Last), best(of(metric.TestTop1), r), optional(of(metric.TrainLoss), r.Last),
			optional(of(metric.TrainTop1), r.Last), seconds(r.Seconds), ago(r.Updated, a.now())})
	}
	data := export.Runs(runs)
	d := document{listings: []listing{l}, data: &data}
	if len(others) > 0 {
		slices.Sort(others)
		d.remarks = append(d.remarks, "runs that have no "+metric.TestTop1+" stand with "+strings.Join(others, ", "))
	}
	if slices.ContainsFunc(runs, func(r experiments.RunInfo) bool { return r.Begins() != "" }) {
		d.remarks = append(d.remarks, "the time of a run that begins with another is that of its own phases")
	}
	continued := slices.DeleteFunc(slices.Clone(runs), func(r experiments.RunInfo) bool { return r.Continues() == "" })
	if n := len(continued); n > 0 {
		d.remarks = append(d.remarks, fmt.Sprintf("%d run%s continue%s one of fewer epochs (start.continue; show says which)", n, plural(n),
			map[bool]string{true: "s"}[n == 1]))
	}
	if n := len(collapsed); n > 0 {
		d.remarks = append(d.remarks, fmt.Sprintf("%d run%s collapsed or begin%s with one that did: features or embeddings are nearly the same "+
			"for all pictures (show says by which numbers)", n, plural(n), map[bool]string{true: "s"}[n == 1]))
	}
	if len(runs) == 0 {
		d.remarks = []string{"no run matches"}
	}
	return a.show(d)
}

// stall is how many promised intervals may pass before silence is worth telling.
const stall = 10

// state is the standing of a run, where people read it with the number of runs that it waits for, or with what it waits
// for in vain.
func (a *app) state(r experiments.RunInfo) cell {
	c := text(a.standing(r))
	switch n := len(r.BlockedBy); {
	case r.Status == experiments.Blocked:
		c.text += ": " + r.Reason
	case n > 0 && r.Status != experiments.Done:
		c.text += fmt.Sprintf(", waits for %d run%s", n, plural(n))
	}
	return c
}

// standing is the status, with phase and epoch of a run that is being trained.
func (a *app) standing(r experiments.RunInfo) string {
	p := r.Progress
	if r.Status != experiments.Running || p == nil {
		return string(r.Status)
	}
	s := "running, " + epochOf(*p)
	if silent := a.now().Sub(p.Time); silent > stall*p.Interval {
		s += fmt.Sprintf(", silent for %s", took(silent))
	}
	return s
}
