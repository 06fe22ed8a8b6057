package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"workbench/experiments"
)

// Lease is how long an attempt holds its run after Begin or Renew. Renew about three times as often.
const Lease = 30 * time.Second

// gone is the reason of an attempt that ended without a word.
const gone = "its process is gone or has stopped answering"

// Begin starts the next attempt of a run. It is taken to resume from the newest checkpoint that is not known to be
// damaged, so points after that step are superseded from here on. A run that needs one which is not done is a
// BlockedError.
func (db *DB) Begin(ctx context.Context, run string) (experiments.Attempt, error) {
	return db.begin(ctx, run, false)
}

// BeginAfresh starts an attempt that resumes nothing, also of a run that is done. All points, artefacts and checkpoints
// of earlier attempts are superseded from here on; checkpoints and artefacts go when the new attempt has saved one.
// Runs that need this one cannot begin until it is done again.
func (db *DB) BeginAfresh(ctx context.Context, run string) (experiments.Attempt, error) {
	return db.begin(ctx, run, true)
}

func (db *DB) begin(ctx context.Context, run string, afresh bool) (experiments.Attempt, error) {
	a := experiments.Attempt{Run: run}
	err := db.update(ctx, 0, func(t *tx) error {
		var key, lease int64
		var status string
		err := t.QueryRow("SELECT id, status, coalesce(lease, 0), attempt, fence FROM runs WHERE hash = ?", run).
			Scan(&key, &status, &lease, &a.Number, &a.Fence)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return unknownRun(run)
		case err != nil:
			return err
		case status == string(experiments.Done) && !afresh:
			return fmt.Errorf("run %s is done, there is nothing left to begin", run)
		case lease > t.now:
			return fmt.Errorf("run %s, attempt %d, at least until %s: %w", run, a.Number, fromMicros(lease).Format(time.RFC3339),
				experiments.ErrHeld)
		}
		if err := t.blocked(key, run); err != nil {
			return err
		}
		if status == string(experiments.Running) {
			if err := t.abandon(key); err != nil {
				return err
			}
			a.Fence++
		}
		a.Number, a.Fence = a.Number+1, a.Fence+1
		step, err := t.resumable(key)
		if err != nil {
			return err
		}
		if afresh {
			step = -1
		}
		a.Resume = step >= 0
		if settles(experiments.Status(status)) {
			if err := t.announceWaiting(key); err != nil {
				return err
			}
		}
		return t.begin(key, a, step)
	})
	return a, err
}

// goodCheckpoint holds for a checkpoint k that can be used: no load has found it damaged, and no later attempt
// continued from before it.
const goodCheckpoint = "k.damage = '' AND k.step <= (SELECT kept FROM attempts WHERE run = k.run AND number = k.attempt)"

// resumable is the step of the newest good checkpoint, -1 if there is none.
func (t *tx) resumable(key int64) (step int64, err error) {
	err = t.QueryRow("SELECT k.step FROM checkpoints k WHERE k.run = ? AND "+goodCheckpoint+" ORDER BY k.id DESC LIMIT 1", key).Scan(&step)
	if errors.Is(err, sql.ErrNoRows) {
		return -1, nil
	}
	return step, err
}

// begin records an attempt that continues from a step, -1 from the start.
func (t *tx) begin(key int64, a experiments.Attempt, step int64) error {
	_, err := t.Exec("INSERT INTO attempts (run, number, fence, resumed, host, pid, started) VALUES (?, ?, ?, ?, ?, ?, ?)",
		key, a.Number, a.Fence, step, hostname(), os.Getpid(), t.now)
	if err != nil {
		return err
	}
	_, err = t.Exec(`UPDATE runs SET status = 'running', reason = '', attempt = ?, fence = ?, lease = ?,
		started = coalesce(started, ?), updated = ? WHERE id = ?`, a.Number, a.Fence, t.now+Lease.Microseconds(), t.now, t.now, key)
	if err != nil {
		return err
	}
	if err := t.supersede(key, a.Number, step); err != nil {
		return err
	}
	return t.announce(key, "status")
}

