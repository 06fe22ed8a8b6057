package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
	"workbench/experiments/iec"
	"workbench/store"
)

// sideBySide asks for the architectures of a study.
type sideBySide struct {
	study   string
	latency time.Duration // how long passes may be timed, all networks together; 0: not at all
	threads int           // while they are
	analysis.Asked
}

// limits are the flags of which one gives the budget.
var limits = []string{"epochs", "multiply-adds", "minutes"}

func (s *sideBySide) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.study, "study", "", "compare the architectures of a recorded `STUDY[@VERSION]`")
	f.StringSliceVar(&s.Models, "models", nil, "of --study, these `NETWORKS` or levels alone")
	f.DurationVar(&s.latency, "latency", 0, "of --study, time forward passes of the networks on this machine, for `SO` long at most")
	f.Lookup("latency").NoOptDefVal = usualTiming.String()
	f.IntVar(&s.threads, "threads", runtime.NumCPU(), "with --latency, threads of the numeric kernels")
	f.StringVar(&s.Machine, "machine", "", "of --study, show the latencies of this `MACHINE` (default: that with the most)")
	f.Float64Var(&s.Epochs, "epochs", 0, "of --study, what runs had reached after so many epochs")
	f.Float64Var(&s.MultiplyAdds, "multiply-adds", 0, "of --study, what runs had reached with so many multiply-adds of training")
	f.Float64Var(&s.Minutes, "minutes", 0, "of --study, what runs had reached after so many minutes of training")
}

// check finds flags that say nothing sensible or do not go together.
func (s *sideBySide) check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	for _, flag := range []string{"models", "latency", "machine"} {
		if s.study == "" && given(flag) {
			return usagef("--%s is of a study's architectures: want --study STUDY, too", flag)
		}
	}
	switch {
	case given("latency") && s.latency <= 0:
		return usagef("--latency: want a duration above 0, such as 1m, got %v", s.latency)
	case given("threads") && !given("latency"):
		return usagef("--threads is of what --latency times: want --latency, too")
	case s.threads < 1:
		return usagef("--threads: want a number of at least 1, got %d", s.threads)
	}
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
	case s.study == "" && len(said) > 0:
		return usagef("%s is of a study's architectures: want --study STUDY, too", said[0])
	case len(said) > 1:
		return usagef("want one budget, got %s", strings.Join(said, " and "))
	case s.study != "" && given("all"):
		return usagef("--all is of runs, --study compares architectures: leave one of them out")
	}
	return nil
}

func (a *app) compareArchitectures(ctx context.Context, s sideBySide) error {
	return a.ofStudy(ctx, s.study, func(db *store.DB, info experiments.StudyInfo, runs []experiments.RunInfo) error {
		from := timing{DB: db}
		var notes []string
		if s.latency > 0 {
			if _, err := analysis.Architectures(ctx, db, info.Study, runs, analysis.Asked{Models: s.Models}); err != nil {
				return usageError{err} // before anything is timed
			}
			var err error
			if from.all, notes, err = a.timeNetworks(ctx, db, info.Study, runs, s); err != nil {
				return err
			}
			if len(from.all) > 0 && s.Machine == "" {
				s.Machine = analysis.Machine(from.all[0])
			}
		}
		found, err := analysis.Architectures(ctx, from, info.Study, runs, s.Asked)
		if err != nil {
			return usageError{err}
		}
		found.Warnings = slices.Concat(notes, found.Warnings)
		data := export.Architectures(info, found, version)
		d := document{listings: []listing{architectures(info, found)}, remarks: found.Warnings, data: &data}
		d.remarks = append(d.remarks, aboutLatencies(found)...)
		d.remarks = append(d.remarks, "* on the Pareto front: no other reaches as much for less")
		return a.show(d)
	})
}

// architectures has a row a cell of the study.
func architectures(info experiments.StudyInfo, found analysis.Compared) listing {
	l := listing{key: "architectures", leave: []string{"seconds", "bytes", "image_seconds", "network", "protocol"},
		title: fmt.Sprintf("%s: %s within %s, mean ± 95 %% interval over seeds", info.ShortRef(), found.Metric, found.Limit)}
	for _, f := range info.Study.Factors {
		l.columns = append(l.columns, column{f.Name, f.Name, false})
	}
	protocol := "" // seen only where there are several
	if len(found.Protocols) > 1 {
		protocol = "protocol"
	} else if len(found.Protocols) == 1 {
		l.title += ", " + found.Protocols[0]
	}
	l.columns = append(l.columns, column{"network", "network", false}, column{"protocol", protocol, false}, column{"n", "n", true},
		column{"mean", headOf(found.Metric), true})
	for _, c := range costColumns {
		head := c.head
		if found.Machine == "" && strings.HasPrefix(c.key, "latency") {
			head = ""
		}
		l.columns = append(l.columns, column{c.key, head, true})
	}
	for _, r := range found.Rows {
		var row []cell
		for _, f := range info.Study.Factors {
			row = append(row, text(r.Levels[f.Name]))
		}
		half := (r.Interval.High - r.Interval.Low) / 2
		row = append(row, text(r.Network), text(r.Protocol), cell{r.N, fmt.Sprintf("%d/%d", r.N, r.Planned)},
			statistic(r.Mean, withSpread(found.Metric, r.Mean, half)))
		for _, c := range costColumns {
			row = append(row, starred(c.shown(r), r.Front[c.key]))
		}
		l.rows = append(l.rows, row)
	}
	return l
}

// costColumns show what an architecture costs, by the keys of analysis.Costs.
var costColumns = []struct {
	key, head string
	shown     func(analysis.Architecture) cell
}{
	{"parameters", "parameters", func(a analysis.Architecture) cell { return measured(a.Params, count) }},
	{"macs", "multiply-adds", func(a analysis.Architecture) cell { return measured(a.MACs, short) }},
	{"image_seconds", "training an image", func(a analysis.Architecture) cell {
		return statistic(a.ImageSeconds, fmt.Sprintf("%.3g ms", 1000*a.ImageSeconds))
	}},
	{"latency", "latency", func(a analysis.Architecture) cell { return latency(a.Latency) }},
	{"latency_batch", "in a batch", func(a analysis.Architecture) cell { return latency(a.Batch) }},
	{"bytes", "memory", func(a analysis.Architecture) cell { return measured(a.Bytes, iec.Bytes) }},
	{"seconds", "time a run", func(a analysis.Architecture) cell { return seconds(a.Seconds) }},
}

// starred marks a cost that is on the Pareto front.
func starred(c cell, front bool) cell {
	c.text += " "
	if front {
		c.text = strings.TrimSuffix(c.text, " ") + "*"
	}
	return c
}
