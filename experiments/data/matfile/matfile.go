// Package matfile reads numeric arrays from MATLAB files of version 5, as Street View House Numbers is given out
// (MathWorks, "MAT-File Format", https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf). Other kinds of
// variables are passed over.
package matfile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Array is a numeric variable.
type Array struct {
	Shape []int  // rows, columns, …; the first index runs fastest
	Data  []byte // product of Shape elements of Size bytes, the lowest byte first
	Size  int    // bytes of an element
	kind  kind
}

// Types of elements, as a file numbers them.
type kind uint32

const (
	int8s      kind = 1
	uint8s     kind = 2
	int16s     kind = 3
	uint16s    kind = 4
	int32s     kind = 5
	uint32s    kind = 6
	doubles    kind = 9
	matrix     kind = 14
	compressed kind = 15
)

var sizes = map[kind]int{int8s: 1, uint8s: 1, int16s: 2, uint16s: 2, int32s: 4, uint32s: 4, doubles: 8}

const (
	headBytes      = 128
	mostDimensions = 8
	mostNameBytes  = 64
)

// Read the variables of the wanted names. A variable of more than most bytes is refused before it is read, and memory
// grows with what is there, not with what is claimed. A wanted one that is not there is an error.
func Read(r io.Reader, names []string, most int64) (map[string]Array, error) {
	head := make([]byte, headBytes)
	if err := full(r, head); err != nil {
		return nil, err
	}
	switch order := string(head[126:]); {
	case !bytes.HasPrefix(head, []byte("MATLAB 5.0 MAT-file")) && head[125] != 1:
		return nil, fmt.Errorf("it begins with %q, want MATLAB 5.0 MAT-file", head[:19])
	case order == "MI":
		return nil, fmt.Errorf("its numbers have the highest byte first, which no published set has")
	case order != "IM":
		return nil, fmt.Errorf("bytes 126 and 127 are %q, want IM", order)
	}
	found := map[string]Array{}
	for {
		var tag [8]byte
		_, err := io.ReadFull(r, tag[:])
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("it is cut short between variables")
		}
		if err != nil {
			return nil, err
		}
		if err := variable(r, tag, names, most, found); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		if _, there := found[name]; !there {
			return nil, fmt.Errorf("it has no variable %s", name)
		}
	}
	return found, nil
}

// variable reads what stands behind a tag of the outermost level.
func variable(r io.Reader, tag [8]byte, names []string, most int64, found map[string]Array) error {
	what, size := kind(binary.LittleEndian.Uint32(tag[:])), int64(binary.LittleEndian.Uint32(tag[4:]))
	body := &io.LimitedReader{R: r, N: size}
	var err error
	switch what {
	case compressed:
		err = inflated(body, names, most, found)
	case matrix:
		err = array(body, names, most, found)
	}
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return err
	}
	if body.N > 0 {
		return fmt.Errorf("it is cut short in a variable: %d of %d bytes are missing", body.N, size)
	}
	return nil
}

// inflated reads a compressed variable.
func inflated(body io.Reader, names []string, most int64, found map[string]Array) error {
	z, err := zlib.NewReader(body)
	if err != nil {
		return fmt.Errorf("a compressed variable: %w", err)
	}
	defer z.Close()
	var tag [8]byte
	if err := full(z, tag[:]); err != nil {
		return fmt.Errorf("a compressed variable: %w", err)
	}
	if what := kind(binary.LittleEndian.Uint32(tag[:])); what != matrix {
		return nil
	}
	if err := array(z, names, most, found); err != nil {
		return err
	}
	if left, err := io.Copy(io.Discard, io.LimitReader(z, most)); err != nil { // to the checksum behind it
		return fmt.Errorf("a compressed variable: %w", err)
	} else if left == most {
		return fmt.Errorf("a compressed variable: more than %d bytes follow its elements", most)
	}
	return nil
}

