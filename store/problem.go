package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// unusable says in a sentence why a path cannot hold the database and what to do.
func unusable(path string, err error) error {
	folder := filepath.Dir(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("cannot make %s: the folder %s does not exist; make it or name another file: %w", path, folder, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("cannot write %s: no permission to write it or its folder %s; change that or name another file: %w", path, folder, err)
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("cannot make %s: %s is not a folder; name another file: %w", path, folder, err)
	case errors.Is(err, syscall.EISDIR):
		return fmt.Errorf("%s is a folder, want a file; name a file in it: %w", path, err)
	case errors.Is(err, syscall.ELOOP):
		return fmt.Errorf("cannot use %s: too many symbolic links, or one that leads to itself; name another file: %w", path, err)
	}
	if full := fullDisk(path, err); full != nil {
		return full
	}
	return fmt.Errorf("cannot use %s: %w", path, err)
}

// explain adds to an error of SQLite what it means for the file and what to do. Other errors pass.
func explain(path string, err error) error {
	if full := fullDisk(path, err); full != nil {
		return full
	}
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return fmt.Errorf("%s is locked by another program that writes to it (a database browser?); close that and repeat: %w", path, err)
	case sqlite3.ErrReadonly, sqlite3.ErrPerm:
		return fmt.Errorf("cannot write %s: it or its folder is read-only; change that or name another file: %w", path, err)
	case sqlite3.ErrCantOpen:
		return fmt.Errorf("cannot open %s: check that the file and its folder exist and may be read and written: %w", path, err)
	case sqlite3.ErrNotADB:
		return notADatabase(path, err)
	case sqlite3.ErrCorrupt:
		return fmt.Errorf("%s is damaged; keep a copy and continue from a backup: %w", path, err)
	case sqlite3.ErrIoErr:
		return fmt.Errorf("the disk of %s fails to read or write; check it before going on: %w", path, err)
	}
	return err
}

func notADatabase(path string, err error) error {
	return fmt.Errorf("%s is not a workbench database; name another file, or a new one to begin: %w", path, err)
}
