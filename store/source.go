package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"workbench/experiments"
)

// source gives readers their connections. Before a query, a connection is given up if its file is no longer the one at
// the path: without that, SQLite would go on showing a file that was deleted or replaced.
type source struct {
	path   string
	pinned *file // the only file to read: that of the writer in this process; nil: whatever is at the path

	mu       sync.Mutex
	file     *file // admitted and held; nil: none yet
	how      string
	state    state
	replaced time.Time // when another file was last found in the place of one that had been read
}

// state of a file that is read without its locks: a change is seen from outside only.
type state struct{ size, changed, logSize, logChanged int64 }

func stateOf(path string) (s state) {
	if info, err := os.Stat(path); err == nil {
		s.size, s.changed = info.Size(), info.ModTime().UnixNano()
	}
	if info, err := os.Stat(path + "-wal"); err == nil {
		s.logSize, s.logChanged = info.Size(), info.ModTime().UnixNano()
	}
	return s
}

func (s *source) Driver() driver.Driver { return connector{}.Driver() }

// Connect opens a connection to the file that is at the path now.
func (s *source) Connect(ctx context.Context) (driver.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.current() {
		if err := s.admit(ctx); err != nil {
			return nil, err
		}
	}
	c, err := connector{address(s.path, s.how), readerPragmas}.Connect(ctx)
	if err != nil {
		return nil, explain(s.path, err)
	}
	if idAt(s.path) != s.file.id {
		return nil, errors.Join(fmt.Errorf("%s: %w", s.path, experiments.ErrReplaced), c.Close())
	}
	return &readConn{c.(*sqlite3.SQLiteConn), s, s.file}, nil
}

// current tells whether the admitted file is still the one at the path, and as it was if it is read without locks.
func (s *source) current() bool {
	return s.file != nil && idAt(s.path) == s.file.id && (s.how == shared || s.state == stateOf(s.path))
}

// admit examines the file at the path and makes it the one that is read.
func (s *source) admit(ctx context.Context) error {
	if s.file != nil && idAt(s.path) == (fileID{}) {
		return fmt.Errorf("%s was deleted or moved: %w", s.path, experiments.ErrMissing)
	}
	f, err := hold(s.path, os.O_RDONLY)
	if err != nil {
		return err
	}
	if s.pinned != nil && f.id != s.pinned.id {
		return errors.Join(fmt.Errorf("%s: %w", s.path, experiments.ErrReplaced), f.release())
	}
	how, seen, err := s.examine(ctx, f)
	if err != nil {
		return errors.Join(err, f.release())
	}
	if s.file != nil {
		if s.file.id != f.id {
			s.replaced = time.Now()
		}
		err = s.file.release()
	}
	s.file, s.how, s.state = f, how, seen
	return err
}

// examine refuses files that cannot be read or are not ours, and finds how this one can be read.
func (s *source) examine(ctx context.Context, f *file) (how string, seen state, err error) {
	if err := checkHeader(s.path, f); err != nil {
		return "", seen, err
	}
	for range examinations {
		seen = stateOf(s.path)
		how = wayTo(ctx, s.path)
		err = s.look(ctx, f, connector{address(s.path, how), readerPragmas})
		if !errors.Is(err, errStrangeLog) && !errors.Is(err, fs.ErrNotExist) || seen == stateOf(s.path) {
			break
		} // it is changing at the moment: a writer has begun or ended
	}
	return how, seen, err
}

const examinations = 5

// look checks the log and the schema. The log is the writer's business while there is one.
func (s *source) look(ctx context.Context, f *file, c connector) error {
	conn := sql.OpenDB(c)
	defer conn.Close()
	if err := checkLog(ctx, s.path, f, conn); err != nil {
		if written, failed := f.beingWritten(); !written || failed != nil { // without locks nobody can write
			return err
		}
	}
	return checkReadable(ctx, s.path, conn)
}

// wayTo tells how a file can be read. Where no file can be made beside it, as on a read-only disk, SQLite cannot share
// it with others; nor are there any as long as there is no -shm. Its state is watched instead.
func wayTo(ctx context.Context, path string) (how string) {
	conn := sql.OpenDB(connector{dsn: address(path, shared)})
	defer conn.Close()
	var n int
	err := conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n)
	var e sqlite3.Error
	cannotShare := errors.As(err, &e) && slices.Contains([]sqlite3.ErrNo{sqlite3.ErrCantOpen, sqlite3.ErrReadonly, sqlite3.ErrIoErr}, e.Code)
	if !cannotShare || idAt(path+"-shm") != (fileID{}) {
		return shared
	}
	if sizeOf(path+"-wal") == 0 {
		return immutable
	}
	return unshared
}

// way is how the file is read at present.
func (s *source) way() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.how
}

// Close gives the file back. database/sql calls it.
func (s *source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	return s.file.release()
}

// readConn is a connection to one file of a source.
type readConn struct {
	*sqlite3.SQLiteConn
	source *source
	file   *file
}

// ResetSession is called before a connection is used again.
func (c *readConn) ResetSession(context.Context) error {
	c.source.mu.Lock()
	defer c.source.mu.Unlock()
	if c.source.file != c.file || !c.source.current() {
		return driver.ErrBadConn
	}
	return nil
}
