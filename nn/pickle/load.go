package pickle

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
)

// These bound what a pickle may make its reader do. Checkpoints of networks of a thousand layers with their optimizers
// have a few hundred thousand values, and so has CIFAR-100.
const (
	mostValues = 2 << 20 // that are made, or put on the stack or into the memo
	mostText   = 1 << 20 // bytes of a line
)

// Loaded is what a pickle holds.
type Loaded struct {
	Value      any
	Size       int64        // bytes of the pickle
	Persistent []Persistent // all that it refers to outside of it
}

// Load reads one pickle of at most so many bytes from the beginning of r. What follows it is left alone, though some of
// it may have been read. Memory is taken for what there is, not for what the pickle claims.
func Load(r io.Reader, most int64) (Loaded, error) {
	m := machine{from: bufio.NewReaderSize(io.LimitReader(r, most+1), 1<<16), most: most, memo: map[uint64]any{}}
	value, err := m.run()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("it is cut off")
	}
	if m.at > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	if err != nil {
		return Loaded{}, fmt.Errorf("pickle, byte %d: %w", m.at, err)
	}
	return Loaded{value, m.at, m.outside}, nil
}

// machine is Python's unpickler without the calls.
type machine struct {
	from  *bufio.Reader
	most  int64 // bytes it may have
	at    int64 // bytes read
	made  int   // values so far
	stack []any
	marks []int // heights of the stack
	memo  map[uint64]any

	outside []Persistent
}

// run executes instructions up to the one that ends the pickle.
func (m *machine) run() (any, error) {
	for {
		op, err := m.byte()
		if err != nil {
			return nil, err
		}
		if op == '.' {
			return m.pop()
		}
		do, known := instructions[op]
		if !known {
			return nil, fmt.Errorf("%#02x is no instruction of a pickle", op)
		}
		if err := do(m); err != nil {
			return nil, err
		}
	}
}

// count refuses pickles of too many values.
func (m *machine) count(n int) error {
	if m.made += n; m.made > mostValues {
		return fmt.Errorf("it makes more than %d values", mostValues)
	}
	return nil
}

func (m *machine) push(v any) error {
	m.stack = append(m.stack, v)
	return m.count(1)
}

// floor is the height below which values belong to what a mark interrupted.
func (m *machine) floor() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

func (m *machine) pop() (any, error) {
	if len(m.stack) <= m.floor() {
		return nil, fmt.Errorf("an instruction wants a value where there is none")
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v, nil
}

// top is the last value, which stays.
func (m *machine) top() (any, error) {
	if len(m.stack) <= m.floor() {
		return nil, fmt.Errorf("an instruction wants a value where there is none")
	}
	return m.stack[len(m.stack)-1], nil
}

// sinceMark takes the mark and the values after it, which the caller may keep.
func (m *machine) sinceMark() ([]any, error) {
	if len(m.marks) == 0 {
		return nil, fmt.Errorf("an instruction wants a mark where there is none")
	}
	from := m.floor()
	values := append([]any(nil), m.stack[from:]...)
	m.stack, m.marks = m.stack[:from], m.marks[:len(m.marks)-1]
	return values, nil
}

func (m *machine) byte() (byte, error) {
	b, err := m.from.ReadByte()
	if err == nil {
		m.at++
	}
	return b, err
}

// bytes reads n bytes. They are allocated as they come, not as they are announced.
func (m *machine) bytes(n uint64) ([]byte, error) {
	if n > uint64(m.most) {
		return nil, fmt.Errorf("a value would have %d bytes, want at most %d", n, m.most)
	}
	b := make([]byte, 0, min(n, 1<<16))
	for uint64(len(b)) < n {
		b = slices.Grow(b, int(min(n-uint64(len(b)), uint64(max(len(b), 1<<16)))))
		k, err := io.ReadFull(m.from, b[len(b):min(uint64(cap(b)), n)])
		b, m.at = b[:len(b)+k], m.at+int64(k)
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// number reads a whole number of n bytes, the least first.
func (m *machine) number(n int) (uint64, error) {
	v := uint64(0)
	for i := range n {
		b, err := m.byte()
		if err != nil {
			return 0, err
		}
		v |= uint64(b) << (8 * i)
	}
	return v, nil
}

// line reads up to a line's end, which it leaves out.
func (m *machine) line() (string, error) {
	var text []byte
	for {
		b, err := m.byte()
		switch {
		case err != nil:
			return "", err
		case b == '\n':
			return string(text), nil
		case len(text) == mostText:
			return "", fmt.Errorf("a line has more than %d bytes", mostText)
		}
		text = append(text, b)
	}
}
