package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrLocked says that another process has the file open for writing.
var ErrLocked = errors.New("in use by another process")

// writeLock is the right to write one database: advisory locks that the system drops with the process. One is on
// PATH.lock, which says who holds it and keeps the name of a database whose file was taken away meanwhile. The other is
// on the database file itself, by whatever name or mount it was reached. PATH.lock stays behind, since removing it
// would let two processes lock two files of that name.
type writeLock struct {
	name   *os.File
	file   *file
	locked bool // the file is
}

// lock takes both and makes the database file if it is missing.
func lock(path string) (l *writeLock, err error) {
	l = &writeLock{}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.release())
		}
	}()
	if l.name, err = lockName(path); err != nil {
		return l, err
	}
	if err := checkOrphans(path); err != nil {
		return l, err
	}
	if l.file, err = hold(path, os.O_RDWR|os.O_CREATE); err != nil {
		return l, err
	}
	if err := lockFile(path, l.file); err != nil {
		return l, err
	}
	l.locked = true
	return l, sign(path, l.name)
}

// lockMark begins every PATH.lock that is not new.
const lockMark = "pid "

// lockName takes the lock on PATH.lock. It changes nothing before the lock is held, and then only a file that is
// plainly a lock: in a folder that others can write, PATH.lock may be a link to something else.
func lockName(path string) (*os.File, error) {
	name := path + ".lock"
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	switch {
	case err == nil:
		err = shareAs(path, f)
	case errors.Is(err, fs.ErrExist):
		if checkKind(name, name) != nil {
			return nil, notALock(name)
		}
		f, err = os.OpenFile(name, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	}
	if err != nil {
		return nil, unusable(path, err)
	}
	if err := errors.Join(checkLock(name, f), flock(path, f)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// shareAs gives a new lock file the permissions of the database, if there is one, so that all who may write that can
// lock it.
func shareAs(path string, f *os.File) error {
	info, err := os.Lstat(path)
	if err != nil {
		return nil // there is no database yet
	}
	return f.Chmod(info.Mode().Perm())
}

func checkLock(name string, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	head := make([]byte, len(lockMark))
	n, err := f.ReadAt(head, 0)
	switch {
	case err != nil && err != io.EOF:
		return err
	case !info.Mode().IsRegular(), linksOf(info) > 1, n > 0 && string(head[:n]) != lockMark[:n]:
		return notALock(name)
	}
	return nil
}

func notALock(name string) error {
	return fmt.Errorf("%s is where the lock of the database must be, and is something else; remove or rename it", name)
}

func flock(path string, f *os.File) error {
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return inUse(path)
	case err != nil:
		return noLocks(path, err)
	}
	return nil
}

// lockByte is where the database file is locked: in the page at 1 GiB, which SQLite never writes to, after the bytes
// that SQLite locks itself (sqlite.org/fileformat2.html, section 1.5).
const lockByte = 0x40000000 + 1024

func lockRange() *unix.Flock_t {
	return &unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: lockByte, Len: 1}
}

// lockFile locks the byte with an open file description lock: unlike the POSIX locks of SQLite, these exclude other
// descriptors of the same process, too.
func lockFile(path string, f *file) error {
	switch err := unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, lockRange()); {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EACCES):
		return fmt.Errorf("%s is %w, which reached it by another name or mount: wait until it ends, stop it, or name another file",
			path, ErrLocked)
	case err != nil:
		return noLocks(path, err)
	}
	return nil
}

// unlockFile gives the lock back: the descriptor may stay open for the sake of other users of the file.
func unlockFile(f *file) error {
	free := lockRange()
	free.Type = unix.F_UNLCK
	return unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, free)
}

// beingWritten tells whether some process has the file open for writing.
func (f *file) beingWritten() (bool, error) {
	want := lockRange()
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, want); err != nil {
		return false, err
	}
	return want.Type != unix.F_UNLCK, nil
}

func inUse(path string) error {
	return fmt.Errorf("%s is %w (%s): wait until it ends, stop it, or name another file", path, ErrLocked, holder(path+".lock"))
}

func noLocks(path string, err error) error {
	return fmt.Errorf("%s cannot be locked, its file system has no locks; choose a local disk with --db: %w", path, err)
}

// sign writes who holds the lock, for the message of those who come second.
func sign(path string, f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return unusable(path, err)
	}
	if _, err := f.WriteAt(fmt.Appendf(nil, lockMark+"%d on %s\n", os.Getpid(), hostname()), 0); err != nil {
		return unusable(path, err)
	}
	return nil
}

// mostHolder bounds what is shown of a lock file.
const mostHolder = 200

func holder(name string) string {
	const unknown = "it has not said which"
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return unknown
	}
	defer f.Close()
	text := make([]byte, mostHolder)
	n, _ := f.Read(text) // of what cannot be read nothing is shown
	if who := strings.TrimSpace(string(text[:n])); strings.HasPrefix(who, lockMark) {
		return who
	}
	return unknown
}

// release may be called twice.
func (l *writeLock) release() (err error) {
	if l.locked {
		err, l.locked = unlockFile(l.file), false
	}
	if l.file != nil {
		err = errors.Join(err, l.file.release())
	}
	if l.name != nil {
		if closed := l.name.Close(); !errors.Is(closed, os.ErrClosed) {
			err = errors.Join(err, closed)
		}
	}
	return err
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "an unnamed host"
	}
	return name
}
