// Package pickle reads Python pickles of plain data: numbers, texts, lists, dictionaries and NumPy arrays, as the
// Python versions of data sets are kept. Nothing is run: a pickle that names anything else of Python is refused with
// that name. Protocols 2 to 5 (https://docs.python.org/3/library/pickletools.html).
package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

// mostValues is how many values a pickle may make. A batch of CIFAR-100 makes about 300,000.
const mostValues = 1 << 21

// Read the value of a pickle. What it takes of memory is bounded by the length of the text and mostValues, whatever the
// text claims. Errors tell the offset of the instruction that is wrong.
func Read(text []byte) (any, error) {
	m := machine{text: text, memo: map[uint64]any{}}
	for {
		at := m.at
		op, err := m.take(1)
		if err != nil {
			return nil, fmt.Errorf("pickle: it ends at offset %d without a value", at)
		}
		if op[0] == opStop {
			break
		}
		if m.made++; m.made > mostValues {
			return nil, fmt.Errorf("pickle: offset %d: more than %d instructions", at, mostValues)
		}
		if err := m.step(op[0]); err != nil {
			return nil, fmt.Errorf("pickle: offset %d: %w", at, err)
		}
	}
	switch left := len(m.stack); {
	case left != 1 || len(m.marks) > 0:
		return nil, fmt.Errorf("pickle: it ends with %d values and %d marks, want one value", left, len(m.marks))
	case m.at != len(text):
		return nil, fmt.Errorf("pickle: %d bytes follow its end at offset %d", len(text)-m.at, m.at)
	}
	return m.stack[0], nil
}

// machine is the stack machine that a pickle is a program of.
type machine struct {
	text  []byte
	at    int
	stack []any
	marks []int // heights of the stack
	memo  map[uint64]any
	made  int
	moved int // bytes that calls were given
}

func (m *machine) take(n uint64) ([]byte, error) {
	if n > uint64(len(m.text)-m.at) {
		return nil, fmt.Errorf("it is cut short: %d bytes wanted, %d left", n, len(m.text)-m.at)
	}
	m.at += int(n)
	return m.text[m.at-int(n) : m.at], nil
}

// number reads a whole number without sign of some bytes, the lowest first.
func (m *machine) number(bytes int) (uint64, error) {
	raw, err := m.take(uint64(bytes))
	if err != nil {
		return 0, err
	}
	var full [8]byte
	copy(full[:], raw)
	return binary.LittleEndian.Uint64(full[:]), nil
}

// counted reads bytes whose number stands before them in some bytes.
func (m *machine) counted(bytes int) (string, error) {
	n, err := m.number(bytes)
	if err != nil {
		return "", err
	}
	raw, err := m.take(n)
	return string(raw), err
}

func (m *machine) line() (string, error) {
	for i, c := range m.text[m.at:] {
		if c == '\n' {
			raw, err := m.take(uint64(i) + 1)
			return string(raw[:i]), err
		}
	}
	return "", fmt.Errorf("it is cut short in a line")
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

// floor is the height below which nothing may be taken from the stack.
func (m *machine) floor() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

// pop takes n values.
func (m *machine) pop(n int) ([]any, error) {
	low := len(m.stack) - n
	if low < m.floor() {
		return nil, fmt.Errorf("%d values wanted of %d", n, len(m.stack)-m.floor())
	}
	values := append([]any(nil), m.stack[low:]...)
	m.stack = m.stack[:low]
	return values, nil
}

// popMark takes everything above the last mark.
func (m *machine) popMark() ([]any, error) {
	if len(m.marks) == 0 {
		return nil, fmt.Errorf("no mark is set")
	}
	values, err := m.pop(len(m.stack) - m.floor())
	m.marks = m.marks[:len(m.marks)-1]
	return values, err
}

// top is the last value, which stays.
func (m *machine) top() (any, error) {
	if len(m.stack) <= m.floor() {
		return nil, fmt.Errorf("a value wanted of none")
	}
	return m.stack[len(m.stack)-1], nil
}

// spend counts the bytes that a call copies. A pickle can name one text in many calls; what NumPy writes copies each
// text twice at most.
func (m *machine) spend(args Tuple) error {
	for _, a := range args {
		if text, ok := a.(string); ok {
			m.moved += len(text)
		}
	}
	if most := 4*len(m.text) + 1024; m.moved > most {
		return fmt.Errorf("its arrays have more than %d bytes, which are more than it has itself", most)
	}
	return nil
}

// unicode pushes a text, which must be UTF-8.
func (m *machine) unicode(bytes int) error {
	s, err := m.counted(bytes)
	if err != nil {
		return err
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("a text is not UTF-8")
	}
	m.push(s)
	return nil
}

func (m *machine) bytes(size int) error {
	s, err := m.counted(size)
	if err != nil {
		return err
	}
	m.push(s)
	return nil
}

// long pushes a whole number of any length if 64 bits hold it.
func (m *machine) long(size int) error {
	raw, err := m.counted(size)
	if err != nil {
		return err
	}
	if len(raw) > 8 {
		return fmt.Errorf("a whole number of %d bytes, want at most 8", len(raw))
	}
	var v int64
	for i := len(raw) - 1; i >= 0; i-- {
		v = v<<8 | int64(raw[i])
	}
	if shift := 64 - 8*len(raw); len(raw) > 0 {
		v = v << shift >> shift
	}
	m.push(v)
	return nil
}

func (m *machine) float() error {
	raw, err := m.take(8)
	if err != nil {
		return err
	}
	m.push(math.Float64frombits(binary.BigEndian.Uint64(raw)))
	return nil
}
