// Package listing finds files of pictures in folders and keeps their names compactly: a million take some tens of
// megabytes. It opens no file but to hash it.
package listing

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"workbench/experiments/iec"
)

const (
	// MostFiles is how many pictures a list may have.
	MostFiles = 1 << 24
	// MostBytes is how large a file may be.
	MostBytes = 256 << 20
)

// Files is a list of pictures with their labels.
type Files struct {
	Root string // the folder below which they are

	labels []int32
	sizes  []int64 // bytes
	names  []byte  // relative to Root, one after another
	ends   []int   // of the names
}

// Len is the number of pictures.
func (f *Files) Len() int { return len(f.labels) }

// Label of a picture.
func (f *Files) Label(i int) int { return int(f.labels[i]) }

// Size of a picture's file, in bytes, when it was listed.
func (f *Files) Size(i int) int64 { return f.sizes[i] }

// Name of a picture's file, relative to Root. It need not be UTF-8.
func (f *Files) Name(i int) string {
	begin := 0
	if i > 0 {
		begin = f.ends[i-1]
	}
	return string(f.names[begin:f.ends[i]])
}

// Add appends a picture.
func (f *Files) Add(name string, size int64, label int) error {
	switch {
	case f.Len() >= MostFiles:
		return fmt.Errorf("%s has more than %d pictures", f.Root, MostFiles)
	case size > MostBytes:
		return fmt.Errorf("%q has %s, want at most %s", filepath.Join(f.Root, name), iec.Bytes(size), iec.Bytes(MostBytes))
	}
	f.names = append(f.names, name...)
	f.ends = append(f.ends, len(f.names))
	f.sizes = append(f.sizes, size)
	f.labels = append(f.labels, int32(label))
	return nil
}

// Rows is the list of some of the pictures, in the order given.
func (f *Files) Rows(rows []int32) Files {
	some := Files{Root: f.Root}
	for _, i := range rows {
		name := f.Name(int(i))
		some.names = append(some.names, name...)
		some.ends = append(some.ends, len(some.names))
		some.sizes = append(some.sizes, f.sizes[i])
		some.labels = append(some.labels, f.labels[i])
	}
	return some
}

// Read returns the content of a picture's file, in the given memory if that is large enough.
func (f *Files) Read(i int, memory []byte) ([]byte, error) {
	file, err := os.Open(filepath.Join(f.Root, f.Name(i)))
	if err != nil {
		return memory, err
	}
	defer file.Close()
	n := int(f.sizes[i])
	if cap(memory) < n+1 {
		memory = make([]byte, n+1)
	}
	memory = memory[:n+1] // one more, to see a file that has grown
	got, err := io.ReadFull(file, memory)
	switch {
	case err == nil:
		return memory, fmt.Errorf("the file has more than the %d bytes that it had when the set was opened", n)
	case got < n && (err == io.EOF || err == io.ErrUnexpectedEOF):
		return memory, fmt.Errorf("the file has %d bytes, and %d when the set was opened", got, n)
	case err != io.EOF && err != io.ErrUnexpectedEOF:
		return memory, err
	}
	return memory[:n], nil
}