// array reads a variable if its name is wanted and its class numeric.
func array(r io.Reader, names []string, most int64, found map[string]Array) error {
	flags, err := element(r, 8)
	if err != nil {
		return fmt.Errorf("a variable's class: %w", err)
	}
	dims, err := element(r, 4*mostDimensions)
	if err != nil {
		return fmt.Errorf("a variable's dimensions: %w", err)
	}
	name, err := element(r, mostNameBytes)
	if err != nil {
		return fmt.Errorf("a variable's name: %w", err)
	}
	called := string(name.Data)
	if !slices.Contains(names, called) {
		return nil
	}
	if _, twice := found[called]; twice {
		return fmt.Errorf("variable %s is there twice", called)
	}
	a, err := numbers(r, flags, dims, most)
	if err != nil {
		return fmt.Errorf("variable %s: %w", called, err)
	}
	found[called] = a
	return nil
}

// numbers reads the elements of a variable of a class and dimensions.
func numbers(r io.Reader, flags, dims Array, most int64) (Array, error) {
	const complexFlag, firstNumeric, lastNumeric = 0x08, 6, 15
	if len(flags.Data) != 8 {
		return Array{}, fmt.Errorf("its class has %d bytes, want 8", len(flags.Data))
	}
	if class := flags.Data[0]; class < firstNumeric || class > lastNumeric || flags.Data[1]&complexFlag != 0 {
		return Array{}, fmt.Errorf("it is of class %d, want real numbers", class)
	}
	shape, err := dims.Ints()
	if err != nil {
		return Array{}, fmt.Errorf("dimensions: %w", err)
	}
	n := int64(1)
	var sides []int
	for i, d := range shape {
		if d < 0 || d > 0 && n > most/d {
			return Array{}, fmt.Errorf("dimension %d is %d: want at most %d elements", i, d, most)
		}
		n, sides = n*d, append(sides, int(d))
	}
	a, err := element(r, 8*n)
	if err != nil {
		return a, err
	}
	if got := int64(len(a.Data)) / int64(a.Size); got != n {
		return a, fmt.Errorf("it has %d elements, want %d (%v)", got, n, sides)
	}
	a.Shape = sides
	return a, nil
}

// element reads a tag and the numbers behind it, of at most so many bytes, and what fills them up to eight.
func element(r io.Reader, most int64) (Array, error) {
	var tag [8]byte
	if err := full(r, tag[:]); err != nil {
		return Array{}, err
	}
	first := binary.LittleEndian.Uint32(tag[:])
	a := Array{kind: kind(first & 0xffff)}
	a.Size = sizes[a.kind]
	if small := first >> 16; small > 0 { // up to four bytes stand in the tag itself
		if small > 4 || a.Size == 0 || int(small)%a.Size != 0 {
			return a, fmt.Errorf("a small element of %d bytes of type %d", small, a.kind)
		}
		a.Data = slices.Clone(tag[4 : 4+small])
		return a, nil
	}
	size := int64(binary.LittleEndian.Uint32(tag[4:]))
	switch {
	case a.Size == 0:
		return a, fmt.Errorf("elements of type %d, want one of %s", first, knownTypes())
	case size > most:
		return a, fmt.Errorf("an element of %d bytes, want at most %d", size, most)
	case size%int64(a.Size) != 0:
		return a, fmt.Errorf("an element of %d bytes of numbers of %d", size, a.Size)
	}
	var b bytes.Buffer
	got, err := io.Copy(&b, io.LimitReader(r, size))
	if err != nil {
		return a, err
	}
	if got < size {
		return a, fmt.Errorf("it is cut short: %d bytes, want %d", got, size)
	}
	a.Data = b.Bytes()
	if fill := -size & 7; fill > 0 {
		if _, err := io.CopyN(io.Discard, r, fill); err != nil && !errors.Is(err, io.EOF) {
			return a, err
		}
	}
	return a, nil
}

func knownTypes() string {
	var all []string
	for k := range sizes {
		all = append(all, fmt.Sprint(uint32(k)))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func full(r io.Reader, raw []byte) error {
	_, err := io.ReadFull(r, raw)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("it is cut short: the head is not complete")
	}
	return err
}
