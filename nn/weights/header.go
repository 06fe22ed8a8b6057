package weights

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"unicode/utf8"

	"workbench/nn/nearest"
	"workbench/nn/op"
)

// maxHeader is the format's bound on the header's bytes.
const maxHeader = 100_000_000

// Entry is what a file's header says about one tensor.
type Entry struct {
	Name  string
	DType DType
	Shape op.Shape // empty for a single number
	begin uint64   // of its bytes, from the end of the header
	end   uint64
}

// Bytes is the number of bytes that the tensor takes in the file.
func (e Entry) Bytes() int64 { return int64(e.end - e.begin) }

// readHeader checks a file of size bytes by the format's rules before anything is allocated for its tensors. It returns
// the tensors in the order of their bytes, and the place where those begin.
func readHeader(r io.ReaderAt, size int64) (entries []Entry, metadata map[string]string, start int64, err error) {
	if size < 8 {
		return nil, nil, 0, fmt.Errorf("has %d bytes, want at least the 8 of the header's length", size)
	}
	var length [8]byte
	if err := readFull(r, length[:], 0); err != nil {
		return nil, nil, 0, err
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader {
		return nil, nil, 0, fmt.Errorf("its header would have %d bytes, want at most %d: this is not a safetensors file", n, maxHeader)
	}
	if start = 8 + int64(n); start > size {
		return nil, nil, 0, fmt.Errorf("its header would end at byte %d, the file at %d: it is cut off", start, size)
	}
	text := make([]byte, n)
	if err := readFull(r, text, 8); err != nil {
		return nil, nil, 0, err
	}
	switch {
	case !utf8.Valid(text):
		return nil, nil, 0, fmt.Errorf("its header is not UTF-8")
	case len(text) == 0 || text[0] != '{':
		return nil, nil, 0, fmt.Errorf("its header does not begin with {")
	}
	if entries, metadata, err = parseHeader(text); err != nil {
		return nil, nil, 0, fmt.Errorf("header: %w", err)
	}
	if err := layOut(entries, uint64(size-start)); err != nil {
		return nil, nil, 0, err
	}
	return entries, metadata, start, nil
}

func readFull(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("byte %d: %w", at+int64(n), err)
}

// layOut sorts the tensors by their bytes and checks that these are exactly those of the file, each once.
func layOut(entries []Entry, size uint64) error {
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), cmp.Compare(a.Name, b.Name))
	})
	at := uint64(0)
	for _, e := range entries {
		if err := e.check(); err != nil {
			return fmt.Errorf("tensor %q: %w", e.Name, err)
		}
		if e.begin != at {
			return fmt.Errorf("tensor %q begins at byte %d, want %d: bytes would belong to no tensor or to two", e.Name, e.begin, at)
		}
		at = e.end
	}
	if at != size {
		return fmt.Errorf("its tensors have %d bytes, after the header are %d", at, size)
	}
	return nil
}

// check compares type and shape with the bytes.
func (e Entry) check() error {
	width, known := widths[e.DType]
	if !known {
		return fmt.Errorf("unknown dtype %q%s", e.DType, nearest.Hint(string(e.DType), dtypes()))
	}
	if e.begin > e.end {
		return fmt.Errorf("begins at byte %d and ends at %d", e.begin, e.end)
	}
	want, ok := width, true
	for _, n := range e.Shape {
		var high uint64
		if high, want = bits.Mul64(want, uint64(n)); high != 0 {
			ok = false
		}
	}
	if !ok || want%8 != 0 || want/8 != e.end-e.begin {
		return fmt.Errorf("%s %v has bytes %d to %d, which are not as many as its elements take", e.DType, e.Shape, e.begin, e.end)
	}
	return nil
}
