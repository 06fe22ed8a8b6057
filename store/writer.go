package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A group is committed when nobody waits to join it, or when it has this many rows or this age. A group that has begun
// does not wait for company: its callers do, and during its commit the next group gathers by itself.
const (
	groupRows = 1000
	groupAge  = 200 * time.Millisecond
)

// ErrClosed is the answer after Close.
var ErrClosed = errors.New("the database is closed")

// writer owns the writing connection. Everything written passes through its goroutine.
type writer struct {
	db    *DB
	conn  *sql.DB
	queue chan *request // unbuffered: a request is either taken and answered, or its sender still holds it
	wake  chan struct{} // progress is waiting
	stop  chan struct{}
	ended chan struct{} // nil until start
	once  sync.Once

	guard    *guard // nil until the file is known to be ours
	progress reports
	pending  atomic.Int64 // points handed in and not yet committed
	counters counters
}

// request is one thing to be written, all of it or nothing.
type request struct {
	ctx    context.Context
	points int
	do     func(*tx) error
	err    error
	done   chan struct{}
}

func newWriter(db *DB, conn *sql.DB) *writer {
	return &writer{db: db, conn: conn, queue: make(chan *request), wake: make(chan struct{}, 1), stop: make(chan struct{})}
}

func (w *writer) start() {
	w.ended = make(chan struct{})
	go w.loop()
}

// close may be called twice.
func (w *writer) close() (err error) {
	w.once.Do(func() {
		close(w.stop)
		if w.ended != nil { // it was started: the file is ours and sound
			<-w.ended
			if err = w.guard.check(w.conn); err == nil {
				err = explain(w.db.path, errors.Join(reclaim(w.conn), w.leaveNoLog()))
			}
		}
		if w.guard != nil && w.guard.lost != nil && w.guard.lost.keep {
			return // SQLite would write its log over what is there now
		}
		err = errors.Join(err, w.conn.Close())
	})
	return err
}

// leaveNoLog copies the log into the file, as closing the last connection does: readers, such as a dashboard, may keep
// the file open, and whoever copies or replaces it then should find it whole. A reader in the middle of a query
// prevents it, and nothing is lost by that.
func (w *writer) leaveNoLog() error {
	err := emptyLog(w.conn)
	if errors.Is(err, errCopied) {
		return nil
	}
	return err
}

// update hands do to the writer and returns when what it wrote is safe on disk. ctx limits the wait for the writer; a
// write that has begun is seen through, so an error of ctx means that nothing was written.
func (db *DB) update(ctx context.Context, points int, do func(*tx) error) error {
	if db.writer == nil {
		return fmt.Errorf("%s: %w", db.path, ErrReadOnly)
	}
	w := db.writer
	w.pending.Add(int64(points))
	defer w.pending.Add(-int64(points))
	r := &request{ctx: ctx, points: points, do: do, done: make(chan struct{})}
	select {
	case <-w.stop:
		return fmt.Errorf("%s: %w", db.path, ErrClosed)
	default:
	}
	select {
	case w.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stop:
		return fmt.Errorf("%s: %w", db.path, ErrClosed)
	}
	<-r.done
	return explain(db.path, r.err)
}

func (w *writer) loop() {
	defer close(w.ended)
	var flush <-chan time.Time
	for {
		select {
		case r := <-w.queue:
			w.commit(r)
		case <-w.wake:
			if flush == nil {
				flush = time.After(groupAge)
			}
		case <-flush:
			flush = nil
			w.commit(nil)
		case <-w.stop:
			w.commit(nil)
			return
		}
	}
}

// commit writes a group: first, those who wait at the moment, and the waiting progress.
func (w *writer) commit(first *request) {
	latest := w.progress.take()
	if first == nil && len(latest) == 0 {
		return
	}
	started := time.Now()
	var group []*request
	err := w.transaction(func(t *tx) error {
		rows := 0
		for r := first; r != nil; r = w.next(rows, started) {
			group = append(group, r)
			rows += 1 + r.points
			if err := t.attempt(r); err != nil {
				return err
			}
		}
		for _, p := range latest {
			if err := t.writeProgress(p); err != nil {
				return err
			}
		}
		return t.writeChanges()
	})
	if err != nil && len(group) == 0 && first != nil {
		group = []*request{first} // the transaction could not even begin
	}
	w.counters.commit(group, time.Since(started), err)
	var gone *lostError
	for _, r := range group {
		if r.err == nil || errors.As(err, &gone) { // which is why this one failed, too
			r.err = err
		}
		close(r.done)
	}
}

// next is a request that waits to join the group; nil if there is none or the group is full.
func (w *writer) next(rows int, started time.Time) *request {
	if rows >= groupRows || time.Since(started) >= groupAge {
		return nil
	}
	select {
	case r := <-w.queue:
		return r
	default:
		return nil
	}
}

// transaction runs do in one. Its statements have no deadline: cancelling one would leave the connection in doubt.
func (w *writer) transaction(do func(*tx) error) error {
	if err := w.guard.check(w.conn); err != nil {
		return err
	}
	t, err := w.conn.Begin()
	if err != nil {
		return err
	}
	if err := do(&tx{Tx: t, now: micros(w.db.Now())}); err != nil {
		return w.reason(errors.Join(err, t.Rollback()))
	}
	if err := t.Commit(); err != nil {
		return w.reason(err)
	}
	return w.guard.committed(w.conn)
}

// reason of a failure is what has become of the files, where that is known: SQLite calls a file damaged that another
// one was copied into, or finds no run in it.
func (w *writer) reason(err error) error {
	return cmp.Or(w.guard.check(w.conn), err)
}
