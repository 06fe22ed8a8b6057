package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"workbench/experiments"
)

// choice is what of another database is brought: versions of studies, and runs, by their keys there, those that others
// need before these.
type choice struct {
	versions []place
	runs     []int64
	whole    bool // nothing was left out
}

// choose finds the studies and versions that are named (none: all), their runs, and the runs that those need, whichever
// study these are of.
func (o *Other) choose(ctx context.Context, refs []string) (c choice, err error) {
	c.whole = len(refs) == 0
	if c.versions, err = o.versionsOf(ctx, refs); err != nil {
		return c, err
	}
	runs := map[int64]bool{}
	for _, v := range c.versions {
		keys, err := collect[int64](o.q.QueryContext(ctx, `WITH RECURSIVE up (id) AS (
			SELECT run FROM study_runs WHERE study = ? AND version = ?
			UNION SELECT n.needs FROM up JOIN run_needs n ON n.run = up.id) SELECT id FROM up`, v.study, v.version))
		if err != nil {
			return c, err
		}
		for _, key := range keys {
			runs[key] = true
		}
	}
	if c.runs, err = o.inOrder(ctx, runs); err != nil {
		return c, err
	}
	return c, o.placeNeeded(ctx, &c)
}

func (o *Other) versionsOf(ctx context.Context, refs []string) (chosen []place, err error) {
	var wanted []place
	for _, ref := range refs {
		at, err := resolve(ctx, o.q, ref)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, at)
	}
	found := make([]bool, len(wanted))
	rows, err := o.q.QueryContext(ctx, "SELECT study, number FROM study_versions ORDER BY study, number")
	err = each(rows, err, func(rows *sql.Rows) error {
		var v place
		if err := rows.Scan(&v.study, &v.version); err != nil {
			return err
		}
		some := len(wanted) == 0
		for i, w := range wanted {
			if w.study == v.study && (w.version < 0 || w.version == v.version) {
				some, found[i] = true, true
			}
		}
		if some {
			chosen = append(chosen, v)
		}
		return nil
	})
	if i := slices.Index(found, false); err == nil && i >= 0 {
		err = fmt.Errorf("version %d of study %s %w", wanted[i].version, wanted[i].study, experiments.ErrNotFound)
	}
	return chosen, err
}

// inOrder lists runs so that each comes after those that it needs.
func (o *Other) inOrder(ctx context.Context, runs map[int64]bool) (list []int64, err error) {
	waits, waiting := map[int64]int{}, map[int64][]int64{}
	for run := range runs {
		needed, err := collect[int64](o.q.QueryContext(ctx, "SELECT needs FROM run_needs WHERE run = ? ORDER BY position", run))
		if err != nil {
			return nil, err
		}
		waits[run] = len(needed)
		for _, n := range needed {
			waiting[n] = append(waiting[n], run)
		}
	}
	for run := range runs {
		if waits[run] == 0 {
			list = append(list, run)
		}
	}
	slices.Sort(list)
	for i := 0; i < len(list); i++ {
		for _, next := range waiting[list[i]] {
			if waits[next]--; waits[next] == 0 {
				list = append(list, next)
			}
		}
	}
	if len(list) < len(runs) {
		return nil, errors.New("runs need one another, none of them could begin")
	}
	return list, nil
}

// placeNeeded adds a place for each run that is brought only because others need it.
func (o *Other) placeNeeded(ctx context.Context, c *choice) error {
	if c.whole {
		return nil
	}
	chosen := map[place]bool{}
	for _, v := range c.versions {
		chosen[v] = true
	}
	for _, key := range c.runs {
		placed := false
		var first place
		rows, err := o.q.QueryContext(ctx, "SELECT study, version FROM study_runs WHERE run = ? ORDER BY planned DESC, study, version DESC", key)
		err = each(rows, err, func(rows *sql.Rows) error {
			var p place
			err := rows.Scan(&p.study, &p.version)
			if first == (place{}) {
				first = p
			}
			placed = placed || chosen[p]
			return err
		})
		if err != nil {
			return err
		}
		if !placed {
			chosen[first] = true
			c.versions = append(c.versions, first)
		}
	}
	slices.SortFunc(c.versions, func(a, b place) int {
		if a.study != b.study {
			return strings.Compare(a.study, b.study)
		}
		return a.version - b.version
	})
	return nil
}
