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
)

// These bound what a file may make its reader do. The format itself takes headers of 100 MB; that of a network of 1202
// layers has 1 MB.
const (
	mostHeader  = 4 << 20 // bytes of the header
	mostTensors = 20_000
	mostName    = 512 // bytes of a name
	mostAxes    = 64
)

// readHeader checks a file of size bytes that begins with head by the format's rules before anything is allocated for
// its tensors. It returns the tensors in the order of their bytes.
func readHeader(head []byte, r io.ReaderAt, size int64) (entries []Entry, metadata map[string]string, err error) {
	n, err := headerLength(head, size)
	if err != nil {
		tail := make([]byte, min(size, int64(len(tables))))
		if readFull(r, tail, size-int64(len(tail))) == nil && string(tail) == tables {
			err = fmt.Errorf("is no file of weights but the index of a TensorFlow checkpoint" + tensorflow)
		}
		return nil, nil, err
	}
	text := make([]byte, n)
	if err := readFull(r, text, 8); err != nil {
		return nil, nil, err
	}
	if !utf8.Valid(text) {
		return nil, nil, fmt.Errorf("its header is not UTF-8")
	}
	if entries, metadata, err = parseHeader(text); err != nil {
		return nil, nil, fmt.Errorf("header: %w", err)
	}
	start := uint64(8 + n)
	if err := layOut(entries, uint64(size)-start); err != nil {
		return nil, nil, err
	}
	for i := range entries {
		entries[i].begin += start
		entries[i].end += start
	}
	return entries, metadata, nil
}

// headerLength returns the bytes of the header of a file of size bytes that begins with head.
func headerLength(head []byte, size int64) (int64, error) {
	if size == 0 {
		return 0, fmt.Errorf("is empty")
	}
	n := uint64(0)
	if size >= 8 {
		n = binary.LittleEndian.Uint64(head)
	}
	likely := n > 0 && n < 1<<32 && (size == 8 || head[8] == '{')
	if what := foreign(head); what == isIndex && !likely {
		return 0, &indexError{}
	} else if what != "" && !likely {
		return 0, fmt.Errorf("is no file of weights but %s", what)
	}
	switch {
	case size < 8:
		return 0, fmt.Errorf("has %d bytes, want at least the 8 of the header's length", size)
	case n >= 1<<32:
		return 0, fmt.Errorf("is no safetensors file: its header would have %d bytes", n)
	case n > mostHeader:
		return 0, fmt.Errorf("its header would have %d bytes, want at most %d", n, mostHeader)
	case 8+int64(n) > size:
		return 0, fmt.Errorf("its header would end at byte %d, the file at %d: it is cut off", 8+n, size)
	case n == 0 || head[8] != '{':
		return 0, fmt.Errorf("is no safetensors file: its header does not begin with {")
	}
	return int64(n), nil
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
	if at > size {
		return fmt.Errorf("its tensors have %d bytes, after the header are %d: it is cut off", at, size)
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
		return fmt.Errorf("unknown dtype %.60q%s", e.DType, nearest.Hint(string(e.DType), dtypes()))
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
