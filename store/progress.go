package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"workbench/experiments"
)

// reports is the progress that waits to be written, the latest of every run.
type reports struct {
	mu     sync.Mutex
	latest map[string]report
}

type report struct {
	attempt  experiments.Attempt
	progress experiments.Progress
}

func (r *reports) put(p report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.latest == nil {
		r.latest = map[string]report{}
	}
	r.latest[p.attempt.Run] = p
}

func (r *reports) take() map[string]report {
	r.mu.Lock()
	defer r.mu.Unlock()
	latest := r.latest
	r.latest = nil
	return latest
}

// report leaves progress for the writer. A stale attempt is told so from what has been committed; the fence is checked
// again when it is written.
func (db *DB) report(ctx context.Context, a experiments.Attempt, p experiments.Progress) error {
	if db.writer == nil {
		return fmt.Errorf("%s: %w", db.path, ErrReadOnly)
	}
	if p.Phase != "" {
		if err := checkName(p.Phase); err != nil {
			return fmt.Errorf("run %s, attempt %d: progress of phase %q: %w", a.Run, a.Number, p.Phase, err)
		}
	}
	var number int
	var fence int64
	var status string
	err := db.read.QueryRowContext(ctx, "SELECT attempt, fence, status FROM runs WHERE hash = ?", a.Run).Scan(&number, &fence, &status)
	if errors.Is(err, sql.ErrNoRows) {
		return unknownRun(a.Run)
	}
	if err != nil {
		return explain(db.path, err)
	}
	if err := checkFence(a, number, fence, experiments.Status(status)); err != nil {
		return err
	}
	db.writer.progress.put(report{a, p})
	select {
	case db.writer.wake <- struct{}{}:
	default: // it knows
	}
	return nil
}

// writeProgress replaces a run's progress; that of an attempt which has been overtaken meanwhile is dropped.
func (t *tx) writeProgress(r report) error {
	key, err := t.fenced(r.attempt)
	if errors.Is(err, experiments.ErrFenced) || errors.Is(err, experiments.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	p := r.progress
	_, err = t.Exec(`INSERT OR REPLACE INTO run_progress
		(run, attempt, phase, epoch, epochs, step, steps, loss, top1, images_per_second, remaining, interval, time)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, key, r.attempt.Number, p.Phase, p.Epoch, p.Epochs, p.Step, p.Steps,
		nullable(p.Loss), nullable(p.Top1), nullable(p.ImagesPerSec),
		p.Left.Microseconds(), p.Interval.Microseconds(), micros(p.Time))
	if err != nil {
		return err
	}
	return t.announce(key, "progress")
}

// progressOf reads the progress of the listed runs (a JSON list of keys) by their present attempts.
func progressOf(ctx context.Context, q *sql.Tx, keys string) (map[int64]*experiments.Progress, error) {
	all := map[int64]*experiments.Progress{}
	rows, err := q.QueryContext(ctx, `SELECT p.run, r.hash, p.phase, p.epoch, p.epochs, p.step, p.steps, p.loss, p.top1,
		p.images_per_second, p.remaining, p.interval, p.time FROM json_each(?) k CROSS JOIN run_progress p ON p.run = k.value
		JOIN runs r ON r.id = p.run AND r.attempt = p.attempt`, keys)
	err = each(rows, err, func(rows *sql.Rows) error {
		var p experiments.Progress
		var key, left, interval, at int64
		var loss, top1, speed sql.NullFloat64
		err := rows.Scan(&key, &p.Run, &p.Phase, &p.Epoch, &p.Epochs, &p.Step, &p.Steps, &loss, &top1,
			&speed, &left, &interval, &at)
		p.Loss, p.Top1, p.ImagesPerSec = fromNullable(loss), fromNullable(top1), fromNullable(speed)
		p.Left, p.Interval = time.Duration(left)*time.Microsecond, time.Duration(interval)*time.Microsecond
		p.Time = fromMicros(at)
		all[key] = &p
		return err
	})
	return all, err
}
