package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"workbench/experiments"
)

// The bounds of an examination by Healthy. What they leave out is looked at by later ones.
const (
	healthEvery  = 10 * time.Second       // at most one
	healthWhole  = 300 * time.Millisecond // for all of a small file
	healthTables = 500 * time.Millisecond // for tables of a large one
	healthChunks = 16                     // of at most 1 MiB, whose content is compared with its digest
	replacedFor  = time.Minute            // that Healthy tells of a file that has taken the place of another
)

// doctor remembers the last examination and how far it came.
type doctor struct {
	mu    sync.Mutex
	at    time.Time
	found error
	table int
	chunk int64
}

// Healthy tells what is wrong with the database file: ErrMissing, ErrReplaced (for a minute after another file has
// taken its place, which is then shown), ErrDamaged. It looks at the path each time, and into the file at most once in
// ten seconds, for less than a second; of large files each time at another part.
func (db *DB) Healthy(ctx context.Context) error {
	if _, err := db.LastChange(ctx); err != nil {
		return damaged(err)
	}
	if db.source.replacedSince(time.Now().Add(-replacedFor)) {
		return fmt.Errorf("%s: %w", db.path, experiments.ErrReplaced)
	}
	d := &db.doctor
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.at.IsZero() || time.Since(d.at) >= healthEvery {
		d.found = d.examine(context.WithoutCancel(ctx), db.source)
		d.at = time.Now()
	}
	return d.found
}

func (s *source) replacedSince(t time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.replaced.After(t)
}

// damaged makes ErrDamaged of errors by which SQLite says that it cannot read the file. Others pass.
func damaged(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB || e.Code == sqlite3.ErrIoErr) {
		return fmt.Errorf("%w: %w", experiments.ErrDamaged, err)
	}
	return err
}

// examine looks with a connection of its own: others have pages in memory that are damaged on the disk.
func (d *doctor) examine(ctx context.Context, s *source) (err error) {
	conn := sql.OpenDB(struct{ driver.Connector }{s}) // without the Close of the source
	conn.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, conn.Close()) }()
	complete, err := within(ctx, healthWhole, func(ctx context.Context) error { return quickCheckOf(ctx, conn, "1") })
	if err == nil && !complete {
		err = d.examineTables(ctx, conn)
	}
	if err == nil {
		err = d.examineChunks(ctx, conn)
	}
	return damaged(err)
}

// within gives a step so much time; complete tells whether it was enough.
func within(ctx context.Context, limit time.Duration, step func(context.Context) error) (complete bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err = step(ctx)
	if err != nil && ctx.Err() != nil {
		return false, nil
	}
	return true, err
}

// quickCheckOf checks the structure of a table, named in quotes; with a number of all, up to so many problems.
func quickCheckOf(ctx context.Context, conn *sql.DB, what string) error {
	found, err := collect[string](conn.QueryContext(ctx, "PRAGMA quick_check("+what+")"))
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0] != "ok" {
		return fmt.Errorf("%w: %q", experiments.ErrDamaged, found)
	}
	return nil
}

func (d *doctor) examineTables(ctx context.Context, conn *sql.DB) error {
	names, err := collect[string](conn.QueryContext(ctx, "SELECT quote(name) FROM sqlite_schema WHERE type = 'table' ORDER BY name"))
	if err != nil {
		return err
	}
	started := time.Now()
	for range names {
		left := healthTables - time.Since(started)
		if left <= 0 {
			return nil
		}
		name := names[d.table%len(names)]
		d.table++ // also past one that is too large to be checked in this time
		if _, err := within(ctx, left, func(ctx context.Context) error { return quickCheckOf(ctx, conn, name) }); err != nil {
			return err
		}
	}
	return nil
}

func (d *doctor) examineChunks(ctx context.Context, conn *sql.DB) error {
	seen := 0
	rows, err := conn.QueryContext(ctx, "SELECT id, digest, data FROM chunks WHERE id > ? ORDER BY id LIMIT ?", d.chunk, healthChunks)
	err = each(rows, err, func(rows *sql.Rows) error {
		var want, data sql.RawBytes
		if err := rows.Scan(&d.chunk, &want, &data); err != nil {
			return err
		}
		seen++
		if sum := sha256.Sum256(data); !bytes.Equal(sum[:], want) {
			return fmt.Errorf("%w: the content of chunk %d is not what was saved", experiments.ErrDamaged, d.chunk)
		}
		return nil
	})
	if seen < healthChunks {
		d.chunk = 0 // from the beginning again
	}
	return err
}
