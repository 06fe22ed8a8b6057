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
	source := sql.OpenDB(connector{dsn: readerTo(db.path).dsn}) // query_only would refuse to write the copy
	defer source.Close()
	if _, err := source.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return explain(path, err)
	}
	return syncPath(path)
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
