package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"workbench/experiments"
)

// statusNow is a run's state at the time ?1: one whose lease has run out is not running, whether or not a writer has
// been there to note it, and one that needs a lost run is blocked.
const statusNow = "CASE WHEN r.status IN ('queued', 'interrupted') AND " + needsLost + ` THEN 'blocked'
	WHEN r.status = 'running' AND r.lease <= ?1 THEN 'interrupted' ELSE r.status END`

// listRuns reads runs r with their place l in a study, at the time ?1.
const listRuns = `SELECT r.id, r.hash, l.study, l.version, l.version <> (SELECT s.version FROM studies s WHERE s.name = l.study),
	l.cell, l.levels, r.seed, r.config, r.data_digest,
	` + statusNow + `, r.reason, r.attempt, r.created, coalesce(r.started, 0), r.updated,
	c.step, c.attempt, c.bytes, c.digest, c.final, c.created
	FROM runs r JOIN study_runs l ON l.run = r.id
	LEFT JOIN checkpoints c ON c.id = (SELECT max(k.id) FROM checkpoints k WHERE k.run = r.id AND ` + goodCheckpoint + `)`

// newestPlace is which of its places in studies a run shows: where it counts, in the study it was made for before
// others, in the current version before others, and of these in the latest. %s narrows the choice.
const newestPlace = `(l.study, l.version) = (SELECT m.study, m.version FROM study_runs m JOIN studies s ON s.name = m.study
	WHERE m.run = r.id%s ORDER BY m.planned OR r.attempt > 0 DESC, m.study = r.study DESC, m.version = s.version DESC,
	m.version DESC, m.study LIMIT 1)`

// Runs returns the runs that the filter selects, by their last activity, newest first. With a study, cells and levels
// are that study's. Unknown ids and runs of unknown studies are absent. Maps of configurations, levels and environments
// may be shared between the runs: do not change them.
func (db *DB) Runs(ctx context.Context, f experiments.RunFilter) ([]experiments.RunInfo, error) {
	var at place
	if f.Study != "" {
		err := db.view(ctx, func(q *sql.Tx) (err error) {
			at, err = resolve(ctx, q, f.Study)
			return err
		})
		if errors.Is(err, experiments.ErrNotFound) {
			return []experiments.RunInfo{}, nil
		}
		if err != nil {
			return nil, explain(db.path, err)
		}
	}
	where, args, err := selection(f, at)
	if err != nil {
		return nil, err
	}
	return db.list(ctx, where, args)
}

// selection is a filter in SQL, its study at the given place; its arguments are numbered from ?2.
func selection(f experiments.RunFilter, at place) (where string, args []any, err error) {
	terms := []string{shown}
	add := func(term string, value any) {
		args = append(args, value)
		terms = append(terms, fmt.Sprintf(term, len(args)+1))
	}
	switch {
	case f.Study == "":
		terms = append(terms, fmt.Sprintf(newestPlace, ""))
	case at.version < 0:
		terms = append(terms, fmt.Sprintf(newestPlace, " AND m.study = ?2"))
		add("l.study = ?%d", at.study)
	default:
		add("l.study = ?%d", at.study)
		add("l.version = ?%d", at.version)
	}
	if len(f.Status) > 0 {
		list, err := jsonList(f.Status)
		if err != nil {
			return "", nil, err
		}
		add(statusNow+" IN (SELECT value FROM json_each(?%d))", list)
	}
	if len(f.IDs) > 0 {
		list, err := jsonList(f.IDs)
		if err != nil {
			return "", nil, err
		}
		add("r.hash IN (SELECT value FROM json_each(?%d))", list)
	}
	return strings.Join(terms, " AND "), args, nil
}

func (db *DB) list(ctx context.Context, where string, args []any) ([]experiments.RunInfo, error) {
	var keys []int64
	byKey := map[int64]*experiments.RunInfo{}
	known := decoded{configs: memo[experiments.Config]{}, labels: memo[map[string]string]{}}
	now := micros(db.Now())
	args = append([]any{now}, args...)
	err := db.view(ctx, func(q *sql.Tx) error {
		rows, err := q.QueryContext(ctx, listRuns+" WHERE "+where+" ORDER BY r.updated DESC, r.id DESC", args...)
		err = each(rows, err, func(rows *sql.Rows) error {
			key, info, err := known.scanRun(rows)
			keys, byKey[key] = append(keys, key), info
			return err
		})
		if err != nil {
			return err
		}
		list, err := jsonList(keys)
		if err != nil {
			return err
		}
		progress, err := progressOf(ctx, q, list)
		if err != nil {
			return err
		}
		for key, p := range progress {
			byKey[key].Progress = p
		}
		return errors.Join(addSummaries(ctx, q, list, byKey), addNeeds(ctx, q, now, list, byKey),
			addPhases(ctx, q, now, list, byKey), known.addAttempts(ctx, q, now, list, byKey))
	})
	infos := make([]experiments.RunInfo, 0, len(keys))
	for _, key := range keys {
		infos = append(infos, *byKey[key])
	}
	return infos, explain(db.path, err)
}

func (m decoded) scanRun(rows *sql.Rows) (key int64, r *experiments.RunInfo, err error) {
	r = &experiments.RunInfo{Last: map[string]float64{}, Max: map[string]float64{}, Min: map[string]float64{}}
	var levels, config string
	var seed, created, started, updated int64
	var step, number, size, saved sql.NullInt64
	var sum sql.NullString
	var final sql.NullBool
	err = rows.Scan(&key, &r.ID, &r.Study, &r.Version, &r.Earlier, &r.Cell, &levels, &seed, &config, &r.DataDigest, &r.Status, &r.Reason,
		&r.Attempt, &created, &started, &updated, &step, &number, &size, &sum, &final, &saved)
	if err != nil {
		return key, r, err
	}
	r.Seed = uint64(seed)
	r.Created, r.Started, r.Updated = fromMicros(created), fromMicros(started), fromMicros(updated)
	if r.Status == experiments.Interrupted && r.Reason == "" {
		r.Reason = gone
	}
	if step.Valid {
		r.Checkpoint = &experiments.CheckpointInfo{Step: step.Int64, Attempt: int(number.Int64), Bytes: size.Int64,
			Digest: sum.String, Final: final.Bool, Time: fromMicros(saved.Int64)}
	}
	if r.Levels, err = m.labels.decode(levels); err != nil {
		return key, r, fmt.Errorf("run %s: its stored levels: %w", r.ID, err)
	}
	if r.Config, err = m.configs.decode(config); err != nil {
		return key, r, fmt.Errorf("run %s: its stored configuration: %w", r.ID, err)
	}
	return key, r, nil
}

// Statuses returns the state of each run with one of the given ids. Unknown ids are absent.
func (db *DB) Statuses(ctx context.Context, ids []string) (map[string]experiments.Status, error) {
	statuses := map[string]experiments.Status{}
	list, err := jsonList(ids)
	if err != nil {
		return nil, err
	}
	rows, err := db.read.QueryContext(ctx, "SELECT r.hash, "+statusNow+" FROM json_each(?2) k CROSS JOIN runs r ON r.hash = k.value",
		micros(db.Now()), list)
	err = each(rows, err, func(rows *sql.Rows) error {
		var id string
		var status experiments.Status
		err := rows.Scan(&id, &status)
		statuses[id] = status
		return err
	})
	return statuses, explain(db.path, err)
}
