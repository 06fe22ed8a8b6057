// Package fetch brings the files of data sets into the data folder: from their servers, from others that have the same
// files, or from a file or folder that is already here. What is not what was published is not kept.
package fetch

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"workbench/experiments/data/release"
)

// Fetcher brings bundles into a data folder.
type Fetcher struct {
	Dir      string                              // the data folder; it is made if it is not there
	Client   *http.Client                        // nil: one that asks the environment for proxies
	Progress func(name string, done, want int64) // of a file that is read from a server, in bytes; nil: nobody watches
	Stall    time.Duration                       // a server that sends nothing for so long is given up; 0: a minute
	Pause    time.Duration                       // before a server is tried again, the first time; 0: a second

	free func(dir string) (int64, error) // bytes for files of this user; nil: as the file system says
}

// Fetch brings the files of a bundle into its folder, and returns that. Was there says that nothing was missing. From
// is "" for the servers of the bundle, or else an address, a file or a folder that has what they have.
func (f Fetcher) Fetch(ctx context.Context, b release.Bundle, from string) (folder string, wasThere bool, err error) {
	folder = filepath.Join(f.Dir, filepath.FromSlash(b.Folder))
	if len(b.Downloads) == 0 {
		return "", false, fmt.Errorf("%s cannot be fetched: get it from %s and put its files into %s", b.Name, b.Site, folder)
	}
	var missing []release.Download
	for _, d := range b.Downloads {
		there, err := present(folder, d)
		if err != nil {
			return "", false, err
		}
		if !there {
			missing = append(missing, d)
		}
	}
	if len(missing) == 0 {
		return folder, true, nil
	}
	if err := os.MkdirAll(f.Dir, 0o755); err != nil {
		return "", false, err
	}
	if err := f.room(missing); err != nil {
		return "", false, err
	}
	for _, d := range missing {
		if err := f.bring(ctx, b, d, from); err != nil {
			return "", false, err
		}
	}
	return folder, false, nil
}

// present says whether what a download gives is in the folder.
func present(folder string, d release.Download) (bool, error) {
	if d.Members != nil {
		return unpacked(folder, d.Members)
	}
	where := filepath.Join(folder, d.Name)
	info, err := os.Stat(where)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("%s is not a file", where)
	}
	if err := check(where, d); err != nil {
		return false, fmt.Errorf("%w; remove it to fetch it again", err)
	}
	return true, nil
}

// unpacked says whether the members of an archive are in the folder: all, or nothing at all.
func unpacked(folder string, members []string) (bool, error) {
	inside, err := os.ReadDir(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case len(inside) == 0:
		return false, nil
	}
	for _, name := range members {
		info, err := os.Stat(filepath.Join(folder, name))
		if errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("%s is there and has no %s; move it away to fetch it again", folder, name)
		}
		if err != nil {
			return false, err
		}
		if !info.Mode().IsRegular() {
			return false, fmt.Errorf("%s is not a file", filepath.Join(folder, name))
		}
	}
	return true, nil
}

// room says what is wrong if the disk is too full for what is missing.
func (f Fetcher) room(missing []release.Download) error {
	need := int64(0)
	for _, d := range missing {
		need += d.Bytes + d.Room
	}
	free := f.free
	if free == nil {
		free = freeBytes
	}
	has, err := free(f.Dir)
	if err != nil {
		return err
	}
	if has < need {
		return fmt.Errorf("%s has %d bytes free, want at least %d", f.Dir, has, need)
	}
	return nil
}

// bring what one download gives into the folder of its bundle.
func (f Fetcher) bring(ctx context.Context, b release.Bundle, d release.Download, from string) error {
	folder := filepath.Join(f.Dir, filepath.FromSlash(b.Folder))
	var file string
	kept := false // the file is somebody's own
	switch address := strings.HasPrefix(from, "https://") || strings.HasPrefix(from, "http://"); {
	case from == "":
		var err error
		if file, err = f.download(ctx, d, d.URLs); err != nil {
			return fmt.Errorf("%w\nwithout these servers: get %s (%s) elsewhere and call workbench data fetch %s --from FILE", err, d.Name,
				sumName(d), b.Name)
		}
	case address:
		var err error
		if file, err = f.download(ctx, d, []string{addressOf(from, b, d)}); err != nil {
			return err
		}
	default:
		var err error
		if file, err = local(from, b, d); err != nil {
			return err
		}
		if err := check(file, d); err != nil {
			return err
		}
		kept = true
	}
	if d.Members != nil {
		if err := unpack(ctx, file, folder, d); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if kept {
			return nil
		}
		return os.Remove(file)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	where := filepath.Join(folder, d.Name)
	if kept {
		return copied(ctx, file, where)
	}
	return os.Rename(file, where)
}

// addressOf is where a server has a file: the address itself, or below it.
func addressOf(from string, b release.Bundle, d release.Download) string {
	if path.Base(from) == d.Name || len(b.Downloads) == 1 && !strings.HasSuffix(from, "/") {
		return from
	}
	return strings.TrimSuffix(from, "/") + "/" + d.Name
}

// local finds a file of the bundle in what was named in place of a server.
func local(from string, b release.Bundle, d release.Download) (string, error) {
	info, err := os.Stat(from)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		if len(b.Downloads) > 1 {
			return "", fmt.Errorf("%s is one file, %s has %d: want a folder with them", from, b.Name, len(b.Downloads))
		}
		return from, nil
	}
	file := filepath.Join(from, d.Name)
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s has no file %s; a folder that has the set's unpacked files is named with --data", from, d.Name)
	}
	return file, nil
}

// copied writes a copy of a file, complete or not at all.
func copied(ctx context.Context, from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // nothing is there any more when all went well
	_, err = io.Copy(out, &watched{ctx: ctx, Reader: in})
	if err := errors.Join(err, out.Chmod(0o644), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), to)
}

// check compares a file with its published digest.
func check(file string, d release.Download) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	var h hash.Hash = md5.New()
	if len(d.Sum) == 2*sha256.Size {
		h = sha256.New()
	}
	n, err := io.Copy(h, in)
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != d.Sum {
		kind, _, _ := strings.Cut(sumName(d), " ")
		return mismatch{fmt.Sprintf("%s is not the published file: it has %d bytes and %s %s, want %s%s", file, n, kind, got, d.Sum, page(in))}
	}
	return nil
}

// mismatch is the error for a file that has not the published digest.
type mismatch struct{ text string }

func (m mismatch) Error() string { return m.text }

// page says that a file is a web page, as many servers answer instead of an error.
func page(in io.ReaderAt) string {
	head := make([]byte, 64)
	n, _ := in.ReadAt(head, 0)
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(string(head[:n]))), "<") {
		return "; it is a web page"
	}
	return ""
}

func sumName(d release.Download) string {
	if len(d.Sum) == 2*sha256.Size {
		return "SHA-256 " + d.Sum
	}
	return "MD5 " + d.Sum
}
