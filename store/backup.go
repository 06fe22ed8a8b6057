package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes the database as it is at this moment to a new file, compacted, while others go on reading and writing.
// The file appears under its name only when it is complete and safe on disk.
func (db *DB) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s exists; name a new file for the backup: %w", path, fs.ErrExist)
	}
	partial, err := locate(path + ".partial")
	if err != nil {
		return err
	}
	if err := os.Remove(partial); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a backup that was stopped
		return unusable(partial, err)
	}
	if err := db.copyTo(ctx, partial); err != nil {
		return errors.Join(fmt.Errorf("back up %s to %s: %w", db.path, path, err), removeIfThere(partial))
	}
	if err := os.Rename(partial, path); err != nil {
		return unusable(path, err)
	}
	return syncPath(filepath.Dir(path))
}

func (db *DB) copyTo(ctx context.Context, path string) error {
	source := sql.OpenDB(connector{dsn: address(db.path, db.source.way())}) // query_only would refuse to write the copy
	defer source.Close()
	return copyInto(ctx, source, path)
}

// copyInto writes all that a connection sees to a new file that only its owner can read. The copy gets a mark of its
// own: its pages lie otherwise than those of the original, whose log it must not take for its own.
func copyInto(ctx context.Context, source *sql.DB, path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) // SQLite accepts an empty one
	if err != nil {
		return unusable(path, err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	if _, err := source.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return explain(path, err)
	}
	if err := markCopy(ctx, path); err != nil {
		return explain(path, err)
	}
	return syncPath(path)
}

func markCopy(ctx context.Context, path string) (err error) {
	made := sql.OpenDB(connector{dsn: address(path, "mode=rw&_sync=FULL")})
	defer func() { err = errors.Join(err, made.Close()) }()
	old, err := readMark(ctx, made)
	if err != nil {
		return err
	}
	t, err := made.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := old.next().write(ctx, t); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.Commit()
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncPath returns when a file or folder is on the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
