package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// fullError says that the disk, a quota or a limit on the size of files leaves no room for what was to be written.
type fullError struct {
	path         string
	needed, free int64 // bytes; needed is 0 if it is not known
	err          error
}

func (e *fullError) Unwrap() error { return e.err }

func (e *fullError) Error() string {
	needed := ""
	if e.needed > 0 {
		needed = fmt.Sprintf("%s are needed and ", amount(e.needed))
	}
	if errors.Is(systemErrno(e.err), syscall.EFBIG) {
		return fmt.Sprintf("%s or its log would grow beyond the limit on the size of files (ulimit -f); %s%s are free on the disk. "+
			"Raise the limit and run again, what was recorded before is safe: %v", e.path, needed, amount(e.free), e.err)
	}
	return fmt.Sprintf("the disk of %s is full: %s%s are free; free some space and run again, what was recorded before is safe: %v",
		e.path, needed, amount(e.free), e.err)
}

// amount is a number of bytes, with its size in MiB if it is large.
func amount(n int64) string {
	const mib = 1 << 20
	if n < mib {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d bytes (%.1f MiB)", n, float64(n)/mib)
}

// fullDisk makes a fullError of an error that says that there is no room. Others are nil.
func fullDisk(path string, err error) error {
	var e sqlite3.Error
	var before *fullError
	none := []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}
	full := errors.As(err, &e) && (e.Code == sqlite3.ErrFull || slices.Contains(none, systemErrno(err))) ||
		slices.ContainsFunc(none, func(s error) bool { return errors.Is(err, s) })
	if !full || errors.As(err, &before) {
		return nil
	}
	return &fullError{path: path, free: freeAt(path), err: err}
}

// systemErrno is the error of the system behind one of SQLite, nil if there is none.
func systemErrno(err error) error {
	var e sqlite3.Error
	if errors.As(err, &e) && e.SystemErrno != 0 {
		return e.SystemErrno
	}
	return nil
}

// lacking tells a fullError how many bytes there was no room for. Other errors pass.
func lacking(bytes int64, err error) error {
	var full *fullError
	if errors.As(err, &full) {
		full.needed = bytes
	}
	return err
}

// freeAt is the room that this user has on the disk of a path, 0 if that is not known.
func freeAt(path string) int64 {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &disk); err != nil {
		return 0
	}
	return int64(disk.Bavail) * int64(disk.Bsize)
}
