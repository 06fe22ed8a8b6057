package main

import (
	"context"
	"fmt"

	"workbench/experiments"
)

// showResults prints what a study has come to: its ablation table, or the final values if nothing varies.
func (a *app) showResults(ctx context.Context, study experiments.Study) error {
	db, err := a.read()
	if err != nil {
		return err
	}
	defer db.Close()
	info, err := db.Study(ctx, study.Name)
	if err != nil {
		return err
	}
	runs, err := db.Runs(ctx, experiments.RunFilter{Study: info.Ref()})
	if err != nil {
		return err
	}
	if len(study.Factors) > 0 {
		return a.showAblation(info, runs)
	}
	return a.showRuns(runs)
}

// suggest names the commands that come next.
func (a *app) suggest(study experiments.Study) {
	if a.format != "table" {
		return
	}
	next := [][2]string{{"workbench serve", "see the curves"}, {"workbench runs --study " + study.Name, "every run"},
		{"workbench show latest", "one run in detail"}}
	width := 0
	for i := range next {
		next[i][0] += a.dbHint()
		width = max(width, len(next[i][0]))
	}
	fmt.Fprintln(a.errors())
	for i, n := range next {
		fmt.Fprintf(a.errors(), "%-5s %-*s  %s\n", []string{"next:", "", ""}[i], width, n[0], n[1])
	}
}

// dbHint repeats --db in a suggested command where it is needed.
func (a *app) dbHint() string {
	if a.db == setting("WORKBENCH_DB", defaultDB) {
		return ""
	}
	return " --db " + a.db
}
