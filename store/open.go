package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"time"

	"workbench/experiments"
	"workbench/experiments/supervise"
)

var (
	_ experiments.Ledger   = (*DB)(nil)
	_ supervise.Restarter  = (*DB)(nil)
	_ experiments.Recorder = (*DB)(nil)
	_ experiments.Source   = (*DB)(nil)
)

// ErrReadOnly is the answer of a database opened with OpenReadOnly to everything that writes.
var ErrReadOnly = errors.New("the database is open for reading only")

// DB is one open database file. Its methods may be called from any goroutine.
type DB struct {
	// Now is the clock of leases and of the times the database sets itself; time.Now unless a test replaces it before
	// the first call.
	Now func() time.Time

	path   string
	source *source // of the connections of read
	read   *sql.DB
	writer *writer    // nil: read-only
	lock   *writeLock // nil: read-only
	doctor doctor
}

// Open opens the file for writing and creates it if it is missing. Only one process can (ErrLocked for others). Runs
// that a process on this host left in the running state are marked interrupted: with the lock held, none can be alive.
func Open(path string) (*DB, error) {
	path, err := locate(path)
	if err != nil {
		return nil, err
	}
	held, err := lock(path)
	if err != nil {
		return nil, err
	}
	db := &DB{Now: time.Now, path: path, lock: held}
	if err := db.open(context.Background()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) open(ctx context.Context) error {
	marked, err := checkOwn(ctx, db.path, db.lock.file)
	if err != nil {
		return err
	}
	unclean := sizeOf(db.path+"-wal") > 0
	conn := sql.OpenDB(writerTo(db.path))
	conn.SetMaxOpenConns(1)
	db.writer = newWriter(db, conn)
	if err := migrate(ctx, db.path, conn); err != nil {
		return err
	}
	if unclean {
		if err := quickCheck(ctx, db.path, conn); err != nil {
			return err
		}
	}
	if db.writer.guard, err = newGuard(ctx, db, marked); err != nil {
		return explain(db.path, err)
	}
	db.openReaders()
	db.writer.start()
	return db.sweepHost(ctx)
}

// OpenWithin opens the file for writing as Open does, but waits so long for another writer to end: one that only makes
// the file, or brings it up, has it for a moment.
func OpenWithin(path string, wait time.Duration) (*DB, error) {
	for began := time.Now(); ; time.Sleep(wait / 20) {
		if db, err := Open(path); !errors.Is(err, ErrLocked) || time.Since(began) >= wait {
			return db, err
		}
	}
}

// patience is how long a reader waits for a file that a writer is making or bringing up.
const patience = 3 * time.Second

// missing is what is said where a file is not there. It is fs.ErrNotExist.
type missing string

func (m missing) Error() string { return string(m) }

func (missing) Is(other error) bool { return other == fs.ErrNotExist }

// OpenReadOnly opens an existing file for reading, also while another process writes to it.
func OpenReadOnly(path string) (*DB, error) {
	real, err := locate(path)
	if err == nil && idAt(real) == (fileID{}) {
		if err := checkOrphans(real); err != nil {
			return nil, err
		}
		err = fs.ErrNotExist
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(fmt.Sprintf("there is no database %s yet; a run makes it, or name another file", path))
	}
	if err != nil {
		return nil, err
	}
	for started := time.Now(); ; time.Sleep(patience / 50) {
		db, err := openReadable(real)
		if errors.Is(err, errOlder) {
			if failed := bringUp(real); failed == nil {
				continue
			} else {
				err = fmt.Errorf("%w; it cannot be brought up here: %w", err, failed)
			}
		}
		waited := time.Since(started)
		if !(errors.Is(err, ErrLocked) && waited < patience || errors.Is(err, ErrEmpty) && waited < patience/10) {
			return db, err
		}
	}
}

// openReadable opens a file that has this program's schema; an older one is errOlder.
func openReadable(path string) (*DB, error) {
	db := &DB{Now: time.Now, path: path}
	db.openReaders()
	if err := db.read.Ping(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// bringUp takes the steps of the schema that a file of an older workbench lacks, so that it can be read. It needs the
// right to write the file, and that nobody else is writing it.
func bringUp(path string) error {
	db, err := Open(path)
	if err != nil {
		return err
	}
	return db.Close()
}

func (db *DB) openReaders() {
	db.source = &source{path: db.path}
	if db.lock != nil {
		db.source.pinned = db.lock.file
	}
	db.read = sql.OpenDB(db.source)
	db.read.SetMaxOpenConns(2 * runtime.NumCPU())
	db.read.SetMaxIdleConns(2 * runtime.NumCPU())
}

// Path is the absolute path of the file.
func (db *DB) Path() string { return db.path }

// Close writes what is waiting, closes the file and gives the lock back.
func (db *DB) Close() error {
	var errs []error
	if db.read != nil { // first, so that the writer is the last to leave and empties the write-ahead log
		errs = append(errs, db.read.Close())
	}
	if db.writer != nil {
		errs = append(errs, db.writer.close())
	}
	if db.lock != nil {
		errs = append(errs, db.lock.release())
	}
	return errors.Join(errs...)
}

// ErrEmpty says of a file that nothing was ever written to it.
var ErrEmpty = errors.New("the file is empty")

// magic begins SQLite files.
var magic = []byte("SQLite format 3\x00")

// IsDatabase tells whether a file begins as SQLite files do, whichever program it is of. Do not ask it of one that this
// process has open: see heldFiles.
func IsDatabase(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(magic))
	_, err = io.ReadFull(f, head)
	return err == nil && bytes.Equal(head, magic)
}

// checkHeader refuses a file that does not begin as SQLite files do; an empty one is ErrEmpty.
func checkHeader(path string, f *file) error {
	head := make([]byte, len(magic))
	n, err := f.ReadAt(head, 0)
	switch {
	case err != nil && err != io.EOF:
		return unusable(path, err)
	case n == 0:
		if err := checkOrphans(path); err != nil {
			return err
		}
		if written, err := f.beingWritten(); written && err == nil {
			return fmt.Errorf("%s is %w, which has not written anything yet", path, ErrLocked)
		}
		return fmt.Errorf("nothing has been recorded in %s yet; a run makes a database of it, or name another file: %w", path, ErrEmpty)
	case !bytes.Equal(head[:n], magic[:n]), n < len(magic):
		return notADatabase(path, fmt.Errorf("it begins with %q, want %q", head[:n], magic))
	}
	return nil
}

// checkOwn refuses a file that is not a workbench database, or that has the log of another one, without changing
// anything: the settings of a writer would. One without a table is fine. marked is the log that has its mark already.
func checkOwn(ctx context.Context, path string, f *file) (marked generation, err error) {
	if err := checkHeader(path, f); errors.Is(err, ErrEmpty) {
		return marked, nil
	} else if err != nil {
		return marked, err
	}
	if unbegun(path) { // a connection that only reads cannot take it back
		return marked, nil
	}
	conn := sql.OpenDB(connector{dsn: readerTo(path).dsn})
	defer conn.Close()
	if err := checkLog(ctx, path, f, conn); err != nil {
		return marked, err
	}
	steps, err := migrations()
	if err != nil {
		return marked, err
	}
	if _, err := checkSchema(ctx, path, conn, len(steps)); err != nil {
		return marked, err
	}
	return markedLog(ctx, path, f, conn)
}

// markedLog is the log that has a mark which is not yet in the file.
func markedLog(ctx context.Context, path string, f *file, conn *sql.DB) (g generation, err error) {
	at, err := pageOfMark(ctx, conn)
	if err != nil || at.root == 0 {
		return g, explain(path, err)
	}
	m, err := readMark(ctx, conn)
	if err != nil || m.log == "" {
		return g, explain(path, err)
	}
	page, err := at.read(f)
	if err != nil || bytes.Contains(page, []byte(m.log)) {
		return g, explain(path, err)
	}
	g, _, err = logGeneration(path)
	return g, err
}

// quickCheck looks for structural damage after a stop that did not close the file.
func quickCheck(ctx context.Context, path string, conn *sql.DB) error {
	var found string
	if err := conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return explain(path, err)
	}
	if found != "ok" {
		return fmt.Errorf("%s is damaged (%s); keep a copy and continue from a backup", path, found)
	}
	return nil
}
