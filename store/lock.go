package store

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// ErrLocked says that another process has the file open for writing.
var ErrLocked = errors.New("in use by another process")

// writeLock is the right to write one database: an advisory lock on PATH.lock, which the system drops with the process.
// The file stays behind, since removing it would let two processes lock two files of that name.
type writeLock struct{ file *os.File }

func lock(path string) (*writeLock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, unusable(path, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		err = sign(f)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer f.Close()
		return nil, fmt.Errorf("%s is %w (%s): wait until it ends, stop it, or name another file", path, ErrLocked, holder(path+".lock"))
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s.lock: %w", path, err)
	}
	return &writeLock{f}, nil
}

// sign writes who holds the lock, for the message of those who come second.
func sign(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(fmt.Appendf(nil, "pid %d on %s\n", os.Getpid(), hostname()), 0)
	return err
}

func holder(lockFile string) string {
	text, err := os.ReadFile(lockFile)
	if who := strings.TrimSpace(string(text)); err == nil && who != "" {
		return who
	}
	return "it has not said which"
}

// release may be called twice.
func (l *writeLock) release() error {
	if err := l.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "an unnamed host"
	}
	return name
}
