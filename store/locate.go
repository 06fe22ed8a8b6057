package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// mostLinks is how many symbolic links may lead from one to the next, as in Linux.
const mostLinks = 40

// locate gives the absolute path without symbolic links, so that every name of a file leads to one log and one lock. It
// follows links as the system does: LINK/../f lies beside the folder that LINK leads to, not beside LINK. The file need
// not exist; of a link that leads to no file yet, the path is where that file would be.
func locate(path string) (string, error) {
	if path == "" {
		return "", errors.New("the name of the database is empty, want that of a file")
	}
	full := path
	if !filepath.IsAbs(full) {
		here, err := os.Getwd()
		if err != nil {
			return "", unusable(path, err)
		}
		full = here + "/" + full
	}
	for range mostLinks {
		at := strings.LastIndexByte(full, '/')
		folder, name := full[:at+1], full[at+1:]
		if name == "" || name == "." || name == ".." {
			return "", unusable(path, notAFile(full))
		}
		real, err := filepath.EvalSymlinks(folder)
		if err != nil {
			return "", unusable(path, err)
		}
		full = filepath.Join(real, name)
		target, err := os.Readlink(full)
		if err != nil { // no link
			return full, checkKind(path, full)
		}
		if full = target; !filepath.IsAbs(target) {
			full = real + "/" + target
		}
	}
	return "", unusable(path, syscall.ELOOP)
}

// notAFile is why a path that ends in a slash or in dots cannot name a file.
func notAFile(path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	return syscall.EISDIR
}

// checkKind refuses what is there and no regular file: reading a pipe would wait for ever, and writing to a device or
// through a link would change something else.
func checkKind(path, real string) error {
	info, err := os.Lstat(real)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unusable(path, err)
	case info.IsDir():
		return unusable(path, syscall.EISDIR)
	case !info.Mode().IsRegular():
		return &kindError{path, info.Mode().Type()}
	}
	return nil
}
