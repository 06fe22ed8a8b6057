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
	"path/filepath"
	"runtime"
	"syscall"
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
	read   *sql.DB
	writer *writer    // nil: read-only
	lock   *writeLock // nil: read-only
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
	if err := checkOwn(ctx, db.path); err != nil {
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
	db.openReaders()
	db.writer.start()
	return db.sweepHost(ctx)
}

// OpenReadOnly opens an existing file for reading, also while another process writes to it.
func OpenReadOnly(path string) (*DB, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database %s yet; a run makes it, or name another file: %w", path, err)
	}
	path, err := locate(path)
	if err != nil {
		return nil, err
	}
	if err := checkHeader(path); err != nil {
		return nil, err
	}
	db, err := openReadable(path)
	if !errors.Is(err, errOlder) {
		return db, err
	}
	if failed := bringUp(path); failed != nil {
		return nil, fmt.Errorf("%w; it cannot be brought up here: %w", err, failed)
	}
	return openReadable(path)
}

// openReadable opens a file that has this program's schema; an older one is errOlder.
func openReadable(path string) (*DB, error) {
	db := &DB{Now: time.Now, path: path}
	db.openReaders()
	if err := checkReadable(context.Background(), path, db.read); err != nil {
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
	db.read = sql.OpenDB(readerTo(db.path))
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

// locate gives the absolute path without symbolic links, so that every name of a file leads to one lock.
func locate(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", unusable(path, err)
	}
	if info, err := os.Stat(abs); err == nil && info.IsDir() {
		return "", unusable(path, syscall.EISDIR)
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if err != nil {
		return "", unusable(path, err)
	}
	abs = filepath.Join(folder, filepath.Base(abs))
	if target, err := filepath.EvalSymlinks(abs); err == nil {
		return target, nil
	}
	return abs, nil
}

// checkHeader refuses a file that is not empty and does not begin as SQLite files do.
func checkHeader(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return unusable(path, err)
	}
	defer f.Close()
	magic := []byte("SQLite format 3\x00")
	head := make([]byte, len(magic))
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return unusable(path, err)
	}
	if n > 0 && !bytes.Equal(head, magic) {
		return notADatabase(path, fmt.Errorf("it begins with %q, want %q", head[:n], magic))
	}
	return nil
}

// checkOwn refuses a file that is not a workbench database, without changing it: the settings of a writer would. No
// file, or an empty one, is fine.
func checkOwn(ctx context.Context, path string) error {
	if sizeOf(path) == 0 {
		return nil
	}
	if err := checkHeader(path); err != nil {
		return err
	}
	conn := sql.OpenDB(connector{dsn: readerTo(path).dsn})
	defer conn.Close()
	steps, err := migrations()
	if err != nil {
		return err
	}
	_, err = checkSchema(ctx, path, conn, len(steps))
	return err
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
