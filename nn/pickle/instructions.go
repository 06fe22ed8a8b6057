package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// instructions are those of the protocols 0 to 5, by the bytes that stand for them.
var instructions map[byte]func(*machine) error

func init() { // not in the declaration, because some refer to the table through machine
	instructions = map[byte]func(*machine) error{
		'(': func(m *machine) error {
			m.marks = append(m.marks, len(m.stack))
			return m.count(1)
		},
		'0': (*machine).drop, '1': func(m *machine) error { _, err := m.sinceMark(); return err },
		'2': func(m *machine) error { v, err := m.top(); return m.orPush(v, err) },

		'N': constant(nil), '\x88': constant(true), '\x89': constant(false), ')': constant(Tuple{}),
		'}':    func(m *machine) error { return m.push(&Dict{}) },
		']':    func(m *machine) error { return m.push(&List{}) },
		'\x8f': func(m *machine) error { return m.push(&List{}) },

		'K': whole(1, false), 'M': whole(2, false), 'J': whole(4, true), '\x8a': long(1), '\x8b': long(4),
		'I': (*machine).decimal, 'L': (*machine).decimal, 'F': (*machine).real, 'G': (*machine).double,

		'U': text(1), 'T': text(4), '\x8c': text(1), 'X': text(4), '\x8d': text(8),
		'C': raw(1), 'B': raw(4), '\x8e': raw(8), '\x96': raw(8),
		'S': (*machine).quoted, 'V': func(m *machine) error { v, err := m.line(); return m.orPush(v, err) },

		'\x85': tuple(1), '\x86': tuple(2), '\x87': tuple(3),
		't':    collect(func(v []any) any { return Tuple(v) }),
		'l':    collect(func(v []any) any { return &List{v} }),
		'\x91': collect(func(v []any) any { return &List{v} }),
		'd': func(m *machine) error {
			values, err := m.sinceMark()
			if err != nil {
				return err
			}
			d := &Dict{}
			return m.orPush(d, d.set(values))
		},

		'a': one((*machine).extend), 'e': many((*machine).extend), '\x90': many((*machine).extend),
		's': (*machine).setItem, 'u': many((*machine).setItems), 'b': (*machine).build,

		'c': (*machine).global, '\x93': (*machine).stackGlobal, 'R': (*machine).call, '\x81': (*machine).call,
		'\x92': (*machine).callNamed, 'i': (*machine).instance, 'o': (*machine).object,
		'P': func(m *machine) error { id, err := m.line(); return m.refer(id, err) },
		'Q': func(m *machine) error { id, err := m.pop(); return m.refer(id, err) },

		'q': put(1), 'r': put(4), 'p': (*machine).putLine, '\x94': (*machine).memoize,
		'h': get(1), 'j': get(4), 'g': (*machine).getLine,

		'\x80': skip(1), '\x95': skip(8),
		'\x82': extension(1), '\x83': extension(2), '\x84': extension(4),
		'\x97': constant(Opaque{"a buffer outside of the pickle"}), '\x98': func(*machine) error { return nil },
	}
}

// orPush puts v on the stack unless there was an error.
func (m *machine) orPush(v any, err error) error {
	if err != nil {
		return err
	}
	return m.push(v)
}

func (m *machine) drop() error {
	if len(m.marks) > 0 && len(m.stack) == m.floor() { // Python lets it take a mark, too
		m.marks = m.marks[:len(m.marks)-1]
		return nil
	}
	_, err := m.pop()
	return err
}

func constant(v any) func(*machine) error { return func(m *machine) error { return m.push(v) } }

// whole reads a number of n bytes; signed ones have 4.
func whole(n int, signed bool) func(*machine) error {
	return func(m *machine) error {
		v, err := m.number(n)
		if signed {
			return m.orPush(int64(int32(v)), err)
		}
		return m.orPush(int64(v), err)
	}
}

// long reads a number in two's complement with its length in n bytes.
func long(n int) func(*machine) error {
	return func(m *machine) error {
		size, err := m.number(n)
		if err != nil {
			return err
		}
		b, err := m.bytes(size)
		if err != nil {
			return err
		}
		if len(b) > 8 {
			return m.push(Opaque{fmt.Sprintf("a whole number of %d bytes", len(b))})
		}
		var eight [8]byte
		if len(b) > 0 && b[len(b)-1] >= 0x80 {
			eight = [8]byte{255, 255, 255, 255, 255, 255, 255, 255}
		}
		copy(eight[:], b)
		return m.push(int64(binary.LittleEndian.Uint64(eight[:])))
	}
}

// decimal reads a number in digits; "00" and "01" are false and true.
func (m *machine) decimal() error {
	line, err := m.line()
	switch {
	case err != nil:
		return err
	case line == "00" || line == "01":
		return m.push(line == "01")
	}
	v, err := strconv.ParseInt(strings.TrimSuffix(line, "L"), 10, 64)
	if err != nil {
		return m.push(Opaque{"a whole number of many digits"})
	}
	return m.push(v)
}

func (m *machine) real() error {
	line, err := m.line()
	if err != nil {
		return err
	}
	v, err := strconv.ParseFloat(line, 64)
	if err != nil {
		return fmt.Errorf("want a number, got %.60q", line)
	}
	return m.push(v)
}

// double reads a float64, whose highest byte comes first.
func (m *machine) double() error {
	b, err := m.bytes(8)
	if err != nil {
		return err
	}
	return m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
}

// sized reads bytes behind their number, which has n bytes itself.
func (m *machine) sized(n int) ([]byte, error) {
	size, err := m.number(n)
	if err != nil {
		return nil, err
	}
	return m.bytes(size)
}

func text(n int) func(*machine) error {
	return func(m *machine) error { b, err := m.sized(n); return m.orPush(string(b), err) }
}

func raw(n int) func(*machine) error {
	return func(m *machine) error { b, err := m.sized(n); return m.orPush(b, err) }
}

// quoted reads a string of protocol 0. What is escaped in it stays escaped.
func (m *machine) quoted() error {
	line, err := m.line()
	if err == nil && (len(line) < 2 || line[0] != line[len(line)-1]) {
		err = fmt.Errorf("want a string in quotes, got %.60q", line)
	}
	if err != nil {
		return err
	}
	return m.push(line[1 : len(line)-1])
}

// tuple takes n values.
func tuple(n int) func(*machine) error {
	return func(m *machine) error {
		t := make(Tuple, n)
		for i := n - 1; i >= 0; i-- {
			v, err := m.pop()
			if err != nil {
				return err
			}
			t[i] = v
		}
		return m.push(t)
	}
}

// collect makes one value of those since the mark.
func collect(of func([]any) any) func(*machine) error {
	return func(m *machine) error { v, err := m.sinceMark(); return m.orPush(of(v), err) }
}

// skip passes over n bytes: the protocol's number, the size of a frame.
func skip(n int) func(*machine) error {
	return func(m *machine) error { _, err := m.number(n); return err }
}

// extension is what a registry of Python's would know by a number.
func extension(n int) func(*machine) error {
	return func(m *machine) error { _, err := m.number(n); return m.orPush(Opaque{"an extension"}, err) }
}
