package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"syscall"
)

// fileID tells files apart, whatever they are called. The zero value is no file.
type fileID struct{ device, inode uint64 }

func idOf(info fs.FileInfo) fileID {
	s := info.Sys().(*syscall.Stat_t)
	return fileID{uint64(s.Dev), uint64(s.Ino)}
}

func linksOf(info fs.FileInfo) uint64 { return uint64(info.Sys().(*syscall.Stat_t).Nlink) }

// idAt is the file that a path names now, the zero value if it names none.
func idAt(path string) fileID {
	info, err := os.Lstat(path)
	if err != nil {
		return fileID{}
	}
	return idOf(info)
}

// heldFiles are the descriptors of database files that this process has opened itself, besides those of SQLite. None is
// closed before the last: closing any descriptor of a file gives up all POSIX locks that the process has on it, those
// of SQLite too (sqlite.org/howtocorrupt.html, section 2.2).
var heldFiles = struct {
	sync.Mutex
	open  map[fileID][]*os.File
	users map[fileID]int
}{open: map[fileID][]*os.File{}, users: map[fileID]int{}}

// file is a database file that this process holds open.
type file struct {
	*os.File
	id   fileID
	once sync.Once
}

// hold opens the file of a path that locate gave. With O_CREATE it makes one that only its owner can read.
func hold(path string, flags int) (*file, error) {
	if err := checkKind(path, path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, flags|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if flags == os.O_RDONLY && errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("cannot read %s: no permission; ask its owner for it or name another file: %w", path, err)
	}
	if err != nil {
		return nil, unusable(path, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(unusable(path, err), f.Close())
	}
	held := &file{File: f, id: idOf(info)}
	heldFiles.Lock()
	heldFiles.open[held.id] = append(heldFiles.open[held.id], f)
	heldFiles.users[held.id]++
	heldFiles.Unlock()
	if err := errors.Join(checkShape(path, info), checkCompanions(path)); err != nil {
		return nil, errors.Join(err, held.release())
	}
	return held, nil
}

// checkShape refuses files that have several names: SQLite keeps the log beside the name by which a file was opened, so
// whoever opens it by another does not see what the log holds.
func checkShape(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return &kindError{path, info.Mode().Type()}
	}
	if n := linksOf(info); n > 1 {
		return fmt.Errorf("%s has %d names (hard links), and what is written under one is not seen under another; "+
			"leave it one name, or make a copy with cp and use that", path, n)
	}
	return nil
}

// companions are the files that SQLite keeps beside a database, by what is added to its name.
var companions = []string{"-wal", "-shm", "-journal"}

// checkCompanions refuses to go on where SQLite would write through a link into some other file.
func checkCompanions(path string) error {
	for _, suffix := range companions {
		info, err := os.Lstat(path + suffix)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return unusable(path, err)
		case !info.Mode().IsRegular():
			return fmt.Errorf("beside %s: %w; remove it", path, &kindError{path + suffix, info.Mode().Type()})
		case linksOf(info) > 1:
			return fmt.Errorf("beside %s: %s is also another file (a hard link); remove it", path, path+suffix)
		}
	}
	return nil
}

// release may be called twice.
func (f *file) release() (err error) {
	f.once.Do(func() {
		heldFiles.Lock()
		defer heldFiles.Unlock()
		heldFiles.users[f.id]--
		if heldFiles.users[f.id] > 0 {
			return
		}
		for _, open := range heldFiles.open[f.id] {
			err = errors.Join(err, open.Close())
		}
		delete(heldFiles.open, f.id)
		delete(heldFiles.users, f.id)
	})
	return err
}

// kindError is a path that names something else than a file.
type kindError struct {
	path string
	kind fs.FileMode
}

func (e *kindError) Error() string {
	kind := "no regular file"
	switch {
	case e.kind&fs.ModeNamedPipe != 0:
		kind = "a named pipe"
	case e.kind&fs.ModeSocket != 0:
		kind = "a socket"
	case e.kind&fs.ModeDevice != 0:
		kind = "a device"
	case e.kind&fs.ModeSymlink != 0:
		kind = "a symbolic link"
	case e.kind.IsDir():
		kind = "a folder"
	}
	return fmt.Sprintf("%s is %s, want a file; name another", e.path, kind)
}
