package weights

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"unicode/utf8"

	"workbench/nn/op"
)

// Tensor is a named float32 tensor to be written, in row-major order.
type Tensor struct {
	Name  string
	Shape op.Shape
	Data  []float32
}

// Save writes the tensors in their order, as F32, to a file that it makes as Create does.
func Save(path string, metadata map[string]string, tensors []Tensor) (digest string, err error) {
	return Create(path, func(w io.Writer) error { return Write(w, metadata, tensors) })
}

// Create lets write make the contents of a file, and returns their SHA-256 in hexadecimal. The file appears at path
// complete or not at all, even if power is lost. A file that is there already is replaced.
func Create(path string, write func(io.Writer) error) (digest string, err error) {
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = temp.Close() // the first error is the one to tell
			_ = os.Remove(temp.Name())
		}
	}()
	sum := sha256.New()
	if err := write(io.MultiWriter(temp, sum)); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if err := temp.Chmod(0o644); err != nil {
		return "", err
	}
	if err := temp.Sync(); err != nil {
		return "", err
	}
	if err := temp.Close(); err != nil {
		return "", err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), syncFolder(dir)
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

// Write writes the tensors in their order, as F32. Equal arguments give equal bytes.
func Write(w io.Writer, metadata map[string]string, tensors []Tensor) error {
	header, err := header(metadata, tensors)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<18)
	_, err = out.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...))
	var b [4]byte
	for _, t := range tensors {
		for _, v := range t.Data {
			binary.LittleEndian.PutUint32(b[:], math.Float32bits(v))
			if _, err = out.Write(b[:]); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// place is a tensor as the header states it.
type place struct {
	DType   DType    `json:"dtype"`
	Shape   op.Shape `json:"shape"`
	Offsets [2]int   `json:"data_offsets"`
}

// header encodes the header of the tensors, padded so that their bytes begin at a multiple of 8.
func header(metadata map[string]string, tensors []Tensor) ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	seen, at := map[string]bool{}, 0
	if len(metadata) > 0 {
		if err := member(&text, metadataKey, metadata); err != nil {
			return nil, err
		}
	}
	for _, t := range tensors {
		switch {
		case t.Name == metadataKey || seen[t.Name] || !utf8.ValidString(t.Name):
			return nil, fmt.Errorf("tensor %q: the name is there twice, reserved or not UTF-8", t.Name)
		case t.Shape.Size() != len(t.Data):
			return nil, fmt.Errorf("tensor %q: shape %v has %d elements, got %d", t.Name, t.Shape, t.Shape.Size(), len(t.Data))
		}
		seen[t.Name] = true
		end := at + 4*len(t.Data)
		if err := member(&text, t.Name, place{F32, append(op.Shape{}, t.Shape...), [2]int{at, end}}); err != nil {
			return nil, err
		}
		at = end
	}
	text.WriteByte('}')
	for text.Len()%8 != 0 {
		text.WriteByte(' ')
	}
	if text.Len() > maxHeader {
		return nil, fmt.Errorf("the header would have %d bytes, want at most %d", text.Len(), maxHeader)
	}
	return text.Bytes(), nil
}

// member appends "key": value to a JSON object.
func member(text *bytes.Buffer, key string, value any) error {
	if text.Len() > 1 {
		text.WriteByte(',')
	}
	k, err := json.Marshal(key)
	if err != nil {
		return err
	}
	v, err := json.Marshal(value)
	if err != nil {
		return err
	}
	text.Write(append(append(k, ':'), v...))
	return nil
}
