package pickle

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// global is a name of a Python module. It is never looked up: what the few known ones make is written here.
type global string

// The names that pickles of NumPy arrays have. The modules were renamed in NumPy 2.
const (
	reconstruct = "numpy.core.multiarray._reconstruct"
	fromBuffer  = "numpy.core.numeric._frombuffer"
	ndarray     = "numpy.ndarray"
	dtype       = "numpy.dtype"
	encode      = "_codecs.encode"
	makeBytes   = "builtins.bytes"
)

var known = []string{reconstruct, fromBuffer, ndarray, dtype, encode, makeBytes}

// named finds a name, or refuses it.
func named(module, name string) (global, error) {
	full := module + "." + name
	full = strings.Replace(full, "numpy._core.", "numpy.core.", 1)
	full = strings.Replace(full, "__builtin__.", "builtins.", 1)
	if !slices.Contains(known, full) {
		return "", fmt.Errorf("it wants Python's %q, which is not run here: want only arrays, numbers, texts, lists and dictionaries",
			module+"."+name)
	}
	return global(full), nil
}

// typeUnderWay is the type of an array's elements before the order of their bytes is set.
type typeUnderWay struct {
	code  string // such as "i8"
	order byte
}

// call does what Python would make of a known name and its arguments.
func call(f global, args Tuple) (any, error) {
	switch {
	case f == reconstruct && len(args) == 3 && args[0] == any(global(ndarray)):
		return &Array{}, nil
	case f == dtype && len(args) >= 1:
		code, ok := args[0].(string)
		if !ok {
			return nil, fmt.Errorf("the type of an array is %s, want a text", kindOf(args[0]))
		}
		t := &typeUnderWay{code: code, order: '|'}
		if len(code) == 3 {
			t.order, t.code = code[0], code[1:]
		}
		_, err := t.done()
		return t, err
	case f == encode && len(args) == 2 && args[1] == any("latin1"):
		text, ok := args[0].(string)
		if !ok {
			return nil, fmt.Errorf("%s to encode, want a text", kindOf(args[0]))
		}
		return latin1(text)
	case f == makeBytes && len(args) == 0:
		return "", nil
	case f == fromBuffer && len(args) == 4:
		a := &Array{}
		return a, a.set(args[2], args[1], args[3] == any("F"), args[0])
	}
	return nil, fmt.Errorf("%s with %d arguments, want it as NumPy writes it", string(f), len(args))
}

// latin1 gives the bytes that protocol 2 keeps as characters.
func latin1(text string) (string, error) {
	raw := make([]byte, 0, utf8.RuneCountInString(text))
	for i, r := range text {
		if r > 0xff || r == utf8.RuneError {
			return "", fmt.Errorf("character %d of encoded bytes is %q, want one up to U+00FF", i, r)
		}
		raw = append(raw, byte(r))
	}
	return string(raw), nil
}

// build sets the state of what a call has made.
func build(made, state any) error {
	s, ok := state.(Tuple)
	switch v := made.(type) {
	case *Array:
		if !ok || len(s) != 5 {
			return fmt.Errorf("the state of an array is %s of %d, want 5 values", kindOf(state), len(s))
		}
		return v.set(s[1], s[2], s[3] == true, s[4])
	case *typeUnderWay:
		if !ok || len(s) < 2 {
			return fmt.Errorf("the state of a type of elements is %s of %d, want at least 2 values", kindOf(state), len(s))
		}
		order, ok := s[1].(string)
		if !ok || len(order) != 1 {
			return fmt.Errorf("the order of bytes is %s, want one character", kindOf(s[1]))
		}
		v.order = order[0]
		_, err := v.done()
		return err
	}
	return fmt.Errorf("a state for %s, want one for an array", kindOf(made))
}

// done is the type, if it is one whose elements are plain numbers.
func (t *typeUnderWay) done() (Type, error) {
	if t.order == '=' || t.order == '|' && t.code != "" && t.code[len(t.code)-1] != '1' {
		t.order = '<' // NumPy writes the order of its machine so; every machine that these files come from has this one
	}
	full := string(t.order) + t.code
	if len(t.code) != 2 || !strings.Contains("iufb", t.code[:1]) || !strings.Contains("1248", t.code[1:]) ||
		!strings.Contains("<>|", string(t.order)) {
		return "", fmt.Errorf("an array of %q, want numbers of 1, 2, 4 or 8 bytes such as <i8", full)
	}
	return Type(full), nil
}

// set fills an array, if the bytes are as many as its shape says.
func (a *Array) set(shape, kind any, fortran bool, data any) error {
	if a.Type != "" {
		return fmt.Errorf("an array is filled twice")
	}
	under, ok := kind.(*typeUnderWay)
	if !ok {
		return fmt.Errorf("the type of an array is %s", kindOf(kind))
	}
	t, err := under.done()
	if err != nil {
		return err
	}
	dims, ok := shape.(Tuple)
	if !ok || len(dims) > mostDimensions {
		return fmt.Errorf("the shape of an array is %s of %d, want a tuple of at most %d", kindOf(shape), len(dims), mostDimensions)
	}
	raw, ok := data.(string)
	if !ok {
		return fmt.Errorf("the elements of an array are %s, want bytes", kindOf(data))
	}
	size := int64(t.Size())
	sizes := make([]int, len(dims))
	for i, d := range dims {
		n, ok := d.(int64)
		if !ok || n < 0 || n > 1<<40 || size > 0 && n > (1<<40)/size {
			return fmt.Errorf("dimension %d of an array of %d bytes is %v", i, len(raw), d)
		}
		size, sizes[i] = size*n, int(n)
	}
	if size != int64(len(raw)) {
		return fmt.Errorf("an array %v of %s has %d bytes, want %d", sizes, t, len(raw), size)
	}
	*a = Array{Type: t, Shape: sizes, Fortran: fortran, Data: []byte(raw)}
	return nil
}

const mostDimensions = 8
