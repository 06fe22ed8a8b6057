package main

import (
	"context"
	"fmt"
	"slices"

	"workbench/experiments"
	"workbench/experiments/studyfile"
	"workbench/experiments/supervise"
)

// dryRun shows the runs of a study, where each stands, what it costs, and how long it takes here.
func (a *app) dryRun(ctx context.Context, w worklist, t training) error {
	statuses, earlier, err := a.recordedOf(ctx, w.runs)
	if err != nil {
		return err
	}
	t.share(len(w.runs))
	e, err := a.estimate(ctx, w, earlier, max(t.threads/t.jobs, 1))
	if err != nil {
		return err
	}
	l := listing{key: "runs", leave: []string{"parameters", "macs", "run", "executed"}, columns: []column{
		{"run", "run", false}, {"cell", "cell", false}, {"seed", "seed", true}, {"status", "status", false},
		{"parameters", "parameters", true}, {"macs", "multiply-adds an image", true}, {"executed", "multiply-adds in all", true},
		{"seconds", "time", true},
	}}
	total, left := 0.0, 0.0
	todo := supervise.Scheduler{Failed: t.failed, Force: t.force}.Trains(w.runs, statuses)
	for _, r := range w.runs {
		cost := e.work[r.Cell].All()
		status, recorded := statuses[r.ID]
		if !recorded {
			status = experiments.Queued
		}
		total += cost
		switch trained := slices.ContainsFunc(todo, func(o experiments.Run) bool { return o.ID == r.ID }); {
		case trained:
			left += cost
		case r.Shared && status == experiments.Queued:
			status = notNeeded
		}
		net := w.network(r)
		lasts := cell{nil, missing}
		if middle, _, _ := e.takes(r.Cell); e.known() {
			lasts = seconds(middle)
		}
		l.rows = append(l.rows, []cell{text(r.ID), text(r.Cell), seedOf(r), text(string(status)),
			counted(net.Params), counted(net.MACs), {cost, magnitude(cost)}, lasts})
	}
	sum := fmt.Sprintf("%d run%s, %s multiply-adds in all, %s of them still to do: those of convolutions and linear layers that the "+
		"programs execute, forward and backward, and of updates", len(w.runs), plural(len(w.runs)), magnitude(total), magnitude(left))
	remarks := append([]string{sum}, a.duration(e, todo, t)...)
	cells, err := w.study.Cells()
	if err != nil {
		return err
	}
	if part := w.study.PartText(cells); part != "" {
		remarks = append(remarks, part)
	}
	return a.show(document{listings: []listing{l}, remarks: remarks})
}

// notNeeded stands where a run would be queued if any run to train began with it.
const notNeeded = experiments.Status(supervise.NotNeeded)

// duration says how long the training of the runs takes, and with what doubt.
func (a *app) duration(e estimate, todo []experiments.Run, t training) []string {
	if slowBackend != "" && !e.known() {
		return []string{"how long that takes was not measured: " + slowBackend}
	}
	middle, least, most := e.all(todo, t.jobs)
	said := []string{fmt.Sprintf("about %s with %d run%s at a time, %d thread%s each (%s by the fastest steps, %s by the slowest; %s); "+
		"reading data, starting and other work on the machine come on top", took(middle), t.jobs, plural(t.jobs), e.threads,
		plural(e.threads), took(least), took(most), e.source())}
	for _, r := range todo {
		if slow := slowBFloat16(); slow != "" && r.Config.Precision == "bf16" {
			return append(said, slow)
		}
	}
	return said
}

// recordedOf returns the states of runs, and all runs that were recorded, as far as there is a database.
func (a *app) recordedOf(ctx context.Context, runs []experiments.Run) (map[string]experiments.Status, []experiments.RunInfo, error) {
	db, err := a.read()
	if isMissing(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer db.Close()
	ids := make([]string, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	statuses, err := db.Statuses(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	earlier, err := db.Runs(ctx, experiments.RunFilter{Status: []experiments.Status{experiments.Done}})
	return statuses, earlier, err
}

// text is a cell that reads the same to people and programs.
func text(s string) cell {
	if s == "" {
		return cell{nil, missing}
	}
	return cell{s, s}
}

// showConfig prints the resolved configuration of every cell, as the base of a study file takes it.
func (a *app) showConfig(study experiments.Study) error {
	cells, err := study.Cells()
	if err != nil {
		return err
	}
	for i, c := range cells {
		out, err := studyfile.MarshalConfigYAML(c.Config.WithPhases())
		if err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprintln(a.out, "---")
		}
		fmt.Fprintf(a.out, "# study %s, cell %s, seeds %v\n%s", study.Name, c.Key, study.Seeds, out)
	}
	return nil
}
