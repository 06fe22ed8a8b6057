package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments/diagnosis"
	"workbench/experiments/export"
	"workbench/experiments/portrait"
	"workbench/store"
)

// mostDiagnosed are the runs of a call at most.
const mostDiagnosed = 1000

func (a *app) diagnoseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "diagnose RUN...", Short: "Say what may be wrong with runs, with the numbers that say so and what to try next",
		Long: "Say what may be wrong with runs: " + strings.Join(diagnosis.Names(), ", ") + ".\n\n" +
			"Each finding is a rule over what a run has recorded: its curves, its configuration and how its layers learn. It has the numbers\n" +
			"that it is made by, each with the bound that it is beyond, and what to try next. A rule without its numbers is silent, so a run\n" +
			"without findings need not be sound. RUN is the beginning of a run's name, as `workbench runs` lists it, or latest.",
		Args:              wantArgs(1, mostDiagnosed, "one run or several (the beginnings of their names, or latest)"),
		ValidArgsFunction: names(a.recordedRuns),
		RunE: func(cmd *cobra.Command, args []string) error {
			db, err := a.read()
			if err != nil {
				return err
			}
			defer db.Close()
			return a.diagnose(cmd, db, args)
		},
	}
	a.formatFlag(cmd)
	return cmd
}

func (a *app) diagnose(cmd *cobra.Command, db *store.DB, names []string) error {
	l := listing{key: "findings", leave: []string{"says"}, columns: []column{{"run", "run", false}, {"name", "finding", false},
		{"says", "what was found", false}, {"evidence", "by", false}, {"try", "try", false}}}
	findings := export.Table{Name: "findings", Columns: []string{"run", "name", "says", "try"}}
	numbers := export.Table{Name: "evidence", Columns: []string{"run", "name", "of", "value", "bound"}}
	var silent []string
	for _, name := range names {
		r, err := db.Run(cmd.Context(), name)
		if err != nil {
			return err
		}
		found, err := diagnosis.Run(cmd.Context(), db, r)
		if err != nil {
			return fmt.Errorf("run %s: %w", r.ID, err)
		}
		if len(found) == 0 {
			silent = append(silent, r.ID)
		}
		for _, f := range found {
			l.rows = append(l.rows, []cell{text(r.ID), text(f.Name), text(f.Says), text(f.By()), text(f.Try)})
			findings.Rows = append(findings.Rows, []any{r.ID, f.Name, f.Says, f.Try})
			for _, e := range f.Evidence {
				numbers.Rows = append(numbers.Rows, []any{r.ID, f.Name, e.Of, finite(e.Value), finite(e.Bound)})
			}
		}
	}
	d := document{listings: []listing{l}, data: &export.Document{Tables: []export.Table{findings, numbers}}}
	if len(silent) > 0 {
		d.remarks = append(d.remarks, "nothing was found in "+strings.Join(silent, ", "))
		d.data.Remarks = d.remarks
	}
	return a.show(d)
}

// finite is nil for what is no number.
func finite(n portrait.Number) any {
	if !n.Finite() {
		return nil
	}
	return float64(n)
}
