// Package weights reads and writes safetensors, the files in which networks' weights are published
// (github.com/huggingface/safetensors). Such a file has 8 bytes with the length of a JSON header, the header with every
// tensor's type, shape and place, and the tensors' bytes. Nothing in it is executed, and nothing is allocated before it
// is checked.
//
// Tensors carry the paths of parameters (nn.Param), which are torchvision's names where torchvision has the network.
// F16, BF16 and F64 are read as float32; files are written in F32. PyTorch counts batches beside a batch norm's
// statistics ("num_batches_tracked"), which means nothing at a fixed momentum, and its averages of weights count what
// they are averages of ("n_averaged"). The counts are passed over when reading and not written. PyTorch's
// load_state_dict accepts that, strict as it is otherwise.
package weights

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"workbench/nn/nearest"
)

// File is an open file whose header has been checked. Its methods may be called from several goroutines.
type File struct {
	Entries  []Entry           // in the order of their bytes
	Metadata map[string]string // what its writer noted
	Size     int64             // bytes
	Prefix   string            // what Recognize took off the names that have it, such as "module."

	from  io.ReaderAt
	start int64 // place of the first tensor's first byte
	close func() error
}

// Open reads the header of a file. Errors begin with the path.
func Open(path string) (*File, error) {
	info, err := os.Stat(path) // first, because opening a named pipe would wait for its writer
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: is %s, want a regular file: weights are not read from front to back", path, special(info.Mode()))
	}
	handle, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := Read(handle, info.Size())
	if err != nil {
		_ = handle.Close() // nothing was written
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.close = handle.Close
	return f, nil
}

// special says what a file is that is no regular one.
func special(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// Read does what Open does for size bytes from anywhere.
func Read(from io.ReaderAt, size int64) (*File, error) {
	entries, metadata, start, err := readHeader(from, size)
	if err != nil {
		return nil, err
	}
	return &File{Entries: entries, Metadata: metadata, Size: size, from: from, start: start}, nil
}

// Close ends the use of what Open opened.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// SHA256 computes the digest of the whole file, in hexadecimal, because the format has none of its own.
func (f *File) SHA256() (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f.from, 0, f.Size)); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// names returns the names of all tensors.
func (f *File) names() []string {
	names := make([]string, len(f.Entries))
	for i, e := range f.Entries {
		names[i] = e.Name
	}
	return names
}

// Find returns the tensor of that name. The error for an unknown name suggests the nearest ones.
func (f *File) Find(name string) (Entry, error) {
	i := slices.IndexFunc(f.Entries, func(e Entry) bool { return e.Name == name })
	if i < 0 {
		return Entry{}, fmt.Errorf("there is no tensor %q%s", name, nearest.Hint(name, f.names()))
	}
	return f.Entries[i], nil
}

// Floats returns the elements of a tensor of this file in row-major order.
func (f *File) Floats(e Entry) ([]float32, error) {
	decode, size, err := e.DType.float()
	if err != nil {
		return nil, fmt.Errorf("tensor %q: %w", e.Name, err)
	}
	values := make([]float32, e.Bytes()/int64(size))
	r := bufio.NewReaderSize(io.NewSectionReader(f.from, f.start+int64(e.begin), e.Bytes()), 1<<18)
	for i := range values {
		b, err := r.Peek(size)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: element %d of %d: %w", e.Name, i, len(values), err)
		}
		values[i] = decode(b)
		if _, err := r.Discard(size); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", e.Name, err)
		}
	}
	return values, nil
}
