package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"workbench/experiments"
)

// finding is a checkpoint that did not pass its digests.
type finding struct {
	id      int64
	step    int64
	attempt int
	damage  damage
}

func (f finding) String() string {
	return fmt.Sprintf("the checkpoint of step %d (attempt %d) is damaged and is not used: %s", f.step, f.attempt, f.damage)
}

// Restore loads the newest checkpoint of the run that passes its digests. Where a newer one does not, the run's log
// says so, and an attempt that has begun and not yet recorded anything is taken to resume from the older step. In a
// read-only database, which cannot say so, damage is an error.
func (db *DB) Restore(ctx context.Context, run string) (experiments.Checkpoint, error) {
	c, damaged, err := db.newestGood(ctx, run)
	if err != nil && !errors.Is(err, experiments.ErrNoCheckpoint) {
		return experiments.Checkpoint{}, explain(db.path, err)
	}
	if len(damaged) == 0 {
		return c, err
	}
	if db.writer == nil {
		return experiments.Checkpoint{}, fmt.Errorf("run %s: %s", run, describeAll(damaged))
	}
	step := int64(-1)
	if err == nil {
		step = c.Step
	}
	if noted := db.update(ctx, 0, func(t *tx) error { return t.fallBack(run, damaged, step) }); noted != nil {
		return experiments.Checkpoint{}, noted
	}
	if err != nil {
		return c, fmt.Errorf("%w: %s", err, describeAll(damaged))
	}
	return c, nil
}

func describeAll(damaged []finding) string {
	var texts []string
	for _, f := range damaged {
		texts = append(texts, f.String())
	}
	return strings.Join(texts, "; ")
}

// newestGood tries the checkpoints of a run from the newest on, in one snapshot of the database.
func (db *DB) newestGood(ctx context.Context, run string) (c experiments.Checkpoint, damaged []finding, err error) {
	err = db.view(ctx, func(q *sql.Tx) error {
		key, err := runKey(ctx, q, run)
		if err != nil {
			return err
		}
		var candidates []finding
		rows, err := q.QueryContext(ctx, "SELECT k.id, k.step, k.attempt FROM checkpoints k WHERE k.run = ? AND "+
			goodCheckpoint+" ORDER BY k.id DESC", key)
		err = each(rows, err, func(rows *sql.Rows) error {
			var f finding
			err := rows.Scan(&f.id, &f.step, &f.attempt)
			candidates = append(candidates, f)
			return err
		})
		if err != nil {
			return err
		}
		for _, f := range candidates {
			c, err = loadCheckpoint(ctx, q, f.id)
			if !errors.As(err, &f.damage) {
				return err
			}
			damaged = append(damaged, f)
		}
		return fmt.Errorf("run %s: %w", run, experiments.ErrNoCheckpoint)
	})
	return c, damaged, err
}

// fallBack notes the damage, for the run's log and so that the checkpoints are not tried again, and lets the attempt
// that is about to start continue from the step that is left (-1: the start).
func (t *tx) fallBack(run string, damaged []finding, step int64) error {
	key, err := t.run(run)
	if err != nil {
		return err
	}
	var attempt int
	var fresh bool // running and silent so far: the one that Restore is called for
	err = t.QueryRow(`SELECT r.attempt, coalesce((SELECT a.ended IS NULL AND a.environment IS NULL FROM attempts a
		WHERE a.run = r.id AND a.number = r.attempt), FALSE) FROM runs r WHERE r.id = ?`, key).Scan(&attempt, &fresh)
	if err != nil {
		return err
	}
	for _, f := range damaged {
		if _, err := t.Exec("UPDATE checkpoints SET damage = ? WHERE id = ?", string(f.damage), f.id); err != nil {
			return err
		}
		if err := t.writeLog(key, attempt, "warning: "+f.String()); err != nil {
			return err
		}
	}
	next := "warning: no good checkpoint is left, the run starts again"
	if step >= 0 {
		next = fmt.Sprintf("warning: the checkpoint of step %d is used instead", step)
	}
	if err := t.writeLog(key, attempt, next); err != nil || !fresh {
		return err
	}
	return t.supersede(key, attempt, step)
}
