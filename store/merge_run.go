package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"workbench/experiments"
)

// elsewhere is the reason of an attempt that was under way when its database was read.
const elsewhere = "it was under way elsewhere when it was brought here"

// standing is how far a run has come in one of the databases.
type standing struct {
	key          int64
	status       experiments.Status
	fence, lease int64
	saved, last  int64 // steps of the newest good checkpoint and of the last point; −1: there is none
	final        bool  // a good final checkpoint is there
}

// standingOf finds a run by its id; the key is 0 if there is none.
func standingOf(ctx context.Context, q *sql.Tx, run string) (s standing, err error) {
	err = q.QueryRowContext(ctx, `SELECT r.id, r.status, r.fence, coalesce(r.lease, 0),
		coalesce((SELECT max(k.step) FROM checkpoints k WHERE k.run = r.id AND `+goodCheckpoint+`), -1),
		EXISTS (SELECT 1 FROM checkpoints k WHERE k.run = r.id AND k.final AND `+goodCheckpoint+`)
		FROM runs r WHERE r.hash = ?`, run).Scan(&s.key, &s.status, &s.fence, &s.lease, &s.saved, &s.final)
	if errors.Is(err, sql.ErrNoRows) {
		return standing{}, nil
	}
	if err != nil {
		return s, err
	}
	err = q.QueryRowContext(ctx, "SELECT coalesce(max(last_step), -1) FROM summaries WHERE run = ?", s.key).Scan(&s.last)
	return s, err
}

// ended tells whether the run came to a result that a repetition would come to again.
func (s standing) ended() bool {
	return s.status == experiments.Done || s.status == experiments.Diverged
}

// against is positive if the run has come further than the other: to its end, or else to a later step from which it can
// go on, or else to a later point.
func (s standing) against(o standing) int {
	rank := func(s standing) int {
		switch {
		case s.ended():
			return 2
		case s.status == experiments.Queued:
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(s), rank(o)), cmp.Compare(s.saved, o.saved), cmp.Compare(s.last, o.last))
}

// bringRun brings one run with its places in the studies that are brought, unless ours is as good.
func (m *merger) bringRun(t *tx, key int64) error {
	var run string
	if err := m.from.q.QueryRowContext(m.ctx, "SELECT hash FROM runs WHERE id = ?", key).Scan(&run); err != nil {
		return err
	}
	err := m.bring(t, key, run)
	if err != nil {
		return fmt.Errorf("run %s: %w", run, err)
	}
	return nil
}

func (m *merger) bring(t *tx, key int64, run string) error {
	theirs, err := standingOf(m.ctx, m.from.q, run)
	if err != nil {
		return err
	}
	if !m.from.checkpoints {
		theirs.saved, theirs.final = -1, false
	}
	ours, err := standingOf(m.ctx, t.Tx, run)
	if err != nil {
		return err
	}
	what, difference, err := m.judge(t, theirs, ours)
	if err != nil {
		return err
	}
	if what == Added {
		ours.key, err = m.addRun(t, key)
	} else if what == Advanced {
		err = t.clear(ours.key)
	}
	if err == nil && (what == Added || what == Advanced) {
		err = m.fill(t, theirs, ours)
	}
	if err != nil {
		return err
	}
	placed, err := m.place(t, key, ours.key)
	if err != nil {
		return err
	}
	if err := m.tell(t, ours.key, what, placed); err != nil {
		return err
	}
	m.result.Runs[what]++
	if difference != nil {
		difference.Run = run
		m.result.Differ = append(m.result.Differ, *difference)
	}
	if (what == Added || what == Advanced) && theirs.status == experiments.Done && !theirs.final {
		m.result.Bare++
	}
	return nil
}

// judge decides what becomes of a run.
func (m *merger) judge(t *tx, theirs, ours standing) (Brought, *Difference, error) {
	further := theirs.against(ours)
	switch {
	case ours.key == 0:
		return Added, nil, nil
	case ours.lease > t.now:
		return Held, nil, nil
	case theirs.ended() && ours.ended():
		d, err := m.differ(t, theirs, ours)
		switch {
		case err != nil:
			return "", nil, err
		case d != nil:
			return Differs, d, nil
		case theirs.final && !ours.final:
			return Advanced, nil, nil
		}
		return Same, nil, nil
	case further > 0:
		return Advanced, nil, nil
	case further < 0:
		return Kept, nil, nil
	}
	return Same, nil, nil
}

// tell announces what has changed of a run.
func (m *merger) tell(t *tx, key int64, what Brought, placed bool) error {
	if what == Added || what == Advanced {
		if err := t.announce(key, "points"); err != nil {
			return err
		}
		placed = true
		if err := t.announceWaiting(key); err != nil {
			return err
		}
	}
	if !placed {
		return nil
	}
	return t.announce(key, "status")
}

// place puts a run where it stands in the versions that are brought.
func (m *merger) place(t *tx, theirs, ours int64) (changed bool, err error) {
	rows, err := m.from.q.QueryContext(m.ctx, "SELECT study, version, position, planned, cell, levels FROM study_runs WHERE run = ?", theirs)
	err = each(rows, err, func(rows *sql.Rows) error {
		var at place
		var position int64
		var planned bool
		var cell, levels string
		if err := rows.Scan(&at.study, &at.version, &position, &planned, &cell, &levels); err != nil {
			return err
		}
		number, chosen := m.numbers[at]
		if !chosen {
			return nil
		}
		added, err := t.changed(`INSERT INTO study_runs (study, version, run, position, planned, cell, levels) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (study, version, run) DO UPDATE SET planned = 1 WHERE excluded.planned AND NOT planned`,
			at.study, number, ours, position, planned, cell, levels)
		changed = changed || added
		return err
	})
	return changed, err
}
