package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// Other is another database whose studies can be brought into one: that of another machine, also while a program writes
// to it, or an archive. It is only read, from one snapshot, which has been inspected: a stranger may have made it.
type Other struct {
	path string
	id   fileID
	db   *DB
	conn *sql.Conn
	q    *sql.Tx
	copy string // the folder of a copy that was brought up to this program's schema; "": none was needed

	// Checkpoints tells whether those are looked at and copied.
	checkpoints bool
}

// mostOfAValue bounds what is read of another file at once, in bytes. Texts and chunks are far shorter.
const mostOfAValue = 64 << 20

// OpenOther opens a file and looks at all that could be copied of it: its schema, pages, references, texts, and the
// SHA-256 of artefacts and, if they are wanted, of checkpoints. Anything wrong is an error. A file of an older program
// is copied into a folder of its own in scratch, and the copy brought up; the file itself is not changed.
func OpenOther(ctx context.Context, path, scratch string, checkpoints bool) (*Other, error) {
	o := &Other{path: path, checkpoints: checkpoints}
	err := o.open(ctx, scratch)
	if err == nil {
		err = o.inspect(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return o, nil
}

func (o *Other) open(ctx context.Context, scratch string) error {
	real, err := locate(o.path)
	if err != nil {
		return err
	}
	if o.id = idAt(real); o.id == (fileID{}) {
		return missing("there is no file " + o.path)
	}
	if o.db, err = openReadable(real); errors.Is(err, errOlder) {
		o.db, err = o.bringUpCopy(ctx, real, scratch)
	}
	if err != nil {
		return err
	}
	if o.conn, err = o.db.read.Conn(ctx); err != nil {
		return err
	}
	if err := o.conn.Raw(bounded); err != nil {
		return err
	}
	o.q, err = o.conn.BeginTx(ctx, nil)
	return explain(o.path, err)
}

// bounded makes a connection refuse values that would fill the memory.
func bounded(conn any) error {
	c, ok := conn.(*readConn)
	if !ok {
		return fmt.Errorf("a connection of type %T, want one for reading", conn)
	}
	c.SetLimit(sqlite3.SQLITE_LIMIT_LENGTH, mostOfAValue)
	return nil
}

// bringUpCopy opens a copy that has taken the steps of the schema which the file lacks.
func (o *Other) bringUpCopy(ctx context.Context, real, scratch string) (db *DB, err error) {
	if scratch, err = filepath.Abs(scratch); err != nil { // an address of a file begins at the root
		return nil, err
	}
	if o.copy, err = os.MkdirTemp(scratch, ".older-"); err != nil {
		return nil, unusable(scratch, err)
	}
	source := sql.OpenDB(connector{dsn: address(real, wayTo(ctx, real))})
	defer func() { err = errors.Join(err, source.Close()) }()
	if err := onlyTables(ctx, o.path, source); err != nil {
		return nil, err
	}
	path := filepath.Join(o.copy, "copy.db")
	if err := copyInto(ctx, source, path); err != nil {
		return nil, err
	}
	if err := bringUp(path); err != nil {
		return nil, err
	}
	return openReadable(path)
}

// Close may be called twice.
func (o *Other) Close() error {
	var errs []error
	if o.q != nil {
		if err := o.q.Rollback(); !errors.Is(err, sql.ErrTxDone) {
			errs = append(errs, err)
		}
	}
	if o.conn != nil {
		if err := o.conn.Close(); !errors.Is(err, sql.ErrConnDone) && !errors.Is(err, driver.ErrBadConn) {
			errs = append(errs, err)
		}
	}
	if o.db != nil {
		errs = append(errs, o.db.Close())
	}
	if o.copy != "" {
		errs = append(errs, os.RemoveAll(o.copy))
	}
	return errors.Join(errs...)
}
