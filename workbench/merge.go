package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"workbench/experiments"
	"workbench/store"
)

func (a *app) mergeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "merge FILE [STUDY[@VERSION]...]", Short: "Bring the studies and runs of another database, or of an archive, into this one",
		Long: `Bring all studies of another database into this one (--db), or those that are named, with their runs and all that is
recorded of these, checkpoints too if the file has them. FILE is what workbench archive wrote, or the database of another machine;
it is only read, may be of an older workbench, and may be in use. It is looked at whole first: if it is damaged, or a run is not
what its name says by configuration, data and seed, nothing is taken.

Runs of one configuration, data and seed are one run. Of the two the more complete counts: done over interrupted, and of
interrupted ones that with the later checkpoint. Where both are done and their values differ, this database keeps its own, the run
is named, and the exit status is 1. A run that is being trained there comes as interrupted. Definitions of one name that train
different things are versions of the study; what the bare name means here stays.

A merge that was stopped is completed by the same call, and a second one changes nothing.`,
		Example: "  workbench merge quickstart.db\n  workbench merge ../laptop/workbench.db quickstart vgg@2",
		Args:    wantArgs(1, -1, "a file, and perhaps studies of it"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.merge(cmd.Context(), args[0], args[1:]) },
	}
	a.formatFlag(cmd)
	return cmd
}

func (a *app) merge(ctx context.Context, file string, studies []string) (err error) {
	var db *store.DB
	if _, missing := os.Stat(a.db); missing == nil { // one in use says so before a large file is looked at
		if db, err = store.Open(a.db); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
	}
	from, err := store.OpenOther(ctx, file, filepath.Dir(a.db), true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if err := from.EachRun(ctx, experiments.Run.CheckID); err != nil {
		return err
	}
	if db == nil {
		if db, err = store.Open(a.db); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
	}
	m, err := db.Merge(ctx, from, studies)
	if err != nil {
		return err
	}
	d := a.merged(m)
	if m.Bare > 0 {
		d.remarks = append(d.remarks, fmt.Sprintf("%d run%s that are done came without checkpoints, and so without weights",
			m.Bare, plural(m.Bare)))
	}
	if m.Looks > 0 {
		d.remarks = append(d.remarks, fmt.Sprintf("%d look%s at images that were not counted here", m.Looks, plural(m.Looks)))
	}
	n := len(m.Differ)
	if n > 0 {
		d.remarks = append(d.remarks, fmt.Sprintf("%d run%s done in both databases with other values: those here were kept, %s is as it was",
			n, plural(n), file))
	}
	if err := a.show(d); err != nil || n == 0 {
		return err
	}
	return reported{exitFailed}
}

// outcomes are what may become of a run, with what is said of it.
var outcomes = []struct {
	what store.Brought
	says string
}{
	{store.Added, "new here"}, {store.Advanced, "further there: taken"}, {store.Same, "the same"}, {store.Kept, "further here: kept"},
	{store.Held, "being trained here: left alone"}, {store.Differs, "done in both, other values: kept"},
}

// merged shows what came of a merge.
func (a *app) merged(m store.Merged) document {
	studies := listing{key: "studies", columns: []column{{"study", "study", false}, {"here", "here", false}, {"new", "new", false}}}
	for _, v := range m.Versions {
		known := map[bool]string{true: "new", false: "known"}[v.New]
		studies.rows = append(studies.rows, []cell{text(v.Theirs), text(v.Ours), {v.New, known}})
	}
	runs := listing{key: "runs", title: "Runs", columns: []column{{"outcome", "", false}, {"meaning", "outcome", false},
		{"runs", "runs", true}}}
	for _, o := range outcomes {
		if n := m.Runs[o.what]; n > 0 {
			runs.rows = append(runs.rows, []cell{text(string(o.what)), text(o.says), counted(int64(n))})
		}
	}
	d := document{listings: []listing{studies, runs}}
	if len(m.Differ) == 0 {
		return d
	}
	differ := listing{key: "differ", title: "Runs that differ", leave: []string{"step"}, columns: []column{{"run", "run", false},
		{"metric", "metric", false}, {"step", "step", true}, {"here", "here", true}, {"there", "there", true}}}
	for _, r := range m.Differ {
		differ.rows = append(differ.rows, []cell{text(r.Run), text(r.Metric), counted(r.Step), text(r.Ours), text(r.Theirs)})
	}
	d.listings = append(d.listings, differ)
	return d
}
