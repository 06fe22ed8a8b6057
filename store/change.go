package store

import (
	"context"
	"database/sql"

	"workbench/experiments"
)

// keptChanges is how many changes are kept. A reader that falls further behind sees a gap in Seq and reads everything
// again.
const keptChanges = 4096

// announce notes a change of a run, once for every study that it belongs to. Kind "status" stands for all that is not
// values: the state, the environment, a checkpoint, a line of the log.
func (t *tx) announce(key int64, kind string) error {
	rows, err := t.Query(`SELECT DISTINCT r.hash, l.study FROM runs r JOIN study_runs l ON l.run = r.id WHERE r.id = ?`, key)
	return each(rows, err, func(rows *sql.Rows) error {
		c := experiments.Change{Kind: kind}
		if err := rows.Scan(&c.Run, &c.Study); err != nil {
			return err
		}
		t.changes = append(t.changes, c)
		return nil
	})
}

// writeChanges stores what the group has announced, the same thing once.
func (t *tx) writeChanges() error {
	seen := map[experiments.Change]bool{}
	var last int64
	for _, c := range t.changes {
		if seen[c] {
			continue
		}
		seen[c] = true
		done, err := t.Exec("INSERT INTO changes (run, study, kind) VALUES (?, ?, ?)", c.Run, c.Study, c.Kind)
		if err != nil {
			return err
		}
		if last, err = done.LastInsertId(); err != nil {
			return err
		}
	}
	if len(seen) == 0 {
		return nil
	}
	_, err := t.Exec("DELETE FROM changes WHERE seq <= ?", last-keptChanges)
	return err
}

// Changes returns the changes after a sequence number, oldest first: at most max of them, or all that are kept if max
// is 0.
func (db *DB) Changes(ctx context.Context, after int64, max int) ([]experiments.Change, error) {
	if max <= 0 {
		max = keptChanges
	}
	var changes []experiments.Change
	rows, err := db.read.QueryContext(ctx, "SELECT seq, run, study, kind FROM changes WHERE seq > ? ORDER BY seq LIMIT ?", after, max)
	err = each(rows, err, func(rows *sql.Rows) error {
		var c experiments.Change
		if err := rows.Scan(&c.Seq, &c.Run, &c.Study, &c.Kind); err != nil {
			return err
		}
		changes = append(changes, c)
		return nil
	})
	return changes, explain(db.path, err)
}

// LastChange is the newest sequence number, 0 if nothing has happened.
func (db *DB) LastChange(ctx context.Context) (seq int64, err error) {
	err = db.read.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM changes").Scan(&seq)
	return seq, explain(db.path, err)
}
