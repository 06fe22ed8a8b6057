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
	runs, err := db.Runs(ctx, experiments.RunFilter{Study: study.Name})
	if err != nil {
		return err
	}
	if len(study.Factors) > 0 {
		return a.showAblation(study, runs)
	}
	return a.showRuns(runs)
}

// suggest names the commands that come next.
func (a *app) suggest(study experiments.Study) {
	if a.format != "table" {
		return
	}
	fmt.Fprintf(a.errors(), "\nnext: workbench serve%s              see the curves\n", a.dbHint())
	fmt.Fprintf(a.errors(), "      workbench runs --study %s%s   every run\n", study.Name, a.dbHint())
	fmt.Fprintf(a.errors(), "      workbench show latest%s        one run in detail\n", a.dbHint())
}

// dbHint repeats --db in a suggested command where it is needed.
func (a *app) dbHint() string {
	if a.db == setting("WORKBENCH_DB", defaultDB) {
		return ""
	}
	return " --db " + a.db
}
