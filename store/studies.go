package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"workbench/experiments"
	"workbench/nn/nearest"
)

// Studies returns the studies by the last activity in them, newest first, with how many of their planned runs are in
// each state.
func (db *DB) Studies(ctx context.Context) ([]experiments.StudyInfo, error) {
	return db.studies(ctx, "TRUE")
}

// Study finds one by its name; the error for an unknown name suggests a near one.
func (db *DB) Study(ctx context.Context, name string) (experiments.StudyInfo, error) {
	found, err := db.studies(ctx, "s.name = ?2", name)
	if err != nil {
		return experiments.StudyInfo{}, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	names, err := collect[string](db.read.QueryContext(ctx, "SELECT name FROM studies"))
	if err != nil {
		return experiments.StudyInfo{}, explain(db.path, err)
	}
	return experiments.StudyInfo{}, fmt.Errorf("study %q %w in %s%s", name, experiments.ErrNotFound, db.path, nearest.Hint(name, names))
}

func (db *DB) studies(ctx context.Context, where string, args ...any) ([]experiments.StudyInfo, error) {
	infos := []experiments.StudyInfo{}
	index := map[string]int{}
	args = append([]any{micros(db.Now())}, args...)
	err := db.view(ctx, func(q *sql.Tx) error {
		rows, err := q.QueryContext(ctx, "SELECT s.name, s.definition, s.created, s.updated FROM studies s WHERE ?1 IS NOT NULL AND "+where+
			" ORDER BY s.created DESC, s.name", args...)
		err = each(rows, err, func(rows *sql.Rows) error {
			name, info, err := scanStudy(rows)
			index[name] = len(infos)
			infos = append(infos, info)
			return err
		})
		if err != nil {
			return err
		}
		rows, err = q.QueryContext(ctx, "SELECT s.name, "+statusNow+`, count(*), max(r.updated) FROM studies s
			JOIN study_runs l ON l.study = s.name AND l.planned JOIN runs r ON r.id = l.run WHERE `+where+" GROUP BY 1, 2", args...)
		return each(rows, err, func(rows *sql.Rows) error {
			var name string
			var status experiments.Status
			var n int
			var updated int64
			if err := rows.Scan(&name, &status, &n, &updated); err != nil {
				return err
			}
			info := &infos[index[name]]
			info.Counts[status] = n
			if at := fromMicros(updated); at.After(info.Updated) {
				info.Updated = at
			}
			return nil
		})
	})
	slices.SortStableFunc(infos, func(a, b experiments.StudyInfo) int { return b.Updated.Compare(a.Updated) })
	return infos, explain(db.path, err)
}

func scanStudy(rows *sql.Rows) (name string, info experiments.StudyInfo, err error) {
	info.Counts = map[experiments.Status]int{}
	var definition string
	var created, updated int64
	if err := rows.Scan(&name, &definition, &created, &updated); err != nil {
		return name, info, err
	}
	info.Created, info.Updated = fromMicros(created), fromMicros(updated)
	if err := json.Unmarshal([]byte(definition), &info.Study); err != nil {
		return name, info, fmt.Errorf("study %s: its stored definition: %w", name, err)
	}
	return name, info, nil
}
