package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"workbench/experiments"
)

// tx is a write transaction: one time for all that is written in it, and the changes to announce.
type tx struct {
	*sql.Tx
	now     int64
	changes []experiments.Change
}

// attempt carries a request out, or leaves no trace of it and keeps its error. The error returned is one that spoils
// the whole transaction.
func (t *tx) attempt(r *request) error {
	if r.err = r.ctx.Err(); r.err != nil {
		return nil
	}
	if _, err := t.Exec("SAVEPOINT request"); err != nil {
		return err
	}
	announced := len(t.changes)
	if r.err = r.do(t); r.err != nil {
		t.changes = t.changes[:announced]
		if _, err := t.Exec("ROLLBACK TO request"); err != nil {
			return errors.Join(r.err, err)
		}
	}
	_, err := t.Exec("RELEASE request")
	return err
}

// run finds a run by its whole id.
func (t *tx) run(id string) (key int64, err error) {
	return runKey(context.Background(), t.Tx, id)
}

func runKey(ctx context.Context, q *sql.Tx, id string) (key int64, err error) {
	err = q.QueryRowContext(ctx, "SELECT id FROM runs WHERE hash = ?", id).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, unknownRun(id)
	}
	return key, err
}

func unknownRun(id string) error { return fmt.Errorf("run %q: %w", id, experiments.ErrNotFound) }

// fenced finds the run of an attempt and refuses an attempt that is no longer the run's writer.
func (t *tx) fenced(a experiments.Attempt) (key int64, err error) {
	var number int
	var fence int64
	var status string
	err = t.QueryRow("SELECT id, attempt, fence, status FROM runs WHERE hash = ?", a.Run).Scan(&key, &number, &fence, &status)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, unknownRun(a.Run)
	}
	if err != nil {
		return 0, err
	}
	return key, checkFence(a, number, fence, experiments.Status(status))
}

func checkFence(a experiments.Attempt, number int, fence int64, status experiments.Status) error {
	if a.Fence == fence && a.Number == number && status == experiments.Running {
		return nil
	}
	if number > a.Number {
		return fmt.Errorf("run %s, attempt %d: attempt %d has begun: %w", a.Run, a.Number, number, experiments.ErrFenced)
	}
	return fmt.Errorf("run %s, attempt %d: the run was taken from it and is %s: %w", a.Run, a.Number, status, experiments.ErrFenced)
}

// micros is a time as the database keeps it; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is that time again. One of a clock gone mad is brought back to the years that JSON can tell, or none of
// the runs that are listed with it could be shown.
func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(min(max(us, earliest), latest)).UTC()
}

var (
	earliest = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC).UnixMicro()
	latest   = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC).UnixMicro()
)
