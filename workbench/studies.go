package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/experiments/studyfile"
)

func (a *app) studiesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "studies", Short: "List the studies that ship with the program and those in the database", Args: wantArgs(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			recorded, err := a.recorded(cmd)
			if err != nil {
				return err
			}
			return a.showStudies(recorded)
		},
	}
	a.formatFlag(cmd)
	return cmd
}

// recorded are the studies in the database, none if there is no database yet.
func (a *app) recorded(cmd *cobra.Command) ([]experiments.StudyInfo, error) {
	db, err := a.read()
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return db.Studies(cmd.Context())
}

func (a *app) showStudies(recorded []experiments.StudyInfo) error {
	l := listing{key: "studies", leave: []string{"seeds", "cells", "updated", "diverged", "failed"}, columns: []column{
		{"study", "study", false}, {"title", "title", false}, {"cells", "cells", true},
		{"seeds", "seeds", true}, {"done", "done", true}, {"runs", "runs", true}, {"failed", "failed", true}, {"diverged", "diverged", true},
		{"updated", "updated", true}, {"source", "", false}}}
	seen := map[string]bool{}
	for _, info := range recorded {
		seen[info.Study.Name] = true
		row, err := studyRow(info.Study)
		if err != nil {
			return err
		}
		runs := 0
		for _, n := range info.Counts {
			runs += n
		}
		l.rows = append(l.rows, append(row, counted(int64(info.Counts[experiments.Done])), counted(int64(runs)),
			counted(int64(info.Counts[experiments.Failed])), counted(int64(info.Counts[experiments.Diverged])),
			ago(info.Updated, a.now()), text(info.Study.Source)))
		l.rows = append(l.rows, a.earlierRows(info)...)
	}
	for _, name := range studyfile.Names() {
		if seen[name] {
			continue
		}
		study, err := studyfile.Load(name, nil)
		if err != nil {
			return err
		}
		row, err := studyRow(study)
		if err != nil {
			return err
		}
		none := cell{nil, missing}
		l.rows = append(l.rows, append(row, none, none, none, none, cell{nil, "not trained here"}, text(study.Source)))
	}
	return a.show(document{listings: []listing{l}})
}

// earlierRows are the versions of a study that its bare name does not mean.
func (a *app) earlierRows(info experiments.StudyInfo) [][]cell {
	var rows [][]cell
	for _, v := range info.Versions {
		if v.Current {
			continue
		}
		runs := 0
		for _, n := range v.Counts {
			runs += n
		}
		none := cell{nil, missing}
		rows = append(rows, []cell{text(experiments.Version(info.Study.Name, v.Number)),
			text("earlier version: " + cmp.Or(v.Label, "as first trained")), none, none,
			counted(int64(v.Counts[experiments.Done])), counted(int64(runs)), counted(int64(v.Counts[experiments.Failed])),
			counted(int64(v.Counts[experiments.Diverged])), ago(v.Updated, a.now()), text("")})
	}
	return rows
}

func studyRow(s experiments.Study) ([]cell, error) {
	cells, err := s.Cells()
	if err != nil {
		return nil, fmt.Errorf("study %s: %w", s.Name, err)
	}
	return []cell{text(s.Name), text(s.Title), counted(int64(len(cells))), counted(int64(len(s.Seeds)))}, nil
}

// unknownStudy says of a study that is not recorded how it can be, if it ships with the program.
func (a *app) unknownStudy(name string, err error) error {
	if !slices.Contains(studyfile.Names(), name) {
		return err
	}
	return fmt.Errorf("study %s %w yet; %s trains it", name, experiments.ErrNotFound, a.program().On("run", name))
}
