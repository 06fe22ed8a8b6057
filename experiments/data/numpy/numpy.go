// Package numpy reads arrays and lists of whole numbers out of Python's pickles, as the Python versions of data sets
// are kept. Package pickle says what such a pickle would call; the few calls that NumPy's arrays need are done here,
// those that are asked for alone, and no others.
package numpy

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"workbench/nn/pickle"
)

// Read returns the dictionary that a pickle holds. What has no text as its key is left out.
func Read(text []byte) (map[string]any, error) {
	p, err := pickle.Load(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, err
	}
	if rest := int64(len(text)) - p.Size; rest > 0 {
		return nil, fmt.Errorf("pickle: %d bytes follow its end at byte %d", rest, p.Size)
	}
	d, is := p.Value.(*pickle.Dict)
	if !is {
		return nil, fmt.Errorf("pickle: it holds %s, want a dictionary", pickle.Kind(p.Value))
	}
	all := map[string]any{}
	for _, item := range d.Items {
		if key, is := item.Key.(string); is {
			all[key] = item.Value
		}
	}
	return all, nil
}

// Type is the element type of an Array as NumPy writes it: order of the bytes ('<', '>', or '|' where it does not
// matter), kind (i, u, f or b) and bytes an element: "<i8", "|u1".
type Type string

// Size is the number of bytes of an element.
func (t Type) Size() int { return int(t[2] - '0') }

// Array is a NumPy array.
type Array struct {
	Type    Type
	Shape   []int
	Fortran bool   // the first index runs fastest, not the last
	Data    []byte // product of Shape elements of Type
}

// ArrayOf reads a pickle's value as an array: since protocol 5 a call of _frombuffer, before of _reconstruct with the
// array as the state.
func ArrayOf(value any) (*Array, error) {
	c, args := called(value)
	switch {
	case c == nil:
	case function(c) == "numpy.core.numeric._frombuffer" && len(args) == 4:
		return filled(args[2], args[1], args[3] == any("F"), args[0])
	case function(c) == "numpy.core.multiarray._reconstruct":
		state, is := c.State.(pickle.Tuple) // version, shape, type, order, elements
		if !is || len(state) != 5 {
			return nil, fmt.Errorf("the state of an array is %s of %d, want a tuple of 5", pickle.Kind(c.State), len(state))
		}
		return filled(state[1], state[2], state[3] == any(true), state[4])
	default:
		return nil, fmt.Errorf("an object of %s, want a NumPy array", pickle.Kind(c.Func))
	}
	return nil, fmt.Errorf("%s, want a NumPy array", pickle.Kind(value))
}

// called is a value that is to be called for, with its arguments; nil if it is none.
func called(value any) (*pickle.Call, pickle.Tuple) {
	c, is := value.(*pickle.Call)
	if !is {
		return nil, nil
	}
	args, _ := c.Args.(pickle.Tuple)
	return c, args
}

// function is the name of what is called; NumPy 2 has renamed a module, and Python 3 another.
func function(c *pickle.Call) string {
	g, _ := c.Func.(pickle.Global)
	name := strings.Replace(g.String(), "numpy._core.", "numpy.core.", 1)
	return strings.Replace(name, "__builtin__.", "builtins.", 1)
}

const mostDimensions = 8

// filled is an array, if the bytes are as many as its shape says.
func filled(shape, kind any, fortran bool, data any) (*Array, error) {
	t, err := typeOf(kind)
	if err != nil {
		return nil, err
	}
	raw, err := elements(data)
	if err != nil {
		return nil, err
	}
	dims, is := shape.(pickle.Tuple)
	if !is || len(dims) > mostDimensions {
		return nil, fmt.Errorf("the shape of an array is %s of %d, want a tuple of at most %d", pickle.Kind(shape), len(dims), mostDimensions)
	}
	size := int64(t.Size())
	sizes := make([]int, len(dims))
	for i, d := range dims {
		n, is := d.(int64)
		if !is || n < 0 || n > 1<<40 || size > 0 && n > (1<<40)/size {
			return nil, fmt.Errorf("dimension %d of an array of %d bytes is %v", i, len(raw), d)
		}
		size, sizes[i] = size*n, int(n)
	}
	if size != int64(len(raw)) {
		return nil, fmt.Errorf("an array %v of %s has %d bytes, want %d", sizes, t, len(raw), size)
	}
	return &Array{Type: t, Shape: sizes, Fortran: fortran, Data: raw}, nil
}

// typeOf reads a call of numpy.dtype, whose state has the order of the bytes.
func typeOf(kind any) (Type, error) {
	c, args := called(kind)
	if c == nil || function(c) != "numpy.dtype" || len(args) == 0 {
		return "", fmt.Errorf("the type of an array is %s, want numpy.dtype", pickle.Kind(kind))
	}
	code, is := args[0].(string)
	if !is {
		return "", fmt.Errorf("the type of an array is %s, want a text", pickle.Kind(args[0]))
	}
	order := "|"
	if len(code) == 3 {
		order, code = code[:1], code[1:]
	}
	if state, is := c.State.(pickle.Tuple); is && len(state) > 1 {
		if order, is = state[1].(string); !is {
			return "", fmt.Errorf("the order of bytes is %s, want one character", pickle.Kind(state[1]))
		}
	}
	if order == "=" || order == "|" && !strings.HasSuffix(code, "1") {
		order = "<" // NumPy writes the order of its machine so; every machine that these files come from has this one
	}
	if len(order) != 1 || !strings.Contains("<>|", order) || len(code) != 2 || !strings.Contains("iufb", code[:1]) ||
		!strings.Contains("1248", code[1:]) {
		return "", fmt.Errorf("an array of %.20q, want numbers of 1, 2, 4 or 8 bytes such as <i8", order+code)
	}
	return Type(order + code), nil
}

// elements are the bytes of an array. Before protocol 3 there were none in pickles: Python 2 has a text, and Python 3
// tells how a text becomes bytes.
func elements(data any) ([]byte, error) {
	switch v := data.(type) {
	case []byte:
		return v, nil
	case string:
		return []byte(v), nil
	}
	c, args := called(data)
	switch {
	case c == nil:
	case function(c) == "builtins.bytes" && len(args) == 0:
		return nil, nil
	case function(c) == "_codecs.encode" && len(args) == 2 && args[1] == any("latin1"):
		if text, is := args[0].(string); is {
			return latin1(text)
		}
	}
	return nil, fmt.Errorf("the elements of an array are %s, want bytes", pickle.Kind(data))
}

// latin1 gives the bytes that protocol 2 keeps as characters.
func latin1(text string) ([]byte, error) {
	raw := make([]byte, 0, utf8.RuneCountInString(text))
	for i, r := range text {
		if r > 0xff {
			return nil, fmt.Errorf("character %d of encoded bytes is %q, want one up to U+00FF", i, r)
		}
		raw = append(raw, byte(r))
	}
	return raw, nil
}
