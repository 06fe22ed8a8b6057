package store

import (
	"context"
	"database/sql"
	"fmt"

	"workbench/experiments"
)

// longestLook bounds what is said of a look.
const longestLook = 4096

// Look records that the images of a split were measured outside of training. data is the digest of the set.
func (db *DB) Look(ctx context.Context, data, split, what string) error {
	if runes := []rune(what); len(runes) > longestLook/4 { // a rune has up to four bytes
		what = string(runes[:longestLook/4])
	}
	return db.update(ctx, 0, func(t *tx) error {
		_, err := t.Exec("INSERT INTO looks (data, split, what, time) VALUES (?, ?, ?, ?)", data, split, what, t.now)
		return err
	})
}

// Looks counts how often the images of a split were measured: by runs while they trained, and outside of training. A
// phase that measures them at a step by several quantities looks once.
func (db *DB) Looks(ctx context.Context, data, split string) (experiments.Looks, error) {
	var l experiments.Looks
	err := db.view(ctx, func(q *sql.Tx) error {
		row := q.QueryRowContext(ctx, `
			SELECT count(DISTINCT run), coalesce(sum(points), 0) FROM (
			  SELECT s.run AS run, max(s.points) AS points FROM runs r
			  CROSS JOIN summaries s ON s.run = r.id CROSS JOIN metric_names m ON m.id = s.metric
			  WHERE r.data_digest = ?1 AND (m.name LIKE ?2 || '/%' OR m.name LIKE '%/' || ?2 || '/%')
			  GROUP BY s.run, substr(m.name, 1, instr('/' || m.name, '/' || ?2 || '/')))`, data, split)
		if err := row.Scan(&l.Runs, &l.Training); err != nil {
			return err
		}
		return q.QueryRowContext(ctx, "SELECT count(*) FROM looks WHERE data = ? AND split = ?", data, split).Scan(&l.Outside)
	})
	if err != nil {
		return l, fmt.Errorf("looks at %s: %w", split, err)
	}
	return l, nil
}
