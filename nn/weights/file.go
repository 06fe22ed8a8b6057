// Package weights reads the files in which networks' weights are published, and writes safetensors. It reads
// safetensors (github.com/huggingface/safetensors), in one file or in several with an index, and what torch.save has
// written (.pth, .pt, .bin; package pytorch). Nothing in a file is executed, and nothing is allocated before it is
// checked; tensors are read when they are asked for.
//
// Tensors carry the paths of parameters (nn.Param), which are torchvision's names where torchvision has the network.
// F16, BF16 and F64 are read as float32; files are written in F32. PyTorch counts batches beside a batch norm's
// statistics ("num_batches_tracked"), which means nothing at a fixed momentum, and its averages of weights count what
// they are averages of ("n_averaged"). The counts are passed over when reading and not written. PyTorch's
// load_state_dict accepts that, strict as it is otherwise.
//
// Compare tells how a file's tensors differ from a network's, whoever named them, and gives a verdict.
package weights

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"workbench/nn/nearest"
)

// File is an open file whose tensors' places have been checked. Its methods may be called from several goroutines.
type File struct {
	Format   string            // such as "safetensors"
	Entries  []Entry           // of safetensors in the order of their bytes, of others as the file names them
	Metadata map[string]string // what its writer noted
	Size     int64             // bytes, of all parts of a file in several
	Prefix   string            // what Compare took off the names that have it, such as "module."
	Part     string            // path to the dictionary whose tensors Entries are; "": the file has one alone
	Left     []string          // what cannot be read, in words

	parts []part // of a checkpoint that holds more than one dictionary of tensors
	from  io.ReaderAt
	files []*File // of an index
	close func() error
}

// part is one of a checkpoint's dictionaries of tensors.
type part struct {
	name    string
	entries []Entry
}

// Open finds the tensors of a file. Errors begin with the path.
func Open(path string) (*File, error) {
	info, err := os.Stat(path) // first, because opening a named pipe would wait for its writer
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: is %s, want a regular file: weights are not read from front to back", path, special(path, info.Mode()))
	}
	handle, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := Read(handle, info.Size())
	if index := (*indexError)(nil); errors.As(err, &index) {
		f, err = openShards(filepath.Dir(path), handle, info.Size())
	}
	if err != nil {
		_ = handle.Close() // nothing was written
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.close = handle.Close
	return f, nil
}

// special says what a file is that is no regular one.
func special(path string, mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory" + inside(path)
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// Read does what Open does for size bytes from anywhere.
func Read(from io.ReaderAt, size int64) (*File, error) {
	head := make([]byte, min(size, sniffed))
	if err := readFull(from, head, 0); err != nil {
		return nil, err
	}
	f, err := readTorch(head, from, size)
	if f != nil || err != nil {
		return f, err
	}
	entries, metadata, err := readHeader(head, from, size)
	if err != nil {
		return nil, err
	}
	return &File{Format: "safetensors", Entries: entries, Metadata: metadata, Size: size, from: from}, nil
}

// Close ends the use of what Open opened.
func (f *File) Close() error {
	var all []error
	for _, shard := range f.files {
		all = append(all, shard.Close())
	}
	if f.close != nil {
		all = append(all, f.close())
	}
	return errors.Join(all...)
}

// SHA256 computes the digest of the whole file, in hexadecimal, because the format has none of its own. That of a
// file in several parts is of the index and then of the parts, as if they were one file.
func (f *File) SHA256() (string, error) {
	sum := sha256.New()
	size := f.Size
	for _, shard := range f.files {
		size -= shard.Size
	}
	if _, err := io.Copy(sum, io.NewSectionReader(f.from, 0, size)); err != nil {
		return "", err
	}
	for _, shard := range f.files {
		if _, err := io.Copy(sum, io.NewSectionReader(shard.from, 0, shard.Size)); err != nil {
			return "", err
		}
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

// Parts lists the dictionaries of tensors in a checkpoint by the paths of keys that lead to them, such as "state_dict"
// and "ema". Entries are those of the largest, the first of equal ones. Other files have none.
func (f *File) Parts() []string {
	var names []string
	for _, p := range f.parts {
		names = append(names, p.name)
	}
	return names
}

// Of returns the file with the tensors of the part of that name.
func (f *File) Of(name string) (*File, error) {
	for _, p := range f.parts {
		if p.name == name {
			return f.of(p), nil
		}
	}
	return nil, fmt.Errorf("there is no part %q%s", name, nearest.Hint(name, f.Parts()))
}

// of returns the file with the tensors of one of its parts.
func (f *File) of(p part) *File {
	g := f.clone()
	g.Part, g.Entries = p.name, slices.Clone(p.entries)
	return g
}
