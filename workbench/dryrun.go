package main

import (
	"context"
	"fmt"

	"workbench/experiments"
	"workbench/experiments/studyfile"
)

// dryRun shows the runs of a study, where each stands, and what it costs.
func (a *app) dryRun(ctx context.Context, w worklist) error {
	statuses, err := a.statuses(ctx, w.runs)
	if err != nil {
		return err
	}
	l := listing{key: "runs", columns: []column{
		{"run", "run", false}, {"cell", "cell", false}, {"seed", "seed", true}, {"status", "status", false},
		{"parameters", "parameters", true}, {"macs", "multiply-adds an image", true}, {"cost", "multiply-adds in all", true},
	}}
	total, left := 0.0, 0.0
	for _, r := range w.runs {
		cost, err := w.cost(r)
		if err != nil {
			return err
		}
		status, known := statuses[r.ID]
		if !known {
			status = experiments.Queued
		}
		total += cost
		if status != experiments.Done {
			left += cost
		}
		net := w.networks[r.Cell]
		l.rows = append(l.rows, []cell{text(r.ID), text(r.Cell), seedOf(r), text(string(status)),
			counted(net.Params), counted(net.MACs), {cost, magnitude(cost)}})
	}
	sum := fmt.Sprintf("%d run%s, %s multiply-adds in all, %s of them still to do (training counts three forward passes "+
		"an image, an evaluation one)",
		len(w.runs), plural(len(w.runs)), magnitude(total), magnitude(left))
	return a.show(document{listings: []listing{l}, remarks: []string{sum}})
}

// statuses returns the states of runs as far as there is a database.
func (a *app) statuses(ctx context.Context, runs []experiments.Run) (map[string]experiments.Status, error) {
	db, err := a.read()
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer db.Close()
	ids := make([]string, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	return db.Statuses(ctx, ids)
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
		out, err := studyfile.MarshalConfigYAML(c.Config)
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
