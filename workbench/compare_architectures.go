package main

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/iec"
	"workbench/store"
)

// sideBySide asks for the architectures of a study.
type sideBySide struct {
	study string
	analysis.Asked
}

// limits are the flags of which one gives the budget.
var limits = []string{"epochs", "multiply-adds", "minutes"}

func (s *sideBySide) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.study, "study", "", "compare the architectures of a recorded `STUDY[@VERSION]`")
	f.StringSliceVar(&s.Models, "models", nil, "of --study, these `NETWORKS` or levels alone")
	f.Float64Var(&s.Epochs, "epochs", 0, "of --study, what runs had reached after so many epochs")
	f.Float64Var(&s.MultiplyAdds, "multiply-adds", 0, "of --study, what runs had reached with so many multiply-adds of training")
	f.Float64Var(&s.Minutes, "minutes", 0, "of --study, what runs had reached after so many minutes of training")
}

// check finds flags that say nothing sensible or do not go together.
func (s *sideBySide) check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	var said []string
	for i, limit := range []float64{s.Epochs, s.MultiplyAdds, s.Minutes} {
		if !given(limits[i]) {
			continue
		}
		said = append(said, "--"+limits[i])
		if !(limit > 0) || math.IsInf(limit, 0) {
			return usagef("--%s: want a number above 0, got %g", limits[i], limit)
		}
	}
	switch {
	case s.study == "" && (len(said) > 0 || given("models")):
		return usagef("%s is of a study's architectures: want --study STUDY, too", append(said, "--models")[0])
	case len(said) > 1:
		return usagef("want one budget, got %s", strings.Join(said, " and "))
	case s.study != "" && given("all"):
		return usagef("--all is of runs, --study compares architectures: leave one of them out")
	}
	return nil
}

func (a *app) compareArchitectures(ctx context.Context, s sideBySide) error {
	return a.ofStudy(ctx, s.study, func(db *store.DB, info experiments.StudyInfo, runs []experiments.RunInfo) error {
		found, err := analysis.Architectures(ctx, db, info.Study, runs, s.Asked)
		if err != nil {
			return usageError{err}
		}
		d := document{listings: []listing{architectures(info, found)}, remarks: found.Warnings}
		d.remarks = append(d.remarks, "* on the Pareto front: no other reaches as much for less")
		return a.show(d)
	})
}

// architectures has a row a cell of the study.
func architectures(info experiments.StudyInfo, found analysis.Compared) listing {
	l := listing{key: "architectures", leave: []string{"bytes", "image_seconds", "network"},
		title: fmt.Sprintf("%s: %s within %s, mean ± 95 %% interval over seeds", info.ShortRef(), found.Metric, found.Limit)}
	for _, f := range info.Study.Factors {
		l.columns = append(l.columns, column{f.Name, f.Name, false})
	}
	l.columns = append(l.columns, column{"network", "network", false}, column{"n", "n", true}, column{"mean", headOf(found.Metric), true},
		column{"low", "", true}, column{"high", "", true}, column{"parameters", "parameters", true}, column{"front_parameters", "", false},
		column{"macs", "multiply-adds", true}, column{"front_macs", "", false}, column{"image_seconds", "time an image", true},
		column{"bytes", "memory", true}, column{"seconds", "time a run", true})
	for _, r := range found.Rows {
		var row []cell
		for _, f := range info.Study.Factors {
			row = append(row, text(r.Levels[f.Name]))
		}
		half := (r.Interval.High - r.Interval.Low) / 2
		l.rows = append(l.rows, append(row, text(r.Network), cell{r.N, fmt.Sprintf("%d/%d", r.N, r.Planned)},
			statistic(r.Mean, withSpread(found.Metric, r.Mean, half)), statistic(r.Interval.Low, ""), statistic(r.Interval.High, ""),
			starred(measured(r.Params, count), r.FrontParams), cell{r.FrontParams, ""}, starred(measured(r.MACs, short), r.FrontMACs),
			cell{r.FrontMACs, ""}, statistic(r.ImageSeconds, fmt.Sprintf("%.3g ms", 1000*r.ImageSeconds)), measured(r.Bytes, iec.Bytes),
			seconds(r.Seconds)))
	}
	return l
}

// starred marks a cost that is on the Pareto front.
func starred(c cell, front bool) cell {
	c.text += " "
	if front {
		c.text = strings.TrimSuffix(c.text, " ") + "*"
	}
	return c
}
