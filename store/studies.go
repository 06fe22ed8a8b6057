package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"workbench/experiments"
)

// Studies returns the current version of each study by the last activity in it, newest first, with how many of its runs
// are in each state.
func (db *DB) Studies(ctx context.Context) ([]experiments.StudyInfo, error) {
	infos := []experiments.StudyInfo{}
	err := db.view(ctx, func(q *sql.Tx) error {
		all, err := db.studies(ctx, q, "")
		infos = append(infos, all...)
		slices.SortStableFunc(infos, func(a, b experiments.StudyInfo) int { return b.Updated.Compare(a.Updated) })
		return err
	})
	return infos, explain(db.path, err)
}

// Study finds the current version of a study by its name, another as "tiny@2"; the error for an unknown one says what
// there is.
func (db *DB) Study(ctx context.Context, ref string) (info experiments.StudyInfo, err error) {
	err = db.view(ctx, func(q *sql.Tx) error {
		at, err := resolve(ctx, q, ref)
		if err != nil {
			return err
		}
		all, err := db.studies(ctx, q, at.study)
		if err != nil {
			return err
		}
		if info = all[0]; at.version < 0 {
			return nil
		}
		return db.turn(ctx, q, &info, at.version)
	})
	return info, explain(db.path, err)
}

// turn makes the information that of another version.
func (db *DB) turn(ctx context.Context, q *sql.Tx, info *experiments.StudyInfo, number int) error {
	name := info.Study.Name
	all, err := versions(ctx, q, micros(db.Now()), name)
	if err != nil {
		return err
	}
	var known []string
	for _, v := range all[name] {
		known = append(known, fmt.Sprint(v.Number))
		switch {
		case v.Number != number:
		case number == beforeFirst:
			return fmt.Errorf("study %s: definitions before version 1 were not kept, only their runs: %w",
				experiments.Version(name, number), experiments.ErrNotFound)
		default:
			info.Study, info.Version, info.Counts, info.Updated = v.definition, v.Number, v.Counts, v.Updated
			return nil
		}
	}
	return fmt.Errorf("version %d of study %s %w; it has %s", number, name, experiments.ErrNotFound, strings.Join(known, ", "))
}

// studies reads one study, or all ("").
func (db *DB) studies(ctx context.Context, q *sql.Tx, only string) ([]experiments.StudyInfo, error) {
	now := micros(db.Now())
	all, err := versions(ctx, q, now, only)
	if err != nil {
		return nil, err
	}
	var infos []experiments.StudyInfo
	rows, err := q.QueryContext(ctx, "SELECT name, created FROM studies WHERE ?1 = '' OR name = ?1 ORDER BY created DESC, name", only)
	err = each(rows, err, func(rows *sql.Rows) error {
		var name string
		var created int64
		if err := rows.Scan(&name, &created); err != nil {
			return err
		}
		i := slices.IndexFunc(all[name], func(v version) bool { return v.Current })
		if i < 0 {
			return fmt.Errorf("study %s has no current version", name)
		}
		v := all[name][i]
		info := experiments.StudyInfo{Study: v.definition, Version: v.Number, Counts: v.Counts, All: v.Counts,
			Created: fromMicros(created), Updated: v.Updated}
		for _, v := range all[name] {
			info.Versions = append(info.Versions, v.StudyVersion)
		}
		infos = append(infos, info)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return infos, countAll(ctx, q, now, infos)
}

// countAll counts the runs of studies with several versions, each run once.
func countAll(ctx context.Context, q *sql.Tx, now int64, infos []experiments.StudyInfo) error {
	for i, info := range infos {
		if len(info.Versions) < 2 {
			continue
		}
		infos[i].All = map[experiments.Status]int{}
		rows, err := q.QueryContext(ctx, "SELECT "+statusNow+`, count(DISTINCT r.id) FROM study_runs l JOIN runs r ON r.id = l.run
			WHERE l.study = ?2 AND `+shown+" GROUP BY 1", now, info.Study.Name)
		err = each(rows, err, func(rows *sql.Rows) error {
			var status experiments.Status
			var n int
			err := rows.Scan(&status, &n)
			infos[i].All[status] = n
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
