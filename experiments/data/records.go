package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// recordLayout is a published set of files of records of fixed size. A record is a label byte, then the pixel bytes of
// one image [channels, height, width].
type recordLayout struct {
	Info
	Folder     string // that the archive unpacks to
	Archive    string
	ArchiveMD5 string
	Site       string
	Lookalike  string // folder of another version that is often fetched by mistake
	Train      []recordFile
	Test       []recordFile
}

// recordFile is one published file.
type recordFile struct {
	Name    string
	Records int
	SHA256  string // of the whole file, hex
}

// open reads and checks every file of the layout, also those beyond the wanted number of images. The settings train and
// test limit the images of the splits; 0 means all.
func (l recordLayout) open(ctx context.Context, dir string, s Settings) (Set, error) {
	folder, err := l.find(dir)
	if err != nil {
		return nil, err
	}
	train, err := l.read(ctx, folder, l.Train, s.Int("train"))
	if err != nil {
		return nil, err
	}
	test, err := l.read(ctx, folder, l.Test, s.Int("test"))
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s reader 1 train=%d test=%d mean=%v std=%v\n",
		l.Name, len(train.labels), len(test.labels), l.Mean, l.Std)
	for _, f := range slices.Concat(l.Train, l.Test) {
		fmt.Fprintln(h, f.Name, f.SHA256)
	}
	return newPictures(l.Info, hex.EncodeToString(h.Sum(nil)), albums{Train: train, Test: test}), nil
}

// find returns the folder with the files, which is the layout's folder in dir, or dir itself if it holds one of the
// files.
func (l recordLayout) find(dir string) (string, error) {
	if dir == "" {
		return "", fmt.Errorf("no data folder given: %s", l.howToGet())
	}
	for _, f := range slices.Concat(l.Train, l.Test) {
		if _, err := os.Stat(filepath.Join(dir, f.Name)); err == nil {
			return dir, nil
		}
	}
	folder := filepath.Join(dir, l.Folder)
	switch info, err := os.Stat(folder); {
	case err == nil && info.IsDir():
		return folder, nil
	case err == nil:
		return "", fmt.Errorf("%s is not a folder: %s", folder, l.howToGet())
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	return "", fmt.Errorf("%s: %s", l.missing(dir), l.howToGet())
}

// missing says which files were looked for and what is there instead.
func (l recordLayout) missing(dir string) string {
	if _, err := os.Stat(dir); err != nil {
		return fmt.Sprintf("there is no folder %s", dir)
	}
	wanted := fmt.Sprintf("there is no folder %s in %s", l.Folder, dir)
	if _, err := os.Stat(filepath.Join(dir, l.Archive)); err == nil {
		return wanted + ", but the archive is there: unpack it with tar -xzf " + l.Archive
	}
	if _, err := os.Stat(filepath.Join(dir, l.Lookalike)); err == nil && l.Lookalike != "" {
		return wanted + ", and " + l.Lookalike + " is another version of the data that cannot be used"
	}
	return wanted
}

func (l recordLayout) howToGet() string {
	return fmt.Sprintf("fetch %s (MD5 %s) from %s, unpack it, and give the folder that then holds %s (with %s … %s)",
		l.Archive, l.ArchiveMD5, l.Site, l.Folder, l.Train[0].Name, l.Test[len(l.Test)-1].Name)
}

// read checks all files and keeps the first limit records; limit 0 keeps all.
func (l recordLayout) read(ctx context.Context, folder string, files []recordFile, limit int) (album, error) {
	total := 0
	for _, f := range files {
		total += f.Records
	}
	if limit > 0 {
		total = min(total, limit)
	}
	labels, pixels := make([]int32, 0, total), make([]byte, 0, total*l.Size())
	var raw []byte // one file's memory serves all
	for _, f := range files {
		err := ctx.Err()
		if err != nil {
			return album{}, err
		}
		if raw, err = l.readFile(filepath.Join(folder, f.Name), f, raw); err != nil {
			return album{}, err
		}
		for record := range slices.Chunk(raw, 1+l.Size()) {
			if len(labels) < total {
				labels = append(labels, int32(record[0]))
				pixels = append(pixels, record[1:]...)
			}
		}
	}
	return album{labels: labels, pixels: func() []byte { return pixels }}, nil
}

// readFile reads one file, into raw if it is large enough, and checks the size, the labels and the digest. It checks
// them in this order because the first that fails says most.
func (l recordLayout) readFile(path string, f recordFile, raw []byte) ([]byte, error) {
	if err := l.checkSize(path, f); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	record := 1 + l.Size()
	raw = slices.Grow(raw[:0], f.Records*record)[:f.Records*record]
	if _, err := io.ReadFull(file, raw); err != nil {
		return nil, fmt.Errorf("%s: reading %d bytes: %w", path, len(raw), err)
	}
	for i := range f.Records {
		if label := int(raw[i*record]); label >= len(l.Classes) {
			return nil, fmt.Errorf("%s: record %d (counted from 0) has label %d, want 0 to %d: the file is damaged; %s",
				path, i, label, len(l.Classes)-1, l.howToGet())
		}
	}
	if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != f.SHA256 {
		return nil, fmt.Errorf("%s has SHA-256 %x, the published file has %s: the file was altered or damaged; %s",
			path, sum, f.SHA256, l.howToGet())
	}
	return raw, nil
}

func (l recordLayout) checkSize(path string, f recordFile) error {
	record := 1 + l.Size()
	want := int64(f.Records * record)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is missing: %s", path, l.howToGet())
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file: %s", path, l.howToGet())
	case info.Size() == want:
		return nil
	}
	fault := "too long"
	if info.Size() < want {
		fault = "cut short"
	}
	return fmt.Errorf("%s is %s: it has %d bytes, want %d (%d records of %d); %s",
		path, fault, info.Size(), want, f.Records, record, l.howToGet())
}
