package release

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Content is one file while it is read.
type Content struct {
	File
	Path string // for messages
	Size int64  // of the content in bytes; −1: not known before its end
	io.Reader
}

// Most is how many bytes of a file of other data than the published ones are read: reading on is an error.
func (f File) Most() int64 { return 4*f.Bytes + 4096 }

// stored is a file as it lies there.
type stored struct {
	name   string // without .gz
	path   string
	size   int64
	gzip   bool
	reader io.Reader
}

// Read visits the named files of the release. Those of a folder come in the order of the names, those of an archive in
// the archive's. Each is read to its end, so that what checks it (its digests, the checksum of gzip) is seen; an error
// of visit or of a check ends all. What was read is given by name.
func (p Place) Read(ctx context.Context, names []string, visit func(Content) error) (map[string]Sums, error) {
	all := map[string]Sums{}
	see := func(s stored) error {
		f, known := p.File(s.name)
		if _, twice := all[s.name]; !known || twice || !slices.Contains(names, s.name) {
			return nil
		}
		s.reader = cancelled{ctx, s.reader}
		sums, err := f.read(s, visit)
		if err != nil && !strings.Contains(err.Error(), s.path) {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = fmt.Errorf("it is cut short (%w)", err)
			}
			err = fmt.Errorf("%s: %w", s.path, err)
		}
		all[s.name] = sums
		return err
	}
	var err error
	switch {
	case !p.Archive:
		err = p.readFolder(names, see)
	case strings.HasSuffix(p.Path, ".zip"):
		err = p.readZip(see)
	default:
		err = p.readTar(ctx, see)
	}
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, there := all[name]; !there {
			return nil, p.missing(name)
		}
	}
	return all, nil
}

func (p Place) readFolder(names []string, see func(stored) error) error {
	for _, name := range names {
		path, zipped := filepath.Join(p.Path, name), false
		info, err := os.Stat(path)
		if absent(err) {
			path, zipped = path+".gz", true
			info, err = os.Stat(path)
		}
		switch {
		case absent(err):
			return p.missing(name)
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is not a file", path)
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		err = see(stored{name, path, info.Size(), zipped, file})
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	return nil
}

// member is what a member of an archive is called without the folders and the ending.
func member(name string) (base string, zipped bool) { return strings.CutSuffix(path.Base(name), ".gz") }

func (p Place) readZip(see func(stored) error) error {
	archive, err := zip.OpenReader(p.Path)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Path, err)
	}
	defer archive.Close()
	for _, f := range archive.File {
		if !f.Mode().IsRegular() {
			continue
		}
		name, zipped := member(f.Name)
		if _, known := p.File(name); !known {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return fmt.Errorf("%s: %s: %w", p.Path, f.Name, err)
		}
		err = see(stored{name, p.Path + ": " + f.Name, int64(min(f.UncompressedSize64, 1<<62)), zipped, r})
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (p Place) readTar(ctx context.Context, see func(stored) error) error {
	file, err := os.Open(p.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	r := io.Reader(bufio.NewReaderSize(cancelled{ctx, file}, 1<<18))
	if !strings.HasSuffix(p.Path, ".tar") {
		if r, err = gzip.NewReader(r); err != nil {
			return fmt.Errorf("%s: %w", p.Path, err)
		}
	}
	most := int64(1 << 20)
	for _, f := range p.Files {
		most += f.Most()
	}
	r = &bounded{r, most, most}
	for archive := tar.NewReader(r); ; {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.Path, err)
		}
		if head.Typeflag != tar.TypeReg {
			continue
		}
		name, zipped := member(head.Name)
		if err := see(stored{name, p.Path + ": " + head.Name, head.Size, zipped, archive}); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, r); err != nil { // to the checksum of gzip
		return fmt.Errorf("%s: %w", p.Path, err)
	}
	return nil
}

// bounded is an error after so many bytes.
type bounded struct {
	io.Reader
	left, most int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		n, err := io.ReadFull(b.Reader, make([]byte, 1))
		if n > 0 {
			return 0, fmt.Errorf("it has more than %d bytes, too many for what it should be", b.most)
		}
		return 0, err
	}
	n, err := b.Reader.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// cancelled ends with its context.
type cancelled struct {
	ctx context.Context
	io.Reader
}

func (c cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}
