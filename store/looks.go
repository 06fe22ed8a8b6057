package store

import (
	"context"
	"database/sql"
	"fmt"

	"workbench/experiments"
)

// longestLook bounds what is said of a look.
const longestLook = 4096

// Look records that images of a split of a data set were measured outside of training. Images are those of the set's
// name and path, whichever of them a run takes: who measures a part has looked at it.
func (db *DB) Look(ctx context.Context, set experiments.Choice, split, what string) error {
	if runes := []rune(what); len(runes) > longestLook/4 { // a rune has up to four bytes
		what = string(runes[:longestLook/4])
	}
	return db.update(ctx, 0, func(t *tx) error {
		name, path := looked(set)
		_, err := t.Exec("INSERT INTO looks (name, path, split, what, time) VALUES (?, ?, ?, ?, ?)", name, path, split, what, t.now)
		return err
	})
}

// looked is by what looks at a set are counted.
func looked(set experiments.Choice) (name, path string) {
	path, _ = set.Options["path"].(string)
	return set.Name, path
}

// Looks counts how often images of a split were measured: by runs while they trained, and outside of training. A phase
// that measures them at a step by several quantities looks once.
func (db *DB) Looks(ctx context.Context, set experiments.Choice, split string) (experiments.Looks, error) {
	var l experiments.Looks
	name, path := looked(set)
	err := db.view(ctx, func(q *sql.Tx) error {
		row := q.QueryRowContext(ctx, `
			SELECT count(DISTINCT run), coalesce(sum(points), 0) FROM (
			  SELECT s.run AS run, max(s.points) AS points FROM runs r
			  CROSS JOIN summaries s ON s.run = r.id CROSS JOIN metric_names m ON m.id = s.metric
			  WHERE json_extract(r.config, '$.dataset.name') = ?1
			  AND coalesce(json_extract(r.config, '$.dataset.options.path'), '') = ?2
			  AND (m.name LIKE ?3 || '/%' OR m.name LIKE '%/' || ?3 || '/%')
			  GROUP BY s.run, substr(m.name, 1, instr('/' || m.name, '/' || ?3 || '/')))`, name, path, split)
		if err := row.Scan(&l.Runs, &l.Training); err != nil {
			return err
		}
		return q.QueryRowContext(ctx, "SELECT count(*) FROM looks WHERE name = ? AND path = ? AND split = ?", name, path, split).Scan(&l.Outside)
	})
	if err != nil {
		return l, fmt.Errorf("looks at %s: %w", split, err)
	}
	return l, nil
}
