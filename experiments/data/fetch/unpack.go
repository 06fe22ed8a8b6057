package fetch

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"workbench/experiments/data/release"
)

// mostMembers is how many files and folders an archive may have.
const mostMembers = 1 << 16

// unpack the files of an archive into a new folder, complete or not at all. An archive that has one folder and nothing
// beside it gives what is in that. Members that lead out of the folder, and members that are neither files nor folders,
// are refused.
func unpack(ctx context.Context, archive, folder string, d release.Download) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(folder), "."+filepath.Base(folder)+"-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	root, err := os.OpenRoot(temporary)
	if err != nil {
		return err
	}
	defer root.Close()
	box := box{ctx: ctx, root: root, most: 2*d.Room + 1<<20}
	if strings.HasSuffix(d.Name, ".zip") {
		err = box.zip(archive)
	} else {
		err = box.tar(archive)
	}
	if err != nil {
		return err
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
		return err
	}
	content := temporary
	if entries, err := os.ReadDir(temporary); err != nil {
		return err
	} else if len(entries) == 1 && entries[0].IsDir() {
		content = filepath.Join(temporary, entries[0].Name())
	}
	for _, name := range d.Members {
		if _, err := os.Stat(filepath.Join(content, name)); err != nil {
			return fmt.Errorf("it has no %s", name)
		}
	}
	if err := os.Remove(folder); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty one
		return err
	}
	return os.Rename(content, folder)
}

// box takes the members of an archive.
type box struct {
	ctx     context.Context
	root    *os.Root
	most    int64 // bytes
	bytes   int64
	members int
}

func (b *box) zip(archive string) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, f := range z.File {
		if !f.Mode().IsRegular() && !f.Mode().IsDir() {
			return fmt.Errorf("member %q is a link or a device, want files and folders", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			return fmt.Errorf("member %q: %w", f.Name, err)
		}
		err = b.put(f.Name, f.Mode().IsDir(), r)
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (b *box) tar(archive string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	for t := tar.NewReader(z); ; {
		head, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch head.Typeflag {
		case tar.TypeXGlobalHeader:
			continue
		case tar.TypeReg, tar.TypeDir:
		default:
			return fmt.Errorf("member %q is a link or a device, want files and folders", head.Name)
		}
		if err := b.put(head.Name, head.Typeflag == tar.TypeDir, t); err != nil {
			return err
		}
	}
}

// put a member into the folder.
func (b *box) put(name string, folder bool, content io.Reader) error {
	if b.members++; b.members > mostMembers {
		return fmt.Errorf("it has more than %d members", mostMembers)
	}
	local, err := filepath.Localize(strings.TrimSuffix(strings.TrimPrefix(name, "./"), "/"))
	if err != nil || strings.Contains(name, `\`) {
		if folder && (name == "./" || name == ".") {
			return nil
		}
		return fmt.Errorf("member %q leads out of the folder", name)
	}
	if folder {
		return b.root.MkdirAll(local, 0o755)
	}
	if err := b.root.MkdirAll(filepath.Dir(local), 0o755); err != nil {
		return err
	}
	file, err := b.root.OpenFile(local, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("member %q: %w", name, err)
	}
	n, err := io.Copy(file, io.LimitReader(&watched{ctx: b.ctx, Reader: content}, b.most-b.bytes+1))
	if b.bytes += n; b.bytes > b.most {
		err = fmt.Errorf("it has more than %d bytes unpacked, which is far more than it should", b.most)
	}
	return errors.Join(err, file.Close())
}

// freeBytes is how much can be written to the disk of a folder.
func freeBytes(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * s.Bsize, nil
}
