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

// enlistNeeds replaces what a run needs by what it says now. All runs of the call are known by then, so they may come
// in any order. A run named twice is needed once.
func (t *tx) enlistNeeds(key int64, r experiments.Run) error {
	if _, err := t.Exec("DELETE FROM run_needs WHERE run = ?", key); err != nil {
		return err
	}
	for i, id := range r.Needs {
		needed, err := t.run(id)
		switch {
		case errors.Is(err, experiments.ErrNotFound):
			return fmt.Errorf("it needs run %q, which is neither recorded nor enlisted with it: %w", id, err)
		case err != nil:
			return err
		case needed == key:
			return errors.New("it needs itself")
		}
		_, err = t.Exec("INSERT INTO run_needs (run, needs, position) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			key, needed, i)
		if err != nil {
			return err
		}
	}
	return nil
}

// circles looks for runs that need one another, so that none of them could ever begin.
type circles struct {
	*tx
	free map[int64]bool // runs known to lead into none
}

// from follows what a run needs; path are the runs that led to it.
func (c circles) from(key int64, path []int64) error {
	if c.free[key] {
		return nil
	}
	path = append(path, key)
	if at := slices.Index(path[:len(path)-1], key); at >= 0 {
		return c.report(path[at:])
	}
	needed, err := collect[int64](c.Query("SELECT needs FROM run_needs WHERE run = ? ORDER BY position", key))
	if err != nil {
		return err
	}
	for _, next := range needed {
		if err := c.from(next, path); err != nil {
			return err
		}
	}
	c.free[key] = true
	return nil
}

func (c circles) report(path []int64) error {
	var ids []string
	for _, key := range path {
		var id string
		if err := c.QueryRow("SELECT hash FROM runs WHERE id = ?", key).Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	return fmt.Errorf("runs need one another, none of them could begin: %s", strings.Join(ids, " needs "))
}

// needsLost tells whether a run r needs, itself or through others that are not done, one that failed or diverged.
const needsLost = `EXISTS (WITH RECURSIVE up (id) AS (SELECT needs FROM run_needs WHERE run = r.id
	UNION SELECT n.needs FROM up JOIN runs d ON d.id = up.id JOIN run_needs n ON n.run = up.id WHERE d.status <> 'done')
	SELECT 1 FROM up JOIN runs d ON d.id = up.id WHERE d.status IN ('failed', 'diverged'))`

// blocked is a BlockedError unless all runs that a run needs are done.
func (t *tx) blocked(key int64, run string) error {
	by := map[string]experiments.Status{}
	rows, err := t.Query("SELECT r.hash, "+statusNow+` FROM run_needs n JOIN runs r ON r.id = n.needs
		WHERE n.run = ?2 AND r.status <> 'done'`, t.now, key)
	err = each(rows, err, func(rows *sql.Rows) error {
		var id string
		var status experiments.Status
		err := rows.Scan(&id, &status)
		by[id] = status
		return err
	})
	if err != nil || len(by) == 0 {
		return err
	}
	return &experiments.BlockedError{Run: run, By: by}
}

// settles tells whether a state decides something for the runs that need one in it.
func settles(s experiments.Status) bool {
	return s == experiments.Done || experiments.Lost("", s) != ""
}

// announceWaiting notes a change of the runs that need a run: it has settled, or is no longer.
func (t *tx) announceWaiting(key int64) error {
	waiting, err := collect[int64](t.Query("SELECT run FROM run_needs WHERE needs = ?", key))
	if err != nil {
		return err
	}
	for _, run := range waiting {
		if err := t.announce(run, "status"); err != nil {
			return err
		}
	}
	return nil
}

// addNeeds fills Needs and BlockedBy of the listed runs (a JSON list of keys) at a time, and the reason of those that
// are blocked.
func addNeeds(ctx context.Context, q *sql.Tx, now int64, keys string, runs map[int64]*experiments.RunInfo) error {
	rows, err := q.QueryContext(ctx, "SELECT n.run, r.hash, "+statusNow+` FROM json_each(?2) k
		CROSS JOIN run_needs n ON n.run = k.value JOIN runs r ON r.id = n.needs ORDER BY n.run, n.position`, now, keys)
	return each(rows, err, func(rows *sql.Rows) error {
		var key int64
		var id string
		var status experiments.Status
		if err := rows.Scan(&key, &id, &status); err != nil {
			return err
		}
		r := runs[key]
		r.Needs = append(r.Needs, id)
		if status == experiments.Done {
			return nil
		}
		if len(r.BlockedBy) == 0 && r.Status == experiments.Blocked {
			r.Reason = "" // of the last attempt, if there was one; what keeps the next from beginning is another
		}
		r.BlockedBy = append(r.BlockedBy, id)
		if why := experiments.Lost(id, status); why != "" && r.Status == experiments.Blocked {
			r.Reason = strings.TrimPrefix(r.Reason+"; "+why, "; ")
		}
		return nil
	})
}
