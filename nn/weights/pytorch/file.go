// Package pytorch finds the tensors of files that torch.save has written: archives in the zip format (since PyTorch
// 1.6), pickles with the numbers behind them (before), and TorchScript's archives. Nothing in them is executed (see
// package pickle), and nothing is allocated that the file's size does not allow.
//
// A checkpoint may hold more than a network's state: an optimizer's, that of an average, arguments, whole modules.
// Every dictionary of tensors in it is a part with a name, which is the path of keys that leads to it, such as
// "state_dict".
package pytorch

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"workbench/nn/pickle"
)

// File is what a file holds.
type File struct {
	Format  string   // such as "PyTorch"
	Tensors []Tensor // in the order in which the file names them
	Left    []string // what cannot be read, in words
}

// Tensor says where a tensor's elements lie.
type Tensor struct {
	Part    string // path to the dictionary that holds it, its keys joined by dots; "": the file is that dictionary
	Name    string // key in it
	DType   string // as safetensors calls it, such as "F32"; others are no type that it has
	Width   int    // bytes of an element
	Shape   []int
	Strides []int // in elements
	Begin   int64 // of its first element in the file
	Big     bool  // whether the highest byte of an element comes first
}

// ErrOther says that a file is no file of PyTorch's, though it begins like one.
var ErrOther = errors.New("is no file of PyTorch's")

// zipped and magic are the beginnings of PyTorch's files: a zip archive, and a pickle of the number
// 0x1950a86a20f9469cfc6c in protocol 2.
const (
	zipped = "PK\x03\x04"
	magic  = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
)

// mostPickle is how many bytes a pickle may have. Those of networks of a thousand layers with their optimizers have
// some megabytes.
const mostPickle = 32 << 20

// Begins tells whether a file that begins with head may be one of PyTorch's.
func Begins(head []byte) bool {
	return bytes.HasPrefix(head, []byte(zipped)) || bytes.HasPrefix(head, []byte(magic))
}

// Read finds the tensors of a file of size bytes.
func Read(from io.ReaderAt, size int64) (*File, error) {
	head := make([]byte, min(size, int64(len(magic))))
	if _, err := from.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte(zipped)):
		return readZip(from, size)
	case bytes.HasPrefix(head, []byte(magic)):
		return readStream(from, size)
	}
	return nil, ErrOther
}

// read finds the tensors in what a pickle holds, whose numbers lie where the storages say.
func read(p pickle.Loaded, s storages, size int64) (tensors []Tensor, left []string, err error) {
	w := walker{storages: s, size: size, seen: map[any]bool{}, at: map[[2]string]int{}}
	if err := w.find(p.Value, "", 0); err != nil {
		return nil, nil, err
	}
	if len(w.tensors) == 0 {
		return nil, nil, fmt.Errorf("holds no tensors that have names%s", w.reasons())
	}
	return w.tensors, w.left, nil
}
