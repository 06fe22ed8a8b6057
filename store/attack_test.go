package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// refused wants both ways of opening a path to fail, with an error that says the words.
func refused(t *testing.T, path string, words ...string) {
	t.Helper()
	for how, open := range map[string]func(string) (*DB, error){"Open": Open, "OpenReadOnly": OpenReadOnly} {
		db, err := open(path)
		if err == nil {
			db.Close()
			t.Errorf("%s of %s: opened, want an error with %q", how, path, words)
			continue
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s of %s: error %q lacks %q", how, path, err, w)
			}
		}
	}
}

func contentOf(t *testing.T, path string) string {
	t.Helper()
	return string(must[[]byte](t)(os.ReadFile(path)))
}

func TestLockChangesNoOtherFile(t *testing.T) {
	for name, plant := range map[string]func(victim, lock string) error{
		"symbolic link": os.Symlink, "hard link": os.Link,
		"file":   func(victim, lock string) error { return os.Rename(victim, lock) },
		"pipe":   func(_, lock string) error { return syscall.Mkfifo(lock, 0o600) },
		"folder": func(_, lock string) error { return os.Mkdir(lock, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			victim, path := filepath.Join(dir, "notes"), filepath.Join(dir, "runs.db")
			check(t, os.WriteFile(victim, []byte("precious"), 0o644))
			check(t, plant(victim, path+".lock"))
			if db, err := Open(path); err == nil || !strings.Contains(err.Error(), "runs.db.lock") {
				t.Errorf("opened %v, %v; want an error about the lock", db, err)
			}
			if name == "file" {
				victim = path + ".lock"
			}
			if got := contentOf(t, victim); got != "precious" {
				t.Errorf("the other file has %q now", got)
			}
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the database was made: %v", err)
			}
		})
	}
}

// SQLite would follow a link in place of a log, and write there.
func TestCompanionsAreNoLinks(t *testing.T) {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		path := filepath.Join(t.TempDir(), "runs.db")
		check(t, must[*DB](t)(Open(path)).Close())
		victim := filepath.Join(t.TempDir(), "notes")
		check(t, os.WriteFile(victim, []byte("precious"), 0o644))
		check(t, os.Symlink(victim, path+suffix))
		refused(t, path, suffix+" is a symbolic link")
		check(t, os.Remove(path+suffix))
		check(t, os.Link(victim, path+suffix))
		refused(t, path, suffix+" is also another file")
		if got := contentOf(t, victim); got != "precious" {
			t.Errorf("%s: the other file has %q now", suffix, got)
		}
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	check(t, syscall.Mkfifo(pipe, 0o600))
	refused(t, pipe, "a named pipe")
	refused(t, "/dev/zero", "a device")
	refused(t, dir, "is a folder")
	refused(t, "", "is empty")
	loop := filepath.Join(dir, "loop")
	check(t, os.Symlink(loop, loop))
	refused(t, loop, "too many symbolic links")
}

func TestEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	check(t, os.WriteFile(path, nil, 0o644))
	if _, err := OpenReadOnly(path); !errors.Is(err, ErrEmpty) {
		t.Errorf("reading: %v, want ErrEmpty", err)
	}
	if got := sizeOf(path); got != 0 {
		t.Errorf("reading wrote %d bytes", got)
	}
	check(t, os.WriteFile(path+"-wal", []byte("of a database that is gone"), 0o644))
	refused(t, path, "-wal with 26 bytes", "put it back")
	check(t, os.Remove(path))
	refused(t, path, "-wal with 26 bytes", "put it back")
	check(t, os.Remove(path+"-wal"))
	check(t, os.WriteFile(path, nil, 0o644))
	check(t, must[*DB](t)(Open(path)).Close())
	check(t, must[*DB](t)(OpenReadOnly(path)).Close())
}

// A second writer is kept out whatever name it uses: by the link, by a mount (played by the descriptor), by another
// folder.
func TestOneWriterByAnyName(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "runs.db")
	db := open(t, path)
	check(t, os.MkdirAll(filepath.Join(dir, "real", "sub"), 0o755))
	check(t, os.Symlink(filepath.Join("real", "sub"), filepath.Join(dir, "link")))
	check(t, os.Symlink(dir, filepath.Join(dir, "self")))
	check(t, os.Symlink("../runs.db", filepath.Join(dir, "real", "other.db")))
	t.Chdir(dir)
	for _, name := range []string{"runs.db", "./runs.db", dir + "//runs.db", "self/runs.db", "self/self/./runs.db", "real/other.db",
		"real/../runs.db", "link/../other.db", "link/../../runs.db"} {
		if got, err := locate(name); err != nil || got != db.Path() {
			t.Errorf("%s leads to %s, %v; want %s", name, got, err, db.Path())
		}
		if _, err := Open(name); !errors.Is(err, ErrLocked) {
			t.Errorf("%s: %v, want ErrLocked", name, err)
		}
	}
	held := must[*file](t)(hold(db.Path(), os.O_RDWR))
	defer held.release()
	if err := lockFile("elsewhere/runs.db", held); !errors.Is(err, ErrLocked) {
		t.Errorf("the same file by another mount: %v, want ErrLocked", err)
	}
	check(t, os.Link(path, "hard.db"))
	refused(t, "hard.db", "2 names")
	check(t, db.Close())
	refused(t, path, "2 names")
	check(t, os.Remove("hard.db"))
	check(t, must[*DB](t)(Open("link/../other.db")).Close())
}

func TestLinkToNothingYet(t *testing.T) {
	dir := t.TempDir()
	check(t, os.Mkdir(filepath.Join(dir, "disk"), 0o755))
	check(t, os.Symlink("disk/runs.db", filepath.Join(dir, "runs.db")))
	check(t, must[*DB](t)(Open(filepath.Join(dir, "runs.db"))).Close())
	if _, err := os.Lstat(filepath.Join(dir, "disk", "runs.db.lock")); err != nil {
		t.Errorf("the lock is not beside the file: %v", err)
	}
}

func TestFilesAreTheOwners(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	db, _ := fresh(t, 1)
	copied := filepath.Join(t.TempDir(), "copy.db")
	check(t, db.Backup(ctx, copied))
	for _, name := range []string{db.Path(), db.Path() + "-wal", db.Path() + "-shm", db.Path() + ".lock", copied} {
		if info := must[os.FileInfo](t)(os.Stat(name)); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want -rw-------", name, info.Mode())
		}
	}
	shared := filepath.Join(t.TempDir(), "shared.db")
	check(t, os.WriteFile(shared, nil, 0o660))
	check(t, os.Chmod(shared, 0o660))
	open(t, shared)
	for _, name := range []string{shared, shared + "-wal", shared + ".lock"} {
		if info := must[os.FileInfo](t)(os.Stat(name)); info.Mode().Perm() != 0o660 {
			t.Errorf("%s has mode %v, want that of the file that was there", name, info.Mode())
		}
	}
}

// A lock that outlived its process says nothing, whoever wrote it.
func TestOldLockFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	check(t, os.WriteFile(path+".lock", []byte("pid 1 on elsewhere\n"), 0o644))
	db := open(t, path)
	if got, want := contentOf(t, path+".lock"), fmt.Sprintf("pid %d on %s\n", os.Getpid(), hostname()); got != want {
		t.Errorf("the lock says %q, want %q", got, want)
	}
	check(t, db.Close())
}
