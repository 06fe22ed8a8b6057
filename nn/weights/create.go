package weights

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Create lets write make the contents of a file, and returns their SHA-256 in hexadecimal. The file appears complete
// or not at all, even if power is lost. One that is there already is replaced and keeps its permissions. Of a symbolic
// link that is what it points to; the link stays. What is no regular file, such as a named pipe or a device, is
// written to as it is. When ctx ends, so does the writing, and nothing is left behind. write is called once more if
// the disk is full, to learn how much it needed; equal calls must write equally much.
func Create(ctx context.Context, path string, write func(io.Writer) error) (digest string, err error) {
	sum := sha256.New()
	into := func(w io.Writer) error { return write(until{ctx, io.MultiWriter(w, sum)}) }
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = replace(path, nil, into)
	case err != nil:
	case info.IsDir():
		err = syscall.EISDIR
	case info.Mode().IsRegular():
		err = replace(path, info, into)
	default:
		err = stream(ctx, path, into)
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		err = full(ctx, path, err, write)
	}
	if err != nil {
		return "", about(path, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// until refuses to write once the context has ended.
type until struct {
	ctx context.Context
	to  io.Writer
}

func (u until) Write(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.to.Write(p)
}

// about puts the path that was asked for in place of the one at which a step towards it failed.
func about(path string, err error) error { return fmt.Errorf("%s: %w", path, cause(err)) }

// cause is what is wrong, without the step and the path at which it showed.
func cause(err error) error {
	switch step := err.(type) {
	case *fs.PathError:
		return step.Err
	case *os.LinkError:
		return step.Err
	}
	return err
}

// replace writes a file beside the one that path leads to and gives it that name. before is what is there, nil for
// nothing: then the permissions are those of any new file.
func replace(path string, before fs.FileInfo, write func(io.Writer) error) (err error) {
	if path, err = follow(path); err != nil {
		return err
	}
	folder, name := filepath.Split(path)
	if name == "" {
		return syscall.EISDIR
	}
	temp, err := os.OpenFile(folder+".workbench-"+rand.Text(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = temp.Close() // the first error is the one to tell
			_ = os.Remove(temp.Name())
		}
	}()
	if err := write(temp); err != nil {
		return err
	}
	if before != nil {
		if owner, known := before.Sys().(*syscall.Stat_t); known {
			_ = temp.Chown(int(owner.Uid), int(owner.Gid)) // only root may give files away; another's file becomes the writer's
		}
		if err := temp.Chmod(before.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// mostLinks is how many symbolic links Linux follows one after another.
const mostLinks = 40

// follow returns what symbolic links at path lead to, which need not exist.
func follow(path string) (string, error) {
	for range mostLinks {
		to, err := os.Readlink(path)
		if err != nil { // there is no link
			return path, nil
		}
		if !filepath.IsAbs(to) {
			folder, _ := filepath.Split(path)
			to = folder + to // not cleaned: ".." goes up from where the folder's own links lead
		}
		path = to
	}
	return "", syscall.ELOOP
}

// stream writes to something that is no regular file. It can be stopped while it waits for a reader.
func stream(ctx context.Context, path string, write func(io.Writer) error) error {
	type opened struct {
		*os.File
		err error
	}
	ready := make(chan opened, 1)
	go func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		ready <- opened{f, err}
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case f := <-ready:
		if f.err != nil {
			return f.err
		}
		stop := context.AfterFunc(ctx, func() { _ = f.Close() })
		err := write(f)
		if !stop() {
			return ctx.Err()
		}
		return errors.Join(err, f.Close())
	}
}

// syncFolder makes a file's new name survive a loss of power.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closed := d.Close(); err == nil {
		err = closed
	}
	return err
}

// full says how many bytes the disk lacks.
func full(ctx context.Context, path string, err error, write func(io.Writer) error) error {
	var needed count
	if err := write(until{ctx, &needed}); err != nil {
		return err
	}
	free := ""
	var disk syscall.Statfs_t
	if path, unresolved := follow(path); unresolved == nil && syscall.Statfs(filepath.Dir(path), &disk) == nil {
		free = fmt.Sprintf(", %d are free", disk.Bavail*uint64(disk.Bsize))
	}
	return fmt.Errorf("%w: %d bytes are needed%s", cause(err), needed, free)
}

// count is how many bytes were written to it.
type count int64

func (c *count) Write(p []byte) (int, error) {
	*c += count(len(p))
	return len(p), nil
}
