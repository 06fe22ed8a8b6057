package main

import (
	"context"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/analysis"
	"workbench/experiments/export"
)

func (a *app) compareCommand() *cobra.Command {
	var all bool
	var side sideBySide
	cmd := &cobra.Command{
		Use: "compare RUN RUN...", Short: "Show what differs between runs: configuration, environment, values",
		Long: `Show what differs between runs. In CSV, --table chooses config (default), environment or metrics; a column is a run.

With --study, and without runs, put the architectures of a recorded study side by side: what they reach, as a mean with its 95 %
interval over seeds, beside parameters, multiply-adds, time and memory of training. A star marks the Pareto front: no other
reaches as much for less. --epochs, --multiply-adds or --minutes give all of them one budget: of each run the last evaluation
within it counts, and nothing is interpolated. Networks that were trained on other images, or longer, have fronts of their own.

With --latency, forward passes of one image and of a batch are timed on this machine, for a minute at most unless another time is
given (--latency=5m): the median of passes that follow warm ones, and the time that nine of ten do not exceed. They are recorded with
the machine's name. A network that was not timed yet comes first, so the same command said again goes on.`,
		Example: "  workbench compare 3f2a 91bc\n  workbench compare --study quickstart\n" +
			"  workbench compare --study nets --models resnet20_cifar,my_net.yaml --minutes 10\n" +
			"  workbench compare --study nets --latency=30s",
		Args: func(cmd *cobra.Command, args []string) error {
			if side.study != "" {
				return wantArgs(0, 0, "no runs beside --study")(cmd, args)
			}
			return wantArgs(2, -1, "two runs or more (the beginnings of their names, or latest)")(cmd, args)
		},
		ValidArgsFunction: names(a.recordedRuns),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := side.check(cmd); err != nil {
				return err
			}
			if side.study != "" {
				return a.compareArchitectures(cmd.Context(), side)
			}
			return a.compareNamed(cmd.Context(), args, all)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "show what is equal, too")
	side.flags(cmd)
	complete(cmd, "study", a.recordedStudies)
	a.dataFlag(cmd)
	a.formatFlag(cmd)
	return cmd
}

// compareNamed compares the runs of these names.
func (a *app) compareNamed(ctx context.Context, names []string, all bool) error {
	db, err := a.read()
	if err != nil {
		return err
	}
	defer db.Close()
	var runs []experiments.RunInfo
	for _, name := range names {
		r, err := db.Run(ctx, name)
		if err != nil {
			return err
		}
		for _, other := range runs {
			if other.ID == r.ID {
				return usagef("run %s is named twice", r.ID)
			}
		}
		runs = append(runs, r)
	}
	phases, err := phaseBudgets(ctx, db, runs)
	if err != nil {
		return err
	}
	return a.compareRuns(runs, phases, all)
}

func (a *app) compareRuns(runs []experiments.RunInfo, phases [][]analysis.Budget, all bool) error {
	var configs, environments []map[string]string
	var values []map[string]float64
	for _, r := range runs {
		config := flatten(r.Config.Completed())
		config["seed"], config["data_digest"] = seedOf(r.Run).text, r.DataDigest
		configs, environments, values = append(configs, config), append(environments, r.Environment), append(values, r.Last)
	}
	metrics := listing{key: "metrics", title: "Newest values", columns: compared("metric", runs, true)}
	for _, m := range keys(values) {
		row := []cell{{m, headOf(m)}}
		for _, v := range values {
			row = append(row, optional(m, v))
		}
		metrics.rows = append(metrics.rows, row)
	}
	config := listing{key: "config", title: "Configuration", columns: compared("path", runs, false), rows: different(configs, all)}
	environment := listing{key: "environment", title: "Environment", columns: compared("fact", runs, false),
		rows: different(environments, all)}
	data := export.Comparison(runs, all)
	data.Tables = append(data.Tables, export.PhaseBudgets(runs, phases))
	d := document{listings: []listing{config}, data: &data}
	if len(environment.rows) > 0 {
		d.listings = append(d.listings, environment)
	}
	d.listings = append(d.listings, metrics)
	if l := comparedBudgets(runs, phases); len(l.rows) > 0 {
		d.listings = append(d.listings, l)
	}
	d.remarks = append(d.remarks, analysis.Definitions(runs)...)
	if len(config.rows) == 0 {
		d.remarks = append(d.remarks, "the configurations are equal")
	}
	return a.show(d)
}

func compared(what string, runs []experiments.RunInfo, numbers bool) []column {
	columns := []column{{what, what, false}}
	for _, r := range runs {
		columns = append(columns, column{r.ID, r.ID, numbers})
	}
	return columns
}

// different has a row a key whose values are not all equal; with all, every key.
func different(sides []map[string]string, all bool) [][]cell {
	var rows [][]cell
	for _, key := range keys(sides) {
		row, equal := []cell{text(key)}, true
		for _, side := range sides {
			row = append(row, text(side[key]))
			equal = equal && side[key] == sides[0][key]
		}
		if all || !equal {
			rows = append(rows, row)
		}
	}
	return rows
}

// keys of any of the maps, sorted.
func keys[V any](sides []map[string]V) []string {
	union := map[string]bool{}
	for _, side := range sides {
		for key := range side {
			union[key] = true
		}
	}
	return slices.Sorted(maps.Keys(union))
}
