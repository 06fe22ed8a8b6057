package weights

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"

	"workbench/nn/op"
)

// Entry is what a file says about one tensor.
type Entry struct {
	Name   string
	Stored string // what the file calls it, if Compare has given it another name
	DType  DType
	Shape  op.Shape // empty for a single number

	head       string      // its name before renameHead took it for the network's last layer
	begin, end uint64      // of its bytes in the file; of a tensor with strides, end is begin and as many bytes as elements take
	from       io.ReaderAt // nil: the file itself
	strides    []int       // in elements; nil: row-major, without gaps
	big        bool        // the highest byte of an element comes first
}

// Bytes is the number of bytes that the elements take.
func (e Entry) Bytes() int64 { return int64(e.end - e.begin) }

// stored is what the file calls the tensor.
func (e Entry) stored() string { return cmp.Or(e.Stored, e.Name) }

// Floats returns the elements of a tensor of this file in row-major order, rounded to the nearest float32.
func (f *File) Floats(e Entry) ([]float32, error) {
	decode, size, err := e.DType.float()
	if err != nil {
		return nil, fmt.Errorf("tensor %q: %w", e.Name, err)
	}
	values := make([]float32, e.Bytes()/int64(size))
	err = f.each(e, size, func(i int, b []byte) { values[i] = decode(b) })
	return values, err
}

// Ints returns the elements of a tensor of whole numbers, such as a counter, in row-major order.
func (f *File) Ints(e Entry) ([]int64, error) {
	decode, known := wholes[e.DType]
	if !known {
		return nil, fmt.Errorf("tensor %q: elements are %s, want whole numbers", e.Name, e.DType)
	}
	size := int(widths[e.DType] / 8)
	values := make([]int64, e.Bytes()/int64(size))
	err := f.each(e, size, func(i int, b []byte) { values[i] = decode(b) })
	return values, err
}

// each gives do the bytes of each element, the least first, with the element's number in row-major order.
func (f *File) each(e Entry, size int, do func(i int, b []byte)) error {
	from := e.from
	if from == nil {
		from = f.from
	}
	give := do
	if e.big {
		give = func(i int, b []byte) {
			slices.Reverse(b)
			do(i, b)
		}
	}
	var err error
	if e.strides == nil {
		err = row(io.NewSectionReader(from, int64(e.begin), e.Bytes()), size, int(e.Bytes()/int64(size)), give)
	} else {
		err = strided(from, e, size, give)
	}
	if err != nil {
		return fmt.Errorf("tensor %q: %w", e.Name, err)
	}
	return nil
}

// window is how many bytes are read at once.
const window = 1 << 18

// row reads n elements that follow one another.
func row(from io.Reader, size, n int, do func(i int, b []byte)) error {
	r := bufio.NewReaderSize(from, window)
	b := make([]byte, size)
	for i := range n {
		if _, err := io.ReadFull(r, b); err != nil {
			return fmt.Errorf("element %d of %d: %w", i, n, err)
		}
		do(i, b)
	}
	return nil
}

// axis is one of a tensor that is read: how many elements, how far from one to the next in the file and in the result.
type axis struct{ n, stride, step int }

// strided reads a tensor in the order of its elements in the file, so that each byte is read once as a rule.
func strided(from io.ReaderAt, e Entry, size int, do func(i int, b []byte)) error {
	n, axes := 1, make([]axis, len(e.Shape))
	for k := len(e.Shape) - 1; k >= 0; k-- {
		axes[k] = axis{e.Shape[k], e.strides[k], n}
		n *= e.Shape[k]
	}
	slices.SortStableFunc(axes, func(a, b axis) int { return cmp.Compare(b.stride, a.stride) })
	least := size // read at once no more than is needed
	if len(axes) > 0 && axes[len(axes)-1].stride*size < window/64 {
		least = window
	}
	read := windowed{from: from, buffer: make([]byte, least), end: 1<<63 - 1}
	b, at := make([]byte, size), make([]int, len(axes))
	for range n {
		place, i := int64(e.begin), 0
		for k, a := range axes {
			place, i = place+int64(at[k])*int64(a.stride)*int64(size), i+at[k]*a.step
		}
		if err := read.at(b, place); err != nil {
			return fmt.Errorf("element %d of %d: %w", i, n, err)
		}
		do(i, b)
		for k := len(axes) - 1; k >= 0; k-- {
			if at[k]++; at[k] < axes[k].n {
				break
			}
			at[k] = 0
		}
	}
	return nil
}

// windowed reads few bytes here and there, many at a time.
type windowed struct {
	from       io.ReaderAt
	buffer     []byte
	begin, end int64 // of what the buffer holds
	filled     bool
}

func (w *windowed) at(b []byte, place int64) error {
	if !w.filled || place < w.begin || place+int64(len(b)) > w.end {
		n, err := w.from.ReadAt(w.buffer, place)
		if n < len(b) {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		w.begin, w.end, w.filled = place, place+int64(n), true
	}
	copy(b, w.buffer[place-w.begin:])
	return nil
}