// supersede notes that an attempt continues from a step: later points, artefacts and checkpoints of earlier attempts no
// longer count.
func (t *tx) supersede(key int64, attempt int, step int64) error {
	if _, err := t.Exec("UPDATE attempts SET resumed = ? WHERE run = ? AND number = ?", step, key, attempt); err != nil {
		return err
	}
	done, err := t.Exec("UPDATE attempts SET kept = ?1 WHERE run = ?2 AND number < ?3 AND kept > ?1", step, key, attempt)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); n == 0 || err != nil {
		return err
	}
	return t.summarise(key)
}

// Renew prolongs the lease of the attempt by Lease from now, also when it has run out and nobody noticed.
func (db *DB) Renew(ctx context.Context, a experiments.Attempt) error {
	return db.update(ctx, 0, func(t *tx) error {
		key, err := t.fenced(a)
		if err != nil {
			return err
		}
		_, err = t.Exec("UPDATE runs SET lease = ?, updated = ? WHERE id = ?", t.now+Lease.Microseconds(), t.now, key)
		return err
	})
}

// End closes the attempt. Done is accepted only of a run whose final checkpoint is stored: success is what can be
// shown.
func (db *DB) End(ctx context.Context, a experiments.Attempt, status experiments.Status, reason string) error {
	ends := []experiments.Status{experiments.Done, experiments.Interrupted, experiments.Failed, experiments.Diverged}
	if !slices.Contains(ends, status) {
		return fmt.Errorf("run %s cannot end as %q: want one of %v", a.Run, status, ends)
	}
	return db.update(ctx, 0, func(t *tx) error {
		key, err := t.fenced(a)
		if err != nil {
			return err
		}
		if status == experiments.Done {
			var final bool
			err := t.QueryRow("SELECT EXISTS (SELECT 1 FROM checkpoints k WHERE k.run = ? AND k.final AND "+goodCheckpoint+")", key).Scan(&final)
			if err != nil {
				return err
			}
			if !final {
				return fmt.Errorf("run %s cannot end as done: its final checkpoint is missing", a.Run)
			}
		}
		return t.end(key, t.now, status, reason)
	})
}

// end closes the current attempt of a run, whose last activity was at that time, and raises the fence, so that nothing
// of that attempt is accepted any more.
func (t *tx) end(key, at int64, status experiments.Status, reason string) error {
	_, err := t.Exec(`UPDATE attempts SET ended = max(started, ?), status = ?, reason = ?
		WHERE run = ? AND number = (SELECT attempt FROM runs WHERE id = ?)`, at, string(status), reason, key, key)
	if err != nil {
		return err
	}
	_, err = t.Exec("UPDATE runs SET status = ?, reason = ?, lease = NULL, fence = fence + 1, updated = ? WHERE id = ?",
		string(status), reason, at, key)
	if err != nil {
		return err
	}
	if settles(status) {
		if err := t.announceWaiting(key); err != nil {
			return err
		}
	}
	return t.announce(key, "status")
}

// abandon closes the attempt of a process that does not answer; it counts as ended when it was last heard of.
func (t *tx) abandon(key int64) error {
	var heard int64
	if err := t.QueryRow("SELECT updated FROM runs WHERE id = ?", key).Scan(&heard); err != nil {
		return err
	}
	return t.end(key, min(t.now, heard), experiments.Interrupted, gone)
}

// Sweep marks the running runs whose lease has run out as interrupted and says how many there were.
func (db *DB) Sweep(ctx context.Context) (int, error) {
	return db.sweep(ctx, "SELECT id FROM runs WHERE lease <= ?1")
}

// sweepHost does the same to all attempts of this host, whatever their lease: the caller holds the lock that their
// process held.
func (db *DB) sweepHost(ctx context.Context) error {
	_, err := db.sweep(ctx, `SELECT r.id FROM runs r JOIN attempts a ON a.run = r.id AND a.number = r.attempt
		WHERE r.lease IS NOT NULL AND (r.lease <= ?1 OR a.host = ?2)`, hostname())
	return err
}

// sweep abandons the runs that a query selects; its first argument is the time.
func (db *DB) sweep(ctx context.Context, query string, more ...any) (n int, err error) {
	err = db.update(ctx, 0, func(t *tx) error {
		keys, err := collect[int64](t.Query(query, append([]any{t.now}, more...)...))
		if err != nil {
			return err
		}
		n = len(keys)
		for _, key := range keys {
			if err := t.abandon(key); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
