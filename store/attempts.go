package store

import (
	"context"
	"database/sql"
	"fmt"

	"workbench/experiments"
)

// timedAttempts are the attempts of the listed runs (?2, a JSON list of keys) at the time ?1. One that does not answer
// has lasted until it was last heard of. Training began with the first phase; an attempt of an earlier program recorded
// none, and counts from its beginning if it came so far that it told its environment.
const timedAttempts = `SELECT a.run, a.number, a.resumed, a.started,
	coalesce((SELECT min(p.started) FROM run_phases p WHERE p.run = a.run AND p.attempt = a.number),
		CASE WHEN a.environment IS NULL THEN 0 ELSE a.started END),
	coalesce(a.ended, CASE WHEN r.lease > ?1 THEN ?1 ELSE r.updated END),
	CASE WHEN a.ended IS NULL AND r.lease <= ?1 THEN 'interrupted' ELSE a.status END, a.environment
	FROM json_each(?2) k CROSS JOIN attempts a ON a.run = k.value JOIN runs r ON r.id = a.run ORDER BY a.run, a.number`

// addAttempts fills Attempts and Seconds of the listed runs.
func (m decoded) addAttempts(ctx context.Context, q *sql.Tx, now int64, keys string, runs map[int64]*experiments.RunInfo) error {
	rows, err := q.QueryContext(ctx, timedAttempts, now, keys)
	return each(rows, err, func(rows *sql.Rows) error {
		var key, began, trained, ended int64
		var a experiments.AttemptInfo
		var environment sql.NullString
		if err := rows.Scan(&key, &a.Number, &a.Resumed, &began, &trained, &ended, &a.Status, &environment); err != nil {
			return err
		}
		a.Began, a.Trained, a.Ended = fromMicros(began), fromMicros(trained), fromMicros(ended)
		r := runs[key]
		var err error
		if a.Environment, err = m.labels.decode(environment.String); err != nil {
			return fmt.Errorf("run %s, attempt %d: its stored environment: %w", r.ID, a.Number, err)
		}
		r.Attempts = append(r.Attempts, a)
		r.Seconds += a.Seconds()
		if len(a.Environment) > 0 {
			r.Environment = a.Environment
		}
		return nil
	})
}
