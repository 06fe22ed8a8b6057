package main

import (
	"context"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/analysis"
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
		return a.showAblation(ctx, db, info, runs, analysis.Against{})
	}
	return a.showRuns(runs)
}

// suggest names the commands that come next.
func (a *app) suggest(study experiments.Study) {
	if a.format != "table" {
		return
	}
	p := a.program()
	next := [][2]string{{p.On("serve"), "see the curves"}, {p.On("runs", "--study", study.Name), "every run"},
		{p.On("show", "latest"), "one run in detail"}}
	width := 0
	for _, n := range next {
		width = max(width, len([]rune(n[0])))
	}
	fmt.Fprintln(a.errors())
	for i, n := range next {
		fmt.Fprintf(a.errors(), "%-5s %-*s  %s\n", []string{"next:", "", ""}[i], width, n[0], n[1])
	}
}
